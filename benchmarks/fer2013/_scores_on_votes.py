"""What the card of a model tells of the votes of FER+."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ferclassifier._classifier.temperature import at_temperature, best_temperature
from ferclassifier.metrics import emotion_report, wilson_interval
from ferclassifier.pretrained._vote_facts import Accuracy, VoteFacts

sys.path.insert(0, str(Path(__file__).parents[1]))
from _votes import (
    EIGHT_EMOTIONS,
    Votes,
    cross_fitted_to_votes,
    divergence,
    on_votes,
    votes_calibration_error,
    votes_temperature,
)

from _shared.public_test import PublicTest, cross_calibrated

_AGREEING = (5, 6, 7, 8, 9, 10)


class ScoredOnVotes(NamedTuple):
    """How a model does on votes.

    Attributes
    ----------
    calibrated : ndarray of shape (n, 8), float32
        Of the images with a majority, the temperature fitted on the votes of the other half.
    temperature : float
        The one at which probabilities are closest to the votes, fitted on all of them.
    told : VoteFacts
    """

    calibrated: NDArray[np.float32]
    temperature: float
    told: VoteFacts


def with_majority(test: PublicTest, votes: Votes) -> PublicTest:
    """Return the images on which most people agree, labelled with what they say."""
    clear = votes.has_majority
    return PublicTest(
        test.images[clear],
        votes.plurality[clear],
        {name: rows[clear] for name, rows in test.subsets.items()},
    )


def score_on_votes(plain: NDArray[np.float32], votes: Votes) -> ScoredOnVotes:
    """Compare probabilities, as the network gives them, with votes for the same images."""
    clear, voted = votes.has_majority, votes.is_emotion
    shares, calibrated = votes.shares[voted], np.full_like(plain, np.nan)
    calibrated[voted], _ = cross_fitted_to_votes(shares, plain[voted])
    codes = votes.codes[clear]
    by_majority, _ = cross_calibrated(plain[clear], EIGHT_EMOTIONS[codes], EIGHT_EMOTIONS)
    report = emotion_report(EIGHT_EMOTIONS[codes], by_majority, classes=EIGHT_EMOTIONS)

    of_all = on_votes(calibrated[voted], Votes(votes.counts[voted]))
    of_clear = on_votes(calibrated[clear], Votes(votes.counts[clear]))
    right, agreeing = plain[clear].argmax(axis=1) == codes, votes.agreeing[clear]
    parts = {str(k): right[agreeing == k] for k in _AGREEING}
    parts["at least 8"] = right[agreeing >= 8]
    told = VoteFacts(
        n_images=int(of_all.n_images),
        divergence=_rounded(of_all.kl_divergence),
        divergence_of_mean=_rounded(of_all.kl_of_mean_votes),
        calibration_error=_rounded(votes_calibration_error(shares, calibrated[voted])),
        agreement=_rounded(of_clear.agreement_with_rater),
        agreement_of_two=_rounded(of_clear.rater_agreement),
        agreement_of_majority=_rounded(of_clear.highest_agreement),
        majority_temperature=_rounded(best_temperature(plain[clear], codes)),
        majority_log_loss=_rounded(report.log_loss),
        majority_calibration_error=_rounded(report.expected_calibration_error),
        by_agreement={name: _accuracy(part) for name, part in parts.items() if len(part)},
    )
    return ScoredOnVotes(calibrated[clear], votes_temperature(shares, plain[voted]), told)


def distance_at(
    temperature: float, plain: NDArray[np.float32], votes: Votes
) -> tuple[float, float]:
    """Return divergence and calibration error against the votes at a temperature."""
    shares = votes.shares[votes.is_emotion]
    proba = at_temperature(plain[votes.is_emotion], temperature)
    return divergence(shares, proba), votes_calibration_error(shares, proba)


def _accuracy(right: NDArray[np.bool_]) -> Accuracy:
    low, high = wilson_interval(right.mean(), len(right))
    return Accuracy(len(right), _rounded(right.mean()), (_rounded(low), _rounded(high)))


def _rounded(value: Any) -> float:
    return round(float(value), 4)
