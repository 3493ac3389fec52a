"""Which trained models come with the package, and where their files lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FOLDER: Traversable = files("ferclassifier") / "pretrained" / "models"
_WEIGHTS = ".safetensors"
_ONNX = ".onnx"


def released_models() -> list[str]:
    """Return the names of the models, sorted."""
    if not _FOLDER.is_dir():
        return []
    names = (file.name for file in _FOLDER.iterdir())
    return sorted(name.removesuffix(".json") for name in names if name.endswith(".json"))


def facts_of(name: str) -> str:
    """Return the JSON that describes a model.

    Parameters
    ----------
    name : str
        One of `released_models`.
    """
    return (_FOLDER / f"{name}.json").read_text(encoding="utf-8")


def is_network(name: str) -> bool:
    """Whether a model, or a member of one, is a single network with a file of its own."""
    return (_FOLDER / f"{name}{_WEIGHTS}").is_file()


@contextmanager
def weights_of(name: str) -> Iterator[Path]:
    """Lend the file of a network, for as long as it is read.

    Parameters
    ----------
    name : str
        Of a model for which `is_network` holds, or of a member of one for which it does not.
    """
    with as_file(_FOLDER / f"{name}{_WEIGHTS}") as path:
        yield path


def released_onnx() -> list[str]:
    """Return the names of the models that come as an ONNX file too, sorted."""
    return [name for name in released_models() if (_FOLDER / f"{name}{_ONNX}").is_file()]


@contextmanager
def onnx_of(name: str) -> Iterator[Path]:
    """Lend the ONNX file of a model, for as long as it is read.

    Parameters
    ----------
    name : str
        One of `released_onnx`.
    """
    with as_file(_FOLDER / f"{name}{_ONNX}") as path:
        yield path


def networks() -> list[str]:
    """Return the names of all networks that have a file of their own, sorted."""
    if not _FOLDER.is_dir():
        return []
    names = (file.name for file in _FOLDER.iterdir())
    return sorted(name.removesuffix(_WEIGHTS) for name in names if name.endswith(_WEIGHTS))


def has_weights_of(name: str, weights: Mapping[str, NDArray[Any]]) -> bool:
    """Whether some weights are those of a released network, to the bit, or of some of its classes.

    Parameters
    ----------
    name : str
        One of `networks`.
    weights : mapping of str to ndarray, float32
    """
    from safetensors import safe_open

    with weights_of(name) as path, safe_open(path, framework="numpy") as file:
        return set(file.keys()) == set(weights) and all(
            _are_columns(values, file.get_tensor(one)) for one, values in weights.items()
        )


def _are_columns(values: NDArray[Any], stored: NDArray[Any]) -> bool:
    """Whether these are the stored ones, or some of their last axis, as of fewer classes."""
    if values.shape == stored.shape:
        return np.array_equal(values, stored)
    if values.shape[:-1] != stored.shape[:-1] or values.shape[-1:] > stored.shape[-1:]:
        return False
    same = values[..., :, np.newaxis] == stored[..., np.newaxis, :]
    return bool(same.reshape(-1, *same.shape[-2:]).all(axis=0).any(axis=1).all())


def training_digests() -> bytes:
    """Return 8 bytes of each image that the released models were trained on, in order.

    They are the first of :func:`ferclassifier.images._digest.image_digest`. There are none where
    the file is missing.
    """
    file = _FOLDER / "fer2013_training.bin"
    return file.read_bytes() if file.is_file() else b""


def expected(name: Any, names: list[str]) -> str:
    """Say which names there are, and which of them was probably meant: the end of a message.

    Parameters
    ----------
    name : object
        What was given instead.
    names : list of str

    Returns
    -------
    text : str
    """
    if not names:
        return "a released model, of which none came with this installation."
    close = get_close_matches(str(name), names, n=1)
    question = f" Did you mean {close[0]!r}?" if close else ""
    return f"one of the released models {names}.{question}"
