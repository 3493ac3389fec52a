"""The Python on pages that promise it runs, in a short form."""

from __future__ import annotations

import inspect
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from PIL import Image

from ferclassifier import FERClassifier, make_faces
from helpers import REPOSITORY, faces_and_codes

PAGES = [
    "docs/index.md",
    "docs/getting_started.md",
    "docs/how_to.md",
    "docs/pitfalls.md",
]
# What fits are when a page does not say otherwise, so that they take a second.
SHORT: dict[str, Any] = {
    "architecture_params": {"filters": (4,), "dense": 8},
    "epochs": 1,
    "batch_size": 32,
    "augmentation": None,
    "precision": "float32",
}


def blocks(page: str) -> list[tuple[int, str]]:
    """The line at which each block of Python begins, and its text."""
    text = (REPOSITORY / page).read_text()
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.M | re.S)
    return [(text.count("\n", 0, match.start()) + 2, match[1]) for match in found]


DEFAULT = inspect.signature(FERClassifier).parameters["architecture"].default


def shortened(code: str) -> str:
    code = re.sub(r"make_faces\(\d+", "make_faces(105", code)
    # The architecture of weights is taken where none is asked for.
    left_open = f'FERClassifier({DEFAULT!r}, architecture_params=None, initial_weights="tiny"'
    code = re.sub(r'FERClassifier\(initial_weights="\w+"', left_open, code)
    code = re.sub(r"\b(epochs)=\d+", r"\1=1", code)
    return code.replace("* 700", "* 70").replace("- 700", "- 70")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages name."""
    folder = tmp_path_factory.mktemp("pages")
    images, codes = faces_and_codes(70, random_state=0)
    lines = [
        f"{code},{' '.join(map(str, pixels))},{usage}\n"
        for code, pixels, usage in zip(
            codes,
            images.reshape(len(images), -1),
            ["Training"] * 42 + ["PublicTest"] * 28,
            strict=True,
        )
    ]
    (folder / "fer2013.csv").write_text("".join(["emotion,pixels,Usage\n", *lines]))
    Image.fromarray(images[0]).save(folder / "face.png")
    for name, chosen in (("happy", codes == 3), ("sad", codes == 4)):
        (folder / "photos" / name).mkdir(parents=True)
        large = Image.fromarray(images[chosen][0]).resize((160, 160))
        large.save(folder / "photos" / name / "a.png")
    return folder


@pytest.fixture
def names(place: Path) -> dict[str, Any]:
    """What the pages leave to the reader: paths with labels."""
    images, labels = make_faces(42, random_state=1)
    paths = [place / f"{i:02}.png" for i in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    return {"paths": [str(path) for path in paths], "labels": labels}


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(
    page: str, place: Path, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = FERClassifier.__init__
    monkeypatch.setattr(signature, "__kwdefaults__", {**signature.__kwdefaults__, **SHORT})
    monkeypatch.setattr(signature, "__defaults__", ("gap_cnn",))
    monkeypatch.chdir(place)
    matplotlib.use("Agg")
    assert blocks(page)
    with warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("ignore")
        for line, code in blocks(page):
            # Lines are those of the page, in a traceback too.
            exec(compile("\n" * (line - 1) + shortened(code), page, "exec"), names)
