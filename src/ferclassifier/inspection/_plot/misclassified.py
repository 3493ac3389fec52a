"""The faces that a classifier is wrong about, and surest of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length

from ferclassifier._utils.counts import check_count
from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier.images._containers import count_in
from ferclassifier.images._displayable import displayable
from ferclassifier.inspection._class_names import class_names
from ferclassifier.inspection._mistakes import most_confident_mistakes
from ferclassifier.inspection._pictures import pictures_for
from ferclassifier.inspection._plot.face_grid import FaceGridDisplay, prediction_caption
from ferclassifier.inspection._plot.figures import new_axes, say
from ferclassifier.inspection._predictions import predicted_probabilities
from ferclassifier.metrics._columns import classes_of_columns
from ferclassifier.metrics._label_column import label_column

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes

_NO_IMAGES = np.zeros((0, 1, 1), dtype=np.uint8)


class MisclassifiedDisplay:
    """The mistakes that a classifier is surest of, in a grid.

    Use :meth:`from_estimator` or :meth:`from_predictions` to create one. All parameters are stored
    as attributes.

    Parameters
    ----------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
        The faces.
    y_true : sequence of str
        What each of them is.
    y_pred : sequence of str
        What each of them is taken for.
    y_proba : array-like of shape (n,), in [0, 1]
        The probability of that.
    indices : array-like of shape (n,), int, default=None
        The position of each face in the data that it was taken from.
    maps : ndarray of shape (n, height, width), in [0, 1], default=None
        Saliency that is painted over the faces.

    Attributes
    ----------
    images_ : list of AxesImage
        The faces.
    captions_ : list of Text
        What stands below them, cut where there is no room.
    ax_ : Axes
        The axes that hold the grid.
    figure_ : Figure
        The figure that holds the axes.

    See Also
    --------
    FaceGridDisplay : Any faces, right and wrong.
    most_confident_mistakes : The choice of faces alone.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import MisclassifiedDisplay
    >>> X, y = make_faces(300, n_classes=3, noise=1.0, random_state=0)
    >>> rows = X.reshape(300, -1) / 255
    >>> clf = LogisticRegression(C=0.01).fit(rows[:100], y[:100])
    >>> display = MisclassifiedDisplay.from_estimator(clf, rows[100:], y[100:], n_faces=8)
    >>> len(display.indices)
    8
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        y_true: Sequence[str],
        y_pred: Sequence[str],
        y_proba: ArrayLike,
        *,
        indices: ArrayLike | None = None,
        maps: NDArray[Any] | None = None,
    ) -> None:
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred
        self.y_proba = y_proba
        self.indices = indices
        self.maps = maps

    def plot(
        self,
        *,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the faces, or say that there are none.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        n_columns : int, default=8
            Faces in a row at most.
        im_kw : dict, default=None
            Keywords of ``Axes.imshow``.
        text_kw : dict, default=None
            Keywords of ``Axes.text``.

        Returns
        -------
        self : MisclassifiedDisplay

        Raises
        ------
        ValueError
            If there are not as many labels as faces, or `n_columns` is less than 1.
        ImportError
            If Matplotlib is not installed.
        """
        from ferclassifier.inspection._overlay import overlay

        check_consistent_length(self.images, self.y_true, self.y_pred, self.y_proba)
        if not len(self.images):
            self.images_, self.captions_ = [], []
            self.ax_ = new_axes((4.0, 1.5)) if ax is None else ax
            self.figure_ = self.ax_.figure
            say(self.ax_, "No mistakes to show")
            return self
        said = zip(self.y_pred, np.asarray(self.y_proba), self.y_true, strict=True)
        grid = FaceGridDisplay(
            self.images if self.maps is None else overlay(self.images, self.maps),
            captions=[prediction_caption(*words) for words in said],
        ).plot(ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw)
        self.images_, self.captions_ = grid.images_, grid.captions_
        self.ax_, self.figure_ = grid.ax_, grid.figure_
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        n_faces: int | None = 24,
        true: Any = None,
        predicted: Any = None,
        saliency: Literal["auto", "gradcam", "gradient", "occlusion"] | None = None,
        display_labels: ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the mistakes that a classifier is surest of.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `predict_proba`, or a pipeline or a search around one.
        X : array-like
            Images as the estimator takes them, or what :func:`~ferclassifier.images.read_image`
            takes, of which those that are shown are decoded once more.
        y : array-like of shape (n,)
            Their labels.
        n_faces : int >= 1, default=24
            How many faces to draw at most; None draws all mistakes.
        true : label, default=None
            Only faces that are of this class.
        predicted : label, default=None
            Only faces that are taken for this class.
        saliency : {"auto", "gradcam", "gradient", "occlusion"} or None, default=None
            Paint over the faces where the classifier looked; see
            :func:`~ferclassifier.inspection.saliency`.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in the order of ``estimator.classes_``.
        image_shape : sequence of (height, width) or (height, width, channels), default=None
            Shape of rows, and of what is decoded. None takes the one that the estimator was fitted
            on, if it remembers it, and otherwise a square for rows, 48 x 48 for what is decoded.
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        n_columns : int, default=8
            Faces in a row at most.
        im_kw : dict, default=None
            Keywords of ``Axes.imshow``.
        text_kw : dict, default=None
            Keywords of ``Axes.text``.

        Returns
        -------
        display : MisclassifiedDisplay

        Raises
        ------
        ValueError
            If `estimator` is no classifier with `predict_proba`, has no such saliency, or does not
            know a label, or `n_faces` is less than 1.
        """
        check_count(n_faces, "n_faces", least=1, none="all mistakes")
        y_proba, classes = predicted_probabilities(estimator, X)
        indices = most_confident_mistakes(
            y, y_proba, classes=classes, n=n_faces, true=true, predicted=predicted
        )
        images, maps = _NO_IMAGES, None
        if len(indices):
            few = safe_indexing(X, indices)
            images = pictures_for(estimator, few, image_shape)
            maps = _maps(estimator, few, saliency, image_shape)
        words = _words(y, y_proba, classes, indices, display_labels)
        display = cls(images, *words, indices=indices, maps=maps)
        return display.plot(ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw)

    @classmethod
    def from_predictions(
        cls,
        X: ArrayLike,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        n_faces: int | None = 24,
        true: Any = None,
        predicted: Any = None,
        display_labels: ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the mistakes of the highest probability.

        Parameters
        ----------
        X : array-like
            Images in any form, or what :func:`~ferclassifier.images.read_image` takes, of which
            those that are shown are decoded.
        y_true : array-like of shape (n,)
            The true labels.
        y_proba : array-like of shape (n, n_classes), in [0, 1]
            Predicted probabilities; rows sum to 1 within 1e-3.
        classes : array-like of shape (n_classes,), default=None
            The labels of the columns. None takes the names of the columns of a DataFrame, or else
            the sorted labels of `y_true`, but not codes that may be counted in another order.
        n_faces : int >= 1, default=24
            How many faces to draw at most; None draws all mistakes.
        true : label, default=None
            Only faces that are of this class.
        predicted : label, default=None
            Only faces that are taken for this class.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in the order of the columns.
        image_shape : sequence of (height, width) or (height, width, channels), default=None
            Shape of rows, and of what is decoded. None takes a square for rows, 48 x 48
            for what is decoded.
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        n_columns : int, default=8
            Faces in a row at most.
        im_kw : dict, default=None
            Keywords of ``Axes.imshow``.
        text_kw : dict, default=None
            Keywords of ``Axes.text``.

        Returns
        -------
        display : MisclassifiedDisplay

        Raises
        ------
        ValueError
            If there are no images, or if they, labels, probabilities, classes and their names do
            not go together, or `n_faces` is less than 1.
        """
        check_count(n_faces, "n_faces", least=1, none="all mistakes")
        count_in(X)
        check_consistent_length(X, y_true, y_proba)
        classes = classes_of_columns(y_proba, classes, label_column(y_true))
        indices = most_confident_mistakes(
            y_true, y_proba, classes=classes, n=n_faces, true=true, predicted=predicted
        )
        images = _NO_IMAGES
        if len(indices):
            images = displayable(safe_indexing(X, indices), image_shape)
        words = _words(y_true, np.asarray(y_proba), classes, indices, display_labels)
        display = cls(images, *words, indices=indices)
        return display.plot(ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw)


def _words(
    y_true: ArrayLike,
    y_proba: NDArray[Any],
    classes: NDArray[Any],
    indices: NDArray[np.intp],
    display_labels: ArrayLike | None,
) -> tuple[list[str], list[str], NDArray[Any]]:
    """Return what each of some images is, what it is taken for, and how surely."""
    name_of = dict(zip(classes.tolist(), class_names(classes, display_labels), strict=True))
    true = label_column(y_true)[indices].tolist()
    predicted = classes[y_proba[indices].argmax(axis=1)].tolist()
    return (
        [name_of[label] for label in true],
        [name_of[label] for label in predicted],
        y_proba[indices].max(axis=1),
    )


def _maps(
    estimator: Any, images: Any, method: Any, image_shape: Sequence[int] | None
) -> NDArray[np.float32] | None:
    from ferclassifier.inspection._saliency import saliency

    return None if method is None else saliency(estimator, images, method, image_shape=image_shape)
