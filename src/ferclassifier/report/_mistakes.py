"""The most confident mistakes of a classifier, with what it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier.inspection._mistakes import most_confident_mistakes
from ferclassifier.inspection._overlay import overlay
from ferclassifier.inspection._pictures import pictures_for
from ferclassifier.inspection._saliency import Method, best_method, saliency


@dataclass(frozen=True, eq=False)
class Mistake:
    """An image that the model is wrong about.

    Attributes
    ----------
    index : int
        Its position in the data.
    name : str
        What it is called.
    true, predicted : str
    probability : float
        Of the predicted class.
    probability_of_label : float
    views : list of (ndarray, str)
        The image, and the image under its saliency.
    """

    index: int
    name: str
    true: str
    predicted: str
    probability: float
    probability_of_label: float
    views: Sequence[tuple[NDArray[np.uint8], str]]

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {name: value for name, value in vars(self).items() if name != "views"}


def find_mistakes(
    estimator: Any,
    X: Any,
    codes: NDArray[np.intp],
    proba: NDArray[Any],
    *,
    names: Sequence[str],
    n: int,
    method: Method | Literal["auto"] | None,
    image_shape: Sequence[int] | None,
    positions: NDArray[np.intp],
    image_names: Sequence[str] | None,
) -> tuple[list[Mistake], Method | None]:
    """Bring together what is shown of the most confident mistakes.

    Parameters
    ----------
    estimator : estimator
    X : array-like
        The images, as the estimator takes them.
    codes : ndarray of shape (n_images,), int
        The place of each label among the classes.
    proba : ndarray of shape (n_images, n_classes)
    names : sequence of str
        What the classes are called.
    n : int
        How many mistakes at most.
    method : {"auto", "gradcam", "gradient", "occlusion"} or None
        How they are explained. See `saliency`.
    image_shape : sequence of int or None
    positions : ndarray of shape (n_images,), int
        Where the images stand in the data.
    image_names : sequence of str or None
        Of all the data. None calls images by their positions.

    Returns
    -------
    mistakes : list of Mistake
    method : str or None
        How they were explained.
    """
    chosen = most_confident_mistakes(codes, proba, classes=range(len(names)), n=n)
    if not len(chosen):
        return [], None
    few = safe_indexing(X, chosen)
    pictures = pictures_for(estimator, few, image_shape)
    used = best_method(estimator) if method == "auto" else method
    overlays = None
    if used is not None:
        overlays = overlay(pictures, saliency(estimator, few, used, image_shape=image_shape))
    mistakes = []
    for place, index in enumerate(chosen):
        true, predicted = codes[index], proba[index].argmax()
        position = int(positions[index])
        views = [(pictures[place], f"{names[predicted]} to the model, labelled {names[true]}")]
        if overlays is not None:
            views.append((overlays[place], f"what speaks for {names[predicted]}"))
        name = f"image {position}" if image_names is None else image_names[position]
        mistakes.append(
            Mistake(
                index=position,
                name=name,
                true=names[true],
                predicted=names[predicted],
                probability=float(proba[index, predicted]),
                probability_of_label=float(proba[index, true]),
                views=views,
            )
        )
    return mistakes, used
