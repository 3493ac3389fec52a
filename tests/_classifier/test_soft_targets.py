"""Learning from the probabilities of a teacher."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferclassifier import EMOTIONS
from ferclassifier.exceptions import DataError
from helpers import patterns, tiny_classifier


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

    def test_columns_of_a_data_frame_are_named(self, pattern_images: Any) -> None:
        """They were taken in their order, whatever they are called."""
        X, y = pattern_images
        classes = np.unique(y)
        truth = pd.DataFrame((y[:, None] == classes).astype(float), columns=classes)
        sorted_, turned = (
            tiny_classifier(epochs=1).fit(X, y, soft_targets=targets).predict_proba(X)
            for targets in (truth.to_numpy(), truth[classes[::-1]])
        )
        np.testing.assert_array_equal(sorted_, turned)
        with pytest.raises(DataError, match="the header of soft_targets holds 'votes'"):
            tiny_classifier().fit(X, y, soft_targets=truth.rename(columns={classes[0]: "votes"}))

    def test_emotions_in_the_order_of_their_codes(self) -> None:
        """Labels that are names are sorted, votes and other teachers may be in FER-2013's order."""
        X, codes = patterns(140, 7)
        names, by_code = np.array(EMOTIONS)[codes], np.eye(7)[codes]
        by_name = by_code[:, np.argsort(EMOTIONS)]
        for y, right, wrong in [(names, by_name, by_code), (codes, by_code, by_name)]:
            with pytest.raises(DataError, match="Got soft_targets that say the label of 80 of 140"):
                tiny_classifier(epochs=1).fit(X, y, soft_targets=wrong)
            tiny_classifier(epochs=1).fit(X, y, soft_targets=right)
