"""How well a classifier does on each of several groups, and how far they are apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.printable import pandas_dtype, printable, printable_labels
from ferclassifier._utils.wording import count
from ferclassifier.metrics._image_groups import ImageGroups
from ferclassifier.metrics._intervals import difference_interval, wilson_interval
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities


class GroupGap(NamedTuple):
    """The largest difference between two groups in a share of right predictions.

    Attributes
    ----------
    best, worst : label
        The groups.
    difference : float in [0, 1]
    low, high : float in [-1, 1]
        Newcombe's interval of the difference [1]_. It is so wide that with 95 % confidence the
        intervals of all pairs of groups hold (Bonferroni): the largest of many differences is the
        largest by chance too. Where `low` is below 0, chance alone may have made it.
    n_pairs : int
        Of how many pairs of groups it is the largest difference.

    References
    ----------
    .. [1] R. G. Newcombe, "Interval estimation for the difference between independent
       proportions", Statistics in Medicine 17, 1998, pp. 873-890.

    Examples
    --------
    >>> from ferclassifier.metrics import emotion_report
    >>> y_proba = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]
    >>> ages = ["young", "young", "old", "old"]
    >>> scores = emotion_report(["fear", "fear", "sad", "sad"], y_proba, groups=ages).groups
    >>> gap = scores.largest_gap
    >>> gap.best, gap.worst, gap.difference, gap.low < 0
    ('young', 'old', 0.5, True)
    """

    best: Any
    worst: Any
    difference: float
    low: float
    high: float
    n_pairs: int


@dataclass(frozen=True, eq=False, repr=False)
class GroupScores:
    """The scores of a classifier on groups of images, such as ages, and the gaps between them.

    Attributes
    ----------
    by_group : DataFrame
        For each group "accuracy", "low" and "high" of its 95 % interval (Wilson's), "macro_f1", and
        "support", the number of images or the sum of their weights. Macro-F1 is the mean over the
        classes that are true or predicted somewhere in the group.
    recalls : DataFrame
        The recall of each class (columns) in each group (rows); NaN where a group has no image of
        the class.
    gaps : DataFrame
        The largest gap in "accuracy", and in the recall of each class, with the columns of
        :class:`GroupGap`. Classes of which fewer than two groups have images are left out, and
        there is no row where there is a single group.
    n_left_out : int or float
        Number of images whose group is not known, or the sum of their weights.

    Notes
    -----
    Groups may differ in accuracy because one has more images of a hard class: compare the recalls
    too. Intervals take images as independent, which several pictures of one person are not.

    Examples
    --------
    >>> from ferclassifier.metrics import emotion_report
    >>> y_proba = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]
    >>> ages = ["young", "young", "old", "old"]
    >>> scores = emotion_report(["fear", "fear", "sad", "sad"], y_proba, groups=ages).groups
    >>> scores.by_group["accuracy"].to_dict()
    {'old': 0.5, 'young': 1.0}
    """

    by_group: pd.DataFrame
    recalls: pd.DataFrame
    gaps: pd.DataFrame
    n_left_out: float

    @property
    def largest_gap(self) -> GroupGap | None:
        """The largest gap in accuracy; None where there is a single group."""
        rows = self.gaps.head(1).itertuples(index=False, name=None)
        return next((GroupGap(*row) for row in rows), None)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists, str and numbers, ready for JSON.

        Returns
        -------
        dict
            "by_group", by the names of the groups, has their scores and "recalls", with None where
            a group has no image of a class; "gaps" the gap in accuracy and, under "recalls", those
            of the classes; "n_left_out".
        """
        groups = {
            str(name): {**scores, "recalls": _plain(recalls)}
            for name, scores, recalls in zip(
                self.by_group.index,
                self.by_group.to_dict("records"),
                self.recalls.to_dict("records"),
                strict=True,
            )
        }
        gaps = [
            {**gap, "best": str(gap["best"]), "worst": str(gap["worst"])}
            for gap in self.gaps.to_dict("records")
        ]
        classes = map(str, self.gaps.index[1:])
        return {
            "by_group": groups,
            "gaps": {
                "accuracy": gaps[0] if gaps else None,
                "recalls": dict(zip(classes, gaps[1:], strict=True)),
            },
            "n_left_out": self.n_left_out,
        }

    def summary(self) -> str:
        """Say the largest gap in accuracy in two lines.

        Returns
        -------
        str
        """
        gap = self.largest_gap
        if gap is None:
            return f"All images with a group are of one, {printable(self.by_group.index[0])}"
        accuracy = dict(zip(self.by_group.index, self.by_group["accuracy"], strict=True))
        best, worst = (f"{100 * accuracy[group]:.1f} % on {printable(group)}" for group in gap[:2])
        chance = ", which chance may have made" if gap.low <= 0 else ""
        of_many = f", the largest of {gap.n_pairs}" if gap.n_pairs > 1 else ""
        return (
            f"Groups: accuracy {best}, {worst}\n"
            f"(a gap of {100 * gap.difference:.1f} points{of_many}; interval "
            f"{100 * gap.low:.1f} to {100 * gap.high:.1f}{chance})"
        )

    def __repr__(self) -> str:
        return f"<GroupScores of {count(len(self.by_group), 'group')}>"

    def _repr_html_(self) -> str:
        """Show the scores of the groups as a table in a notebook, and the largest gap in words."""
        return as_html(self._table(), self._in_words())

    def __str__(self) -> str:
        table = printable_labels(self._table())
        return f"{table.to_string(float_format='{:.3f}'.format)}\n\n{self._in_words()}"

    def _table(self) -> pd.DataFrame:
        return self.by_group.rename(columns={"macro_f1": "macro-F1"})

    def _in_words(self) -> str:
        if not self.n_left_out:
            return self.summary()
        return f"{self.summary()}\n{count(self.n_left_out, 'image')} of no known group left out"


