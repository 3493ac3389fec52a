"""Learning from the probabilities of a teacher."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from helpers import tiny_classifier


class TestSoftTargets:
    def test_the_labels_alone_are_what_they_were(self, pattern_images: Any) -> None:
        X, y = pattern_images
        one_hot = (y[:, None] == np.unique(y)).astype(float)
        plain = tiny_classifier(random_state=0).fit(X, y)
        taught = tiny_classifier(random_state=0).fit(X, y, soft_targets=one_hot)
        assert (plain.predict_proba(X) == taught.predict_proba(X)).all()

    def test_a_teacher_can_outweigh_the_labels(self, pattern_images: Any) -> None:
        X, y = pattern_images
        classes = np.unique(y)
        truth = (y[:, None] == classes).astype(float)
        wrong = np.roll(y, 1)
        clf = tiny_classifier(epochs=10, distillation_weight=1.0, random_state=0)
        assert clf.fit(X, wrong, soft_targets=truth).score(X, y) > 0.9

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t: t[:-1], "of shape"),
            (lambda t: t[:, :-1], "of shape"),
            (lambda t: t * 2, "no probabilities"),
            (lambda t: 1.5 * t - 0.5 / t.shape[1], "no probabilities"),
            (lambda t: np.where(t == 1, np.nan, t), "NaN"),
        ],
    )
    def test_bad_targets_are_refused(self, pattern_images: Any, change: Any, message: str) -> None:
        X, y = pattern_images
        truth = (y[:, None] == np.unique(y)).astype(float)
        with pytest.raises(ValueError, match=message):
            tiny_classifier().fit(X, y, soft_targets=change(truth))
