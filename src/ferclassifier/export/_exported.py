"""Writing a fitted classifier to an ONNX file, and comparing it with what it was made of."""

from __future__ import annotations

import platform
import tempfile
import warnings
from copy import deepcopy
from dataclasses import dataclass, replace
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from ferclassifier._classifier import FERClassifier, FERVotingClassifier
from ferclassifier._files.container import kind_by_name
from ferclassifier._files.writing import replaceable, replacing
from ferclassifier._onnx.manifest import Manifest, seal_onnx
from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.one_step import as_of_now
from ferclassifier._utils.wording import count, quoted
from ferclassifier._version import __version__
from ferclassifier.exceptions import ModelFileError, PixelScaleWarning
from ferclassifier.export._graph import read_graph
from ferclassifier.export._half_weights import halve_weights
from ferclassifier.export._int8 import quantized
from ferclassifier.export._onnx_classifier import OnnxFERClassifier
from ferclassifier.images._containers import count_in

_PACKAGES = ("keras", "numpy", "onnx", "onnxruntime", "scikit-learn")
# So many images of noise are compared where no others are given.
_N_IMAGES = 16
# What two runtimes may differ in by rounding alone, with room for deep networks.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class OnnxExport:
    """What was written, and how far it answers as the classifier does.

    Attributes
    ----------
    path : Path
        The file.
    n_bytes : int
        Its size.
    precision : {"float32", "int8"}
        In which it computes.
    n_images : int
        How many images were compared.
    same_labels : float in [0, 1]
        Share of them that get the same label.
    max_difference : float in [0, 1]
        The largest difference of two probabilities.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ferclassifier.export import OnnxExport
    >>> export = OnnxExport(Path("faces.onnx"), 400_000, "int8", 500, 0.99, 0.08)
    >>> f"{export.same_labels:.0%} of {export.n_images} images get the same label"
    '99% of 500 images get the same label'
    """

    path: Path
    n_bytes: int
    precision: str
    n_images: int
    same_labels: float
    max_difference: float

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.n_bytes / 1e6:.2f} MB, {self.precision}. Of "
            f"{count(self.n_images, 'image')} {100 * self.same_labels:.2f} % get the same label; "
            f"the largest difference of a probability is {self.max_difference:.2g}."
        )


def export_onnx(
    clf: FERClassifier | FERVotingClassifier,
    path: str | PathLike[str],
    *,
    quantize: Literal["int8"] | None = None,
    calibration_images: ArrayLike | None = None,
    card: str | None = None,
) -> OnnxExport:
    """Write a fitted classifier to an ONNX file, from faces to probabilities.

    All that predicts is inside: the scaling of pixels, views, members of an ensemble, temperatures.
    It takes any number of faces, as bytes where the classifier does.

    Parameters
    ----------
    clf : FERClassifier or FERVotingClassifier
        Fitted, of any architecture. The members of an ensemble are FERClassifiers.
    path : str or path-like
        The file, by custom with the suffix ".onnx". One that is there is replaced once the new one
        has been written.
    quantize : {"int8"} or None, default=None
        "int8" multiplies whole numbers: smaller and faster, and a little less accurate.
    calibration_images : array-like of shape (n, height, width), default=None
        For "int8": some hundred faces like those that are to be predicted, in any form that `clf`
        takes, such as 500 of its training images. They say in which range each layer's values are.
        Predictions before and after are compared on them.
    card : str, default=None
        What else is to be said of the model, in Markdown, to be kept in the file.

    Returns
    -------
    export : OnnxExport
        What was written, and how far it answers as `clf` does: on `calibration_images`, or else on
        some of noise. Print it.

    Raises
    ------
    ImportError
        If onnx or tf2onnx is missing, which ``pip install "ferclassifier[onnx]"`` brings.
    ModelFileError
        A ValueError: if the file would not answer as the classifier does, a member is no
        FERClassifier, or the name is that of another kind of file.
    NotFittedError
        If the classifier is not fitted.
    OSError
        If nothing can be written there.
    ValueError
        If `quantize` is unknown, or goes without images.

    See Also
    --------
    OnnxFERClassifier : A classifier that answers by such a file, without Keras.

    Notes
    -----
    The file says in its metadata which classes and images it is for, and with which versions it was
    made. Weights that float16 holds without loss, such as those of the released models, are stored
    so, and computed with in float32 all the same. Keras does the graph, which needs its backend to
    be TensorFlow.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ferclassifier import FERClassifier, make_faces
    >>> from ferclassifier.export import OnnxFERClassifier, export_onnx
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> clf = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export = export_onnx(clf, Path(folder) / "faces.onnx", calibration_images=X)
    ...     labels = OnnxFERClassifier(Path(folder) / "faces.onnx").predict(X)
    >>> bool((labels == clf.predict(X)).all()), export.same_labels
    (True, 1.0)
    """
    target = Path(path)
    _check_given(clf, target, quantize, calibration_images)
    import_extra("onnx", "onnx")
    import_extra("tf2onnx", "onnx")
    now = as_of_now(clf)
    with tempfile.TemporaryDirectory() as folder:
        unfinished = Path(folder) / "model.onnx"
        weights = now._write_onnx_graph(unfinished)
        manifest = Manifest(**now._export_facts(), versions=_versions(), card=card)
        graph = read_graph(unfinished)
        _write(halve_weights(deepcopy(graph), weights), manifest, unfinished)
        images = _noise(now) if calibration_images is None else calibration_images
        precision, same, difference = "float32", *_compared(now, unfinished, images)
        if difference > _ROUNDING:
            raise ModelFileError(
                f"The ONNX graph differs from the classifier by {difference:.2g} in a probability: "
                "a layer of the architecture computes something else there. Layers of Keras "
                "alone, without chance when they predict, are exported as they are."
            )
        if quantize is not None:
            precision = quantize
            batches = OnnxFERClassifier(unfinished)._batches_of(images)
            _write(quantized(graph, batches), replace(manifest, precision=precision), unfinished)
            same, difference = _compared(now, unfinished, images)
        content = unfinished.read_bytes()
    with replacing(target) as file:
        file.write(content)
    return OnnxExport(target, len(content), precision, count_in(images), same, difference)


