"""How well probabilities agree with raters, beside how well raters agree with one another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import entr, ndtri, rel_entr

from ferclassifier._utils.notebook import as_html
from ferclassifier._utils.wording import count
from ferclassifier.metrics._intervals import wilson_interval
from ferclassifier.metrics._labelled_probabilities import LabelledProbabilities
from ferclassifier.metrics._rater_votes import RaterVotes

Interval = tuple[float, float]

_LEAST_PROBABILITY = float(np.finfo(np.float64).eps)
_Z = float(ndtri(0.975))
# Of more raters, shares are told in tenths rather than their numbers.
_MOST_RATERS = 20


@dataclass(frozen=True, eq=False, repr=False)
class VoteScores:
    r"""How a classifier agrees with several raters of each image.

    Of numbers of raters, a single vote beside several for something else is an outlier [1]_, and
    is taken away for majorities and shares; agreements are of all votes. Images count if more than
    half of the votes that are left are for labels, whichever they are, and not for "unknown" or
    "no face". With :math:`v_{ic}` raters of the :math:`n_i` of image :math:`i` for answer
    :math:`c`, the predicted class :math:`k` and its probability :math:`p_{ik}`:

    Attributes
    ----------
    n_images : int or float
        Number of images that count, or the sum of their weights.
    n_left_out : int or float
        Number of the others.
    n_with_majority : int or float
        Number of images of which more than half of the votes are for one label.
    accuracy : float in [0, 1]
        Share of these images that are predicted as the majority says. A label that the classifier
        does not know counts as a wrong answer. NaN if there is no such image.
    accuracy_interval : tuple of (low, high)
        Wilson's 95 % interval.
    agreement_with_rater : float in [0, 1]
        How often a rater, drawn at random, says what the classifier says: the mean of
        :math:`v_{ik} / n_i`.
    agreement_with_rater_interval : tuple of (low, high)
        At 95 %, from the standard error of the mean over images; NaN of a single image.
    rater_agreement : float in [0, 1]
        How often two raters of an image say the same, what a classifier reaches that is like
        another rater: the mean of :math:`\sum_c v_{ic} (v_{ic} - 1) / (n_i (n_i - 1))` [2]_, over
        images with at least two votes. NaN for shares, which do not tell how many raters there
        were.
    rater_agreement_interval : tuple of (low, high)
        As above.
    highest_agreement : float in [0, 1]
        The mean of :math:`\max_c v_{ic} / n_i` over the classes, what no classifier's
        `agreement_with_rater` can exceed.
    kl_divergence : float >= 0
        The mean of :math:`\sum_c q_{ic} \log(q_{ic} / p_{ic})`, with the shares :math:`q_{ic}` of
        the classes in the votes for any of them, in nats. Probabilities are clipped at 2.2e-16.
        Images without a vote for a class are left out.
    kl_divergence_interval : tuple of (low, high)
        As above.
    kl_of_mean_votes : float >= 0
        What it would be if each image were given the mean of all shares: what is to be gained.
    log_loss : float >= 0
        The mean of :math:`-\sum_c q_{ic} \log p_{ic}`: the divergence, and the entropy of the
        votes, which no classifier can go below.
    by_agreement : DataFrame
        For images with a majority, by the number of raters that agree: "accuracy", "low" and
        "high" of its Wilson interval, and "support", the number of images or the sum of their
        weights. Of shares, and of more than 20 raters, the index is the share, rounded down to
        tenths.

    References
    ----------
    .. [1] E. Barsoum et al., "Training Deep Networks for Facial Expression Recognition with
       Crowd-Sourced Label Distribution", 2016, arXiv:1608.01041.
    .. [2] J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological
       Bulletin 76, 1971, pp. 378-382.

    Examples
    --------
    >>> from ferclassifier.metrics import emotion_report
    >>> y_proba = [[0.9, 0.1], [0.2, 0.8]]
    >>> votes = [[8, 2], [3, 7]]  # of ten people for each image
    >>> scores = emotion_report(["fear", "sad"], y_proba, votes=votes).votes
    >>> scores.accuracy, scores.agreement_with_rater
    (1.0, 0.75)
    """

    n_images: float
    n_left_out: float
    n_with_majority: float
    accuracy: float
    accuracy_interval: Interval
    agreement_with_rater: float
    agreement_with_rater_interval: Interval
    rater_agreement: float
    rater_agreement_interval: Interval
    highest_agreement: float
    kl_divergence: float
    kl_divergence_interval: Interval
    kl_of_mean_votes: float
    log_loss: float
    by_agreement: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists and numbers, ready for JSON.

        Returns
        -------
        dict
            The attributes by their names, with None for NaN; `by_agreement` by the number of
            raters, or their share, as str.
        """
        told = {name: _plain(value) for name, value in vars(self).items()}
        rows = self.by_agreement.to_dict("index")
        return {**told, "by_agreement": {f"{raters:g}": row for raters, row in rows.items()}}

    def summary(self) -> str:
        """Say the scores in a few lines, with intervals of 95 %.

        Returns
        -------
        str
        """
        lines = []
        if self.n_with_majority:
            lines.append(
                f"Accuracy against the majority of raters {100 * self.accuracy:.1f} % on "
                f"{count(self.n_with_majority, 'image')}{_in_words(self.accuracy_interval)}"
            )
        if self.n_images:
            most = f"no model can on more than {100 * self.highest_agreement:.1f} %"
            if not math.isnan(self.rater_agreement):
                most = f"two raters agree on {100 * self.rater_agreement:.1f} %, {most}"
            lines += [
                f"Agrees with a rater on {100 * self.agreement_with_rater:.1f} % of "
                f"{count(self.n_images, 'image')}{_in_words(self.agreement_with_rater_interval)}",
                f"({most})",
                f"Divergence from the votes {self.kl_divergence:.3f}; "
                f"of their mean {self.kl_of_mean_votes:.3f}",
            ]
        return "\n".join(lines) or "None of the images was given a label by its raters"

    def __repr__(self) -> str:
        return (
            f"<VoteScores of {count(self.n_images, 'image')}: agrees with a rater on "
            f"{self.agreement_with_rater:.3f}, divergence {self.kl_divergence:.3f}>"
        )

    def _repr_html_(self) -> str:
        """Show accuracy by agreement as a table in a notebook, and all scores in words."""
        return as_html(*([self.by_agreement] if len(self.by_agreement) else []), self.summary())

    def __str__(self) -> str:
        table = self.by_agreement.to_string(float_format="{:.3f}".format)
        return f"{table}\n\n{self.summary()}" if len(self.by_agreement) else self.summary()


