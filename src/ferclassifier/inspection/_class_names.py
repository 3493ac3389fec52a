"""What to call classes where people read of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ferclassifier._utils.printable import printable


def class_names(classes: ArrayLike, display_labels: ArrayLike | None) -> list[str]:
    """Name classes: by themselves, or as the user says.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
    display_labels : array-like of shape (n_classes,), or None

    Returns
    -------
    names : list of str
        In the order of `classes`.

    Raises
    ------
    ValueError
        If the names are not as many as the classes, not different, or the classes themselves in
        another order, which would call one class by the name of another.
    """
    own = [str(label) for label in np.asarray(classes).tolist()]
    if display_labels is None:
        return own
    names = [str(name) for name in np.ravel(np.asarray(display_labels)).tolist()]
    if len(names) != len(own) or len(set(names)) != len(names):
        raise ValueError(
            f"Got display_labels={_listed(names)}, but expected {len(own)} different names, one "
            f"for each of the classes {_listed(own)}, in their order."
        )
    if names != own and sorted(names) == sorted(own):
        raise ValueError(
            f"Got display_labels={_listed(names)}, which are the classes in another order than "
            f"theirs, {_listed(own)}: names would be swapped. Leave display_labels out."
        )
    return names


def _listed(names: list[str], n_shown: int = 10) -> str:
    more = ", ..." if len(names) > n_shown else ""
    return f"[{', '.join(map(printable, names[:n_shown]))}{more}]"
