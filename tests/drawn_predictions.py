"""Labels, probabilities and weights, drawn at random, for tests of scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from ferclassifier import EMOTIONS
from ferclassifier.metrics import EmotionReport, emotion_report

NAMES = np.array(EMOTIONS)
slowly = settings(deadline=None, max_examples=40)


def equal(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-12)


class Drawn:
    """Labels, probabilities and weights, drawn at random."""

    def __init__(
        self, seed: int, n: int, n_classes: int, true: int, predicted: int, weights: str
    ) -> None:
        rng = np.random.default_rng(seed)
        self.classes = rng.permutation(NAMES)[:n_classes]
        self.codes = rng.choice(rng.permutation(n_classes)[:true], n)
        proba = rng.dirichlet(np.full(n_classes, 0.5), n)
        often = rng.permutation(n_classes)[:predicted]
        proba[:, often] += rng.dirichlet(np.ones(len(often)), n) * n_classes
        self.proba = proba / proba.sum(axis=1, keepdims=True)
        self.y = self.classes[self.codes]
        self.predicted = self.classes[self.proba.argmax(axis=1)]
        self.weights = {
            "none": None,
            "real": rng.exponential(size=n),
            "some zero": np.where(np.arange(n) % 3 == 0, rng.integers(1, 5, n), 0),
        }[weights]

    def report(self) -> EmotionReport:
        return emotion_report(self.y, self.proba, classes=self.classes, sample_weight=self.weights)

    @property
    def weights_or_ones(self) -> Any:
        return np.ones(len(self.y)) if self.weights is None else self.weights


@st.composite
def drawn(draw: Callable[[Any], Any]) -> Drawn:
    n_classes = draw(st.integers(1, 5))
    return Drawn(
        seed=draw(st.integers(0, 2**32 - 1)),
        n=draw(st.integers(1, 50)),
        n_classes=n_classes,
        true=draw(st.integers(1, n_classes)),
        predicted=draw(st.integers(1, n_classes)),
        weights=draw(st.sampled_from(["none", "real", "some zero"])),
    )


ONE_CLASS = Drawn(0, 9, 1, 1, 1, "some zero")
MISSING_CLASSES = Drawn(0, 40, 5, 2, 2, "real")