def vote_scores(data: LabelledProbabilities, votes: RaterVotes) -> VoteScores:
    """Compare what was predicted with the votes for the same images."""
    judged, clear = votes.is_judged, votes.has_majority
    weights = data.weights_or_ones
    is_right = data.predicted == votes.majority
    accuracy = _mean(is_right[clear], weights[clear])
    said = votes.shares[np.arange(len(judged)), votes.places[data.predicted]]
    alike, are_several = _alike(votes)
    are_several &= judged
    shares = votes.shares_of_classes
    learnable = judged & shares.any(axis=1)
    q, p = shares[learnable], data.probabilities[learnable].clip(min=_LEAST_PROBABILITY)
    w = weights[learnable]
    kl = rel_entr(q, p).sum(axis=1)
    mean_votes = np.average(q, axis=0, weights=w) if len(q) else np.ones(q.shape[1])
    return VoteScores(
        n_images=_number(data, judged),
        n_left_out=_number(data, ~judged),
        n_with_majority=_number(data, clear),
        accuracy=accuracy,
        accuracy_interval=_wilson(accuracy, weights[clear]),
        agreement_with_rater=_mean(said[judged], weights[judged]),
        agreement_with_rater_interval=_interval(said[judged], weights[judged], most=1.0),
        rater_agreement=_mean(alike[are_several], weights[are_several]),
        rater_agreement_interval=_interval(alike[are_several], weights[are_several], most=1.0),
        highest_agreement=_mean(votes.shares[:, votes.places].max(axis=1)[judged], weights[judged]),
        kl_divergence=_mean(kl, w),
        kl_divergence_interval=_interval(kl, w),
        kl_of_mean_votes=_mean(rel_entr(q, mean_votes).sum(axis=1), w),
        log_loss=_mean(kl + entr(q).sum(axis=1), w),
        by_agreement=_by_agreement(data, votes, is_right, clear),
    )


def _alike(votes: RaterVotes) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the share of pairs of raters that say the same, and whether there are pairs."""
    given = votes.given
    n = given.sum(axis=1)
    pairs = n * (n - 1) if votes.are_counts else np.zeros_like(n)
    same = (given * (given - 1)).sum(axis=1)
    return np.divide(same, pairs, out=np.zeros_like(n), where=pairs > 0), pairs > 0


def _by_agreement(
    data: LabelledProbabilities,
    votes: RaterVotes,
    is_right: NDArray[np.bool_],
    clear: NDArray[np.bool_],
) -> pd.DataFrame:
    name, agreeing = "raters", votes.given.max(axis=1)
    if not votes.are_counts or votes.given[clear].sum(axis=1).max(initial=0) > _MOST_RATERS:
        # Shares in float32 are a little below their tenths.
        name = "share of raters"
        agreeing = np.floor(10 * votes.shares.max(axis=1) + 1e-4) / 10
    else:
        agreeing = agreeing.astype(np.int64)
    rows = {}
    for raters in np.unique(agreeing[clear]).tolist():
        chosen = clear & (agreeing == raters)
        weights = data.weights_or_ones[chosen]
        accuracy = _mean(is_right[chosen], weights)
        rows[raters] = (accuracy, *_wilson(accuracy, weights), _number(data, chosen))
    columns = ["accuracy", "low", "high", "support"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.rename_axis(name)


def _number(data: LabelledProbabilities, rows: NDArray[np.bool_]) -> float:
    number: float = data.as_numbers(data.weights_or_ones[rows].sum()).item()
    return number


def _mean(values: NDArray[Any], weights: NDArray[np.float64]) -> float:
    return float(np.average(values, weights=weights)) if len(values) else math.nan


def _wilson(share: float, weights: NDArray[np.float64]) -> Interval:
    if not len(weights):
        return math.nan, math.nan
    return wilson_interval(min(1.0, share), float(weights.sum()))


def _interval(
    values: NDArray[np.float64], weights: NDArray[np.float64], most: float = math.inf
) -> Interval:
    """Return the interval of a mean, by its standard error, within [0, most]."""
    n = float(weights.sum())
    if n <= 1:
        return math.nan, math.nan
    mean = _mean(values, weights)
    variance = float((weights * (values - mean) ** 2).sum()) / (n - 1)
    reach = _Z * math.sqrt(variance / n)
    return max(0.0, mean - reach), min(most, mean + reach)


def _in_words(interval: Interval) -> str:
    if math.isnan(interval[0]):
        return ""
    return f" ({' to '.join(f'{100 * end:.1f}' for end in interval)} %)"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