def group_scores(data: LabelledProbabilities, groups: ImageGroups) -> GroupScores:
    """Score each group that has images among these."""
    weights, n_classes = data.weights_or_ones, len(data.classes)
    is_right = data.predicted == data.codes
    present = [code for code in range(len(groups.names)) if (groups.codes == code).any()]
    rows = []
    right, total = np.zeros((2, len(present), n_classes))
    for place, code in enumerate(present):
        mask = groups.codes == code
        truth, w = data.codes[mask], weights[mask]
        right[place] = np.bincount(truth, w * is_right[mask], n_classes)
        total[place] = np.bincount(truth, w, n_classes)
        n = float(w.sum())
        accuracy = min(1.0, float(right[place].sum() / n))
        macro_f1 = float(
            f1_score(truth, data.predicted[mask], average="macro", sample_weight=w, zero_division=0)
        )
        support = data.as_numbers(w.sum()).item()
        rows.append((accuracy, *wilson_interval(accuracy, n), macro_f1, support))
    names = [groups.names[code] for code in present]
    index = pd.Index(names, dtype=pandas_dtype(names), name="group")
    classes = pd.Index(data.classes, dtype=pandas_dtype(data.classes))
    recalls = np.full(right.shape, np.nan)
    np.divide(right, total, out=recalls, where=total > 0)
    return GroupScores(
        pd.DataFrame(rows, index, ["accuracy", "low", "high", "macro_f1", "support"]),
        pd.DataFrame(recalls.clip(max=1), index, classes),
        _gaps(names, data.classes.tolist(), right, total),
        data.as_numbers(weights[groups.codes < 0].sum()).item(),
    )


def _plain(recalls: dict[Any, float]) -> dict[str, float | None]:
    return {str(label): None if math.isnan(value) else value for label, value in recalls.items()}


def _gaps(
    names: list[Any],
    classes: list[Any],
    right: NDArray[np.float64],
    total: NDArray[np.float64],
) -> pd.DataFrame:
    """Return the gap in accuracy in the first row, and those in the recalls of classes below."""
    gaps = [
        _largest_gap(names, right.sum(axis=1), total.sum(axis=1)),
        *(_largest_gap(names, *columns) for columns in zip(right.T, total.T, strict=True)),
    ]
    # A class may be called "accuracy" too, so that rows are told apart by their places.
    kept = [(label, gap) for label, gap in zip(["accuracy", *classes], gaps, strict=True) if gap]
    index = pd.Index([label for label, _ in kept], dtype=object)
    columns = {
        field: pd.Series(
            [getattr(gap, field) for _, gap in kept],
            index,
            dtype=object if field in ("best", "worst") else None,
        )
        for field in GroupGap._fields
    }
    return pd.DataFrame(columns, index)


def _largest_gap(
    names: list[Any], right: NDArray[np.float64], total: NDArray[np.float64]
) -> GroupGap | None:
    """Return the gap between the best and the worst of the groups that have images."""
    places = np.flatnonzero(total)
    if len(places) < 2:
        return None
    shares = (right[places] / total[places]).clip(max=1)
    best, worst = places[shares.argmax()], places[shares.argmin()]
    if best == worst:  # all alike
        best, worst = places[:2]
    pairs = math.comb(len(places), 2)
    share = {place: float(value) for place, value in zip(places, shares, strict=True)}
    low, high = difference_interval(
        (share[best], float(total[best])),
        (share[worst], float(total[worst])),
        confidence=1 - 0.05 / pairs,
    )
    return GroupGap(names[best], names[worst], share[best] - share[worst], low, high, pairs)
