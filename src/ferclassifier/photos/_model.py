"""What is asked for expressions: an ONNX model, or a fitted classifier."""

from __future__ import annotations

from os import PathLike
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.released import expected, released_models, released_onnx
from ferclassifier._onnx.model import OnnxModel
from ferclassifier._utils.wording import quoted
from ferclassifier.exceptions import UnknownModelError


class Model(Protocol):
    """From faces to probabilities."""

    @property
    def classes(self) -> list[Any]:
        """The labels of the columns."""
        ...

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the faces."""
        ...

    def predict_proba(self, images: NDArray[np.uint8], /) -> NDArray[Any]:
        """Predict the probability of each class, (n, n_classes)."""
        ...


# A name, a path, a Model, or a classifier of scikit-learn's kind, which has no type.
ModelLike: TypeAlias = "str | PathLike[str] | Model | Any"


def open_model(model: ModelLike, *, n_threads: int | None = None) -> Model:
    """Return what can be asked.

    Parameters
    ----------
    model : str, path, OnnxModel or fitted classifier
        The name of a released model, the path of an ONNX file, or what has `classes_`,
        `image_shape_` and `predict_proba`.
    n_threads : int or None, default=None
        For a model that is opened here.

    Raises
    ------
    UnknownModelError
        A ValueError: if there is no released model of a name that is no path either.
    ModelFileError
        A ValueError: if a file is damaged or of another kind.
    TypeError
        If it is nothing of that kind.
    """
    if isinstance(model, str | PathLike):
        _check_name(model)
        return OnnxModel(model, n_threads=n_threads)
    if hasattr(model, "classes") and hasattr(model, "image_shape"):
        found: Model = model
        return found
    if hasattr(model, "predict_proba"):
        return _Estimator(model)
    raise TypeError(
        f"Got model={quoted(model)}, but expected the name of a released model, the path of an "
        "ONNX file, or a fitted classifier."
    )


def _check_name(model: str | PathLike[str]) -> None:
    """Say which names there are, where what is no path is none of them."""
    from pathlib import Path

    if str(model) not in released_onnx() and not Path(model).exists():
        if str(model) in released_models():
            raise UnknownModelError(
                f"Got model={str(model)!r}, which is not released as an ONNX file; give "
                f"load_pretrained({str(model)!r}) instead."
            )
        raise UnknownModelError(
            f"{quoted(str(model))}: there is no such file, but expected an ONNX file or "
            f"{expected(model, released_onnx())}"
        )


class _Estimator:
    """A fitted classifier of scikit-learn's kind, as a model."""

    def __init__(self, clf: Any) -> None:
        self._clf = clf

    @property
    def classes(self) -> list[Any]:
        found: list[Any] = np.asarray(self._clf.classes_).tolist()
        return found

    @property
    def image_shape(self) -> tuple[int, int, int]:
        height, width, channels = self._clf.image_shape_
        return height, width, channels

    def predict_proba(self, images: NDArray[np.uint8], /) -> NDArray[Any]:
        found: NDArray[Any] = self._clf.predict_proba(images)
        return found
