"""To which group each image belongs, checked once for all scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ferclassifier._utils.wording import count
from ferclassifier.exceptions import DataError
from ferclassifier.metrics._label_column import label_column

# Of more, there is no reading the scores: groups are bands of ages then, not ages.
_MOST_GROUPS = 100


@dataclass(frozen=True, eq=False)
class ImageGroups:
    """The group of each image.

    Attributes
    ----------
    codes : ndarray of shape (n,), int
        The place of each image's group in `names`, -1 where it is not known.
    names : list of n_groups labels
    """

    codes: NDArray[np.intp]
    names: list[Any]

    @classmethod
    def of(cls, groups: Any, n_images: int, rows: NDArray[np.intp]) -> ImageGroups:
        """Check what a user gave.

        Parameters
        ----------
        groups : array-like of shape (n_images,)
            See `emotion_report`, also for what is raised.
        n_images : int
            As many as were given.
        rows : ndarray of shape (n,), int
            The images that count.
        """
        column = groups if _is_categorical(groups) else label_column(groups, name="groups")
        if len(column) != n_images:
            raise DataError(
                f"Got {count(len(column), 'group')} for {count(n_images, 'image')}. Give the group "
                "of each image, and None where it is not known."
            )
        # Not as texts of pandas, which hold no names of folders that are no UTF-8.
        values = pd.Series(np.asarray(column, dtype=object)[rows], dtype=object)
        known = ~(values.isna() | (values == "")).to_numpy()
        names = _in_order(column, values[known].unique().tolist())
        if not names:
            raise DataError(
                "Got groups of which none is known: all are None, NaN or empty. Leave groups out, "
                "or give the group of some images."
            )
        if len(names) > _MOST_GROUPS:
            raise DataError(
                f"Got {len(names):,} groups, but expected {_MOST_GROUPS} at most. Put numbers, "
                "such as ages, into bands: pandas.cut makes them."
            )
        place = {name: code for code, name in enumerate(names)}
        codes = np.full(len(values), -1, dtype=np.intp)
        codes[known] = [place[value] for value in values[known]]
        return cls(codes, names)

    def take(self, rows: NDArray[Any]) -> ImageGroups:
        """Return those of some of the images, by a mask or by their places."""
        return replace(self, codes=self.codes[rows])


def _is_categorical(groups: Any) -> bool:
    return isinstance(getattr(groups, "dtype", None), pd.CategoricalDtype)


def _in_order(column: Any, names: list[Any]) -> list[Any]:
    """Sort names of groups: by their categories if they have any, so that bands stay in order."""
    if _is_categorical(column):
        found = set(names)
        return [name for name in column.dtype.categories if name in found]
    try:
        return sorted(names)
    except TypeError:  # texts beside numbers
        return sorted(names, key=str)
