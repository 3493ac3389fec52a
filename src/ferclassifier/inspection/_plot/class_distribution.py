"""How many images there are of each class, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length

from ferclassifier._utils.wording import number, quoted
from ferclassifier.exceptions import DataError
from ferclassifier.inspection._class_names import class_names
from ferclassifier.inspection._plot.bar_chart import BarChart
from ferclassifier.inspection._plot.figures import new_axes
from ferclassifier.inspection._predictions import check_classifier
from ferclassifier.metrics._label_column import label_column
from ferclassifier.metrics._labelled_probabilities import check_weights

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes

_INCHES_PER_BAR = 0.16
_N_NAMED = 5


class ClassDistributionDisplay:
    """Bars that say how many images there are of each class.

    Use :meth:`from_labels`, :meth:`from_predictions` or :meth:`from_estimator` to create one. All
    parameters are stored as attributes.

    Parameters
    ----------
    classes : sequence of str
        The names of the classes.
    counts : dict of str to array-like of shape (n_classes,)
        The number of images of each class, or their weight, by the name of a group of images.

    Attributes
    ----------
    bars_ : dict of str to BarContainer
        The bars of each group.
    values_ : list of Annotation
        The numbers beside the bars.
    ax_ : Axes
        The axes that hold the bars.
    figure_ : Figure
        The figure that holds the axes.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : Which classes are taken for which.

    Examples
    --------
    >>> from ferclassifier import make_faces
    >>> from ferclassifier.inspection import ClassDistributionDisplay
    >>> X, y = make_faces(90, random_state=0)
    >>> groups = ["train"] * 60 + ["test"] * 30
    >>> display = ClassDistributionDisplay.from_labels(y, groups=groups)
    >>> sorted(display.counts)
    ['test', 'train']
    """

    def __init__(self, classes: Sequence[str], counts: Mapping[str, ArrayLike]) -> None:
        self.classes = classes
        self.counts = counts

    def plot(
        self,
        *,
        ax: Axes | None = None,
        orientation: Literal["horizontal", "vertical"] = "horizontal",
        normalize: bool = False,
        include_values: bool = True,
        bar_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the bars.

        Parameters
        ----------
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        orientation : {"horizontal", "vertical"}, default="horizontal"
            Where the bars point; names of classes are easier to read beside horizontal ones.
        normalize : bool, default=False
            Draw the share of each class in its group, to compare groups of different size.
        include_values : bool, default=True
            Write the numbers beside the bars, where these are thick enough.
        bar_kw : dict, default=None
            Keywords of ``Axes.bar`` or ``Axes.barh``.
        text_kw : dict, default=None
            Keywords of ``Axes.bar_label``.

        Returns
        -------
        self : ClassDistributionDisplay

        Raises
        ------
        DataError
            If there are no classes or no groups, or a group has not as many numbers as classes.
        ValueError
            If `orientation` is neither of the two.
        ImportError
            If Matplotlib is not installed.
        """
        if orientation not in ("horizontal", "vertical"):
            raise ValueError(
                f'Got orientation={quoted(orientation)}, but expected "horizontal" or "vertical".'
            )
        values = self._values(normalize)
        is_horizontal = orientation == "horizontal"
        self.ax_ = new_axes(self._figsize(is_horizontal)) if ax is None else ax
        self.figure_ = self.ax_.figure
        chart = BarChart(self.ax_, is_horizontal, [str(name) for name in self.classes], len(values))
        self.bars_ = {
            name: chart.draw(shares_or_counts, name, bar_kw)
            for name, shares_or_counts in values.items()
        }
        chart.name_values("Share of images" if normalize else "Images", normalize)
        chart.name_classes()
        if len(values) > 1:
            chart.add_legend()
        if ax is None:
            chart.lay_out()
        form = _written_share if normalize else number
        self.values_ = chart.write(form, text_kw) if include_values else []
        return self

    def _values(self, normalize: bool) -> dict[str, NDArray[Any]]:
        """Return what is drawn of each group."""
        if not len(self.classes) or not self.counts:
            raise DataError(
                f"Got {len(self.classes)} classes and {len(self.counts)} groups of images, but "
                "expected at least one of each."
            )
        values = {name: np.asarray(counts) for name, counts in self.counts.items()}
        for name, counts in values.items():
            if counts.shape != (len(self.classes),):
                raise DataError(
                    f"Got counts of shape {counts.shape} for {quoted(name)}, but expected one for "
                    f"each of {len(self.classes)} classes."
                )
        if not normalize:
            return values
        return {name: counts / max(counts.sum(), 1e-300) for name, counts in values.items()}

    def _figsize(self, is_horizontal: bool) -> tuple[float, float]:
        length = max(2.0, len(self.classes) * (0.08 + _INCHES_PER_BAR * len(self.counts)))
        return (6.4, 0.9 + length) if is_horizontal else (max(6.4, 0.9 + 1.1 * length), 4.5)

    @classmethod
    def from_labels(
        cls,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        display_labels: ArrayLike | None = None,
        ax: Axes | None = None,
        orientation: Literal["horizontal", "vertical"] = "horizontal",
        normalize: bool = False,
        include_values: bool = True,
        bar_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw how many images bear each label.

        Parameters
        ----------
        y : array-like of shape (n,)
            The labels.
        groups : array-like of shape (n,), default=None
            The group that each image belongs to, such as "train" or "test"; drawn side by side,
            in the order in which they appear.
        classes : array-like of shape (n_classes,), default=None
            The classes to be drawn, in this order. None takes the sorted labels.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in their order.
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        orientation : {"horizontal", "vertical"}, default="horizontal"
            Where the bars point; names of classes are easier to read beside horizontal ones.
        normalize : bool, default=False
            Draw the share of each class in its group, to compare groups of different size.
        include_values : bool, default=True
            Write the numbers beside the bars, where these are thick enough.
        bar_kw : dict, default=None
            Keywords of ``Axes.bar`` or ``Axes.barh``.
        text_kw : dict, default=None
            Keywords of ``Axes.bar_label``.

        Returns
        -------
        display : ClassDistributionDisplay

        Raises
        ------
        ValueError
            If there are no labels, if labels, groups, weights and names do not go together, or a
            label is none of `classes`.
        """
        labels = label_column(y)
        of_image = (
            np.full(len(labels), "images")
            if groups is None
            else label_column(groups, name="groups")
        )
        check_consistent_length(labels, of_image, sample_weight)
        weights = _weights(sample_weight, labels)
        labels, of_image, weights = labels[weights > 0], of_image[weights > 0], weights[weights > 0]
        classes = _known_classes(classes, labels)
        counts = {}
        for name in dict.fromkeys(of_image.tolist()):
            rows = of_image == name
            counts[str(name)] = _count(labels[rows], classes, weights[rows])
        return cls(class_names(classes, display_labels), counts).plot(
            ax=ax,
            orientation=orientation,
            normalize=normalize,
            include_values=include_values,
            bar_kw=bar_kw,
            text_kw=text_kw,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        display_labels: ArrayLike | None = None,
        ax: Axes | None = None,
        orientation: Literal["horizontal", "vertical"] = "horizontal",
        normalize: bool = False,
        include_values: bool = True,
        bar_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw how many images bear each label, beside how many are taken for each.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            The true labels.
        y_pred : array-like of shape (n,)
            The predicted labels.
        classes : array-like of shape (n_classes,), default=None
            The classes to be drawn, in this order. None takes the sorted labels of both.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in their order.
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        orientation : {"horizontal", "vertical"}, default="horizontal"
            Where the bars point; names of classes are easier to read beside horizontal ones.
        normalize : bool, default=False
            Draw the share of each class instead of the number of images.
        include_values : bool, default=True
            Write the numbers beside the bars, where these are thick enough.
        bar_kw : dict, default=None
            Keywords of ``Axes.bar`` or ``Axes.barh``.
        text_kw : dict, default=None
            Keywords of ``Axes.bar_label``.

        Returns
        -------
        display : ClassDistributionDisplay

        Raises
        ------
        ValueError
            If there are no labels, if labels, weights and names do not go together, or a label is
            none of `classes`.
        """
        true = label_column(y_true, name="y_true")
        predicted = label_column(y_pred, name="y_pred")
        check_consistent_length(true, predicted, sample_weight)
        weights = _weights(sample_weight, true)
        true, predicted, weights = true[weights > 0], predicted[weights > 0], weights[weights > 0]
        _check_same_form(true, predicted)
        classes = _known_classes(classes, np.concatenate([true, predicted]))
        counts = {
            "labels": _count(true, classes, weights),
            "predictions": _count(predicted, classes, weights),
        }
        return cls(class_names(classes, display_labels), counts).plot(
            ax=ax,
            orientation=orientation,
            normalize=normalize,
            include_values=include_values,
            bar_kw=bar_kw,
            text_kw=text_kw,
        )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        display_labels: ArrayLike | None = None,
        ax: Axes | None = None,
        orientation: Literal["horizontal", "vertical"] = "horizontal",
        normalize: bool = False,
        include_values: bool = True,
        bar_kw: dict[str, Any] | None = None,
        text_kw: dict[str, Any] | None = None,
    ) -> Self:
        """Draw how many images bear each label, beside how many a classifier takes for each.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier, or a pipeline or a search around one.
        X : array-like
            Images as the estimator takes them.
        y : array-like of shape (n,)
            Their labels.
        sample_weight : array-like of shape (n,), >= 0, default=None
            How many images each one stands for; one of weight 0 is left out.
        display_labels : array-like of shape (n_classes,), default=None
            What to call the classes, in the order of ``estimator.classes_``.
        ax : Axes, default=None
            Where to draw. None makes a figure of pyplot's, of a size that fits.
        orientation : {"horizontal", "vertical"}, default="horizontal"
            Where the bars point; names of classes are easier to read beside horizontal ones.
        normalize : bool, default=False
            Draw the share of each class instead of the number of images.
        include_values : bool, default=True
            Write the numbers beside the bars, where these are thick enough.
        bar_kw : dict, default=None
            Keywords of ``Axes.bar`` or ``Axes.barh``.
        text_kw : dict, default=None
            Keywords of ``Axes.bar_label``.

        Returns
        -------
        display : ClassDistributionDisplay

        Raises
        ------
        ValueError
            If `estimator` is no classifier, or does not know a label.
        """
        check_classifier(estimator)
        return cls.from_predictions(
            y,
            estimator.predict(X),
            classes=estimator.classes_,
            sample_weight=sample_weight,
            display_labels=display_labels,
            ax=ax,
            orientation=orientation,
            normalize=normalize,
            include_values=include_values,
            bar_kw=bar_kw,
            text_kw=text_kw,
        )


