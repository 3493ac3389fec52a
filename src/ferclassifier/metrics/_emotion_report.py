"""Scores of predicted probabilities, and what they say of a classifier's mistakes."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)

from ferclassifier._utils.counts import check_count
from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.printable import pandas_dtype, printable, printable_labels
from ferclassifier._utils.sklearn_compat import safe_indexing
from ferclassifier._utils.wording import count, percent
from ferclassifier.exceptions import DataError
from ferclassifier.images._shared import KnownImages, stands_in
from ferclassifier.metrics._calibration import ReliabilityCurve, classwise_error_of, curve_of
from ferclassifier.metrics._group_scores import GroupScores, group_scores
from ferclassifier.metrics._image_groups import ImageGroups
from ferclassifier.metrics._intervals import wilson_interval
from ferclassifier.metrics._label_column import label_column
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities
from ferclassifier.metrics._rater_votes import RaterVotes
from ferclassifier.metrics._vote_scores import VoteScores, vote_scores


class Confusion(NamedTuple):
    """A class that is taken for another.

    Attributes
    ----------
    true, predicted : label
    share : float in (0, 1]
        Of the images of the true class.
    n : int or float
        Number of images, or the sum of their weights.

    Examples
    --------
    >>> from ferclassifier.metrics import emotion_report
    >>> report = emotion_report(["fear", "fear", "sad"], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    >>> (confusion,) = report.confusions
    >>> confusion.true, confusion.predicted, confusion.share
    ('fear', 'sad', 0.5)
    """

    true: Any
    predicted: Any
    share: float
    n: float

    def __str__(self) -> str:
        true, predicted = printable(self.true), printable(self.predicted)
        return f"{true} is taken for {predicted} {percent(self.share)} of the time"


@dataclass(frozen=True, eq=False, repr=False)
class EmotionReport:
    """The scores of a classifier on labelled images, as `emotion_report` returns them.

    Printing it shows a table of the classes and the scores in words.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        The labels, in the order of the columns of probabilities.
    n_images : int or float
        Number of images, or the sum of their weights.
    accuracy : float in [0, 1]
        Share of right predictions.
    accuracy_interval : tuple of (low, high)
        Wilson's 95 % interval of the accuracy, see :func:`wilson_interval`.
    macro_f1, weighted_f1 : float in [0, 1]
        Means of the F1 scores of the classes that are true or predicted somewhere, plain and
        weighted by support. F1 is 0 where it is undefined.
    balanced_accuracy : float in [0, 1]
        Mean recall of the classes that are true somewhere.
    log_loss : float >= 0
        Mean of the negative natural logarithm of the true class's probability. Probabilities are
        clipped at 2.2e-16.
    expected_calibration_error, classwise_calibration_error : float in [0, 1]
        In 15 bins, see the functions of these names.
    per_class : DataFrame
        "precision", "recall", "f1" and "support" of each class, 0 where undefined. The support
        is the number of images, or the sum of their weights.
    confusion_matrix : ndarray of shape (n_classes, n_classes)
        Number of images, or sum of weights: rows are true, columns predicted.
    confusions : list of Confusion
        Which classes are taken for which others, by falling share of the true class. What never
        happens is left out.
    reliability : ReliabilityCurve
        See :func:`reliability_curve`.
    n_in_training : int, float or None
        Number of images that also appear in the training data, or the sum of their weights; None
        where that was not asked.
    without_training_images : EmotionReport or None
        The scores of the other images. None where that was not asked, and where no other image
        (or none that has weight) is left.
    compared_with : tuple of str
        The training data that the images were compared with, in words: those at hand, those that
        a released model was trained on, or both. Empty where that was not asked.
    votes : VoteScores or None
        How the predictions agree with several raters of each image, see :class:`VoteScores`. None
        where no votes were given.
    groups : GroupScores or None
        The scores of each group of images, and the gaps between them, see :class:`GroupScores`.
        None where no groups were given, and where no image of a known group is left.

    Notes
    -----
    Sums of weights are integers if all weights are whole numbers, and floats otherwise.

    Examples
    --------
    >>> from ferclassifier.metrics import emotion_report
    >>> report = emotion_report(["fear", "fear", "sad"], [[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    >>> report.per_class["recall"].tolist()
    [0.5, 1.0]
    >>> report.confusion_matrix.tolist()
    [[1, 1], [0, 1]]
    """

    classes: NDArray[Any]
    n_images: float
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    weighted_f1: float
    balanced_accuracy: float
    log_loss: float
    expected_calibration_error: float
    classwise_calibration_error: float
    per_class: pd.DataFrame
    confusion_matrix: NDArray[Any]
    confusions: list[Confusion]
    reliability: ReliabilityCurve
    n_in_training: float | None = None
    without_training_images: EmotionReport | None = None
    compared_with: tuple[str, ...] = ()
    votes: VoteScores | None = None
    groups: GroupScores | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, str and numbers, ready for JSON.

        Returns
        -------
        dict
            The attributes by their names, with None for NaN. "classes" maps the name of each
            class, in their order, to its row of `per_class`, which is left out itself.
        """
        rows = self.per_class.to_dict("index")
        without = self.without_training_images
        return {
            "n_images": self.n_images,
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "macro_f1": self.macro_f1,
            "weighted_f1": self.weighted_f1,
            "balanced_accuracy": self.balanced_accuracy,
            "log_loss": self.log_loss,
            "expected_calibration_error": self.expected_calibration_error,
            "classwise_calibration_error": self.classwise_calibration_error,
            "classes": {str(label): row for label, row in rows.items()},
            "confusion_matrix": self.confusion_matrix.tolist(),
            "confusions": [confusion._asdict() for confusion in self.confusions],
            "reliability": {
                name: [None if math.isnan(value) else value for value in values.tolist()]
                for name, values in self.reliability._asdict().items()
            },
            "n_in_training": self.n_in_training,
            "without_training_images": None if without is None else without.to_dict(),
            "compared_with": list(self.compared_with),
            "votes": None if self.votes is None else self.votes.to_dict(),
            "groups": None if self.groups is None else self.groups.to_dict(),
        }

    def summary(self, n_confusions: int = 3) -> str:
        """Say the scores in a few lines.

        Parameters
        ----------
        n_confusions : int >= 0, default=3
            How many of the most frequent confusions are named at most.

        Returns
        -------
        str
            Lines of some 80 characters at most, unless the names of the classes are long.

        Raises
        ------
        ValueError
            If `n_confusions` is less than 0.
        """
        check_count(n_confusions, "n_confusions", least=0)
        low, high = self.accuracy_interval
        return "\n".join(
            [
                f"Accuracy {100 * self.accuracy:.1f} % on {count(self.n_images, 'image')} "
                f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %)",
                f"Macro-F1 {self.macro_f1:.3f}, weighted F1 {self.weighted_f1:.3f}, "
                f"balanced accuracy {self.balanced_accuracy:.3f}",
                f"Log-loss {self.log_loss:.3f}, calibration error "
                f"{self.expected_calibration_error:.3f} "
                f"(classwise {self.classwise_calibration_error:.3f})",
                *map(str, self.confusions[:n_confusions]),
                *([] if self.votes is None else self.votes.summary().split("\n")),
                *([] if self.groups is None else self.groups.summary().split("\n")),
                *self._without_training_in_words(),
            ]
        )

    def _without_training_in_words(self) -> list[str]:
        if self.n_in_training is None:
            return []
        without = self.without_training_images
        if self.n_in_training == 0:
            found = "None of the images appears in the training data"
        elif without is None:
            found = "All of the images also appear in the training data"
        else:
            found = (
                f"Without {count(self.n_in_training, 'image')} that training has too: accuracy "
                f"{100 * without.accuracy:.1f} %, macro-F1 {without.macro_f1:.3f}"
            )
        return [found, *(f"(compared with {others})" for others in self.compared_with)]

    def __repr__(self) -> str:
        low, high = self.accuracy_interval
        return (
            f"<EmotionReport of {count(self.n_images, 'image')}: accuracy {self.accuracy:.3f} "
            f"({low:.3f} to {high:.3f}), macro-F1 {self.macro_f1:.3f}>"
        )

    def _repr_html_(self) -> str:
        """Show the scores of the classes as a table in a notebook, and all others in words."""
        return as_html(self.per_class.rename(columns={"f1": "F1"}), self.summary())

    def __str__(self) -> str:
        table = printable_labels(self.per_class).rename(columns={"f1": "F1"})
        return f"{table.to_string(float_format='{:.3f}'.format)}\n\n{self.summary()}"


def emotion_report(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: Any = None,
    sample_weight: ArrayLike | None = None,
    images: ArrayLike | None = None,
    train_images: ArrayLike | None = None,
    votes: ArrayLike | None = None,
    vote_names: ArrayLike | None = None,
    groups: ArrayLike | None = None,
) -> EmotionReport:
    """Score the probabilities that a classifier predicted.

    The scores are scikit-learn's; what is most probable counts as predicted. Where images and
    training images are given, the scores are computed once more without the images that also
    appear in the training data: a network remembers what it has seen, and in FER-2013 hundreds of
    validation images are copies of training images.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        The true labels, strings or numbers.
    y_proba : array-like of shape (n, n_classes), in [0, 1]
        Predicted probabilities; rows sum to 1 within 1e-3, and are scaled to do so exactly.
    classes : array-like of shape (n_classes,), default=None
        The labels of the columns, such as ``clf.classes_``. None takes the names of the columns of
        a DataFrame, or else the sorted labels of `y_true`, but not codes that may be counted in
        another order: those of FER-2013 are not in the order of the names.
    sample_weight : array-like of shape (n,), >= 0, default=None
        How many images each one stands for: one of weight 2 counts as if it were given twice, and
        one of weight 0 as if it were not given at all; its label and probabilities are not looked
        at. Numbers of images are sums of weights, and the interval of the accuracy is that of so
        many images. Of weights that mean something else, such as how much a class matters, it is
        too narrow: pass :func:`wilson_interval` their effective number, the squared sum of the
        weights over the sum of their squares [2]_.
    images : array-like, default=None
        The images that were predicted: ``(n, height, width)``, the same with channels, rows, or
        what :func:`~ferclassifier.images.read_image` takes. Together with `train_images`.
    train_images : array-like, default=None
        The images of the training data, in any of these forms. Images are the same if all their
        pixels are, as bytes.
    votes : array-like of shape (n, n_answers), >= 0, default=None
        What several raters said of each image: how many gave each answer, such as `votes` of
        :func:`~ferclassifier.load_ferplus`, or the shares of the answers, which sum to 1. Rows of
        zeros are images of which nobody was asked. They are compared with the probabilities in the
        report's `votes`; all other scores are those of `y_true`.
    vote_names : array-like of shape (n_answers,), default=None
        What the columns of `votes` stand for: all `classes`, and whatever else raters could say,
        such as classes that the classifier does not know, "unknown" and "no face". None takes the
        names of the columns of a DataFrame, or else `classes` if they are sorted and as many as
        the columns, or those of FER+ where there are ten or eight columns.
    groups : array-like of shape (n,), default=None
        The group of each image, of 100 at most: the age, gender or skin tone of who is shown as far
        as they are known, the camera, the light. The report's `groups` then has the scores of each,
        with intervals, and the largest gaps. Images of None, NaN or "" are of no known group.
        Categories of pandas keep their order.

    Returns
    -------
    EmotionReport

    Raises
    ------
    DataError
        A ValueError: if the lengths differ, `y_true` holds labels that are not in `classes`, the
        number of classes is not that of the columns, nothing says in which order the columns are,
        rows of `y_proba` are no probabilities, all weights are zero, one of `images` and
        `train_images` is given without the other, or `votes` are negative, NaN, all zero, neither
        numbers of raters nor shares, or do not have a row for each image and a column for each
        class, or `groups` are not one for each image, all unknown, or more than 100.
    ImageError
        A ValueError: if the images differ from the training images in size, channels or scale.

    Warns
    -----
    UserWarning
        If `classes` are the emotions in the order of FER-2013's codes and the columns are clearly
        in that of the alphabet, or the other way round.

    See Also
    --------
    sklearn.metrics.classification_report : The table of the classes alone, as text.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22, 1927, pp. 209-212.
    .. [2] L. Kish, "Survey sampling", Wiley, 1965.

    Examples
    --------
    >>> from ferclassifier.metrics import emotion_report
    >>> y_true = ["fear", "fear", "fear", "happy", "happy", "sad", "sad", "sad"]
    >>> y_proba = [
    ...     [0.8, 0.1, 0.1],
    ...     [0.6, 0.1, 0.3],
    ...     [0.3, 0.2, 0.5],
    ...     [0.0, 1.0, 0.0],
    ...     [0.1, 0.8, 0.1],
    ...     [0.2, 0.1, 0.7],
    ...     [0.6, 0.1, 0.3],
    ...     [0.4, 0.1, 0.5],
    ... ]
    >>> report = emotion_report(y_true, y_proba, classes=["fear", "happy", "sad"])
    >>> report.accuracy
    0.75
    >>> print(report)
           precision  recall    F1  support
    fear       0.667   0.667 0.667        3
    happy      1.000   1.000 1.000        2
    sad        0.667   0.667 0.667        3
    <BLANKLINE>
    Accuracy 75.0 % on 8 images (95 % interval 40.9 to 92.9 %)
    Macro-F1 0.778, weighted F1 0.750, balanced accuracy 0.778
    Log-loss 0.552, calibration error 0.112 (classwise 0.150)
    fear is taken for sad 33 % of the time
    sad is taken for fear 33 % of the time
    """
    if (images is None) != (train_images is None):
        given, missing = ("images", "train_images")[:: 1 if train_images is None else -1]
        raise DataError(f"Got {given} without {missing}. Give both, or neither.")
    return report_beside(
        y_true,
        y_proba,
        classes=classes,
        sample_weight=sample_weight,
        images=images,
        train_images=train_images,
        votes=votes,
        vote_names=vote_names,
        groups=groups,
    )


def report_beside(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: Any,
    sample_weight: ArrayLike | None = None,
    images: Any,
    train_images: Any = None,
    known: KnownImages | None = None,
    votes: Any = None,
    vote_names: Any = None,
    groups: Any = None,
) -> EmotionReport:
    """Do what `emotion_report` does, and compare with images of which digests are known, too.

    Parameters
    ----------
    y_true, y_proba, classes, sample_weight, images, train_images, votes, vote_names : array-like
        As for `emotion_report`; `images` may be given alone, and `votes` be RaterVotes.
    groups : array-like of shape (n,), or ImageGroups, default=None
    known : KnownImages, default=None
        Those that the classifier was trained on. They are passed over where they have another
        form than `images`.

    Returns
    -------
    EmotionReport
    """
    data = LabelledProbabilities.of(y_true, y_proba, classes, sample_weight)
    labels = label_column(y_true, name="y_true")
    raters = _raters_of(votes, vote_names, labels, data)
    known_groups = _groups_of(groups, len(labels), data)
    report = _report(data, raters, known_groups)
    if train_images is None and known is None:
        return report
    images = _images_of(images, len(labels), data.rows)
    found = {}
    if known is not None and (mask := known.find(images)) is not None:
        found[known.name] = mask
    if train_images is not None:
        at_hand = f"the {count(len(train_images), 'training image')} at hand"
        found[at_hand] = stands_in(images, train_images)
    if not found:
        return report
    in_training = np.any(list(found.values()), axis=0)
    seen, others = data.take(in_training), data.take(~in_training)
    other_raters = None if raters is None else raters.take(~in_training)
    other_groups = None if known_groups is None else known_groups.take(~in_training)
    return replace(
        report,
        n_in_training=seen.n_images,
        without_training_images=(
            _report(others, other_raters, other_groups) if len(others.codes) else None
        ),
        compared_with=tuple(found),
    )


def _raters_of(
    votes: Any, vote_names: Any, labels: NDArray[Any], data: LabelledProbabilities
) -> RaterVotes | None:
    """Return the votes for the images that count."""
    if votes is None:
        if vote_names is not None:
            raise DataError("Got vote_names without votes. Give both, or neither.")
        return None
    if isinstance(votes, RaterVotes):
        return votes.take(data.rows)
    return RaterVotes.of(votes, vote_names, labels, data.classes, data.rows)


def _groups_of(groups: Any, n_images: int, data: LabelledProbabilities) -> ImageGroups | None:
    """Return the groups of the images that count."""
    if groups is None or isinstance(groups, ImageGroups):
        return None if groups is None else groups.take(data.rows)
    return ImageGroups.of(groups, n_images, data.rows)


def _report(
    data: LabelledProbabilities, raters: RaterVotes | None, groups: ImageGroups | None
) -> EmotionReport:
    # scikit-learn warns of classes that are never true, and of a single one: both are documented.
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        report = _scores(data)
        if groups is not None and (groups.codes >= 0).any():
            report = replace(report, groups=group_scores(data, groups))
    return report if raters is None else replace(report, votes=vote_scores(data, raters))


def _scores(data: LabelledProbabilities) -> EmotionReport:
    truth, predicted, weights = data.codes, data.predicted, data.weights
    codes = np.arange(len(data.classes))
    accuracy = float(accuracy_score(truth, predicted, sample_weight=weights))
    matrix = data.as_numbers(
        confusion_matrix(truth, predicted, labels=codes, sample_weight=weights)
    )
    reliability = curve_of(data)
    macro_f1, weighted_f1 = (
        float(f1_score(truth, predicted, average=mean, sample_weight=weights, zero_division=0))
        for mean in ("macro", "weighted")
    )
    return EmotionReport(
        classes=data.classes,
        n_images=data.n_images,
        accuracy=accuracy,
        accuracy_interval=wilson_interval(accuracy, data.n_images),
        macro_f1=macro_f1,
        weighted_f1=weighted_f1,
        balanced_accuracy=float(balanced_accuracy_score(truth, predicted, sample_weight=weights)),
        log_loss=_log_loss(data),
        expected_calibration_error=reliability.error,
        classwise_calibration_error=classwise_error_of(data),
        per_class=_per_class(data),
        confusion_matrix=matrix,
        confusions=_confusions(matrix, data.classes.tolist()),
        reliability=reliability,
    )


def _log_loss(data: LabelledProbabilities) -> float:
    if len(data.classes) == 1:  # scikit-learn refuses; the probability is 1 throughout
        return 0.0
    codes = np.arange(len(data.classes))
    return float(log_loss(data.codes, data.probabilities, labels=codes, sample_weight=data.weights))


def _per_class(data: LabelledProbabilities) -> pd.DataFrame:
    *rates, support = precision_recall_fscore_support(
        data.codes,
        data.predicted,
        labels=np.arange(len(data.classes)),
        sample_weight=data.weights,
        zero_division=0,
    )
    table = dict(zip(("precision", "recall", "f1"), rates, strict=True))
    table["support"] = data.as_numbers(support)
    index = pd.Index(data.classes, dtype=pandas_dtype(data.classes))
    return pd.DataFrame(table, index=index)


def _confusions(matrix: NDArray[Any], labels: list[Any]) -> list[Confusion]:
    rows, columns = np.nonzero(matrix * ~np.eye(len(labels), dtype=bool))
    found = [
        Confusion(labels[i], labels[j], float(matrix[i, j] / matrix[i].sum()), matrix[i, j].item())
        for i, j in zip(rows, columns, strict=True)
    ]
    return sorted(found, key=lambda confusion: -confusion.share)


def _images_of(images: Any, n_labels: int, rows: NDArray[np.intp]) -> Any:
    """Return the images of these rows."""
    if len(images) != n_labels:
        raise DataError(
            f"Got {len(images)} images, but {n_labels} labels. Give the images that the "
            "labels belong to, in the same order."
        )
    return safe_indexing(images, rows) if len(rows) < n_labels else images
