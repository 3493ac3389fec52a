"""Emotions in any spelling, and codes in any form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ferclassifier._utils.emotions import code_in, emotion_of, meaning_of


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("happy", "happy"),
        (" Happiness ", "happy"),
        ("SURPRISED", "surprise"),
        ("An_ger", "angry"),
        ("smiling", None),
        ("", None),
    ],
)
def test_emotions_are_known_in_any_spelling(name: str, emotion: str | None) -> None:
    assert emotion_of(name) == emotion


def test_other_names_mean_themselves() -> None:
    assert meaning_of("Not sure") == meaning_of("not_sure") == "notsure"
    assert meaning_of("Sadness") == "sad"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (3, 3),
        (3.0, 3),
        ("3", 3),
        (3.5, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("3.0", None),
        ("-1", None),
        ("\N{SUPERSCRIPT TWO}", None),
        ("1" * 5000, None),
        ("happy", None),
        (None, None),
    ],
)
def test_whole_numbers_are_codes(label: Any, code: int | None) -> None:
    assert code_in(label) == code


def test_numbers_of_arrays() -> None:
    assert code_in(np.array([2.0], dtype=np.float32).tolist()[0]) == 2
