"""Both ways between classifiers and plain Keras models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ferclassifier._utils.counts import is_number
from ferclassifier._utils.one_step import as_of_now
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import ModelFileError
from ferclassifier.images._pixel_scale import PixelScale

if TYPE_CHECKING:
    from typing import Self

Pixels = Literal["bytes", "unit", "symmetric"] | tuple[float, float]

# From [-1, 1], to which a network's first layer brings bytes.
_FACTORS_AND_OFFSETS = {"bytes": (127.5, 127.5), "unit": (0.5, 0.5), "symmetric": (1.0, 0.0)}


class ToKerasMixin:
    """A classifier as a plain Keras model.

    A class that inherits from it writes `_prediction_model` and `_members`.
    """

    classes_: NDArray[Any]
    image_shape_: tuple[int, int, int]

    def to_keras(self) -> Any:
        """Return what predicts as a Keras model of its own.

        Returns
        -------
        model : keras.Model
            From images of shape (n, height, width, channels) to probabilities of shape
            (n, n_classes), float32, in the order of `classes_`. The images are on the pixel scale
            of `fit`, bytes perhaps; scaling, views and temperature are inside. Its layers are those
            of Keras alone, unless the architecture is your own: ``model.save("model.keras")`` is
            loaded without this package, and served or converted as any other.

        Raises
        ------
        NotFittedError
            If the classifier is not fitted.
        ModelFileError
            A ValueError: if a member of an ensemble is no FERClassifier.

        See Also
        --------
        ferclassifier.export.export_onnx : A file that is answered by without Keras.
        """
        check_is_fitted(self)
        return as_of_now(self)._prediction_model("ferclassifier")

    def _prediction_model(self, name: str) -> Any:
        """Return a Keras model of this name, whose weights are its own."""
        raise NotImplementedError

    def _members(self) -> list[Any]:
        """Return the FERClassifiers that are asked."""
        raise NotImplementedError

    def _write_onnx_graph(self, path: Path) -> list[NDArray[Any]]:
        """Write what predicts as a graph of ONNX, as Keras's own export has it.

        Returns
        -------
        weights : list of ndarray
            Those of the Keras model, which the graph may have multiplied.
        """
        from ferclassifier._keras.onnx_graph import write_onnx_graph

        takes_bytes = self._members()[0].pixel_scale_.kind == "bytes"
        model = self.to_keras()
        write_onnx_graph(model, path, dtype="uint8" if takes_bytes else "float32")
        weights: list[NDArray[Any]] = model.get_weights()
        return weights

    def _export_facts(self) -> dict[str, Any]:
        """Return what a file of another runtime is to say of images and classes.

        Raises
        ------
        ModelFileError
            If the members take pixels on different scales.
        """
        from ferclassifier._keras.predictor import VIEWS

        members = self._members()
        scales = [member.pixel_scale_ for member in members]
        if len({scale.kind for scale in scales}) > 1:
            raise ModelFileError(
                f"The members were fitted on different scales: {quoted(list(map(str, scales)))}. "
                "Fit them on the same images."
            )
        scale = {name: value for name, value in asdict(scales[0]).items() if value is not None}
        names = getattr(self, "feature_names_in_", None)
        return {
            "classes": self.classes_,
            "image_shape": self.image_shape_,
            "pixel_scale": scale,
            "feature_names": None if names is None else [str(name) for name in names],
            "views": sum(VIEWS[member.test_time_augmentation] for member in members),
        }


class FromKerasMixin:
    """A trained Keras model as a fitted classifier, for FERClassifier."""

    @classmethod
    def from_keras(
        cls,
        model: Any,
        *,
        classes: ArrayLike,
        pixels: Literal["bytes", "unit", "symmetric"] | tuple[float, float] = "unit",
    ) -> Self:
        """Make a fitted classifier of a Keras model that was trained elsewhere.

        It can be scored, calibrated, explained, reported, exported and trained further.

        Parameters
        ----------
        model : keras.Model
            From images (None, height, width, 1 or 3) to probabilities (None, n_classes). Load a
            file by ``keras.models.load_model(path)``. It is copied.
        classes : array-like of shape (n_classes,)
            The labels of its columns, in their order: strings or numbers.
        pixels : {"bytes", "unit", "symmetric"} or (mean, deviation), default="unit"
            The scale of the pixels that it was trained on: [0, 255], as where it has a layer that
            scales them, [0, 1], [-1, 1], or bytes less a mean and divided by a deviation. The
            classifier itself takes bytes, and scales them.

        Returns
        -------
        clf : FERClassifier
            Fitted, with the model as its `architecture` and no `history_`. It is kept by
            `joblib.dump`; `save` knows the package's own architectures only.

        Raises
        ------
        ArchitectureError
            A ValueError: if the model has another number of outputs than there are classes, they
            are no probabilities, for want of a softmax, or a layer cannot be copied.
        DivergenceError
            A ValueError: if it gives NaN.
        ImageError
            A ValueError: if it takes something else than images of one size.
        TypeError
            If it is no Keras model.
        ValueError
            If a class is named twice, or `pixels` are on no such scale.

        Examples
        --------
        >>> import keras
        >>> import numpy as np
        >>> from ferclassifier import FERClassifier
        >>> layers = [keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
        >>> clf = FERClassifier.from_keras(model, classes=["sad", "happy"], pixels="unit")
        >>> clf.classes_.tolist()
        ['happy', 'sad']
        >>> clf.predict_proba(np.zeros((3, 8, 8), dtype=np.uint8)).shape
        (3, 2)
        """
        from ferclassifier._keras.spec import NetworkSpec
        from ferclassifier._keras.trained_architecture import (
            TrainedArchitecture,
            check_probabilities_of,
            check_trained_model,
            trained_network,
        )

        labels, order = _sorted_labels(classes)
        factor_and_offset = _from_symmetric(pixels)
        image_shape = check_trained_model(model, len(labels))
        trained = TrainedArchitecture(model, order, factor_and_offset)
        clf: Any = cls(architecture=trained)  # type: ignore[call-arg]
        clf.classes_ = labels
        clf.image_shape_ = image_shape
        clf.pixel_scale_ = PixelScale("bytes", 0.0, 255.0)
        clf.n_features_in_ = math.prod(image_shape)
        clf.history_, clf.n_iter_, clf.best_epoch_ = {}, 0, None
        clf.temperature_ = 1.0
        clf._rng = check_random_state(None)
        clf._network = trained_network(
            NetworkSpec(
                architecture=trained,
                architecture_params={},
                image_shape=image_shape,
                n_classes=len(labels),
                factor_and_offset=clf.pixel_scale_.factor_and_offset,
            )
        )
        check_probabilities_of(clf._network.keras_model, trained.__name__)
        return clf  # type: ignore[no-any-return]


def _sorted_labels(classes: ArrayLike) -> tuple[NDArray[Any], list[int]]:
    given = np.asarray(classes)
    if given.ndim != 1 or len(given) < 2 or given.dtype.kind not in "OUiufb":
        raise ValueError(
            f"Got classes={quoted(classes)}, but expected the labels of the model's columns, in "
            "their order: two or more strings or numbers."
        )
    labels, order = np.unique(given, return_index=True)
    if len(labels) < len(given):
        raise ValueError(f"Got classes={quoted(classes)}, of which one is named twice.")
    return labels, order.tolist()


def _from_symmetric(pixels: Any) -> tuple[float, float]:
    """Return what brings pixels in [-1, 1] to the scale that a model was trained on."""
    if isinstance(pixels, str) and pixels in _FACTORS_AND_OFFSETS:
        return _FACTORS_AND_OFFSETS[pixels]
    is_pair = isinstance(pixels, Sequence) and not isinstance(pixels, str) and len(pixels) == 2
    if is_pair and all(map(is_number, pixels)) and pixels[1] > 0:
        mean, deviation = map(float, pixels)
        return 127.5 / deviation, (127.5 - mean) / deviation
    raise ValueError(
        f"Got pixels={quoted(pixels)}, but expected 'bytes', 'unit', 'symmetric', or a mean and a "
        "deviation of bytes."
    )
