"""What our files say of themselves is compared with what is known, whoever wrote it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ferclassifier._onnx.manifest import KEY, Manifest
from ferclassifier.exceptions import ModelFileError

BYTES = {"kind": "bytes", "low": 0.0, "high": 255.0}


def metadata_with(**changes: Any) -> dict[str, str]:
    """The metadata of a file, some of them changed, or taken out if they are None."""
    described = json.loads(Manifest(np.array(["a", "b"]), (4, 4, 1), BYTES).to_metadata()[KEY])
    described.update(changes)
    return {KEY: json.dumps({k: v for k, v in described.items() if v is not ...})}


@pytest.mark.parametrize("classes", [["sad", "ängstlich"], [0, 3, 5], [0.5, 1.5], [False, True]])
def test_it_comes_back_as_it_was(classes: list[Any]) -> None:
    given = Manifest(
        np.array(classes),
        (2, 3, 1),
        {"kind": "raw", "low": -1.5, "high": 2.0, "mean": 0.1, "deviation": 1.0},
        feature_names=[f"pixel {i}" for i in range(6)],
        precision="int8",
        views=2,
        versions={"keras": "3"},
        card="# A card",
    )
    found = Manifest.from_metadata(given.to_metadata())
    assert found.classes.tolist() == classes
    assert found.classes.dtype == given.classes.dtype
    assert {**vars(found), "classes": None} == {**vars(given), "classes": None}


def test_a_file_of_somebody_else_is_told_from_ours() -> None:
    with pytest.raises(ModelFileError, match=r"not written by export_onnx.*from_keras"):
        Manifest.from_metadata({"author": "somebody"})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"protocol": 2}, "protocol 2, but this release reads up to 1"),
        ({"protocol": "1"}, "protocol is '1'"),
        ({"classes": ...}, r"metadata lacks \['classes'\]"),
        ({"more": 1}, r"unknown keys: \['more'\]"),
        ({"classes": {"dtype": "<U1", "values": ["b", "a"]}}, "not sorted"),
        ({"classes": {"dtype": "<U1", "values": []}}, "0 entries"),
        ({"classes": {"dtype": "O8", "values": [{}]}}, "dtype|labels"),
        ({"image_shape": [4, 4, 2]}, "1 or 3"),
        ({"image_shape": [2**20, 2**20, 1]}, "at most"),
        ({"image_shape": [4, 0, 1]}, "whole number"),
        ({"pixel_scale": {**BYTES, "kind": "words"}}, "one of"),
        ({"feature_names": ["x"]}, "1 names, but expected 16"),
        ({"precision": "float16"}, "one of"),
        ({"views": 0}, "whole number"),
        ({"card": 5}, "a string"),
        ({"card": "x" * 2**20}, "at most 1,048,576"),
    ],
)
def test_what_is_out_of_place_is_named(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ModelFileError, match=told) as caught:
        Manifest.from_metadata(metadata_with(**changes))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["", "[]", "5", "{", "[" * 10_000, '{"a": NaN}', '{"a":1,"a":2}'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ModelFileError):
        Manifest.from_metadata({KEY: text})


def test_what_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(ModelFileError):
        Manifest(np.array([b"a"]), (4, 4, 1), BYTES).to_metadata()
