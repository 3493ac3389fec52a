"""The Python of each page runs from top to bottom, as one script, in a short form."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ferclassifier import EMOTIONS, FERClassifier
from ferclassifier.architectures import _registry
from ferclassifier.datasets._votes import EIGHT_EMOTIONS, VOTE_COLUMNS
from helpers import REPOSITORY, faces_and_codes
from image_trees import row, spell, write_csv
from video_files import write_video

FENCE = re.compile(r"^( *)```python\n(.*?)^ *```$", re.M | re.S)
# What stands above a block that needs what no test has, and says what that is.
NOT_RUN = re.compile(r"<!-- not run: \w.* -->\n+ *$")
# What a page asks for, and what does to see that its lines run.
SHORT = {
    r"make_faces\(\d+": "make_faces(140",
    r"\bepochs=\d+": "epochs=1",
    r"\bn_trials=\d+": "n_trials=2",
    r"\bmax_iter=\d+": "max_iter=2",
    r'"compact", "mini_xception"': '"small_resnet"',
    r"\bcv=\d+": "cv=2",
    r"\bmin_resources=3,\s+max_resources=27": "min_resources=1, max_resources=3",
}


class Block(NamedTuple):
    line: int
    code: str
    is_run: bool


def blocks(page: Path) -> list[Block]:
    """What a page has of Python, each with the line at which it begins."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            text.count("\n", 0, match.start()) + 2,
            dedent(match[2]),
            NOT_RUN.search(text, 0, match.start()) is None,
        )
        for match in FENCE.finditer(text)
    ]


PAGES = [page for page in sorted((REPOSITORY / "docs").glob("*.md")) if blocks(page)]


def shortened(code: str) -> str:
    for pattern, short in SHORT.items():
        code = re.sub(pattern, short, code)
    return code


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that pages name; what a page registers is forgotten after it."""
    monkeypatch.setattr(_registry, "_registered", dict(_registry._registered))
    images, codes = faces_and_codes(140, random_state=0)
    images[100] = images[0]  # which an audit finds
    parts = np.where(np.arange(140) < 98, "Training", "PublicTest")
    rows = [
        row(code, spell(image), part)
        for image, code, part in zip(images, codes, parts, strict=True)
    ]
    write_csv(tmp_path / "fer2013.csv", *rows)
    votes = np.zeros((140, len(VOTE_COLUMNS)), int)
    said = np.array([EIGHT_EMOTIONS.index(EMOTIONS[code]) for code in codes])
    said[::17] = EIGHT_EMOTIONS.index("contempt")
    votes[np.arange(140), said] = 10
    table = pd.DataFrame(votes, columns=list(VOTE_COLUMNS))
    table.insert(0, "Image name", [f"fer{i:07d}.png" for i in range(140)])
    table.insert(0, "Usage", parts)
    table.to_csv(tmp_path / "fer2013new.csv", index=False)
    Image.fromarray(images[0]).save(tmp_path / "face.png")
    for i, (image, code) in enumerate(zip(images[:70], codes[:70], strict=True)):
        folder = tmp_path / "faces" / EMOTIONS[code]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{i}.png")
    portrait = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    (tmp_path / "photos" / "happy").mkdir(parents=True)
    for name in ("photos/happy/a.jpg", "portrait.jpg", "holiday.jpg"):
        shutil.copy(portrait, tmp_path / name)
    with Image.open(portrait) as photo:
        frame = np.asarray(photo.convert("RGB").resize((256, 300)))
    write_video(tmp_path / "talk.mp4", [frame] * 5)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.filterwarnings(
    # What networks of one epoch bring about.
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore::sklearn.exceptions.UndefinedMetricWarning",
    # OptunaSearchCV calls what Optuna will remove.
    "ignore:`optuna.terminator`:FutureWarning",
)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_from_top_to_bottom(
    page: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages took names from nowhere, and blocks did not go on from those before them."""
    defaults: dict[str, Any] = FERClassifier.__init__.__kwdefaults__  # type: ignore[assignment]
    monkeypatch.setitem(defaults, "epochs", 1)
    monkeypatch.setattr(plt, "show", lambda: None)
    matplotlib.use("Agg")
    names: dict[str, Any] = {"__name__": "__main__"}
    with matplotlib.rc_context():
        for block in blocks(page):
            if block.is_run:
                # Lines are those of the page, in a traceback too.
                lines = "\n" * (block.line - 1) + shortened(block.code)
                exec(compile(lines, str(page), "exec"), names)
