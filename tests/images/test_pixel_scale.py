"""Which scale pixels have, what brings it to [-1, 1], and which scales are taken for others."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ferclassifier.exceptions import PixelScaleError, PixelScaleWarning
from ferclassifier.images._pixel_scale import PixelScale
from pixel_scales import PAIRS, SCALES, X, expected, outcome


def fitted_on(scale: str) -> PixelScale:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PixelScaleWarning)
        return PixelScale.of_training(SCALES[scale](X))


@pytest.mark.parametrize(
    ("pixels", "kind"),
    [
        (np.array([[0, 255]], np.uint8), "bytes"),
        (np.array([[0, 255]], np.int64), "bytes"),
        (np.array([[0, 1]]), "bytes"),
        (np.array([[-1, 255]]), "raw"),
        (np.array([[0, 256]]), "raw"),
        (np.array([[0.0, 1.0]]), "unit"),
        (np.array([[0.0, 255.0]]), "bytes"),
        (np.array([[0, 2, 255]], np.float16), "bytes"),
        (np.array([[0.0, 17.0]]), "bytes"),
        (np.array([[0.0, 16.0]]), "raw"),  # the digits of scikit-learn
        (np.array([[0.0, 254.5]]), "raw"),
        (np.array([[0.0, 256.0]]), "raw"),
        (np.array([[-0.1, 0.9]]), "raw"),
        (np.array([[True, False]]), "unit"),
        (np.array([[0.0, np.nan]]), "raw"),
    ],
)
def test_scales(pixels: Any, kind: str) -> None:
    assert PixelScale.of(pixels).kind == kind


def test_scales_meet_on_the_same_range() -> None:
    for pixels in (np.array([[0, 255]], np.uint8), np.array([[0.0, 1.0]])):
        factor, offset = PixelScale.of(pixels).factor_and_offset
        assert np.allclose(pixels * factor + offset, [[-1, 1]])


@pytest.mark.parametrize(("fitted", "given"), PAIRS)
def test_every_pair_of_scales(fitted: str, given: str) -> None:
    """Seven pairs were taken in silence, and the model answered no better than by chance."""
    scale, images = fitted_on(fitted), SCALES[given](X)
    for batch in (images, images.reshape(len(X), -1), np.asfortranarray(images)):
        assert outcome(lambda batch=batch: scale.check(batch)) == expected(fitted, given)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    "picture",
    [
        lambda x: x[:1],
        lambda x: x[:1] * 0,
        lambda x: x[:1] * 0 + 3,
        lambda x: x[:1] * 0 + 199,
        lambda x: x[:1] // 40,  # nearly black
        lambda x: x[:1] // 4,
        lambda x: x[:1] // 4 + 140,  # pale
        lambda x: np.concatenate([x[:1] // 60, x[1:9]]),
        lambda x: np.concatenate([x[:1] * 0, x[1:9]]),
        lambda x: np.concatenate([x[:9] // 8, x[:3]]),
        lambda x: x[:12] // 8,
    ],
    ids=[
        "a picture",
        "black",
        "dark gray",
        "light gray",
        "nearly black",
        "dark",
        "pale",
        "one of them nearly black",
        "one of them black",
        "most of them dark",
        "all of them dark",
    ],
)
def test_dark_and_constant_pictures_are_no_offence(
    scale: str, picture: Callable[[Any], Any]
) -> None:
    given = SCALES[scale](picture(X))
    passes_for_unit = scale == "signed unit" and given.min() >= 0 and given.min() < given.max()
    assert outcome(lambda: fitted_on(scale).check(given)) == (
        "warned" if passes_for_unit else "same answer"
    )


def test_levels_of_gray_are_told_from_a_scale() -> None:
    """A picture of the two darkest levels reaches as far as one that was divided twice."""
    two_levels = (X[:1] > 100) / 255
    unit = fitted_on("unit")
    assert outcome(lambda: unit.check(two_levels)) == "same answer"
    with pytest.raises(PixelScaleError, match=r"Got floats in \[0, 0\.003\d*\].*once only"):
        unit.check(SCALES["twice divided"](X[:1]))


def test_bright_standardised_images_are_no_bytes() -> None:
    """A standardised image without a value below 0 passed for nearly black bytes."""
    bright = np.clip(SCALES["standardised"](X[:1]), 0.1, None)
    for scale in ("bytes", "resized"):
        assert outcome(lambda scale=scale: fitted_on(scale).check(bright)) == "warned"


@pytest.mark.parametrize(
    ("fitted", "given"),
    [((X * 257.0) - 0.5, X), (X / 51.0, X / 255.0 / 51), (X / 51.0 - 2.5, X)],
    ids=["16 bits, bytes", "another unit, divided", "another unit, bytes"],
)
def test_scales_that_have_no_name(fitted: Any, given: Any) -> None:
    assert outcome(lambda: PixelScale.of_training(fitted).check(given)) in {"warned", "refused"}


def test_a_model_that_learns_from_pixels_divided_twice_is_warned_of() -> None:
    """It learned nothing, and said nothing."""
    with pytest.warns(PixelScaleWarning, match=r"from 0 to 0\.003\d* only.*divide once"):
        PixelScale.of_training(SCALES["twice divided"](X))
    assert outcome(lambda: PixelScale.of_training((X > 100) / 255)) == "same answer"
    assert outcome(lambda: PixelScale.of_training(X * 0.0)) == "same answer"


def test_tables_of_few_columns_may_hold_anything() -> None:
    rng = np.random.default_rng(0)
    for table in (rng.normal(size=(50, 4)), rng.uniform(0, 9, (50, 4)), rng.uniform(size=(50, 3))):
        scale = PixelScale.of_training(table)
        for part in (table[:1], table[:1] / 300, 1.4 * table, table[::-1][:9] / 2):
            assert outcome(lambda part=part, scale=scale: scale.check(part)) == (
                "warned" if scale.kind == "unit" and part.max() > 1 else "same answer"
            )


def test_scales_of_before_say_no_more_than_their_ends() -> None:
    scale = PixelScale("raw", -1.0, 1.0)
    assert (scale.mean, scale.deviation) == (None, None)
    assert outcome(lambda: scale.check(SCALES["float bytes"](X))) == "refused"
    assert outcome(lambda: scale.check(SCALES["standardised"](X))) == "same answer"
