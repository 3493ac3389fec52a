"""The state of a fit in a file, so that an interrupted one can go on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.writing import replacing
from ferclassifier._utils.wording import in_words
from ferclassifier.exceptions import CheckpointError

# A text to show, empty where there is none that a reader would know, and a digest to compare.
Part = tuple[str, str]
Fingerprint = dict[str, Part]

_ARRAYS = ("state", "best_weights")


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
    fingerprint : dict of str to (str, str)
        What tells this fit from others.
    """

    def __init__(self, path: Path, fingerprint: Fingerprint) -> None:
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
            fingerprint = {
                name: (str(shown), str(digest))
                for name, (shown, digest) in json.loads(metadata["fingerprint"]).items()
            }
        except (
            SafetensorError,
            OSError,
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            RecursionError,
        ) as error:
            raise CheckpointError(
                f"{self._path}: this file is no checkpoint ({error}). Remove it, or choose "
                "another name."
            ) from error
        if found := what_differs(self._fingerprint, fingerprint):
            raise CheckpointError(
                f"{self._path}: this checkpoint is of another fit: {found}. Give fit "
                "what it was given then, remove the file to begin anew, or choose another name."
            )
        return progress

    def write(self, progress: Progress) -> None:
        """Put the progress into the file, in place of what it held."""
        from safetensors.numpy import save

        facts = {name: value for name, value in vars(progress).items() if name not in _ARRAYS}
        metadata = {
            "fingerprint": json.dumps(self._fingerprint),
            "progress": json.dumps(facts),
        }
        arrays = {
            f"{kind}.{i:05d}": np.asarray(value, order="C")
            for kind in _ARRAYS
            for i, value in enumerate(getattr(progress, kind))
        }
        with replacing(self._path) as file:
            file.write(save(arrays, metadata))

    def end(self) -> None:
        """Delete the file, as the fit is complete; within `kept_until_done`, at its end."""
        if (kept := _kept.get()) is not None:
            kept.append(self)
        else:
            self._path.resolve().unlink(missing_ok=True)


_kept: ContextVar[list[Checkpoint] | None] = ContextVar("kept checkpoints", default=None)


@contextmanager
def kept_until_done() -> Iterator[None]:
    """Keep the checkpoints of complete fits until what is made of these has been written.

    If that fails, or the process is killed before, the files stay, and the same fits find in them
    that there is nothing left to train.
    """
    kept: list[Checkpoint] = []
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
    for checkpoint in kept:
        checkpoint.end()


def what_differs(now: Mapping[str, Part], then: Mapping[str, Part]) -> str:
    """Say what two fits or searches differ in; empty if in nothing."""
    found = []
    for name in dict.fromkeys([*now, *then]):
        if name not in then:
            found.append(f"{name} is given, and was not")
        elif name not in now:
            found.append(f"{name} was given, and is not")
        elif now[name] != then[name]:
            shown, shown_then = now[name][0], then[name][0]
            is_telling = shown and shown_then and shown != shown_then
            found.append(
                f"{name} is {shown}, and was {shown_then}" if is_telling else f"{name} is another"
            )
    return in_words(found) if found else ""
