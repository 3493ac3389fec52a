"""Where crops lie, and what is cut out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from ferclassifier.faces import Face
from ferclassifier.faces._frames import _REFERENCE, Frame, cut, frame_of

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)


def face_at(x: float, y: float, side: float, angle: float) -> Face:
    """A face whose landmarks are those of FER-2013's faces, in a square of the photo."""
    turn = side * np.exp(1j * angle)
    places = x + 1j * y + turn * ((_REFERENCE - 0.5) @ [1, 1j])
    landmarks = np.full((6, 2), 7, np.float32)  # the ears do not count
    landmarks[:4] = np.stack([places.real, places.imag], axis=1)
    return Face((x - side / 2, y - side / 2, x + side / 2, y + side / 2), landmarks, 0.9)


@given(st.floats(-50, 500), st.floats(-50, 500), st.floats(10, 900), st.floats(-3, 3))
@settings(max_examples=50, deadline=None)
def test_a_frame_follows_the_landmarks(x: float, y: float, side: float, angle: float) -> None:
    frame = frame_of(face_at(x, y, side, angle), box_is_ours=False)
    kept = np.clip(0.4 * angle, -np.radians(8), np.radians(8))
    assert_allclose(frame, (x, y, side, angle - kept), rtol=1e-3, atol=1e-3 * side)


def test_without_alignment_a_frame_stays_upright() -> None:
    frame = frame_of(face_at(30, 40, 50, 0.4), align=False, box_is_ours=False)
    assert_allclose(frame, (30, 40, 50, 0), rtol=1e-4)


def test_our_box_counts_more_than_the_landmarks() -> None:
    """It lies lower and is smaller than the frame; a mouth that moves changes little."""
    face = face_at(30, 40, 50, 0)
    left, top, right, bottom = (30 - 21.93, 44.05 - 21.93, 30 + 21.93, 44.05 + 21.93)
    face = face._replace(box=(left, top, right, bottom))
    frame = frame_of(face)
    assert_allclose(frame, (30, 40, 0.94 * 50, 0), rtol=1e-3, atol=1e-3)
    face.landmarks[3, 1] += 8
    assert abs(frame_of(face).side / frame.side - 1) < 0.1
    larger = face._replace(box=(left - 5, top - 5, right + 5, bottom + 5))
    assert frame_of(larger).side > frame.side


@pytest.mark.parametrize("margin", [0.25, -0.25])
def test_a_margin_is_added_on_each_side(margin: float) -> None:
    face = face_at(30, 40, 50, 0)
    assert frame_of(face, margin=margin).side == pytest.approx(
        frame_of(face).side * (1 + 2 * margin)
    )


def test_a_face_without_landmarks_is_framed_by_its_box() -> None:
    unknown = np.full((6, 2), np.nan, np.float32)
    frame = frame_of(Face((100, 100, 180, 200), unknown, 1.0))
    assert frame == (140, 150, 100, 0)


@pytest.mark.parametrize("size", [(20, 20), (20, 30), (30, 20)])
def test_a_crop_of_the_photo_s_own_pixels(size: tuple[int, int]) -> None:
    height, width = size
    crop = cut(PHOTO, Frame(40, 30, 20), size, 3)
    top, left = 30 - height // 2, 40 - width // 2
    assert_array_equal(crop, PHOTO[top : top + height, left : left + width])


def test_a_crop_in_gray_is_pillow_s() -> None:
    crop = cut(PHOTO, Frame(40, 30, 20), (20, 20), 1)
    gray = np.asarray(Image.fromarray(PHOTO[20:40, 30:50]).convert("L"))
    assert_array_equal(crop[..., 0], gray)


def test_beyond_its_edges_a_photo_repeats_them() -> None:
    crop = cut(PHOTO, Frame(0, 0, 20), (20, 20), 3)
    assert_array_equal(crop[10:, 10:], PHOTO[:10, :10])
    assert_array_equal(crop[:10, 10:], np.repeat(PHOTO[:1, :10], 10, axis=0))
    far = cut(PHOTO, Frame(-500, 30, 20), (20, 20), 3)
    assert_array_equal(far, np.repeat(PHOTO[20:40, :1], 20, axis=1))


def test_a_turned_crop_is_the_photo_turned() -> None:
    soft = np.asarray(Image.fromarray(PHOTO).resize((300, 300), Image.Resampling.BICUBIC))
    crop = cut(soft, Frame(150, 150, 100, np.pi / 2), (100, 100), 3)
    assert np.abs(crop.astype(int) - np.rot90(soft, 1)[100:200, 100:200]).max() <= 2


def test_a_reduced_crop_has_no_moire() -> None:
    """Every other pixel is white: what is left of it is gray."""
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = cut(stripes, Frame(200, 200, 300, 0.1), (48, 48), 1)
    assert 110 < crop.min() <= crop.max() < 145
