"""Maps painted over faces."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ferclassifier.exceptions import DataError
from ferclassifier.inspection import overlay
from helpers import patterns

FACES = patterns(4)[0]
RAMP = np.linspace(0, 1, 144, dtype=np.float32).reshape(1, 12, 12)


def lightness(pictures: Any) -> Any:
    return np.asarray(pictures, dtype=float) @ [0.2126, 0.7152, 0.0722]


def test_faces_stay_as_they_are_where_nothing_matters() -> None:
    pictures = overlay(FACES, np.zeros((4, 12, 12)))
    assert pictures.dtype == np.uint8
    assert_array_equal(pictures, np.repeat(FACES[..., np.newaxis], 3, axis=-1))


def test_colours_are_matplotlibs_inferno() -> None:
    painted = overlay(np.zeros((1, 12, 12), np.uint8), RAMP, alpha=1.0)
    colours = plt.get_cmap("inferno")(RAMP)[..., :3] * 255
    assert np.abs(painted - colours * RAMP[..., np.newaxis]).max() < 14


@pytest.mark.parametrize("gray", [0, 128, 255])
def test_what_matters_most_is_bright_and_coloured_on_any_face(gray: int) -> None:
    face = np.full((1, 12, 12), gray, dtype=np.uint8)
    most = overlay(face, np.ones((1, 12, 12)))[0, 0, 0].astype(int)
    assert lightness(most) > 165
    assert most[0] - most[2] > 40


def test_more_is_lighter() -> None:
    black = np.zeros((1, 12, 12), dtype=np.uint8)
    assert (np.diff(lightness(overlay(black, RAMP)).ravel()) > -0.5).all()


def test_coloured_faces_keep_their_colours() -> None:
    red = np.zeros((1, 12, 12, 3), dtype=np.uint8)
    red[..., 0] = 200
    assert_array_equal(overlay(red, np.zeros((1, 12, 12))), red)


def test_any_form_of_images() -> None:
    expected = overlay(FACES, np.repeat(RAMP, 4, axis=0))
    for form in (FACES / 255, FACES.reshape(4, -1), FACES[..., np.newaxis]):
        assert_array_equal(overlay(form, np.repeat(RAMP, 4, axis=0)), expected)


def test_opacity_is_a_share() -> None:
    with pytest.raises(ValueError, match=r"alpha == 1\.5"):
        overlay(FACES, np.zeros((4, 12, 12)), alpha=1.5)


@pytest.mark.parametrize("shape", [(3, 12, 12), (4, 6, 6), (12, 12)])
def test_maps_that_do_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="a map of the same size for each image"):
        overlay(FACES, np.zeros(shape))
