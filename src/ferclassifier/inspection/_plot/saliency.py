"""Faces under a map of what speaks for a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length

from ferclassifier.inspection._class_names import class_names
from ferclassifier.inspection._overlay import overlay
from ferclassifier.inspection._pictures import pictures_for
from ferclassifier.inspection._plot.face_grid import FaceGridDisplay, prediction_caption
from ferclassifier.inspection._predictions import predicted_probabilities
from ferclassifier.inspection._saliency import saliency
from ferclassifier.metrics._class_codes import codes_of
from ferclassifier.metrics._label_column import label_column

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes


class SaliencyDisplay:
    """Faces under a map of what speaks for a class.

    Use :meth:`from_estimator` to create one, or pass maps from
    :func:`~ferclassifier.inspection.saliency`. All parameters are stored as attributes.

    Parameters
    ----------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
        The faces.
    maps : ndarray of shape (n, height, width), in [0, 1]
        What is painted over them.
    captions : sequence of str, default=None
        What stands below each of them, in any number of lines.

    Attributes
    ----------
    images_ : list of AxesImage
        The faces under their maps; with `beside`, each face and then the same under its map.
    captions_ : list of Text
        What stands below them, cut where there is no room.
    ax_ : Axes
        The axes that hold the grid.
    figure_ : Figure
        The figure that holds the axes.

    See Also
    --------
    saliency : The maps alone.
    overlay : The painted faces as arrays.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import SaliencyDisplay
    >>> X, y = make_faces(200, n_classes=2, random_state=0)
    >>> rows = X.reshape(200, -1) / 255
    >>> clf = LogisticRegression(C=0.01).fit(rows[:196], y[:196])
    >>> display = SaliencyDisplay.from_estimator(clf, rows[196:], method="occlusion")
    >>> display.maps.shape
    (4, 48, 48)
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        maps: NDArray[Any],
        *,
        captions: Sequence[str] | None = None,
    ) -> None:
        self.images = images
        self.maps = maps
        self.captions = captions

    def plot(
        self,
        *,
        ax: Axes | None = None,
        n_columns: int = 8,
        beside: bool = False,
        alpha: float = 0.7,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the faces under their maps.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        n_columns : int, default=8
            Pictures in a row at most.
        beside : bool, default=False
            Draw each face as it is, too, to the left of the one under its map.
        alpha : float in [0, 1], default=0.7
            How far the colour covers the face where a map is 1.
        im_kw : dict, default=None
            Keywords of ``Axes.imshow``.
        text_kw : dict, default=None
            Keywords of ``Axes.text``.

        Returns
        -------
        self : SaliencyDisplay

        Raises
        ------
        DataError
            If there are no images, or not as many maps or captions of their size.
        ValueError
            If `n_columns` is less than 1, or less than 2 with `beside`.
        ImportError
            If Matplotlib is not installed.
        """
        pictures, captions = overlay(self.images, self.maps, alpha=alpha), self.captions
        if beside:
            if n_columns < 2:
                raise ValueError(f"Got n_columns={n_columns}, but expected 2 or more with beside.")
            n_columns -= n_columns % 2
            plain = overlay(self.images, np.zeros_like(self.maps))
            pictures = np.stack([plain, pictures], axis=1).reshape(-1, *pictures.shape[1:])
            if captions is not None:
                captions = [text for caption in captions for text in ("", caption)]
        grid = FaceGridDisplay(pictures, captions=captions).plot(
            ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw
        )
        self.images_, self.captions_ = grid.images_, grid.captions_
        self.ax_, self.figure_ = grid.ax_, grid.figure_
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        method: Literal["auto", "gradcam", "gradient", "occlusion"] = "auto",
        target: Any = None,
        display_labels: ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Axes | None = None,
        n_columns: int = 8,
        beside: bool = False,
        alpha: float = 0.7,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Explain faces and draw them, all that are given.

        Below each face stands the class that is explained and its probability, and on a second line
        the label, if that is another.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `predict_proba`, or a pipeline or a search around one.
        X : array-like
            Images as the estimator takes them, or what :func:`~ferclassifier.images.read_image`
            takes.
        y : array-like of shape (n,), default=None
            Their labels; None writes none.
        method : {"auto", "gradcam", "gradient", "occlusion"}, default="auto"
            See :func:`~ferclassifier.inspection.saliency`.
        target : label or array-like of shape (n,), default=None
            The class to be explained, one for all images or one for each; None explains the class
            that the estimator finds most probable.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in the order of ``estimator.classes_``.
        image_shape : sequence of (height, width) or (height, width, channels), default=None
            Shape of rows. None takes the one that the estimator was fitted on, if it remembers it,
            and otherwise a square.
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        n_columns : int, default=8
            Pictures in a row at most.
        beside : bool, default=False
            Draw each face as it is, too, to the left of the one under its map.
        alpha : float in [0, 1], default=0.7
            How far the colour covers the face where a map is 1.
        im_kw : dict, default=None
            Keywords of ``Axes.imshow``.
        text_kw : dict, default=None
            Keywords of ``Axes.text``.

        Returns
        -------
        display : SaliencyDisplay

        Raises
        ------
        ValueError
            If `estimator` is no classifier with `predict_proba` or has no such saliency, or if
            images, labels and names do not go together.
        """
        y_proba, classes = predicted_probabilities(estimator, X)
        maps = saliency(estimator, X, method, target=target, image_shape=image_shape)
        images = pictures_for(estimator, X, image_shape)
        captions = _captions(y_proba, classes, target, y, class_names(classes, display_labels))
        return cls(images, maps, captions=captions).plot(
            ax=ax, n_columns=n_columns, beside=beside, alpha=alpha, im_kw=im_kw, text_kw=text_kw
        )


def _captions(
    y_proba: NDArray[Any], classes: NDArray[Any], target: Any, y: Any, names: list[str]
) -> list[str]:
    """Write what is explained, how probable it is, and what it should have been."""
    if target is None:
        codes = y_proba.argmax(axis=1)
    else:
        codes = codes_of(np.broadcast_to(target, len(y_proba)), classes, name="target")
    labels: list[str | None] = [None] * len(codes)
    if y is not None:
        check_consistent_length(y_proba, y)
        name_of = dict(zip(classes.tolist(), names, strict=True))
        given = label_column(y).tolist()
        labels = [
            None if label == explained else name_of.get(label, str(label))
            for label, explained in zip(given, classes[codes].tolist(), strict=True)
        ]
    return [
        prediction_caption(names[code], chances[code], label)
        for code, chances, label in zip(codes, y_proba, labels, strict=True)
    ]
