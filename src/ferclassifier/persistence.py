"""Model files that hold numbers and text, and no code."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from ferclassifier._classifier import FERClassifier
from ferclassifier._files.container import read_model_file, write_model_file
from ferclassifier._files.schema import Check, anything, mapping_of, one_of, optional, record, text
from ferclassifier._saved_classifier import CLASSIFIER, describe_classifier, restore_classifier
from ferclassifier._saved_voting import VOTING, describe_voting, restore_voting
from ferclassifier._version import __version__
from ferclassifier._voting import FERVotingClassifier
from ferclassifier.exceptions import ModelFileError

__all__ = ["load_model", "save_model"]

_DTYPES = ("float32", "float16")
_PACKAGES = ("keras", "numpy", "safetensors", "scikit-learn")


class _Kind(NamedTuple):
    """How the models of a class get into a file, what they look like there, and back."""

    describe: Callable[[Any], tuple[dict[str, Any], dict[str, NDArray[Any]]]]
    schema: Check
    restore: Callable[..., FERClassifier | FERVotingClassifier]


_KINDS = {
    "FERClassifier": _Kind(describe_classifier, CLASSIFIER, restore_classifier),
    "FERVotingClassifier": _Kind(describe_voting, VOTING, restore_voting),
}

_MANIFEST = record(
    kind=one_of(*_KINDS),
    dtype=one_of(*_DTYPES),
    versions=mapping_of(text),
    metadata=optional(text),
    model=anything,
)


def save_model(
    model: Any,
    path: str | PathLike[str],
    *,
    dtype: Literal["float32", "float16"] = "float32",
    metadata: str | None = None,
) -> None:
    """Write a fitted model to a file that cannot run code.

    Parameters
    ----------
    model : FERClassifier or FERVotingClassifier
        Fitted, with architectures that the package has.
    path : str or path-like
        The file, by custom with the suffix ".safetensors". One that is there, or that a link
        there leads to, is replaced once the new one has been written and synced, and passes on its
        mode.
    dtype : {"float32", "float16"}, default="float32"
        Type of the weights in the file. "float16" halves it, and moves probabilities a little.
    metadata : str, default=None
        Text to keep with the model, such as its licence, or JSON.

    Raises
    ------
    NotFittedError
        If the model is not fitted.
    ModelFileError
        A ValueError: if the model is of another class, has an architecture or a parameter that a
        file cannot hold, or weights that are not finite or too large for float16.
    OSError
        If nothing can be written there.

    Notes
    -----
    The parameters are written as long as they are numbers, strings, None, and lists, tuples and
    dicts of those; an optimizer that is an object or a function, or a ``random_state`` that is no
    integer, is refused. `callbacks` and `checkpoint`, which belong to one run on one machine, are
    left out, and None after loading; so is a path given as `initial_weights`. The optimizer's state
    is not written.

    A model that is saved twice makes equal files, byte for byte.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from ferclassifier import FERClassifier, make_faces
    >>> from ferclassifier.persistence import load_model, save_model
    >>> X, y = make_faces(60, n_classes=2, random_state=0)
    >>> clf = FERClassifier(architecture="gap_cnn", epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(clf, Path(folder) / "model.safetensors")
    ...     loaded = load_model(Path(folder) / "model.safetensors")
    >>> bool((loaded.predict_proba(X) == clf.predict_proba(X)).all())
    True
    """
    kind = _kind_of(model)
    check_is_fitted(model)
    described, weights = _KINDS[kind].describe(model)
    manifest = {
        "kind": kind,
        "dtype": dtype,
        "versions": _versions(),
        "metadata": metadata,
        "model": described,
    }
    _MANIFEST(manifest, "the manifest")
    write_model_file(Path(path), manifest, _stored(weights, dtype))


def load_model(path: str | PathLike[str]) -> FERClassifier | FERVotingClassifier:
    """Read a model that `save_model` wrote.

    Nothing in the file is run or unpickled: it holds arrays, and text that is compared with what
    the package knows. It is refused before a network is built if anything in it is out of place.

    Parameters
    ----------
    path : str or path-like
        The file, of 1 GiB at most.

    Returns
    -------
    model : FERClassifier or FERVotingClassifier
        Fitted. With weights in float32 its predictions are those of the saved model, to the bit, on
        the same machine.

    Raises
    ------
    ModelFileError
        A ValueError: if the file is of another kind, damaged, or no model of this package.
    OSError
        If there is no file, or it cannot be read.
    """
    path = Path(path)
    try:
        manifest, tensors = read_model_file(path)
        manifest = _MANIFEST(manifest, "the manifest")
        weights = _restored(tensors, manifest["dtype"])
        kind = _KINDS[manifest["kind"]]
        return kind.restore(kind.schema(manifest["model"], "model"), weights)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ModelFileError(f"{path}: the manifest is nested too deeply.") from error


def _kind_of(model: Any) -> str:
    kind = type(model)
    if kind not in (FERClassifier, FERVotingClassifier):
        raise ModelFileError(
            f"Got {kind.__name__}, but expected FERClassifier or FERVotingClassifier. Save the "
            "classifier inside a pipeline or a search, such as search.best_estimator_, or keep the "
            "whole with joblib.dump."
        )
    return kind.__name__


def _versions() -> dict[str, str]:
    """Return what the model was made with, for a reader who wonders; nothing depends on it."""
    packages = {name: version(name) for name in _PACKAGES}
    return {"ferclassifier": __version__, "python": platform.python_version(), **packages}


def _stored(weights: Mapping[str, NDArray[Any]], dtype: str) -> dict[str, NDArray[Any]]:
    stored = {}
    for name, values in weights.items():
        if not np.isfinite(values).all():
            raise ModelFileError(
                f"The weights {name} hold NaN or infinite values: the training diverged. Fit with "
                "a lower learning_rate."
            )
        with np.errstate(over="ignore"):
            stored[name] = values.astype(dtype)
        if not np.isfinite(stored[name]).all():
            raise ModelFileError(
                f"The weights {name} reach {np.abs(values).max():.3g}, but float16 holds at most "
                '65,504. Save with dtype="float32".'
            )
    return stored


def _restored(tensors: Mapping[str, NDArray[Any]], dtype: str) -> dict[str, NDArray[np.float32]]:
    for name, values in tensors.items():
        if values.dtype != dtype:
            raise ModelFileError(f"the weights {name} are {values.dtype}, but expected {dtype}.")
        if not np.isfinite(values).all():
            raise ModelFileError(f"the weights {name} hold NaN or infinite values.")
    return {name: values.astype(np.float32, copy=False) for name, values in tensors.items()}
