"""The scores of a search in a file, so that an interrupted one can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ferclassifier._files.checkpoint import Fingerprint, what_differs
from ferclassifier._files.writing import replacing
from ferclassifier.exceptions import CheckpointError

_KIND = "ferclassifier search"


@dataclass(frozen=True)
class FoldScore:
    """How well one fit does on some images.

    Attributes
    ----------
    fit : str
        What tells the fit from the others of the search: its parameters and its images.
    images : str
        What tells the images that were scored from others: halving scores those of the fit, too.
    candidate : str
        What tells its candidate from others.
    score : float
    fit_seconds : float
    """

    fit: str
    images: str
    candidate: str
    score: float
    fit_seconds: float


class SearchScores:
    """A file with a line for each score of one search, after a first line that says of which.

    Several processes may add lines at once. A line of which the end is missing, as its process was
    killed or the disk was full, is none.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, fingerprint: Fingerprint) -> int:
        """Write the first line, or compare it.

        Parameters
        ----------
        fingerprint : dict of str to (str, str)
            What tells this search from others.

        Returns
        -------
        n_fits : int
            How many stand there already.

        Raises
        ------
        CheckpointError
            If the file is no such file, or one of another search.
        OSError
            If nothing can be written there.
        """
        if not self._path.exists():
            with replacing(self._path) as file:
                file.write(_line({"kind": _KIND, "fingerprint": fingerprint}))
            return 0
        known = self._fingerprint()
        if found := what_differs(fingerprint, known):
            raise CheckpointError(
                f"{self._path}: this checkpoint is of another search: {found}. Give what was given "
                "then, remove the file to begin anew, or choose another name."
            )
        os.close(os.open(self._path, os.O_WRONLY | os.O_APPEND))  # whether it can be added to
        return len({score.fit for score in self.all()})

    def all(self) -> Iterator[FoldScore]:
        """Yield what stands there.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        with self._path.open("rb") as file:
            file.readline()
            for line in file:
                try:
                    yield FoldScore(**json.loads(line))
                except (RecursionError, TypeError, ValueError):
                    continue

    def add(self, score: FoldScore) -> None:
        """Write the line of a score, in a file that has a first line.

        Raises
        ------
        OSError
            If it cannot be written, or not whole.
        """
        # Without O_CREAT: what another process has removed, as the search is over, stays away.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        try:
            # The line end before it ends what somebody has left half.
            rest = b"\n" + _line(asdict(score))
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """Delete the file: the search is complete."""
        self._path.resolve().unlink(missing_ok=True)

    def _fingerprint(self) -> Fingerprint:
        with self._path.open("rb") as file:
            line = file.readline()
        try:
            first = json.loads(line)
            if first["kind"] != _KIND:
                raise ValueError(f"kind {first['kind']!r}")
            return {name: (str(a), str(b)) for name, (a, b) in first["fingerprint"].items()}
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{self._path}: this file is no checkpoint of a search ({error}). Remove it, or "
                "choose another name."
            ) from error


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"
