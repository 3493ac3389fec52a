"""The demo: its faces, its picture and its files, in small."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageColor

from ferclassifier import EMOTIONS, FERClassifier
from ferclassifier._cli import drawn_demo, main

CLASSES = np.array(sorted(EMOTIONS))


@pytest.fixture(autouse=True)
def _in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_demo, "N_TRAINING", 70)
    monkeypatch.setattr(drawn_demo, "N_HELD_OUT", 35)
    monkeypatch.setattr(drawn_demo, "_EPOCHS", 1)


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    return {colour for _, colour in picture.getcolors(picture.width * picture.height)}


def certainly(labels: np.ndarray) -> np.ndarray:
    """Probabilities of a model that is sure of these labels."""
    return (labels[:, None] == CLASSES).astype(np.float32)


def test_a_seed_gives_the_same_faces_and_none_twice() -> None:
    training, held_out = drawn_demo.draw_faces(seed=3)
    again, _ = drawn_demo.draw_faces(seed=3)
    others, _ = drawn_demo.draw_faces(seed=4)
    np.testing.assert_array_equal(training.images, again.images)
    assert (training.images != others.images).any()
    drawn = {image.tobytes() for faces in (training, held_out) for image in faces.images}
    assert len(drawn) == len(training) + len(held_out) == 105


def test_right_labels_are_green_and_wrong_ones_red() -> None:
    _, faces = drawn_demo.draw_faces(seed=0)
    green, red = ImageColor.getrgb(drawn_demo._RIGHT), ImageColor.getrgb(drawn_demo._WRONG)
    all_right = drawn_demo.paint_predictions(faces, CLASSES, certainly(faces.labels))
    assert green in colours(all_right)
    assert red not in colours(all_right)
    all_wrong = drawn_demo.paint_predictions(
        faces, CLASSES, certainly(np.roll(CLASSES, 1)[np.searchsorted(CLASSES, faces.labels)])
    )
    assert red in colours(all_wrong)
    assert green not in colours(all_wrong)
    assert all_right.size == all_wrong.size


def test_an_emotion_with_few_faces_leaves_a_gap() -> None:
    _, faces = drawn_demo.draw_faces(seed=0)
    happy = faces.labels == "happy"
    only_happy = drawn_demo.Faces(faces.images[happy], faces.labels[happy])
    drawn_demo.paint_predictions(only_happy, CLASSES, certainly(only_happy.labels))


def test_demo_writes_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "demo"
    result = CliRunner().invoke(main, ["demo", "--output", str(folder), "--seed", "1"])
    assert result.exit_code == 0, result.output
    assert "on 35 images" in result.stdout
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert names == [
        *(f"faces/{name}.png" for name in CLASSES),
        "model.safetensors",
        "predictions.png",
    ]
    with Image.open(folder / "predictions.png") as picture:
        assert picture.width > 7 * 100
        assert picture.height > 5 * 100
    assert FERClassifier.load(folder / "model.safetensors").classes_.tolist() == sorted(CLASSES)

    _, command = re.split("Next: ferclassifier ", result.stdout)
    predicted = CliRunner().invoke(main, command.split())
    assert predicted.exit_code == 0
    assert predicted.stdout.split()[1] in EMOTIONS


def test_output_that_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["demo", "--output", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
