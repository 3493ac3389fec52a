"""Faces side by side, with what a classifier makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length, check_random_state

from ferclassifier._utils.counts import check_count
from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier._utils.wording import percent
from ferclassifier.exceptions import DataError
from ferclassifier.images._containers import count_in
from ferclassifier.images._displayable import displayable
from ferclassifier.inspection._class_names import class_names
from ferclassifier.inspection._pictures import pictures_for
from ferclassifier.inspection._plot.figures import GREEN, VERMILLION, fitted_lines, merged_style
from ferclassifier.inspection._plot.grid import LINE_SPACING, FaceGrid
from ferclassifier.inspection._predictions import predicted_probabilities
from ferclassifier.metrics._columns import classes_of_columns, named_columns
from ferclassifier.metrics._label_column import label_column
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage
    from matplotlib.text import Text

# Of the width of a cell; type is set a little wider on a screen than its outlines are.
_SHARE_OF_CAPTION = 0.93
# Frames tell right from wrong without their colours.
_FRAME_OF_RIGHT = {"edgecolor": GREEN, "linestyle": "-", "linewidth": 1.2}
_FRAME_OF_WRONG = {"edgecolor": VERMILLION, "linestyle": (0, (3, 1.5)), "linewidth": 2.4}


class FaceGridDisplay:
    """Faces in a grid, with words below.

    Use :meth:`from_estimator`, :meth:`from_predictions` or :meth:`from_images` to create one. All
    parameters are stored as attributes.

    A face that is recognised has a thin, unbroken frame, one that is mistaken a thick, dashed one,
    and its label in a second line.

    Parameters
    ----------
    images : ndarray of shape (n, height, width) or (n, height, width, 3), uint8 in [0, 255]
        The faces that are shown.
    captions : sequence of str, default=None
        What stands below each of them, in any number of lines.
    is_right : array-like of shape (n,), bool, default=None
        Whether each face is recognised; None draws no frames.
    indices : array-like of shape (n,), int, default=None
        The position of each face in the data that it was taken from.

    Attributes
    ----------
    images_ : list of AxesImage
        The faces.
    captions_ : list of Text
        What stands below them, cut where there is no room.
    frames_ : list of Rectangle
        The frames, if any.
    ax_ : Axes
        The axes that hold the grid.
    figure_ : Figure
        The figure that holds the axes.

    See Also
    --------
    MisclassifiedDisplay : The mistakes that a classifier is surest of.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import FaceGridDisplay
    >>> X, y = make_faces(100, random_state=0)
    >>> display = FaceGridDisplay.from_images(X, y, n_faces=14, balanced=True, random_state=0)
    >>> display.captions[:3]
    ['angry', 'angry', 'disgust']
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        *,
        captions: Sequence[str] | None = None,
        is_right: ArrayLike | None = None,
        indices: ArrayLike | None = None,
    ) -> None:
        self.images = images
        self.captions = captions
        self.is_right = is_right
        self.indices = indices

    def plot(
        self,
        *,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the faces.

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
        self : FaceGridDisplay

        Raises
        ------
        DataError
            If there are no images, or not as many captions or marks.
        ValueError
            If `n_columns` is less than 1.
        ImportError
            If Matplotlib is not installed.
        """
        self._check()
        check_count(n_columns, "n_columns", least=1)
        grid = FaceGrid(self.images, self.captions, n_columns)
        if ax is not None:
            grid.fit_to(ax)
        self.ax_ = grid.axes() if ax is None else ax
        self.figure_ = self.ax_.figure
        self.images_: list[AxesImage] = []
        self.captions_: list[Text] = []
        self.frames_: list[Any] = []
        self._draw_faces(grid, im_kw)
        self._draw_frames(grid)
        self._draw_captions(grid, text_kw)
        grid.set_limits(self.ax_)
        return self

    def _check(self) -> None:
        if not len(self.images):
            raise DataError("Got no images, but expected at least one.")
        for name in ("captions", "is_right", "indices"):
            given: Any = getattr(self, name)
            if given is not None and len(given) != len(self.images):
                raise DataError(f"Got {len(given)} {name} for {len(self.images)} images.")

    def _draw_faces(self, grid: FaceGrid, im_kw: dict[str, Any] | None) -> None:
        from matplotlib.image import AxesImage

        style = merged_style({"cmap": "gray", "vmin": 0, "vmax": 255}, im_kw, AxesImage)
        for i, image in enumerate(self.images):
            left, top = grid.corner(i)
            extent = (left, left + grid.face_width, top + grid.face_height, top)
            self.images_.append(self.ax_.imshow(image, extent=extent, **style))

    def _draw_frames(self, grid: FaceGrid) -> None:
        from matplotlib.patches import Rectangle

        if self.is_right is None:
            return
        for i, is_right in enumerate(np.asarray(self.is_right)):
            style: dict[str, Any] = _FRAME_OF_RIGHT if is_right else _FRAME_OF_WRONG
            frame = Rectangle(
                grid.corner(i),
                grid.face_width,
                grid.face_height,
                fill=False,
                clip_on=False,
                **style,
            )
            self.frames_.append(self.ax_.add_patch(frame))

    def _draw_captions(self, grid: FaceGrid, text_kw: dict[str, Any] | None) -> None:
        from matplotlib.text import Text

        lines, font_size = fitted_lines(
            [line for caption in grid.captions for line in caption],
            72 * grid.unit_inches * grid.cell_width * _SHARE_OF_CAPTION,
            grid.font_size,
        )
        defaults = {
            "ha": "center",
            "va": "top",
            "fontsize": font_size,
            "linespacing": LINE_SPACING,
            "parse_math": False,
        }
        style = merged_style(merged_style({}, defaults, Text), text_kw, Text)
        for i, caption in enumerate(grid.captions):
            here, lines = lines[: len(caption)], lines[len(caption) :]
            self.captions_.append(self.ax_.text(*grid.below(i), "\n".join(here), **style))

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        n_faces: int | None = 24,
        balanced: bool = False,
        random_state: int | np.random.RandomState | None = None,
        display_labels: ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw some faces, with what a classifier makes of them.

        Only the faces that are shown are decoded and predicted.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `predict_proba`, or a pipeline or a search around one.
        X : array-like
            Images as the estimator takes them, or what :func:`~ferclassifier.images.read_image`
            takes.
        y : array-like of shape (n,), default=None
            Their labels; None draws no frames.
        n_faces : int >= 1, default=24
            How many faces to draw at most, chosen at random; None draws all.
        balanced : bool, default=False
            Choose as many faces of each class, ordered by class, at least one and `n_faces` in all
            at most; this needs `y`.
        random_state : int, RandomState instance or None, default=None
            Fixes the choice.
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
        display : FaceGridDisplay

        Raises
        ------
        ValueError
            If `estimator` is no classifier with `predict_proba`, if there are no images, or if
            they, the labels and their names do not go together, or `n_faces` is less than 1, or
            than the number of classes with `balanced`.
        """
        n_images, labels = count_in(X), _checked_labels(X, y)
        indices = _choose(n_images, labels, n_faces, balanced, random_state)
        few = safe_indexing(X, indices)
        y_proba, classes = predicted_probabilities(estimator, few)
        display = cls._of_predictions(
            pictures_for(estimator, few, image_shape),
            None if labels is None else labels[indices],
            y_proba,
            classes,
            display_labels,
            indices,
        )
        return display.plot(ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw)

    @classmethod
    def from_predictions(
        cls,
        X: ArrayLike,
        y_true: ArrayLike | None,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        n_faces: int | None = 24,
        balanced: bool = False,
        random_state: int | np.random.RandomState | None = None,
        display_labels: ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw some faces, with what was predicted of them.

        Parameters
        ----------
        X : array-like
            Images in any form, or what :func:`~ferclassifier.images.read_image` takes.
        y_true : array-like of shape (n,) or None
            The true labels; None draws no frames.
        y_proba : array-like of shape (n, n_classes), in [0, 1]
            Predicted probabilities; rows sum to 1 within 1e-3.
        classes : array-like of shape (n_classes,), default=None
            The labels of the columns. None takes the names of the columns of a DataFrame, or else
            the sorted labels of `y_true`, but not codes that may be counted in another order.
        n_faces : int >= 1, default=24
            How many faces to draw at most, chosen at random; None draws all.
        balanced : bool, default=False
            Choose as many faces of each class, ordered by class, at least one and `n_faces` in all
            at most; this needs `y_true`.
        random_state : int, RandomState instance or None, default=None
            Fixes the choice.
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
        display : FaceGridDisplay

        Raises
        ------
        ValueError
            If there are no images, or if they, labels, probabilities, classes and their names do
            not go together, or `n_faces` is less than 1, or than the number of classes with
            `balanced`.
        """
        n_images, labels = count_in(X), _checked_labels(X, y_true)
        check_consistent_length(X, y_proba)
        if labels is not None:
            classes = classes_of_columns(y_proba, classes, labels)
        elif classes is None and (classes := named_columns(y_proba)) is None:
            raise ValueError(
                "Got neither y_true nor classes. Pass classes=clf.classes_, the labels of the "
                "columns of y_proba."
            )
        indices = _choose(n_images, labels, n_faces, balanced, random_state)
        display = cls._of_predictions(
            displayable(safe_indexing(X, indices), image_shape),
            None if labels is None else labels[indices],
            np.asarray(y_proba)[indices],
            classes,
            display_labels,
            indices,
        )
        return display.plot(ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw)

    @classmethod
    def from_images(
        cls,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        n_faces: int | None = 24,
        balanced: bool = False,
        random_state: int | np.random.RandomState | None = None,
        display_labels: ArrayLike | None = None,
        image_shape: Sequence[int] | None = None,
        ax: Axes | None = None,
        n_columns: int = 8,
        im_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw some faces, with their labels.

        Parameters
        ----------
        X : array-like
            Images in any form, or what :func:`~ferclassifier.images.read_image` takes.
        y : array-like of shape (n,), default=None
            Their labels; None writes nothing below the faces.
        n_faces : int >= 1, default=24
            How many faces to draw at most, chosen at random; None draws all.
        balanced : bool, default=False
            Choose as many faces of each class, ordered by class, at least one and `n_faces` in all
            at most; this needs `y`.
        random_state : int, RandomState instance or None, default=None
            Fixes the choice.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in the sorted order of the labels.
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
        display : FaceGridDisplay

        Raises
        ------
        ValueError
            If there are no images, or if they, the labels and their names do not go together, or
            `n_faces` is less than 1, or than the number of classes with `balanced`.
        """
        n_images, labels = count_in(X), _checked_labels(X, y)
        indices = _choose(n_images, labels, n_faces, balanced, random_state)
        captions = None
        if labels is not None:
            classes, codes = np.unique(labels, return_inverse=True)
            names = class_names(classes, display_labels)
            captions = [names[code] for code in codes[indices]]
        images = displayable(safe_indexing(X, indices), image_shape)
        display = cls(images, captions=captions, indices=indices)
        return display.plot(ax=ax, n_columns=n_columns, im_kw=im_kw, text_kw=text_kw)

    @classmethod
    def _of_predictions(
        cls,
        images: NDArray[np.uint8],
        labels: NDArray[Any] | None,
        y_proba: ArrayLike,
        classes: Any,
        display_labels: ArrayLike | None,
        indices: NDArray[np.intp],
    ) -> Self:
        known = np.repeat(np.asarray(classes)[:1], len(images)) if labels is None else labels
        data = LabelledProbabilities.of(known, y_proba, classes, None)
        names = class_names(classes, display_labels)
        is_right = data.predicted == data.codes
        captions = []
        for i, code in enumerate(data.predicted):
            label = None if labels is None or is_right[i] else names[data.codes[i]]
            captions.append(prediction_caption(names[code], data.probabilities[i, code], label))
        is_right = None if labels is None else is_right
        return cls(images, captions=captions, is_right=is_right, indices=indices)


def prediction_caption(predicted: str, probability: float, label: str | None = None) -> str:
    """Write what a face is taken for, and on a second line what it is instead."""
    prediction = f"{predicted} {percent(probability)}"
    return prediction if label is None else f"{prediction}\nlabel: {label}"


def _checked_labels(X: Any, y: ArrayLike | None) -> NDArray[Any] | None:
    if y is None:
        return None
    check_consistent_length(X, y)
    return label_column(y)


def _choose(
    n_images: int,
    labels: NDArray[Any] | None,
    n_faces: int | None,
    balanced: bool,
    random_state: Any,
) -> NDArray[np.intp]:
    """Choose the faces to be shown: in their order, or by class."""
    check_count(n_faces, "n_faces", least=1, none="all")
    if balanced and labels is None:
        raise ValueError("Got balanced=True, which needs the labels. Pass them, or balanced=False.")
    rng = check_random_state(random_state)
    if not balanced:
        return np.sort(rng.permutation(n_images)[:n_faces])
    classes, codes = np.unique(np.asarray(labels), return_inverse=True)
    if n_faces is not None and n_faces < len(classes):
        raise ValueError(
            f"Got n_faces={n_faces} with balanced=True, but expected {len(classes)} or more: a "
            "face of each class. Ask for more, or pass balanced=False."
        )
    n_each = None if n_faces is None else n_faces // len(classes)
    of_class = (rng.permutation(np.flatnonzero(codes == code)) for code in range(len(classes)))
    return np.concatenate([np.sort(rows[:n_each]) for rows in of_class])
