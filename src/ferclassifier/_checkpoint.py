"""The state of a fit in a file, so that an interrupted one can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._image_files import ImageFiles
from ferclassifier._writing import replacing
from ferclassifier.exceptions import CheckpointError

_ARRAYS = ("state", "best_weights")
_COMPARED_IMAGES = 100
_WITHOUT_EFFECT = {"callbacks", "checkpoint", "test_time_augmentation", "verbose"}


@dataclass
class Progress:
    """How far a fit has come.

    Attributes
    ----------
    epochs : int
        Epochs that are complete.
    is_stopped : bool
        Whether no more are to follow.
    seeds : list of int
        Seeds of the weights, of the order of the images and of the validation part.
    history : dict of str to list of float
    memories : dict of str to dict
        What the callbacks that watch the scores remember, by their names.
    state : list of ndarray
        Weights, the optimizer's state and random states.
    best_weights : list of ndarray
        Weights of the best epoch; empty where none are kept.
    """

    epochs: int
    is_stopped: bool
    seeds: list[int]
    history: dict[str, list[float]]
    memories: dict[str, Any]
    state: list[NDArray[Any]] = field(repr=False)
    best_weights: list[NDArray[Any]] = field(repr=False)


class Checkpoint:
    """A file that holds the progress of one fit.

    Parameters
    ----------
    path : Path
    fingerprint : str
        What tells this fit from others.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._fingerprint = fingerprint

    def read(self) -> Progress | None:
        """Return the progress in the file; None if there is no file.

        Raises
        ------
        CheckpointError
            If the file is no checkpoint, or one of another fit.
        FileNotFoundError
            If there is no folder to write it to.
        """
        if not self._path.parent.is_dir():
            raise FileNotFoundError(f"{self._path}: there is no folder {self._path.parent}.")
        if not self._path.exists():
            return None
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._path, framework="numpy") as file:
                metadata = file.metadata() or {}
                arrays: dict[str, Any] = {
                    kind: [file.get_tensor(name) for name in sorted(file.keys()) if kind in name]
                    for kind in _ARRAYS
                }
            progress = Progress(**json.loads(metadata["progress"]), **arrays)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise CheckpointError(
                f"{self._path}: this file is no checkpoint ({error}). Remove it, or choose "
                "another name."
            ) from error
        if metadata.get("fingerprint") != self._fingerprint:
            raise CheckpointError(
                f"{self._path}: this checkpoint is of a fit with other parameters or other data. "
                "Remove it to begin anew, or choose another name."
            )
        return progress

    def write(self, progress: Progress) -> None:
        """Put the progress into the file, in place of what it held."""
        from safetensors.numpy import save

        facts = {name: value for name, value in vars(progress).items() if name not in _ARRAYS}
        metadata = {"fingerprint": self._fingerprint, "progress": json.dumps(facts)}
        arrays = {
            f"{kind}.{i:05d}": np.asarray(value, order="C")
            for kind in _ARRAYS
            for i, value in enumerate(getattr(progress, kind))
        }
        with replacing(self._path) as file:
            file.write(save(arrays, metadata))

    def remove(self) -> None:
        """Delete the file: the fit is complete."""
        self._path.unlink(missing_ok=True)


def fingerprint_of(
    params: Mapping[str, Any],
    images: NDArray[Any] | ImageFiles,
    targets: NDArray[Any],
    weights: NDArray[Any] | None = None,
) -> str:
    """Return what tells a fit from one with other parameters or other data.

    Parameters
    ----------
    params : mapping of str to object
        The estimator's parameters.
    images : ndarray of shape (n, height, width, channels), or ImageFiles
        A hundred of them are looked at.
    targets : ndarray of shape (n,) or (n, n_classes)
    weights : ndarray of shape (n,), default=None

    Returns
    -------
    fingerprint : str
    """
    digest = hashlib.sha256()
    for name in sorted(set(params) - _WITHOUT_EFFECT):
        digest.update(f"{name}={_described(params[name])};".encode())
    rows = np.unique(np.linspace(0, len(images) - 1, _COMPARED_IMAGES).astype(int))
    for values in (images[rows], targets, *([] if weights is None else [weights])):
        digest.update(f"{values.shape}{values.dtype}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _described(value: Any) -> str:
    if hasattr(value, "get_config"):
        return f"{type(value).__name__}{value.get_config()}"
    if callable(value):
        return f"{value.__module__}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    if isinstance(value, np.random.RandomState):
        return "RandomState"  # its seed is in the file
    return repr(value)
