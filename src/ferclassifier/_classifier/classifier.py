"""The estimator: scikit-learn's face of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy, deepcopy
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import (
    assert_all_finite,
    check_array,
    check_consistent_length,
    check_random_state,
    column_or_1d,
)
from sklearn.utils.multiclass import check_classification_targets

from ferclassifier._classifier.confidence import ConfidenceMixin
from ferclassifier._classifier.initial_weights import architecture_of, find_initial_model
from ferclassifier._classifier.parameter_values import check_values
from ferclassifier._classifier.sample_weights import (
    checked_weights,
    combined_weights,
    weights_of_classes,
)
from ferclassifier._classifier.saved_classifier import (
    CLASSIFIER,
    describe_classifier,
    restore_classifier,
)
from ferclassifier._classifier.saving import SavingMixin
from ferclassifier._files.checkpoint import Checkpoint
from ferclassifier._utils.fit_tasks import FitTasks
from ferclassifier._utils.one_step import as_of_now, changed_in_one_step, changes
from ferclassifier._utils.sklearn_compat import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    Options,
    StrOptions,
    fit_context,
)
from ferclassifier.architectures import get_architecture
from ferclassifier.augmentation import PRESETS, resolve_augmentation
from ferclassifier.exceptions import ImageError
from ferclassifier.images import check_image_options
from ferclassifier.images._arrays import ImageShape, as_images, image_shape_of, validate_batch
from ferclassifier.images._files import SHAPE_OF_FILES, ImageFiles, paths_in
from ferclassifier.images._pixel_scale import PixelScale

if TYPE_CHECKING:
    from typing import Self

    from ferclassifier._keras.batches import Batches
    from ferclassifier._keras.network import Network, NetworkFacts, NetworkInTraining
    from ferclassifier._keras.spec import NetworkSpec, TrainingSettings

_FOCAL_GAMMA = 2.0
_SMALL_SHARE = 0.6
_SOFT_TARGET_TOLERANCE = 1e-3
_UNMIXED_SHARE = 0.1
_OPTIMIZERS = {"adam", "adamw", "nadam", "rmsprop", "sgd"}


class FERClassifier(
    CallbackSupportMixin,  # type: ignore[misc]
    ConfidenceMixin,
    SavingMixin,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Classify images of faces, or of anything else, with a convolutional network.

    The network is built and trained with Keras, wrapped through scikeras; everything around it
    is a scikit-learn estimator: it can be cloned, searched, cross-validated, calibrated, stacked
    and pickled.

    Parameters
    ----------
    architecture : str or callable, default="compact"
        A name of :func:`~ferclassifier.list_architectures`, or a function
        ``build(inputs, n_classes, **architecture_params)`` that returns the symbolic
        probabilities of shape (None, n_classes).
    architecture_params : dict, default=None
        Passed to the architecture by keyword, such as ``{"dropout": 0.3}``.
    initial_weights : str, PathLike or None, default=None
        What the first fit starts from instead of random weights: a name of
        :func:`~ferclassifier.list_pretrained`, or the path of a file that `save` wrote. Its
        architecture is taken where `architecture` and `architecture_params` have their defaults,
        and must be the one they name otherwise. The last layer is drawn anew unless the classes
        are the same; images may have another size and other channels.
    learning_rate : float or "auto", default="auto"
        The highest learning rate. "auto" is 0.08 for "sgd" and 0.001 for the other names of
        optimizers, and a tenth of that for weights that have been fitted: with `initial_weights`,
        and in a `partial_fit` or a fit with `warm_start` after `fit` or `load`. For an optimizer
        of yours it is the rate that this has.
    learning_rate_schedule : {"cosine", "plateau", "constant"}, default="cosine"
        "cosine" warms up for 4 % of the steps and falls to zero along a cosine; "plateau" halves
        the rate when the loss has not fallen for half of `patience` epochs.
    optimizer : {"adam", "adamw", "nadam", "rmsprop", "sgd"}, callable or Optimizer, default="sgd"
        "sgd" has Nesterov momentum of 0.9. A function that returns a Keras optimizer, or an
        instance whose configuration is copied, is taken with its own weight decay and learning
        rate. If it has a schedule of its own, that is followed instead of
        `learning_rate_schedule`. Its network is compiled for this estimator alone.
    batch_size : int, default=64
        Images per step.
    epochs : int, default=60
        Passes over the training images.
    early_stopping : bool, default=False
        Stop when the accuracy on held-out images, weighted as in training, has not risen for
        `patience` epochs, and keep the weights of the best epoch.
    patience : int, default=10
        See `early_stopping` and `learning_rate_schedule`.
    validation_fraction : float in (0, 1), default=0.1
        Share of the training images held out when `early_stopping` is True and `fit` gets no
        `X_val`: a shuffled, stratified split.
    augmentation : {"sharp", "light", "standard"}, dict or None, default="standard"
        Random changes of the training images: a preset, or strengths by name ("flip",
        "rotation" in degrees, "zoom", "shift", "contrast", "brightness", "erasing"). See
        :class:`~ferclassifier.augmentation.AugmentationStrength`.
    mixup : float, default=0
        Each training image is mixed with another one, and its label by the same share, which is
        drawn from a Beta distribution with this value as both parameters: 0.2 leaves most images
        nearly alone, 1 draws all shares alike, 0 mixes none. The last tenth of the epochs goes
        without. It lets large networks train longer.
    progressive_resizing : float in (0, 1) or None, default=None
        Train the first 60 % of the epochs on images reduced to this share of their side, which
        costs the square of it; for networks that pool over the whole image.
    class_weight : {"balanced", "sqrt"}, dict or None, default=None
        Weights of the classes, by which those of their images are multiplied. "balanced" brings
        the weights of the images of each class to the same sum; "sqrt" takes the square roots of
        these.
    label_smoothing : float in [0, 1), default=0.1
        Share of each label that is spread evenly over all classes.
    loss : {"crossentropy", "focal"}, default="crossentropy"
        Categorical cross-entropy, or the focal loss with an exponent of 2.
    distillation_weight : float in [0, 1], default=0.5
        What the `soft_targets` that `fit` may get count against the labels.
    weight_decay : float, default=0.005
        Decoupled from the gradient and multiplied by the learning rate; biases and
        normalisations are left out.
    average_weights : bool or float in (0, 1), default=False
        Predict with an exponential moving average of the weights; a float is its momentum, True
        averages over about the last 2 % of the steps. The statistics of the normalisations are
        computed anew.
    precision : {"auto", "float32", "mixed_bfloat16"}, default="auto"
        Arithmetic of training. "auto" takes bfloat16 where the processor multiplies it in
        hardware (AVX512-BF16, AMX) or there is a GPU. Weights and predictions are float32.
    test_time_augmentation : {None, "flip", "ten_crop"}, default=None
        Average the probabilities of an image and its mirror image, or of both at five places:
        more accurate, at two or ten times the cost. It can be set after `fit`.
    image_shape : tuple of (height, width) or (height, width, channels), default=None
        How rows become images; None takes a square if the number of pixels is one. Files are
        resized to it, or to 48 x 48, and read as gray unless it has 3 channels.
    warm_start : bool, default=False
        Go on from the weights of the last `fit`. Classes, size and scale of the images must be
        the same, and so must the shapes of all weights; other parameters may change.
    checkpoint : str or path-like, default=None
        File to which the state of `fit` is written after every epoch. If it exists, `fit` goes on
        from it, as if there had been no interruption; once a fit is complete it is removed. A
        file serves one fit, and not the candidates of a search. All that decides the fit must be
        what it was: images, labels, weights, parameters, the code of an architecture of one's own
        and the versions of ferclassifier and Keras; of the parameters, `callbacks`,
        `test_time_augmentation` and `verbose` may be others.
    callbacks : list of keras.callbacks.Callback, default=None
        Called during training. They may change the network that is trained, so it is compiled for
        this estimator alone: many fits with callbacks take longer, and more memory, than without.
    random_state : int, RandomState instance or None, default=None
        Fixes the weights, the order of the images, dropout and augmentation: an int gives
        bit-identical fits on one machine.
    verbose : {0, 1, 2}, default=0
        Nothing, a progress bar, or a line per epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted, as they were given.
    n_features_in_ : int
        Number of values per image.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns; only if `fit` saw a DataFrame with string columns.
    image_shape_ : tuple of (height, width, channels)
        Shape of the images that the network takes.
    pixel_scale_ : PixelScale
        The scale of the pixels that `fit` saw.
    history_ : dict of str to list of float
        "loss", "accuracy", "learning_rate" and "seconds" of each epoch, and "val_loss" and
        "val_accuracy" where there was a validation part. Losses and accuracies are means over the
        images, weighted by `sample_weight` times `class_weight` and divided by the sum of these
        weights, without penalties that layers add. In training they are those of augmented images,
        under dropout.
    n_iter_ : int
        Number of epochs that were run.
    best_epoch_ : int or None
        The epoch, from 1, with the highest "val_accuracy"; None without a validation part.
    temperature_ : float
        What the log-probabilities are divided by: 1.0, until `calibrate` fits it.

    See Also
    --------
    load_fer2013 : Read the FER-2013 data set.
    make_faces : Draw faces to try things out.

    Notes
    -----
    Images are ``(n, height, width)``, the same with a last axis of 1 or 3 channels, or rows
    ``(n, pixels)``. Integers in [0, 255] are bytes, floats in [0, 1] are unit, other floats are
    taken as they come; predicting on another scale than that of `fit` raises
    :class:`~ferclassifier.exceptions.PixelScaleError`.

    Paths of image files can be given instead of images, in one dimension or one column. The files
    are decoded in the background, batch by batch, and more than 100 MB of them again in every
    epoch, so that there may be more than fit into memory. To the model they are bytes.

    `save` and `load` keep the model in a file that cannot run code. Pickling (and joblib) keeps
    every parameter besides, but not the optimizer's state either; loading a pickle runs code: load
    only what you trust.

    Examples
    --------
    >>> from ferclassifier import FERClassifier, make_faces
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> clf = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0).fit(X, y)
    >>> clf.predict_proba(X[:3]).shape
    (3, 2)
    """

    history_: dict[str, list[float]]
    _network: Network
    _rng: np.random.RandomState

    _schema = CLASSIFIER

    _parameter_constraints: dict[str, list[Any]] = {
        "architecture": [str, callable],
        "architecture_params": [dict, None],
        "initial_weights": [str, PathLike, None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "learning_rate_schedule": [StrOptions({"cosine", "plateau", "constant"})],
        "optimizer": [StrOptions(_OPTIMIZERS), callable, HasMethods(["apply", "get_config"])],
        "batch_size": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "epochs": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "early_stopping": ["boolean"],
        "patience": [Interval(Integral, 1, 2**31 - 1, closed="both")],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "augmentation": [StrOptions(set(PRESETS)), dict, None],
        "mixup": [Interval(Real, 0, None, closed="left")],
        "progressive_resizing": [Interval(Real, 0, 1, closed="neither"), None],
        "class_weight": [StrOptions({"balanced", "sqrt"}), dict, None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "loss": [StrOptions({"crossentropy", "focal"})],
        "distillation_weight": [Interval(Real, 0, 1, closed="both")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "average_weights": ["boolean", Interval(Real, 0, 1, closed="neither")],
        "precision": [StrOptions({"auto", "float32", "mixed_bfloat16"})],
        "test_time_augmentation": [StrOptions({"flip", "ten_crop"}), None],
        "image_shape": ["array-like", None],
        "warm_start": ["boolean"],
        "checkpoint": [str, PathLike, None],
        "callbacks": [list, None],
        "random_state": ["random_state"],
        "verbose": [Options(Integral, {0, 1, 2}), "boolean"],
    }

    def __init__(
        self,
        architecture: str | Callable[..., Any] = "compact",
        *,
        architecture_params: dict[str, Any] | None = None,
        initial_weights: str | PathLike[str] | None = None,
        learning_rate: float | Literal["auto"] = "auto",
        learning_rate_schedule: Literal["cosine", "plateau", "constant"] = "cosine",
        optimizer: Any = "sgd",
        batch_size: int = 64,
        epochs: int = 60,
        early_stopping: bool = False,
        patience: int = 10,
        validation_fraction: float = 0.1,
        augmentation: str | dict[str, float] | None = "standard",
        mixup: float = 0,
        progressive_resizing: float | None = None,
        class_weight: str | dict[Any, float] | None = None,
        label_smoothing: float = 0.1,
        loss: Literal["crossentropy", "focal"] = "crossentropy",
        distillation_weight: float = 0.5,
        weight_decay: float = 0.005,
        average_weights: bool | float = False,
        precision: Literal["auto", "float32", "mixed_bfloat16"] = "auto",
        test_time_augmentation: Literal["flip", "ten_crop"] | None = None,
        image_shape: Sequence[int] | None = None,
        warm_start: bool = False,
        checkpoint: str | PathLike[str] | None = None,
        callbacks: list[Any] | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.architecture = architecture
        self.architecture_params = architecture_params
        self.initial_weights = initial_weights
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.augmentation = augmentation
        self.mixup = mixup
        self.progressive_resizing = progressive_resizing
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.loss = loss
        self.distillation_weight = distillation_weight
        self.weight_decay = weight_decay
        self.average_weights = average_weights
        self.precision = precision
        self.test_time_augmentation = test_time_augmentation
        self.image_shape = image_shape
        self.warm_start = warm_start
        self.checkpoint = checkpoint
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        soft_targets: ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images; or array-like of shape (n,) or (n, 1), the paths of their files.
        y : array-like of shape (n,)
            Their labels: strings or numbers, two classes or any other number of them.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images, on any scale; images of weight 0 are left out.
        X_val, y_val : array-like, default=None
            Images and labels on which every epoch is validated, instead of a part of `X`.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the images of `X_val`, on any scale.
        soft_targets : array-like of shape (n, n_classes), default=None
            Probabilities of each image's classes, in the order of the sorted labels, that the
            network learns beside `y`, by `distillation_weight`: those that a better classifier
            gives, ``teacher.predict_proba(X)`` (distillation), or the shares of several raters'
            votes.

        Returns
        -------
        self : FERClassifier

        Raises
        ------
        ImageError
            If `X` is no batch of images, or a file cannot be read.
        ArchitectureError
            If the architecture is unknown or takes no such parameters.
        CheckpointError
            If the file of `checkpoint` is of another fit.
        ValueError
            If a parameter, a label, a weight or a soft target is not valid.

        References
        ----------
        Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
        arXiv:1503.02531.
        """
        return self._fit(
            X,
            y,
            sample_weight,
            X_val=X_val,
            y_val=y_val,
            sample_weight_val=sample_weight_val,
            soft_targets=soft_targets,
        )

    @fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Pass once over some images, from the weights and the optimizer's state at hand.

        The learning rate is constant, whatever the schedule.

        Parameters
        ----------
        X : array-like of shape (n, height, width), (n, height, width, channels) or (n, pixels)
            The images; or array-like of shape (n,) or (n, 1), the paths of their files.
        y : array-like of shape (n,)
            Their labels.
        classes : array-like of shape (n_classes,), default=None
            All labels there will be; needed in the first call, unless `fit` came before.
        sample_weight : array-like of shape (n,), default=None
            Weights of the images, relative to 1.

        Returns
        -------
        self : FERClassifier

        Raises
        ------
        ValueError
            If the first call names no classes, or `y` holds others.
        """
        return self._fit(X, y, sample_weight, classes=classes, is_partial=True)

    def _validate_params(self) -> None:
        super()._validate_params()
        check_values(self.get_params(deep=False))

    def _uncalibrated_proba(self, X: Any) -> NDArray[np.float32]:
        images = self._validate_images(X, reset=False)
        if len(self.classes_) == 1:
            return np.ones((len(images), 1), dtype=np.float32)
        return self._network.predict(
            images,
            as_bytes=self.pixel_scale_.kind == "bytes",
            views=self.test_time_augmentation,
        )

    def _describe(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return describe_classifier(self)

    @classmethod
    def _restore(cls, described: dict[str, Any], weights: Mapping[str, NDArray[Any]]) -> Self:
        restored: Self = restore_classifier(cls, described, weights)
        return restored

    def _explain(
        self, X: Any, codes: NDArray[np.intp], method: Literal["gradcam", "gradient"]
    ) -> NDArray[np.float32]:
        """Map what speaks for a class of each image: shape (n, height, width), on any scale."""
        from ferclassifier._keras.batches import pixels_for_network

        now = as_of_now(self)
        if len(now.classes_) == 1:  # nothing speaks for it that could speak against it
            return np.zeros((len(codes), *now.image_shape_[:2]), dtype=np.float32)
        images = now._validate_images(X, reset=False)[:]
        pixels = pixels_for_network(images, as_bytes=now.pixel_scale_.kind == "bytes")
        return now._network.explainer.map(method, pixels, codes)

    def _network_facts(self) -> NetworkFacts:
        """Return what there is to say of the network that predicts."""
        return self._network.facts()

    def __copy__(self) -> Self:
        """Copy without sharing the network, of which a fit of either takes over the optimizer."""
        copied: Self = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        if self.__sklearn_is_fitted__():
            copied._network, copied._rng = copy(self._network), deepcopy(self._rng)
        return copied

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_network")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        soft_targets: Any = None,
        classes: Any = None,
        is_partial: bool = False,
    ) -> Self:
        # What predicts meanwhile, or after a failure, is what was there before: all of it.
        with changed_in_one_step(self) as working:
            checkpoint, tasks = working._fit_in_place(
                X,
                y,
                sample_weight,
                X_val=X_val,
                y_val=y_val,
                sample_weight_val=sample_weight_val,
                soft_targets=soft_targets,
                classes=classes,
                is_partial=is_partial,
                seen_by_callbacks=self,
            )
        if checkpoint is not None:
            checkpoint.remove()
        if tasks is not None:
            tasks.end()
        return self

    def _fit_in_place(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        X_val: Any,
        y_val: Any,
        sample_weight_val: Any,
        soft_targets: Any,
        classes: Any,
        is_partial: bool,
        seen_by_callbacks: Self,
    ) -> tuple[Checkpoint | None, FitTasks | None]:
        """Fit, attribute by attribute; return what is to be closed once all of it has succeeded."""
        from ferclassifier._keras.network import NetworkInTraining

        before = dict(self.__dict__)
        continues = self._continues(is_partial)
        get_architecture(self.architecture, self.architecture_params)
        initial = None if continues else self._initial_model()
        images, labels = self._validate_training_data(X, y, reset=not continues)
        codes = self._encode(labels, classes, continues=continues, is_partial=is_partial)
        given = checked_weights(sample_weight, codes, name="sample_weight")
        class_weights = self._weights_of_classes(codes, given, is_partial)
        weights, rows = combined_weights(codes, given, class_weights)
        if weights is not None and not is_partial:  # parts of a data set stay comparable
            weights = weights / weights[rows].mean()
        targets = self._targets(codes, soft_targets)
        # A copy: if the fit fails, the next one gets the numbers that this one would have had.
        goes_on = continues and is_partial
        rng = deepcopy(self._rng) if goes_on else check_random_state(self.random_state)
        settings = self._training_settings(is_partial, continues)
        settings.seeds = [int(seed) for seed in rng.randint(2**31 - 1, size=3)]
        X_val, y_val, sample_weight_val = self._held_out(X_val, y_val, sample_weight_val)
        if self.checkpoint is not None and not is_partial:
            self._resume(
                settings,
                {
                    "X": images,
                    "y": [self.classes_.tolist(), codes],
                    "sample_weight": given,
                    "soft_targets": None if soft_targets is None else targets,
                    "X_val": X_val,
                    "y_val": y_val,
                    "sample_weight_val": sample_weight_val,
                    "initial_weights": _known_by(initial),
                    "the model of warm_start": _known_by(self if continues else None),
                },
            )
        weight_seed, order_seed, split_seed = settings.seeds

        validation = None
        if X_val is not None:
            weights_val, rows_val = combined_weights(y_val, sample_weight_val, class_weights)
            validation = self._batches(X_val, y_val, rows=rows_val, sample_weight=weights_val)
        if validation is None and self.early_stopping and not is_partial:
            rows, held_out = self._split(rows, codes, split_seed)
            validation = self._batches(images, codes, rows=held_out, sample_weight=weights)
        training = self._batches(
            images,
            targets,
            rows=rows,
            sample_weight=weights,
            seed=order_seed,
            mixup=self.mixup,
            mixed_epochs=round((1 - _UNMIXED_SHARE) * settings.epochs),
        )
        spec = self._network_spec(len(training), is_partial, initial or self)
        with NetworkInTraining.begin(
            spec,
            weight_seed,
            before.get("_network"),
            from_weights=continues,
            from_state=goes_on,
            has_callbacks=bool(self.callbacks),
        ) as network:
            if initial is not None:
                is_same = initial.classes_.tolist() == self.classes_.tolist()
                network.start_from(initial._network, with_head=is_same)
            tasks = None
            if not is_partial:
                tasks = FitTasks(seen_by_callbacks, X, y, sample_weight, settings.epochs)
            self._train(network, training, validation, settings, tasks, before)
        self._rng = rng
        return settings.checkpoint, tasks

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
        images = self._validate_images(X_val, reset=False)
        codes = self._codes_of(column_or_1d(y_val))
        check_consistent_length(images, codes)
        return images, codes, checked_weights(sample_weight_val, codes, name="sample_weight_val")

    def _split(
        self, rows: NDArray[np.intp], codes: NDArray[np.intp], seed: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows to train on, and those held out for validation."""
        kept, held_out = train_test_split(
            rows,
            test_size=self.validation_fraction,
            stratify=codes[rows],
            random_state=seed,
        )
        return kept, held_out

    def _train(
        self,
        network: NetworkInTraining,
        training: Batches,
        validation: Batches | None,
        settings: TrainingSettings,
        tasks: FitTasks | None,
        before: dict[str, Any],
    ) -> None:
        """Train a network, and take what it has become as this classifier's."""
        from ferclassifier._keras.epoch_tasks import EpochTasks
        from ferclassifier._keras.progress import shown_progress

        if tasks is not None:
            settings.callbacks.append(
                EpochTasks(
                    tasks,
                    network,
                    lambda history: {
                        **changes(before, self),
                        **self._summary(history, None, appends=False),
                    },
                    {} if settings.progress is None else settings.progress.history,
                )
            )
        with shown_progress(int(self.verbose), settings.epochs, len(training)) as callbacks:
            settings.callbacks += callbacks
            self._network, history, best_epoch = network.fit(training, settings, validation)
        appends = tasks is None and "history_" in before
        for name, value in self._summary(history, best_epoch, appends).items():
            setattr(self, name, value)

    def _targets(self, codes: NDArray[np.intp], soft_targets: Any) -> NDArray[Any]:
        """Return the index of each image's class, or the share of each class in it."""
        if soft_targets is None:
            return codes
        shares = check_array(soft_targets, dtype=np.float32, input_name="soft_targets")
        expected = (len(codes), len(self.classes_))
        if shares.shape != expected:
            raise ValueError(
                f"Got soft_targets of shape {shares.shape}, but expected {expected}: a row for "
                "each image and a column for each class."
            )
        if shares.min() < 0 or np.abs(shares.sum(axis=1) - 1).max() > _SOFT_TARGET_TOLERANCE:
            raise ValueError(
                "Got soft_targets that are no probabilities: expected values of at least 0 that "
                "add up to 1 in each row."
            )
        weight = np.float32(self.distillation_weight)
        one_hot = np.eye(self._n_outputs, dtype=np.float32)[codes]
        blended: NDArray[np.float32] = (1 - weight) * one_hot
        blended[:, : shares.shape[1]] += weight * shares
        return blended

    def _resume(self, settings: TrainingSettings, data: dict[str, Any]) -> None:
        """Go on from the checkpoint, if there is one; its seeds are those of the fit."""
        from ferclassifier._keras.fingerprint import fingerprint_of

        assert self.checkpoint is not None
        data["precision"] = "mixed_bfloat16" if self._is_mixed_precision() else "float32"
        fingerprint = fingerprint_of(self.get_params(deep=False), data)
        settings.checkpoint = Checkpoint(Path(self.checkpoint), fingerprint)
        settings.progress = settings.checkpoint.read()
        if settings.progress is not None:
            settings.seeds = settings.progress.seeds

    def _continues(self, is_partial: bool) -> bool:
        """Whether training goes on from the weights at hand.

        ============  ==========  =========
        method        warm_start  goes on
        ============  ==========  =========
        fit           False       never
        fit           True        if fitted
        partial_fit   any         if fitted
        ============  ==========  =========

        What may change between two such calls stands in `_going_on`.
        """
        return (is_partial or self.warm_start) and self.__sklearn_is_fitted__()

    def _batches(
        self, images: NDArray[Any] | ImageFiles, targets: NDArray[Any], **kwargs: Any
    ) -> Batches:
        from ferclassifier._keras.batches import Batches

        as_bytes = self.pixel_scale_.kind == "bytes"
        return Batches(
            images, targets, self._n_outputs, self.batch_size, as_bytes=as_bytes, **kwargs
        )

    @property
    def _n_outputs(self) -> int:
        # A single class needs no network, but fitting one keeps a fit a fit.
        return max(2, len(self.classes_))

    def _validate_training_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        if y is None:
            raise ValueError("FERClassifier requires y to be passed, but the target y is None.")
        if not reset:
            from ferclassifier._keras.going_on import check_image_shape

            check_image_shape(self.image_shape, self.image_shape_)
        images = self._validate_images(X, reset=reset)
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        if len(labels) != len(images):
            raise ValueError(
                "Found input variables with inconsistent numbers of samples: "
                f"{[len(images), len(labels)]}"
            )
        return images, labels

    def _validate_images(self, X: Any, *, reset: bool) -> NDArray[Any] | ImageFiles:
        """Check a batch in any form, and view it as images with channels."""
        if isinstance(X, list | tuple):
            X = np.asarray(X)
        paths = paths_in(X)
        if paths is not None:
            return self._validate_files(paths, reset=reset)
        X = validate_batch(self, X, reset=reset)
        if reset:
            self.image_shape_ = image_shape_of(X.shape, self.image_shape)
            self.pixel_scale_ = PixelScale.of(X)
        else:
            if X.ndim > 2:  # rows have been compared by their length
                self._check_image_shape(image_shape_of(X.shape))
            self.pixel_scale_.check(X)
        return as_images(X, self.image_shape_)

    def _validate_files(self, paths: NDArray[Any], *, reset: bool) -> ImageFiles:
        if reset:
            shape = SHAPE_OF_FILES if self.image_shape is None else self.image_shape
            height, width, channels = (*shape, 1)[:3]
            check_image_options((height, width), channels)
            self.image_shape_ = (int(height), int(width), int(channels))
            self.pixel_scale_ = PixelScale("bytes", 0.0, 255.0)
            self.n_features_in_ = height * width * channels
            if hasattr(self, "feature_names_in_"):  # of an earlier fit
                del self.feature_names_in_
        else:
            self.pixel_scale_.check(np.array([0, 255], dtype=np.uint8))
        return ImageFiles(paths, self.image_shape_)

    def _check_image_shape(self, shape: ImageShape) -> None:
        if shape != self.image_shape_:
            raise ImageError(
                f"X has images of shape {shape}, but FERClassifier is expecting "
                f"{self.image_shape_} (height, width, channels). Resize them, or fit another model."
            )

    def _encode(
        self, labels: NDArray[Any], classes: Any, *, continues: bool, is_partial: bool
    ) -> NDArray[np.intp]:
        if continues:
            if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
                raise ValueError(
                    f"Got classes={np.unique(classes)}, but earlier calls had {self.classes_}."
                )
            if not is_partial and not np.array_equal(np.unique(labels), self.classes_):
                raise ValueError(
                    "warm_start can only be used where `self.classes_` remain the same as in "
                    f"the previous call to fit. Previously got {self.classes_}, "
                    f"y has {np.unique(labels)}."
                )
        elif is_partial:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            self.classes_ = np.unique(column_or_1d(classes))
        else:
            self.classes_ = np.unique(labels)
        return self._codes_of(labels)

    def _codes_of(self, labels: NDArray[Any]) -> NDArray[np.intp]:
        known = np.isin(labels, self.classes_)
        if not known.all():
            raise ValueError(
                f"Got the labels {np.unique(labels[~known])}, but expected only {self.classes_}."
            )
        return np.searchsorted(self.classes_, labels)

    def _weights_of_classes(
        self, codes: NDArray[np.intp], sample_weight: NDArray[Any] | None, is_partial: bool
    ) -> NDArray[Any] | None:
        if is_partial and isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight={self.class_weight!r} is not supported by partial_fit, which "
                "does not see all labels. Pass a dict of weights instead."
            )
        return weights_of_classes(self.class_weight, self.classes_, codes, sample_weight)

    def _initial_model(self) -> FERClassifier | None:
        if self.initial_weights is None:
            return None
        return FERClassifier._from_saved(find_initial_model(self.initial_weights))

    def _architecture(self, origin: FERClassifier) -> tuple[Any, dict[str, Any]]:
        """Return the architecture: that of the model the weights come from, if from any."""
        if self.initial_weights is None:
            return self.architecture, dict(self.architecture_params or {})
        return architecture_of(origin._network.spec, self.architecture, self.architecture_params)

    def _network_spec(self, steps: int, is_partial: bool, origin: FERClassifier) -> NetworkSpec:
        from ferclassifier._keras.optimizer import has_schedule
        from ferclassifier._keras.spec import NetworkSpec

        architecture, architecture_params = self._architecture(origin)
        momentum = 0.0
        if not is_partial and self.average_weights is True:
            momentum = float(np.clip(1 - 50 / (steps * self.epochs), 0.0, 0.9999))
        elif not is_partial and self.average_weights is not False:
            momentum = float(self.average_weights)
        return NetworkSpec(
            architecture=architecture,
            architecture_params=architecture_params,
            image_shape=self.image_shape_,
            n_classes=self._n_outputs,
            factor_and_offset=self.pixel_scale_.factor_and_offset,
            augmentation=resolve_augmentation(self.augmentation),
            mixed_precision=self._is_mixed_precision(),
            optimizer=self.optimizer,
            weight_decay=self.weight_decay,
            decays=self.learning_rate_schedule == "cosine"
            and not is_partial
            and not has_schedule(self.optimizer),
            label_smoothing=self.label_smoothing,
            focal_gamma=_FOCAL_GAMMA if self.loss == "focal" else 0.0,
            average_momentum=momentum,
        )

    def _is_mixed_precision(self) -> bool:
        from ferclassifier._keras.processor import is_mixed_precision_faster

        if self.precision == "auto":
            return is_mixed_precision_faster()
        return self.precision == "mixed_bfloat16"

    def _training_settings(self, is_partial: bool, continues: bool) -> TrainingSettings:
        from ferclassifier._keras.optimizer import rate_of
        from ferclassifier._keras.spec import TrainingSettings

        epochs = 1 if is_partial else self.epochs
        small_size = None if is_partial else self._small_size()
        schedule = None if is_partial else self.learning_rate_schedule
        tunes = self.initial_weights is not None or (continues and self._network.is_complete)
        return TrainingSettings(
            learning_rate=rate_of(self.learning_rate, self.optimizer, schedule, tunes=tunes),
            epochs=epochs,
            warms_up=schedule == "cosine",
            plateau_patience=max(1, self.patience // 2) if schedule == "plateau" else None,
            patience=self.patience if self.early_stopping else None,
            callbacks=list(self.callbacks or []),
            is_one_of_many=is_partial,
            tunes=tunes,
            small_size=small_size,
            small_epochs=0 if small_size is None else min(round(_SMALL_SHARE * epochs), epochs - 1),
        )

    def _small_size(self) -> tuple[int, int] | None:
        """Return the size of the images in the first epochs, if it is another."""
        if self.progressive_resizing is None:
            return None
        height, width, _ = self.image_shape_
        share = self.progressive_resizing
        small = (max(1, round(share * height)), max(1, round(share * width)))
        return None if small == (height, width) else small

    def _summary(
        self, history: dict[str, list[float]], best_epoch: int | None, appends: bool
    ) -> dict[str, Any]:
        """Return the attributes that tell how a fit went; what it gives is not calibrated."""
        if appends:
            history = {
                name: [*self.history_.get(name, []), *values] for name, values in history.items()
            }
        return {
            "history_": history,
            "n_iter_": len(history["loss"]),
            "best_epoch_": None if best_epoch is None else best_epoch + 1,
            "temperature_": 1.0,
        }


def _known_by(model: FERClassifier | None) -> list[Any] | None:
    """Return what a fit takes from a model from which it starts."""
    if model is None:
        return None
    spec, weights = model._network.spec, model._network.named_weights()
    architecture = [spec.architecture, dict(spec.architecture_params)]
    return [model.classes_.tolist(), model.pixel_scale_, architecture, weights]
