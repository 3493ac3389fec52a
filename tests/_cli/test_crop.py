"""The command ``crop``: photos of one's own become a data set."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from ferclassifier import load_image_folder
from ferclassifier.images import read_image
from helpers import (
    INTERRUPTIONS,
    assert_fails,
    assert_session_has_ended,
    run,
    shows_sessions,
    start_in_foreground,
)
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


@shows_sessions
@pytest.mark.parametrize(("number", "line", "code"), INTERRUPTIONS)
def test_signals_leave_whole_faces(
    number: str, line: str, code: int, portrait: Path, tmp_path: Path
) -> None:
    photos, output = tmp_path / "photos", tmp_path / "faces"
    photos.mkdir()
    for i in range(300):
        (photos / f"{i}.jpg").symlink_to(portrait)
    process = start_in_foreground("crop", photos, "--output", output)
    while not (output.is_dir() and list(output.iterdir())):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(getattr(signal, number))
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr.strip()) == (code, line)
    assert_session_has_ended(process.pid)
    faces = [read_image(path).shape for path in output.iterdir()]
    assert 0 < len(faces) < 300
    assert set(faces) == {(48, 48)}
    assert sorted(tmp_path.iterdir()) == [output, photos]
