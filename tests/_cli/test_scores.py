"""Scores as tables: what is too wide is left out, and names are no markup."""

from __future__ import annotations

import numpy as np
import pytest

from ferclassifier._cli import scores
from ferclassifier.metrics import emotion_report


def test_a_confusion_matrix_that_is_too_wide_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = np.array([f"class number {i}" for i in range(30)])
    scores.print_scores(emotion_report(names, np.eye(30), classes=names))
    assert "see it with --json" in capsys.readouterr().out


def test_names_with_brackets_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    names = np.array(["[red]", "[/b]"])
    scores.print_scores(emotion_report(names, np.eye(2)[::-1], classes=names))
    printed = capsys.readouterr().out
    assert "[red] is taken for [/b] 100 % of the time" in printed
    assert printed.count("[red]") == printed.count("[/b]") == 5
