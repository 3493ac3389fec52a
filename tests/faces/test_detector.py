"""Faces are found where they are, in the photo's own coordinates."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from ferclassifier import detect_faces, make_faces
from ferclassifier.exceptions import DataError, ImageError
from ferclassifier.faces import Faces

EYES = np.array([(220.0, 192.0), (304.0, 188.0)])


def assert_hopper(faces: Faces, eyes: np.ndarray = EYES, within: float = 14.0) -> None:
    assert len(faces.scores) == 1
    assert np.abs(faces.landmarks[0, :2] - eyes).max() < within
    left, top, right, bottom = faces.boxes[0]
    middle = faces.landmarks[0, :4].mean(axis=0)
    assert left < middle[0] < right
    assert top < middle[1] < bottom
    assert 0.6 < faces.scores[0] <= 1


def test_a_portrait(hopper: Image.Image) -> None:
    faces = detect_faces(hopper)
    assert_hopper(faces)
    assert [part.dtype for part in faces] == [np.float32] * 3


@pytest.mark.parametrize("orientation", [1, 3, 5, 6])
def test_photos_are_turned_upright_by_their_exif_data(
    hopper: Image.Image, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    # Turned the other way round, so that it stands upright again.
    undo = {3: "ROTATE_180", 5: "TRANSPOSE", 6: "ROTATE_90"}
    stored = hopper
    if orientation in undo:
        stored = hopper.transpose(Image.Transpose[undo[orientation]])
    stored.save(file, "JPEG", exif=exif)
    assert_hopper(detect_faces(file.getvalue()))


@pytest.mark.parametrize("factor", [0.25, 5.0])
def test_coordinates_are_those_of_the_file(hopper: Image.Image, factor: float) -> None:
    """A JPEG file of 2560 by 3000 pixels is decoded at a smaller size."""
    file = io.BytesIO()
    hopper.resize([round(n * factor) for n in hopper.size]).save(file, "JPEG")
    largest = detect_faces(file.getvalue()).rows(np.array([0]))
    assert_hopper(largest, EYES * factor, 14 * factor + 2)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_may_lie_on_its_side(hopper: Image.Image, quarters: int) -> None:
    width, height = hopper.size
    x, y = EYES.T
    eyes = {1: (y, width - x), 2: (width - x, height - y), 3: (height - y, x)}[quarters]
    turned = np.rot90(np.asarray(hopper), quarters)
    assert_hopper(detect_faces(turned), np.stack(eyes, axis=1))


def test_several_faces_the_largest_first(hopper: Image.Image) -> None:
    photo = Image.new("RGB", (1200, 800), "gray")
    places = {400: (20, 20), 160: (700, 100), 90: (900, 500)}
    for width, corner in places.items():
        photo.paste(hopper.resize((width, width * 600 // 512)), corner)
    faces = detect_faces(photo)
    assert len(faces.scores) == 3
    for landmarks, (width, corner) in zip(faces.landmarks, places.items(), strict=True):
        assert_allclose(landmarks[:2], EYES * width / 512 + corner, atol=14 * width / 512 + 2)


def test_smaller_faces_than_asked_for_are_left_out(hopper: Image.Image) -> None:
    side = np.diff(detect_faces(hopper).boxes[0, [0, 2]])[0]
    assert len(detect_faces(hopper, min_size=int(side) - 10).scores) == 1
    assert len(detect_faces(hopper, min_size=int(side) + 10).scores) == 0


def test_a_higher_threshold_finds_less(hopper: Image.Image) -> None:
    score = float(detect_faces(hopper).scores[0])
    assert len(detect_faces(hopper, threshold=(score + 1) / 2).scores) == 0


def test_pictures_without_faces() -> None:
    rng = np.random.default_rng(0)
    stripes = np.zeros((300, 400), np.uint8)
    stripes[::20] = 255
    for picture in (
        np.zeros((300, 400), np.uint8),
        rng.integers(0, 256, (300, 400, 3), dtype=np.uint8),
        stripes,
        np.full((1, 1), 7, np.uint8),
        np.zeros((1, 3000), np.uint8),
    ):
        faces = detect_faces(picture)
        assert (faces.boxes.shape, faces.landmarks.shape) == ((0, 4), (0, 6, 2))


def test_drawn_faces() -> None:
    drawn, _ = make_faces(9, random_state=1)
    photo = Image.new("L", (900, 700), 128)
    for i, face in enumerate(drawn):
        place = (40 + i % 3 * 300, 30 + i // 3 * 230)
        photo.paste(Image.fromarray(face).resize((120, 120)), place)
    faces = detect_faces(photo)
    assert 7 <= len(faces.scores) <= 9


def test_too_large_a_photo_is_refused_by_its_header() -> None:
    """It would take 144 MB, and half a gigabyte in colours."""
    file = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    assert len(file.getvalue()) < 140_000
    with pytest.raises(ImageError, match="12000 x 12000 pixels, but at most 50,000,000"):
        detect_faces(file.getvalue())


def test_a_detector_of_one_s_own(hopper: Image.Image) -> None:
    seen = []

    def detector(pixels: np.ndarray) -> Any:
        seen.append((pixels.shape, pixels.dtype))
        return [(10, 20, 30, 40), (5, 5, 90, 95)]

    faces = detect_faces(hopper.resize((4096, 4800)), detector=detector)
    assert seen == [((2048, 1748, 3), np.uint8)]
    assert_allclose(faces.boxes[0], np.array([5, 5, 90, 95]) * (4800 / 2048), rtol=1e-3)
    assert np.isnan(faces.landmarks).all()
    assert faces.scores.tolist() == [1, 1]
    scored = faces._replace(scores=np.array([0.5, 0.7], np.float32))
    assert_allclose(detect_faces(hopper, detector=lambda pixels: scored).scores, [0.7])
    for nothing in ([], np.empty((0, 4)), Faces.none()):
        assert len(detect_faces(hopper, detector=lambda pixels, n=nothing: n).scores) == 0


@pytest.mark.parametrize("found", [[1, 2, 3, 4], [(1, 2, 3)], [(1, 2, np.nan, 4)]], ids=str)
def test_a_detector_that_gives_no_boxes(found: Any) -> None:
    with pytest.raises(DataError, match=r"The detector gave .* boxes of shape \(n, 4\)"):
        detect_faces(np.zeros((90, 90), np.uint8), detector=lambda pixels: found)


@pytest.mark.parametrize(
    "options",
    [
        *({"min_size": size} for size in (0, 2.5, True, "20")),
        *({"threshold": value} for value in (0, 1, 1.5, np.nan, "high", None)),
        {"detector": "yunet"},
    ],
    ids=str,
)
def test_options_that_are_not_valid(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"Got {next(iter(options))}="):
        detect_faces("nowhere.png", **options)


def test_finding_faces_loads_nothing_heavy() -> None:
    code = (
        "import sys, numpy\nfrom ferclassifier.faces._crops import crops_of\n"
        "from ferclassifier import detect_faces\n"
        "detect_faces(numpy.zeros((90, 90), 'uint8'))\n"
        "print({'sklearn', 'pandas', 'scipy', 'tensorflow', 'keras'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_the_networks_come_with_their_licence() -> None:
    folder = files("ferclassifier") / "faces" / "models"
    assert "Apache License" in (folder / "LICENSE").read_text()
    told = (folder / "README.md").read_text()
    for name in ("face_detection_full_range", "face_detection_short_range"):
        assert (folder / f"{name}.onnx").is_file()
        assert name in told
    assert Path(str(folder)).name == "models"
