"""What ``ferclassifier demo`` does: learn drawn faces, and paint what was learned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ferclassifier._files.writing import replacing
from ferclassifier.datasets import EMOTIONS, make_faces

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

    from ferclassifier._classifier import FERClassifier

N_TRAINING = 3_500
N_HELD_OUT = 700
_EPOCHS = 12

_ROWS = 5
_FACE = 128  # side of an enlarged face, in pixels
_GAP = 16
_TEXT = 17
_HEADING = 22
_PAPER, _INK, _RIGHT, _WRONG = "white", "#222222", "#1a7f37", "#c4161c"


@dataclass(frozen=True)
class Faces:
    """Images and the names of their emotions."""

    images: NDArray[np.uint8]
    labels: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def first_of(self, emotion: str, n: int) -> NDArray[np.intp]:
        """Return the places of the first `n` faces that show an emotion."""
        return np.flatnonzero(self.labels == emotion)[:n]


def draw_faces(seed: int) -> tuple[Faces, Faces]:
    """Return faces to learn from, and others to be scored on."""
    images, labels = make_faces(N_TRAINING + N_HELD_OUT, random_state=seed)
    return (
        Faces(images[:N_TRAINING], labels[:N_TRAINING]),
        Faces(images[N_TRAINING:], labels[N_TRAINING:]),
    )


def train(faces: Faces, seed: int) -> FERClassifier:
    """Fit the default classifier, but for fewer epochs, behind a progress bar."""
    from ferclassifier import FERClassifier

    clf = FERClassifier(epochs=_EPOCHS, random_state=seed, verbose=1)
    clf.fit(faces.images, faces.labels)
    return clf


def paint_predictions(
    faces: Faces, classes: NDArray[Any], probabilities: NDArray[np.float32]
) -> Image.Image:
    """Paint the first faces of each emotion, one column each, over what the model says of them.

    Parameters
    ----------
    faces : Faces
    classes : ndarray of shape (n_classes,), str
    probabilities : ndarray of shape (n_faces, n_classes)
    """
    from PIL import Image, ImageDraw, ImageFont

    predicted = classes[probabilities.argmax(axis=1)]
    cell_width, cell_height = _FACE + _GAP, _FACE + 3 * _TEXT + _GAP
    top = _GAP + 4 * _TEXT
    sheet = Image.new("RGB", (_GAP + len(EMOTIONS) * cell_width, top + _ROWS * cell_height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    accuracy = (predicted == faces.labels).mean()
    pen.text(
        (_GAP, _GAP),
        f"Faces that the network had not seen: {accuracy:.1%} of {len(faces)} are right",
        fill=_INK,
        font=ImageFont.load_default(_HEADING),
    )
    font = ImageFont.load_default(_TEXT)
    for column, emotion in enumerate(EMOTIONS):
        for row, i in enumerate(faces.first_of(emotion, _ROWS)):
            x, y = _GAP + column * cell_width, top + row * cell_height
            face = Image.fromarray(faces.images[i])
            sheet.paste(face.resize((_FACE, _FACE), Image.Resampling.BICUBIC), (x, y))
            says = f"{predicted[i]} {probabilities[i].max():.0%}"
            _write_below(pen, (x, y), says, truth=emotion, right=predicted[i] == emotion, font=font)
    return sheet


def _write_below(
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    says: str,
    *,
    truth: str,
    right: bool,
    font: Any,
) -> None:
    x, y = corner[0], corner[1] + _FACE + 4
    pen.text((x, y), says, fill=_RIGHT if right else _WRONG, font=font)
    if not right:
        pen.text((x, y + _TEXT + 2), f"truth: {truth}", fill=_WRONG, font=font)


def write_examples(faces: Faces, folder: Path) -> list[Path]:
    """Write a face of each emotion as a PNG file."""
    from PIL import Image

    folder.mkdir(exist_ok=True)
    paths = []
    for emotion in EMOTIONS:
        path = folder / f"{emotion}.png"
        with replacing(path) as file:
            Image.fromarray(faces.images[faces.first_of(emotion, 1)[0]]).save(file, "PNG")
        paths.append(path)
    return paths
