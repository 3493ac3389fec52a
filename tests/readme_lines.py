"""The README's lines of code, and the files that they name.

Needs ferclassifier and Matplotlib alone: the lines also run where nothing else is installed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image

from ferclassifier import EMOTIONS, FERClassifier, make_faces
from image_trees import row, spell, write_csv

_SPACE = """
[space]
learning_rate = [0.06, 0.12]
[fixed]
architecture = "gap_cnn"
epochs = 1
[search]
cv = 2
"""


def python_of(readme: str) -> str:
    """Return all of its Python as one script, with short fits."""
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) >= 5
    return re.sub(r"epochs=\d+", "epochs=1", "\n".join(blocks))


def commands_of(readme: str) -> list[str]:
    """Return the lines of its blocks for a shell, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def fit_for_one_epoch() -> None:
    """Change what a classifier does where a line asks for no number of epochs."""
    FERClassifier.__init__.__kwdefaults__["epochs"] = 1  # type: ignore[index]


def write_what_it_names(folder: Path) -> None:
    """Write a data set, a photo, a face, a folder of faces and a space to search."""
    images, names = make_faces(140, random_state=0)
    codes = [EMOTIONS.index(name) for name in names]
    rows = [
        row(code, spell(image), "PublicTest" if i >= 98 else "Training")
        for i, (image, code) in enumerate(zip(images, codes, strict=True))
    ]
    write_csv(folder / "fer2013.csv", *rows)
    Image.fromarray(images[0]).save(folder / "face.png")
    for i, (image, name) in enumerate(zip(images[:42], names[:42], strict=True)):
        place = folder / "my-faces" / name
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{i}.png")
    portrait = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    (folder / "photos").mkdir()
    shutil.copy(portrait, folder / "photos")
    shutil.copy(portrait, folder / "photo.jpg")
    (folder / "space.toml").write_text(_SPACE, encoding="utf-8")


def write_video_it_names(folder: Path) -> None:
    """Write a second of the portrait; needs PyAV."""
    from video_files import write_video

    with Image.open(folder / "photo.jpg") as photo:
        frame = np.asarray(photo.convert("RGB").resize((256, 300)))
    write_video(folder / "talk.mp4", [frame] * 5, rate=5)
