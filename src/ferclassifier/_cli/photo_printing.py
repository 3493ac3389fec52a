"""What is printed of photos: a line for each face, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ferclassifier._cli.printing import JsonList, say
from ferclassifier._utils.printable import printable
from ferclassifier.photos._rows import COLUMNS, Outcome, rows_of

if TYPE_CHECKING:
    from ferclassifier.photos._rows import FoundFace

_WIDEST = 60


class Lines:
    """Prints a line for each face.

    Parameters
    ----------
    classes : sequence of str or number
    width : int
        Of the names of photos, as far as it is known.
    with_all : bool
        Whether to print the probabilities of all classes.
    """

    prints = True

    def __init__(self, classes: Sequence[Any], width: int, with_all: bool) -> None:
        self._names = [printable(name) for name in classes]
        self._width = min(_WIDEST, width)
        self._with_all = with_all

    def show(self, outcome: Outcome) -> None:
        """Print the faces of a photo that could be read."""
        if outcome.error:
            return
        path = printable(outcome.photo.name)
        self._width = max(self._width, min(_WIDEST, len(path)))
        if not outcome.faces:
            say(f"{path:<{self._width}}  no face")
        for face in outcome.faces:
            say(f"{path:<{self._width}}  {self._described(face)}")

    def end(self) -> None:
        """Do nothing: each line is whole."""

    def _described(self, face: FoundFace) -> str:
        shares = face.probabilities
        best = max(range(len(shares)), key=shares.__getitem__)
        text = f"{self._names[best]:<{max(map(len, self._names))}}  {shares[best]:.3f}"
        if face.box is not None:
            left, top, right, bottom = face.box
            text += f"  at {left},{top} to {right},{bottom}"
        if self._with_all:
            pairs = zip(self._names, shares, strict=True)
            text += "  " + "  ".join(f"{name} {share:.3f}" for name, share in pairs)
        return text


class JsonRows:
    """Prints a list of rows; those of photos that could not be read have a path and an error.

    Parameters
    ----------
    classes : sequence of str or number
    """

    prints = True

    def __init__(self, classes: Sequence[Any]) -> None:
        self._classes = classes
        self._list = JsonList()

    def show(self, outcome: Outcome) -> None:
        """Print the rows of a photo."""
        if outcome.error:
            self._list.add({"path": outcome.photo.name, "error": outcome.error})
            return
        for row in rows_of(outcome, self._classes):
            shares = [share for column, share in row.items() if column not in COLUMNS]
            self._list.add(
                {
                    **{column: row[column] for column in COLUMNS},
                    "label": row["emotion"],
                    "probabilities": None
                    if row["face"] is None
                    else dict(zip(map(str, self._classes), shares, strict=True)),
                }
            )

    def end(self) -> None:
        """Print the end of the list."""
        self._list.end()


class Nothing:
    """Prints nothing, where a table is written."""

    prints = False

    def show(self, outcome: Outcome) -> None:
        """Leave it to the table."""

    def end(self) -> None:
        """Leave it to the table."""
