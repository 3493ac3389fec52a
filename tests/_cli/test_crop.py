"""The command ``crop``: photos of one's own become a data set."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from ferclassifier import load_image_folder
from helpers import assert_fails, run
from photo_files import write_face


@pytest.fixture
def photos(tmp_path: Path, portrait: Path) -> Path:
    for name in ("calm/1.jpg", "excited/1.jpg", "excited/2.jpg"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(portrait, tmp_path / "photos" / name)
    write_face(tmp_path / "photos" / "calm" / "2.png")
    Image.new("L", (90, 80), 200).save(tmp_path / "photos" / "calm" / "wall.png")
    return tmp_path / "photos"


def test_a_data_set_of_photos(photos: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces"
    result = run("crop", photos, "--output", output)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        *("4 faces of 5 photos, 1 of them without a face", f"Wrote {output}")
    ]
    faces = load_image_folder(output)
    assert faces.images.shape == (4, 48, 48)
    assert faces.target.tolist() == ["calm", "calm", "excited", "excited"]

    again = run("crop", photos, "--output", output)
    assert "0 faces of 1 photo, 1 of them without a face; those of 4 photos" in again.stdout


def test_options(photos: Path, tmp_path: Path) -> None:
    output = tmp_path / "faces"
    run("crop", photos / "calm" / "1.jpg", "--output", output, "--size", 96, "--color")
    with Image.open(output / "1.jpg-0.png") as face:
        assert (face.size, face.mode) == ((96, 96), "RGB")


def test_bad_input(photos: Path, tmp_path: Path) -> None:
    (photos / "bad.png").write_text("x")
    result = run("crop", photos, tmp_path / "x.png", "--output", tmp_path / "faces")
    assert result.exit_code == 1
    assert "4 faces of 5 photos" in result.stdout
    assert "2 of 7 photos could not be read" in result.stderr.splitlines()[-1]
    assert_fails(run("crop", photos / "calm", "--output", photos / "bad.png"), "this is a file")
    assert_fails(run("crop", photos, "--output", photos / "faces"), "lies in")
    assert not (photos / "faces").exists()
    (tmp_path / "empty").mkdir()
    assert_fails(run("crop", tmp_path / "empty", "--output", tmp_path / "y"), "no images")