def _check_same_form(true: NDArray[Any], predicted: NDArray[Any]) -> None:
    """Refuse names beside codes, of which NumPy would make names such as "3"."""
    kinds = [{isinstance(label, str) for label in labels.tolist()} for labels in (true, predicted)]
    if kinds[0] != kinds[1]:
        raise DataError(
            f"Got the labels {quoted(np.unique(true).tolist())}, but the predictions "
            f"{quoted(np.unique(predicted).tolist())}. Pass both as names, or both as codes."
        )


def _known_classes(classes: ArrayLike | None, labels: NDArray[Any]) -> NDArray[Any]:
    """Return the classes to be drawn, of which all labels must be."""
    if not len(labels):
        raise DataError("Got no labels, but expected at least one.")
    if classes is None:
        return np.unique(labels)
    known = np.asarray(classes)
    unknown = set(labels.tolist()) - set(known.tolist())
    if unknown:
        raise DataError(
            f"Got the labels {quoted(sorted(unknown, key=str)[:_N_NAMED])}, but the classes are "
            f"{quoted(known.tolist())}. Pass labels and classes in the same form."
        )
    return known


def _count(labels: NDArray[Any], classes: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    return np.array([weights[labels == label].sum() for label in classes])


def _weights(sample_weight: ArrayLike | None, labels: NDArray[Any]) -> NDArray[Any]:
    if sample_weight is None:
        return np.ones(len(labels), dtype=int)
    return check_weights(sample_weight, labels)


def _written_share(share: float) -> str:
    return f"{100 * share:.1f} %"
