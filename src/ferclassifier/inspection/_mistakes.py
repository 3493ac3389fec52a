"""The mistakes that a classifier is surest of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ferclassifier._utils.counts import check_count
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities


def most_confident_mistakes(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    n: int | None = None,
    true: Any = None,
    predicted: Any = None,
) -> NDArray[np.intp]:
    """Find the images that a classifier is wrong about, those it is surest of first.

    Parameters
    ----------
    y_true : array-like of shape (n_images,)
        The true labels.
    y_proba : array-like of shape (n_images, n_classes), in [0, 1]
        Predicted probabilities; rows sum to 1 within 1e-3.
    classes : array-like of shape (n_classes,), default=None
        The labels of the columns. None takes the names of the columns of a DataFrame, or else the
        sorted labels of `y_true`, but not codes that may be counted in another order.
    n : int >= 0, default=None
        At most so many; None finds all.
    true : label, default=None
        Only images that are of this class.
    predicted : label, default=None
        Only images that are taken for this class.

    Returns
    -------
    indices : ndarray of shape (n_mistakes,), int
        Positions of the images, by falling probability of the class that they are taken for, and
        in their order where it is equal.

    Raises
    ------
    ValueError
        If labels, probabilities and classes do not go together, there are no images, or `n` is
        less than 0.

    Examples
    --------
    >>> from ferclassifier.inspection import most_confident_mistakes
    >>> y_proba = [[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.2, 0.8]]
    >>> most_confident_mistakes(["fear", "fear", "sad", "fear"], y_proba).tolist()
    [3, 1, 2]
    """
    check_count(n, "n", least=0, none="all")
    data = LabelledProbabilities.of(y_true, y_proba, classes, None)
    is_wanted = data.predicted != data.codes
    if true is not None:
        is_wanted &= data.codes == _code_of("true", true, data.classes)
    if predicted is not None:
        is_wanted &= data.predicted == _code_of("predicted", predicted, data.classes)
    mistakes = np.flatnonzero(is_wanted)
    confidence = data.probabilities[mistakes, data.predicted[mistakes]]
    return mistakes[np.argsort(-confidence, kind="stable")][:n]


def _code_of(name: str, label: Any, classes: NDArray[Any]) -> int:
    return int(codes_of(np.array([label]), classes, name=name)[0])
