"""One fit, from what was given to a trained network."""

from __future__ import annotations

import warnings
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_consistent_length, check_random_state

from ferclassifier._classifier.near_chance import near_chance_hint
from ferclassifier._classifier.recipe import network_spec, training_settings, uses_mixed_precision
from ferclassifier._classifier.sample_weights import (
    checked_weights,
    combined_weights,
    weights_of_classes,
)
from ferclassifier._classifier.targets import (
    blended_targets,
    checked_labels,
    classes_of,
    codes_among,
)
from ferclassifier._files.checkpoint import Checkpoint
from ferclassifier._utils.fit_tasks import FitTasks
from ferclassifier._utils.one_step import changes
from ferclassifier._utils.wording import count, quoted
from ferclassifier.architectures import DEFAULT_ARCHITECTURE, get_architecture
from ferclassifier.metrics._label_column import label_column

if TYPE_CHECKING:
    from ferclassifier._keras.batches import Batches
    from ferclassifier._keras.network import NetworkInTraining
    from ferclassifier._keras.spec import TrainingSettings
    from ferclassifier.images._sources import ImageSources

_UNMIXED_SHARE = 0.1


class Fit:
    """A call of `fit` or `partial_fit`.

    It goes on from the weights at hand, or begins anew:

    ============  ==========  =========
    method        warm_start  goes on
    ============  ==========  =========
    fit           False       never
    fit           True        if fitted
    partial_fit   any         if fitted
    ============  ==========  =========

    What may change between two such calls stands in `_keras.going_on`.

    Parameters
    ----------
    clf : FERClassifier
        A copy that is fitted attribute by attribute.
    shown : FERClassifier
        The classifier itself, for scikit-learn's callbacks.
    is_partial : bool
        Whether it is a pass over a part of the images.
    """

    def __init__(self, clf: Any, shown: Any, *, is_partial: bool) -> None:
        self._clf, self._shown = clf, shown
        self._before = dict(clf.__dict__)
        self._is_partial = is_partial
        self._continues = (is_partial or clf.warm_start) and clf.__sklearn_is_fitted__()
        self._initial: Any = None
        self._checkpoint: Checkpoint | None = None
        self._tasks: FitTasks | None = None
        self._hint: str | None = None

    def close(self) -> None:
        """Do what is to be done once all has succeeded.

        A checkpoint has served its purpose, and what there is to say of the fit can be said.
        """
        if self._checkpoint is not None:
            self._checkpoint.end()
        if self._tasks is not None:
            self._tasks.end()
        if self._hint is not None:
            warnings.warn(self._hint, ConvergenceWarning, stacklevel=5)

    def run(
        self,
        X: Any,
        y: Any,
        *,
        sample_weight: Any,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        soft_targets: Any = None,
        classes: Any = None,
    ) -> None:
        """Check what was given, train, and leave the fitted attributes on the classifier."""
        clf = self._clf
        get_architecture(clf.architecture, clf.architecture_params)
        self._initial = None if self._continues else clf._initial_model()
        images, codes = self._images_and_codes(X, y, classes)
        given = checked_weights(sample_weight, codes, name="sample_weight")
        class_weights = self._weights_of_classes(codes, given)
        weights, rows = self._weights_and_rows(codes, given, class_weights)
        targets = blended_targets(
            codes,
            soft_targets,
            classes=clf.classes_,
            n_outputs=clf._n_outputs,
            weight=clf.distillation_weight,
        )
        # A copy: if the fit fails, the next one gets the numbers that this one would have had.
        goes_on = self._continues and self._is_partial
        rng = deepcopy(clf._rng) if goes_on else check_random_state(clf.random_state)
        settings = training_settings(clf, is_partial=self._is_partial, continues=self._continues)
        settings.seeds = [int(seed) for seed in rng.randint(2**31 - 1, size=3)]
        held_out = self._held_out(X_val, y_val, sample_weight_val)
        if clf.checkpoint is not None and not self._is_partial:
            self._resume(
                settings,
                {
                    "X": images,
                    "y": [clf.classes_.tolist(), codes],
                    "sample_weight": given,
                    "soft_targets": None if soft_targets is None else targets,
                    **dict(zip(("X_val", "y_val", "sample_weight_val"), held_out, strict=True)),
                },
            )
        weight_seed, order_seed, split_seed = settings.seeds
        validation, rows = self._validation(
            images, codes, rows, weights, held_out, class_weights, split_seed
        )
        training = self._batches(
            images,
            targets,
            rows=rows,
            sample_weight=weights,
            seed=order_seed,
            mixup=clf.mixup,
            mixed_epochs=round((1 - _UNMIXED_SHARE) * settings.epochs),
        )
        n_batches = len(training)
        self._train(training, validation, settings, weight_seed, seen=(X, y, sample_weight))
        clf._rng = rng
        if not self._is_partial and not self._continues:
            self._hint = near_chance_hint(
                clf.history_["accuracy"][: clf.best_epoch_],
                codes[rows],
                None if weights is None else weights[rows],
                n_batches=n_batches,
                starts_at_random=self._initial is None and clf.architecture == DEFAULT_ARCHITECTURE,
            )

    def _images_and_codes(
        self, X: Any, y: Any, classes: Any
    ) -> tuple[NDArray[Any] | ImageSources, NDArray[np.intp]]:
        """Check images and labels, and take what they say of themselves as the classifier's."""
        clf = self._clf
        if y is None:
            raise ValueError("FERClassifier requires y to be passed, but the target y is None.")
        if self._continues:
            from ferclassifier._keras.going_on import check_image_shape

            check_image_shape(clf.image_shape, clf.image_shape_)
        images = clf._validate_images(X, reset=not self._continues)
        labels = checked_labels(y, len(images))
        known = clf.classes_ if self._continues else None
        clf.classes_ = classes_of(labels, classes, known, is_partial=self._is_partial)
        return images, codes_among(clf.classes_, labels)

    def _weights_of_classes(
        self, codes: NDArray[np.intp], sample_weight: NDArray[Any] | None
    ) -> NDArray[Any] | None:
        clf = self._clf
        if self._is_partial and isinstance(clf.class_weight, str):
            raise ValueError(
                f"class_weight={quoted(clf.class_weight)} is not supported by partial_fit, which "
                "does not see all labels. Pass a dict of weights instead."
            )
        return weights_of_classes(clf.class_weight, clf.classes_, codes, sample_weight)

    def _weights_and_rows(
        self, codes: NDArray[np.intp], given: Any, class_weights: Any
    ) -> tuple[NDArray[Any] | None, NDArray[np.intp]]:
        """Return the weight of each image, and the rows of those that have any."""
        weights, rows = combined_weights(codes, given, class_weights)
        if weights is not None and not self._is_partial:  # parts of a data set stay comparable
            weights = weights / weights[rows].mean()
        return weights, rows

    def _held_out(
        self, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> tuple[Any, Any, NDArray[np.float64] | None]:
        """Return images, codes and weights of the validation part that `fit` was given, if any."""
        if (X_val is None) != (y_val is None):
            raise ValueError("Got one of X_val and y_val, but expected both or neither.")
        if X_val is None:
            if sample_weight_val is not None:
                raise ValueError("Got sample_weight_val, but no X_val and y_val to weigh.")
            return None, None, None
        images = self._clf._validate_images(X_val, reset=False)
        codes = codes_among(self._clf.classes_, label_column(y_val, name="y_val"))
        check_consistent_length(images, codes)
        return images, codes, checked_weights(sample_weight_val, codes, name="sample_weight_val")

    def _validation(
        self,
        images: Any,
        codes: NDArray[np.intp],
        rows: NDArray[np.intp],
        weights: NDArray[Any] | None,
        held_out: tuple[Any, Any, NDArray[np.float64] | None],
        class_weights: NDArray[Any] | None,
        seed: int,
    ) -> tuple[Batches | None, NDArray[np.intp]]:
        """Return the batches of validation, if there are any, and the rows left to train on."""
        clf = self._clf
        X_val, y_val, sample_weight_val = held_out
        if X_val is not None:
            weights_val, rows_val = combined_weights(y_val, sample_weight_val, class_weights)
            return self._batches(X_val, y_val, rows=rows_val, sample_weight=weights_val), rows
        if self._is_partial or not clf.early_stopping:
            return None, rows
        kept, rows_val = _split(rows, codes[rows], clf.validation_fraction, seed)
        return self._batches(images, codes, rows=rows_val, sample_weight=weights), kept

    def _batches(
        self, images: NDArray[Any] | ImageSources, targets: NDArray[Any], **kwargs: Any
    ) -> Batches:
        from ferclassifier._keras.batches import Batches

        clf = self._clf
        return Batches(
            images,
            targets,
            clf._n_outputs,
            clf.batch_size,
            as_bytes=clf.pixel_scale_.kind == "bytes",
            label_smoothing=clf.label_smoothing,
            **kwargs,
        )

    def _resume(self, settings: TrainingSettings, data: dict[str, Any]) -> None:
        """Go on from the checkpoint, if there is one; its seeds are those of the fit."""
        from ferclassifier._keras.fingerprint import fingerprint_of

        clf = self._clf
        is_mixed = uses_mixed_precision(clf.precision)
        data |= {
            "initial_weights": _known_by(self._initial),
            "the model of warm_start": _known_by(clf if self._continues else None),
            "precision": "mixed_bfloat16" if is_mixed else "float32",
        }
        fingerprint = fingerprint_of(clf.get_params(deep=False), data)
        self._checkpoint = settings.checkpoint = Checkpoint(Path(clf.checkpoint), fingerprint)
        settings.progress = self._checkpoint.read()
        if settings.progress is not None:
            settings.seeds = settings.progress.seeds

    def _train(
        self,
        training: Batches,
        validation: Batches | None,
        settings: TrainingSettings,
        seed: int,
        *,
        seen: tuple[Any, Any, Any],
    ) -> None:
        """Train a network, and take what it has become as the classifier's.

        Callbacks of scikit-learn have `seen` what the fit was given: images, labels and weights.
        """
        from ferclassifier._keras.float32 import float32_by_default
        from ferclassifier._keras.network import NetworkInTraining
        from ferclassifier._keras.progress import shown_progress

        clf = self._clf
        origin = self._initial or clf
        spec = network_spec(
            clf,
            len(training),
            origin=origin,
            is_partial=self._is_partial,
            continues=self._continues,
        )
        with (
            float32_by_default(),
            NetworkInTraining.begin(
                spec,
                seed,
                self._before.get("_network"),
                from_weights=self._continues,
                from_state=self._continues and self._is_partial,
                has_callbacks=bool(clf.callbacks),
            ) as network,
        ):
            if self._initial is not None:
                is_same = self._initial.classes_.tolist() == clf.classes_.tolist()
                network.start_from(self._initial._network, with_head=is_same)
            if not self._is_partial:
                self._tasks = FitTasks(self._shown, *seen, settings.epochs)
                settings.callbacks.append(self._told_of_epochs(self._tasks, network, settings))
            with shown_progress(int(clf.verbose), settings.epochs, len(training)) as callbacks:
                settings.callbacks += callbacks
                clf._network, history, best_epoch = network.fit(training, settings, validation)
        appends = self._is_partial and "history_" in self._before
        for name, value in self._summary(history, best_epoch, appends=appends).items():
            setattr(clf, name, value)

    def _told_of_epochs(
        self, tasks: FitTasks, network: NetworkInTraining, settings: TrainingSettings
    ) -> Any:
        from ferclassifier._keras.epoch_tasks import EpochTasks

        return EpochTasks(
            tasks,
            network,
            lambda history: {
                **changes(self._before, self._clf),
                **self._summary(history, None, appends=False),
            },
            {} if settings.progress is None else settings.progress.history,
        )

    def _summary(
        self, history: dict[str, list[float]], best_epoch: int | None, *, appends: bool
    ) -> dict[str, Any]:
        """Return the attributes that tell how a fit went; what it gives is not calibrated."""
        if appends:
            earlier = self._before["history_"]
            history = {name: [*earlier.get(name, []), *values] for name, values in history.items()}
        return {
            "history_": history,
            "n_iter_": len(history["loss"]),
            "best_epoch_": None if best_epoch is None else best_epoch + 1,
            "temperature_": 1.0,
        }


def _split(
    rows: NDArray[np.intp], codes: NDArray[np.intp], fraction: float, seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows to train on and those held out, of each class its share.

    A class of one image, which cannot be on both sides, is trained on.
    """
    is_alone = np.bincount(codes)[codes] == 1
    alone, others, codes = rows[is_alone], rows[~is_alone], codes[~is_alone]
    try:
        kept, held_out = train_test_split(
            others, test_size=fraction, stratify=codes, random_state=seed
        )
    except ValueError as error:
        raise ValueError(
            f"Got early_stopping=True with {count(len(rows), 'image')}, of which "
            f"validation_fraction={fraction} cannot hold out some of each class "
            f"({str(error).rstrip('.')}). Pass X_val and y_val, a larger validation_fraction, or "
            "early_stopping=False."
        ) from error
    return np.concatenate([kept, alone]), held_out


def _known_by(model: Any) -> list[Any] | None:
    """Return what a fit takes from a model from which it starts."""
    if model is None:
        return None
    spec, weights = model._network.spec, model._network.named_weights()
    architecture = [spec.architecture, dict(spec.architecture_params)]
    return [model.classes_.tolist(), model.pixel_scale_, architecture, weights]
