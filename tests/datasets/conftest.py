"""A table of faces, and the forms in which folders come."""

from __future__ import annotations

from pathlib import Path

import pytest

from image_trees import random_faces, row, spell, write_csv


@pytest.fixture
def csv_path(tmp_path: Path) -> Path:
    images, labels, usages = random_faces()
    rows = [row(k, spell(x), u) for x, k, u in zip(images, labels, usages, strict=True)]
    return write_csv(tmp_path / "fer2013.csv", *rows)


@pytest.fixture(params=["tree", "zip", "tar.gz"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)
