"""Which of a model's classes the labels of data are, however either of them is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ferclassifier._cli.printing import print_warning
from ferclassifier._utils.emotions import EMOTIONS, code_in, emotion_of, meaning_of
from ferclassifier._utils.wording import in_words, percent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_NAMED = 10


@dataclass(frozen=True)
class ClassNames:
    """The classes of a model, by names in which data are labelled too.

    Parameters
    ----------
    names : ndarray of shape (n_classes,), str
        In the order of the model's classes.
    places : ndarray of shape (n_images,), int
        The class of each image.
    are_codes : bool
        Whether the model has codes, which were taken for FER-2013's.
    """

    names: NDArray[np.str_]
    places: NDArray[np.intp]
    are_codes: bool

    def check_codes(self, confusion_matrix: NDArray[Any]) -> None:
        """Refuse a model whose codes are clearly counted in the order of the alphabet.

        Parameters
        ----------
        confusion_matrix : ndarray of shape (n_classes, n_classes)
            Numbers of images: rows are true, columns predicted.
        """
        import numpy as np

        from ferclassifier.metrics._columns import is_clearly_better, other_order

        order = other_order(np.arange(len(EMOTIONS)))
        if not self.are_codes or order is None or len(confusion_matrix) != len(order):
            return
        if is_clearly_better(confusion_matrix, order):
            right = np.trace(confusion_matrix), confusion_matrix[order, range(len(order))].sum()
            as_told, sorted_by_name = (percent(n / confusion_matrix.sum()) for n in right)
            raise click.ClickException(
                f"The model answers codes. Taken for FER-2013's, {as_told} of the images are "
                f"recognised; counted in the order of the alphabet, {sorted_by_name}: it was "
                "fitted on other codes. Fit it on names, which the loaders have in target."
            )


def find_class_names(classes: NDArray[Any], labels: NDArray[np.str_], data: Path) -> ClassNames:
    """Find the class of each label, and warn of what was taken for what.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Of the model: names, or numbers.
    labels : ndarray of shape (n_images,), str
    data : Path
        Where the labels are from.

    Raises
    ------
    ClickException
        If there are labels that the model does not know.
    """
    import numpy as np

    codes = [code_in(label) for label in classes.tolist()]
    names = [
        str(label if code is None or isinstance(label, str) else code)
        for label, code in zip(classes.tolist(), codes, strict=True)
    ]
    given, of_image = np.unique(labels, return_inverse=True)
    are_codes = (
        set(codes) <= set(range(len(EMOTIONS)))
        and not set(given.tolist()) <= set(names)
        and all(map(emotion_of, given.tolist()))
    )
    if are_codes:
        emotions = [EMOTIONS[code] for code in codes if code is not None]
        told = ", ".join(map(" ".join, zip(names, emotions, strict=True)))
        print_warning(f"The model answers codes, which are taken for FER-2013's: {told}.")
        names = emotions
    meant = {name: _place_of(name, names) for name in given.tolist()}
    unknown = [name for name, place in meant.items() if place is None]
    if unknown:
        raise click.ClickException(
            f"{data}: the model does not know the class {_listed(unknown, ', nor ')}, but only "
            f"{', '.join(names)}."
        )
    places = np.array([place for place in meant.values() if place is not None], dtype=np.intp)
    taken = [
        f"{name} for {names[place]}"
        for name, place in zip(meant, places, strict=True)
        if name != names[place]
    ]
    if taken:
        print_warning(f"{data}: classes are taken for the model's: {in_words(taken, _MOST_NAMED)}.")
    return ClassNames(np.array(names), places[of_image], are_codes)


def _place_of(name: str, names: list[str]) -> int | None:
    """Return the place of a name, as it is or else as the only one in another spelling."""
    if name in names:
        return names.index(name)
    alike = [place for place, other in enumerate(names) if meaning_of(other) == meaning_of(name)]
    return alike[0] if len(alike) == 1 else None


def _listed(names: list[str], between: str) -> str:
    return between.join(names[:_MOST_NAMED]) + ", ..." * (len(names) > _MOST_NAMED)
