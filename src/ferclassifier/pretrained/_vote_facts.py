"""How close a released model is to the votes of people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Accuracy:
    """How many of some images are right.

    Attributes
    ----------
    n_images : int
    accuracy : float in [0, 1]
    accuracy_interval : tuple of (low, high)
        Wilson's 95 % interval.
    """

    n_images: int
    accuracy: float
    accuracy_interval: tuple[float, float]


@dataclass(frozen=True)
class VoteFacts:
    """How close probabilities are to the shares of people's votes.

    Attributes
    ----------
    n_images : int
        The images that more than half of the people called an emotion, whichever it was.
    divergence : float >= 0
        The mean Kullback-Leibler divergence from the shares of the votes.
    divergence_of_mean : float >= 0
        What it would be if each image got the mean shares of all.
    calibration_error : float in [0, 1]
        As the expected calibration error, but that an image is as right as the share of the people
        who say the same.
    agreement : float in [0, 1]
        The chance that one of the people says what the model does, on the images with a majority.
    agreement_of_two : float in [0, 1]
        The chance that two of them say the same.
    agreement_of_majority : float in [0, 1]
        The chance that one of them says what most do, which no model can exceed.
    majority_temperature : float > 0
        The one with which probabilities are those of what most people say.
    majority_log_loss : float >= 0
    majority_calibration_error : float in [0, 1]
        Against what most people say, with such a temperature, fitted on the other half.
    by_agreement : dict of str to Accuracy
        By how many of ten people gave the most frequent answer, such as "8" and "at least 8".
    """

    n_images: int
    divergence: float
    divergence_of_mean: float
    calibration_error: float
    agreement: float
    agreement_of_two: float
    agreement_of_majority: float
    majority_temperature: float
    majority_log_loss: float
    majority_calibration_error: float
    by_agreement: dict[str, Accuracy]

    def problems(self) -> Iterator[str]:
        """Yield what cannot be."""
        rates = [self.calibration_error, self.majority_calibration_error, self.agreement]
        rates += [self.agreement_of_two, self.agreement_of_majority]
        rates += [row.accuracy for row in self.by_agreement.values()]
        if not all(0 <= rate <= 1 for rate in rates):
            yield "a rate is not in [0, 1]"
        if max(self.agreement, self.agreement_of_two) > self.agreement_of_majority:
            yield "more people agree than with what most of them say"
        distances = (self.divergence, self.divergence_of_mean, self.majority_log_loss)
        if not all(0 <= distance < math.inf for distance in distances):
            yield "a divergence or log-loss is not finite"
        if not 0 < self.majority_temperature < math.inf:
            yield "majority_temperature is not positive"
        for name, row in self.by_agreement.items():
            low, high = row.accuracy_interval
            if row.n_images < 1 or not low <= row.accuracy <= high:
                yield f"by_agreement.{name}: no images, or an accuracy outside its interval"
