"""A folder of released models, and stand-ins in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ferclassifier import FERClassifier
from ferclassifier._files import released
from ferclassifier.pretrained._facts import ModelFacts
from helpers import facts_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(released, "_FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def release(folder: Path, fitted: FERClassifier) -> Callable[..., ModelFacts]:
    """Put a stand-in among the released models."""

    def release(name: str, **changes: Any) -> ModelFacts:
        facts = facts_of(name, **changes)
        (folder / f"{name}.json").write_text(facts.to_json(), encoding="utf-8")
        if not facts.members:
            fitted.save(folder / f"{name}.safetensors")
        return facts

    return release
