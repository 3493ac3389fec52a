"""The command ``audit``: it shows what the audit finds, by the names of rows and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from ferclassifier import EMOTIONS, load_fer2013, make_faces
from ferclassifier.audit import audit_images
from helpers import run


class TestAudit:
    def found(self, doubled: Path) -> Any:
        faces = load_fer2013(doubled, subset="all")
        return audit_images(faces.images, faces.target, groups=faces.usage)

    def test_screen_and_json_hold_what_the_audit_found(self, doubled: Path) -> None:
        audit = self.found(doubled)
        assert len(audit["across-groups"]) == 2
        assert run("audit", doubled).stdout == f"Reading {doubled}\n\n{audit}\n"
        told = json.loads(run("audit", doubled, "--json").stdout)
        assert told == {"data": str(doubled), "subset": "all", **audit.to_dict()}

    def test_images_are_named_by_their_rows(self, doubled: Path, tmp_path: Path) -> None:
        path = tmp_path / "audit.md"
        result = run("audit", doubled, "--report", path)
        assert result.stdout.endswith(f"Wrote {path}.\n")
        text = path.read_text(encoding="utf-8")
        for name in ("train, row 3", "validation, row 31"):
            assert name in text

    def test_a_model_finds_labels_that_may_be_wrong(
        self, doubled: Path, model_of_codes: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only on images that it was not trained on."""
        given: dict[str, Any] = {}

        def audit_and_note(*args: Any, **kwargs: Any) -> Any:
            given.update(kwargs)
            return audit_images(*args, **kwargs)

        monkeypatch.setattr("ferclassifier.audit.audit_images", audit_and_note)
        result = run("audit", doubled, "--model", model_of_codes)
        assert result.exit_code == 0, result.output
        probabilities = given["y_proba"]
        assert np.isnan(probabilities[:20]).all()
        clf = joblib.load(model_of_codes)
        expected = clf.predict_proba(load_fer2013(doubled, subset="validation").images)
        np.testing.assert_array_equal(probabilities[20:], expected)
        assert list(given["classes"]) == list(EMOTIONS)

    def test_a_folder_of_ones_own_is_one_group(self, tmp_path: Path) -> None:
        from PIL import Image

        images, _ = make_faces(6, random_state=0)
        for i, image in enumerate(images):
            path = tmp_path / "faces" / ("a" if i < 3 else "b") / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(images[0] if i == 4 else image).save(path)
        result = run("audit", tmp_path / "faces", "--layout", "folder", "--json")
        told = json.loads(result.stdout)
        kinds = {finding["kind"]: finding for finding in told["findings"]}
        assert sorted(kinds["exact-duplicates"]["indices"]) == [0, 4]
        assert "across-groups" not in kinds
