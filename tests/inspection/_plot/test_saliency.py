"""Where a classifier looks, drawn."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ferclassifier.exceptions import DataError
from ferclassifier.inspection import SaliencyDisplay, overlay, saliency
from helpers import patterns

FACES = patterns(4)[0]
RAMP = np.linspace(0, 1, 144, dtype=np.float32).reshape(1, 12, 12)


class TestDisplay:
    def test_from_estimator(self, fitted: Any) -> None:
        display = SaliencyDisplay.from_estimator(fitted, FACES, method="gradient")
        assert_array_equal(display.maps, saliency(fitted, FACES, "gradient"))
        painted = overlay(FACES, display.maps)
        assert len(display.images_) == 4
        for shown, expected in zip(display.images_, painted, strict=True):
            assert_array_equal(shown.get_array(), expected)
        assert display.ax_.figure is display.figure_

    def test_captions_tell_what_is_explained(self, fitted: Any) -> None:
        names = ["rows", "columns", "noise"]
        proba = fitted.predict_proba(FACES)
        codes = proba.argmax(axis=1)
        wrong = [*codes[:3], (codes[3] + 1) % 3]
        display = SaliencyDisplay.from_estimator(fitted, FACES, wrong, display_labels=names)
        expected = [
            f"{names[code]} {100 * p:.0f} %"
            for code, p in zip(codes, proba.max(axis=1), strict=True)
        ]
        expected[3] += f"\nlabel: {names[wrong[3]]}"
        assert display.captions == expected
        assert [text.get_text() for text in display.captions_] == expected

    def test_target(self, fitted: Any) -> None:
        display = SaliencyDisplay.from_estimator(fitted, FACES, target=2, display_labels=[*"abc"])
        assert_array_equal(display.maps, saliency(fitted, FACES, target=2))
        assert display.captions is not None
        assert [caption[0] for caption in display.captions] == ["c"] * 4
        several = SaliencyDisplay.from_estimator(fitted, FACES, target=[2, 0, 1, 1])
        assert several.captions is not None
        assert [caption[0] for caption in several.captions] == ["2", "0", "1", "1"]

    def test_faces_beside(self) -> None:
        maps = np.repeat(RAMP, 4, axis=0)
        display = SaliencyDisplay(FACES, maps, captions=list("abcd"))
        display.plot(beside=True, n_columns=5, alpha=0.3)
        pictures = [image.get_array() for image in display.images_]
        assert_array_equal(pictures[::2], overlay(FACES, np.zeros((4, 12, 12))))
        assert_array_equal(pictures[1::2], overlay(FACES, maps, alpha=0.3))
        assert [text.get_text() for text in display.captions_] == [
            "",
            "a",
            "",
            "b",
            "",
            "c",
            "",
            "d",
        ]
        lefts = [image.get_extent()[0] for image in display.images_]
        assert len(set(lefts)) == 4  # a face and its map are not torn apart

    def test_axes_of_ones_own(self) -> None:
        _, ax = plt.subplots()
        display = SaliencyDisplay(FACES, np.zeros((4, 12, 12)))
        assert display.plot(ax=ax) is display
        assert display.ax_ is ax

    def test_what_does_not_go_together(self, fitted: Any) -> None:
        with pytest.raises(DataError, match="a map of the same size for each image"):
            SaliencyDisplay(FACES, np.zeros((3, 12, 12))).plot()
        with pytest.raises(DataError, match="captions"):
            SaliencyDisplay(FACES, np.zeros((4, 12, 12)), captions=["a"]).plot()
        with pytest.raises(ValueError, match="n_columns=1"):
            SaliencyDisplay(FACES, np.zeros((4, 12, 12))).plot(beside=True, n_columns=1)
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            SaliencyDisplay.from_estimator(fitted, FACES, [0])
