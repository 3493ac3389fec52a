"""The votes of FER+ for one part of FER-2013, and how close probabilities are to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import rel_entr
from sklearn.model_selection import KFold

from ferclassifier._classifier.temperature import at_temperature
from ferclassifier.datasets import _votes
from ferclassifier.datasets._votes_table import read_votes as read_table
from ferclassifier.metrics import VoteScores, emotion_report

EIGHT_EMOTIONS = np.array(_votes.EIGHT_EMOTIONS)


class Votes(_votes.Votes):
    """What people said of each image, whether they agree or not."""

    @property
    def plurality(self) -> NDArray[np.str_]:
        """The emotion with the most votes, the first of them if there are several."""
        return EIGHT_EMOTIONS[self.codes]

    @property
    def agreeing(self) -> NDArray[np.int64]:
        """How many gave the most frequent answer."""
        return self.counts.max(axis=1)


def read_votes(path: str | Path, subset: str) -> Votes:
    """Read fer2013new.csv, a row for each row of fer2013.csv: "train" or "validation"."""
    table = read_table(path)
    return Votes(table.counts[np.array(table.usages) == subset])


def on_votes(proba: NDArray[np.float32], votes: Votes) -> VoteScores:
    """Compare probabilities of eight classes with all votes for the same images."""
    report = emotion_report(
        votes.plurality,
        proba,
        classes=EIGHT_EMOTIONS,
        votes=votes.counts,
        vote_names=_votes.VOTE_NAMES,
    )
    assert report.votes is not None
    return report.votes


def cross_fitted_to_votes(
    shares: NDArray[np.float32], proba: NDArray[np.float32]
) -> tuple[NDArray[np.float32], list[float]]:
    """Return probabilities whose temperature was fitted on the votes for the other half of them.

    Parameters
    ----------
    shares, proba : ndarray of shape (n, n_classes), float32

    Returns
    -------
    calibrated : ndarray of shape (n, n_classes), float32
    temperatures : list of float
        Those of the halves.
    """
    calibrated, temperatures = np.empty_like(proba), []
    for fitted, scored in KFold(2, shuffle=True, random_state=0).split(proba):
        temperatures.append(votes_temperature(shares[fitted], proba[fitted]))
        calibrated[scored] = at_temperature(proba[scored], temperatures[-1])
    return calibrated, temperatures


def votes_temperature(shares: NDArray[np.float32], proba: NDArray[np.float32]) -> float:
    """Return the temperature at which probabilities are closest to shares."""
    found = minimize_scalar(
        lambda log_t: divergence(shares, at_temperature(proba, float(np.exp(log_t)))),
        bounds=(-3, 3),
        method="bounded",
    )
    return float(np.exp(found.x))


def divergence(shares: NDArray[Any], proba: NDArray[Any]) -> float:
    """Return the mean Kullback-Leibler divergence of probabilities from shares."""
    return float(rel_entr(shares, np.maximum(proba, 1e-30)).sum(axis=1).mean())


def votes_calibration_error(shares: NDArray[Any], proba: NDArray[Any], n_bins: int = 15) -> float:
    """Return how far highest probabilities are from the shares of people who say the same.

    As the expected calibration error, but that an image is as right as people find the answer.
    """
    predicted = proba.argmax(axis=1)[:, np.newaxis]
    said, voted = (np.take_along_axis(of, predicted, axis=1)[:, 0] for of in (proba, shares))
    bins = np.minimum((said * n_bins).astype(int), n_bins - 1)
    gaps = np.bincount(bins, said - voted, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(said))