def _check_given(clf: Any, path: Path, quantize: Any, calibration_images: Any) -> None:
    """Refuse, before anything is computed, what cannot become such a file."""
    if not isinstance(clf, FERClassifier | FERVotingClassifier):
        raise ModelFileError(
            f"Got {type(clf).__name__}, but expected a FERClassifier or a FERVotingClassifier. "
            "Export the classifier inside a pipeline or a search, such as search.best_estimator_."
        )
    check_is_fitted(clf)
    if quantize not in (None, "int8"):
        raise ValueError(f"Got quantize={quoted(quantize)}, but expected None or 'int8'.")
    if quantize is not None and calibration_images is None:
        raise ValueError(
            "Got quantize='int8' without calibration_images. Give some hundred faces like those "
            "that are to be predicted, such as 500 of the training images."
        )
    kind = "a safetensors file" if path.suffix == ".safetensors" else kind_by_name(path)
    if kind not in (None, "a file of ONNX"):
        raise ModelFileError(
            f"{path}: this is the name of {kind}, under which nobody would expect an ONNX file. "
            f"Name it {path.with_suffix('.onnx').name}."
        )
    replaceable(path)


def _write(graph: Any, manifest: Manifest, path: Path) -> None:
    from onnx import helper

    helper.set_model_props(graph, manifest.to_metadata())
    with replacing(path) as file:  # whose errors say which file it is
        file.write(seal_onnx(graph.SerializeToString()))


def _compared(clf: Any, path: Path, images: Any) -> tuple[float, float]:
    """Return the share of equal labels, and the largest difference of two probabilities."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PixelScaleWarning)  # noise is unlike faces
        expected = clf.predict_proba(images)
        found = OnnxFERClassifier(path).predict_proba(images)
    same = float(np.mean(found.argmax(axis=1) == expected.argmax(axis=1)))
    return same, float(np.abs(found - expected).max())


def _noise(clf: Any) -> NDArray[Any]:
    """Draw images that the classifier takes: to compare what is computed, they need no faces."""
    scale, rng = clf._members()[0].pixel_scale_, np.random.default_rng(0)
    if scale.kind == "bytes":
        return rng.integers(0, 256, (_N_IMAGES, *clf.image_shape_), dtype=np.uint8)
    low, high = scale.ends
    return rng.uniform(low, high, (_N_IMAGES, *clf.image_shape_)).astype(np.float32)


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in _PACKAGES}
    return {"ferclassifier": __version__, "python": platform.python_version(), **packages}
