"""A model on its way to a file and back: of which kind it is, what it is, and its weights."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.container import check_model_name, read_model_file, write_model_file
from ferclassifier._files.schema import anything, mapping_of, one_of, optional, record, text
from ferclassifier._version import __version__
from ferclassifier.exceptions import ModelFileError

# The classes of models, by name alone: what they are is none of a file's business.
KINDS = ("FERClassifier", "FERVotingClassifier")

_DTYPES = ("float32", "float16")
_PACKAGES = ("keras", "numpy", "safetensors", "scikit-learn")
_MANIFEST = record(
    kind=one_of(*KINDS),
    dtype=one_of(*_DTYPES),
    versions=mapping_of(text),
    metadata=optional(text),
    model=anything,
)


@dataclass(frozen=True)
class SavedModel:
    """What a file holds of a model.

    Attributes
    ----------
    path : Path
    kind : str
        One of `KINDS`.
    described : object
        What JSON has, not yet compared with what the kind expects.
    weights : dict of str to ndarray, float32
    """

    path: Path
    kind: str
    described: Any
    weights: dict[str, NDArray[np.float32]]


def write_model(
    path: Path,
    kind: str,
    described: Mapping[str, Any],
    weights: Mapping[str, NDArray[Any]],
    *,
    dtype: str,
    metadata: str | None,
) -> None:
    """Write a model whole, or leave what stands there alone.

    Parameters
    ----------
    path : Path
    kind : str
        One of `KINDS`.
    described : mapping of str to what JSON has
    weights : mapping of str to ndarray
    dtype : {"float32", "float16"}
        Type of the weights in the file.
    metadata : str or None
        Text to keep with the model.

    Raises
    ------
    ModelFileError
        If the name is that of another kind of file, the weights are not finite, or a value is not
        valid.
    OSError
        If nothing can be written there.
    """
    manifest = {
        "kind": kind,
        "dtype": dtype,
        "versions": _versions(),
        "metadata": metadata,
        "model": described,
    }
    check_model_name(path)
    _MANIFEST(manifest, "the manifest")
    write_model_file(path, manifest, _stored(weights, dtype))


def read_model(path: Path) -> SavedModel:
    """Read what `write_model` wrote, as far as it is the same for all kinds.

    Parameters
    ----------
    path : Path

    Returns
    -------
    saved : SavedModel

    Raises
    ------
    ModelFileError
        If the file is of another kind, damaged, or no model.
    OSError
        If there is no file, or it cannot be read.
    """
    with blamed_on(path):
        manifest, tensors = read_model_file(path)
        manifest = _MANIFEST(manifest, "the manifest")
        weights = _restored(tensors, manifest["dtype"])
    return SavedModel(path, manifest["kind"], manifest["model"], weights)


@contextmanager
def blamed_on(path: Path) -> Iterator[None]:
    """Let errors of what stands in a file name it."""
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ModelFileError(f"{path}: the manifest is nested too deeply.") from error


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
