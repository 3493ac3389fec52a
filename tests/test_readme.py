"""The README's Python runs from top to bottom, as one script."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from PIL import Image

from ferclassifier import EMOTIONS, FERClassifier
from ferclassifier.persistence import load_model
from helpers import REPOSITORY, faces_and_codes
from image_trees import row, spell, write_csv

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the README's lines name: a data set, a photo, a face, and a folder of faces."""
    images, codes = faces_and_codes(140, random_state=0)
    rows = [
        row(code, spell(image), "PublicTest" if i >= 98 else "Training")
        for i, (image, code) in enumerate(zip(images, codes, strict=True))
    ]
    write_csv(tmp_path / "fer2013.csv", *rows)
    Image.fromarray(images[0]).save(tmp_path / "face.png")
    for i, (image, code) in enumerate(zip(images[:42], codes[:42], strict=True)):
        place = tmp_path / "my-faces" / EMOTIONS[code]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / f"{i}.png")
    (tmp_path / "photos").mkdir()
    portrait = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    shutil.copy(portrait, tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_line_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # One epoch does for the lines; nothing else is changed.
    defaults: dict[str, Any] = FERClassifier.__init__.__kwdefaults__  # type: ignore[assignment]
    monkeypatch.setitem(defaults, "epochs", 1)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 5
    lines = re.sub(r"epochs=\d+", "epochs=1", "\n".join(blocks))
    told: dict[str, Any] = {}
    exec(compile(lines, "README.md", "exec"), told)

    assert re.search(r"grace_hopper\.jpg neutral 0\.\d+", capsys.readouterr().out)
    assert set(told["search"].best_params_) == {"architecture", "learning_rate"}
    loaded = load_model(folder / "clf.safetensors")
    assert np.array_equal(loaded.classes_, np.unique(told["train"].target))
    for page in ("report.html", "audit.html"):
        assert (folder / page).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README)
    assert len(links) > 10
    for link in links:
        assert link.startswith("http") or (REPOSITORY / link).exists(), link


def test_its_anchors_are_headings() -> None:
    for page, anchor in re.findall(r"\]\(([^)#]+)#([^)]*)\)", README):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert anchor in slugs, (page, anchor)
