r"""Names from outside are shown without what they would do to a terminal, and can be written.

A file name that was no UTF-8 ended ``predict --json`` and every report in a UnicodeEncodeError, and
escape sequences in names reached the terminal.
"""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferclassifier import exceptions
from ferclassifier._utils.printable import (
    as_json,
    pandas_dtype,
    printable,
    printable_labels,
    printable_lines,
)
from ferclassifier.audit import audit_images
from ferclassifier.exceptions import DataError, UnreadableImageWarning
from ferclassifier.metrics import emotion_report

# A byte that is no UTF-8, a colour, a title of the window, another direction of writing, line ends.
HOSTILE = "a\udcff\x1b[31m\x1b]0;x\x07\u202e\u2066\r\n\x08\x9b\x7f\u2028b"
texts = st.text(st.characters())  # lone surrogates too


def assert_shown(text: str) -> None:
    assert HOSTILE not in text
    assert printable_lines(text) == text
    text.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b\x7f\x07\x08\x00", r"\x9b\x7f\x07\x08\x00"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("face\udcff.png", r"face\udcff.png"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066\u2069\u2028\ufeff", r"\u2066\u2069\u2028\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("C:\\faces", "C:\\faces"),
        ("Grüße, 顔 \N{NO-BREAK SPACE}🙂", "Grüße, 顔 \N{NO-BREAK SPACE}🙂"),
        ("\u06cc\u200c\u062e 👩\u200d🔬", "\u06cc\u200c\u062e 👩\u200d🔬"),
        (3, "3"),
    ],
)
def test_what_does_not_show_itself_is_escaped(text: object, shown: str) -> None:
    assert printable(text) == shown


@given(texts)
def test_any_text_becomes_one_line_that_can_be_written(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert printable(shown) == shown
    assert printable_lines(text).count("\n") == text.count("\n")


@given(st.dictionaries(texts, texts), st.booleans())
def test_json_gives_every_text_back_and_can_be_shown(
    value: dict[str, str], ascii_only: bool
) -> None:
    text = as_json(value, ascii_only=ascii_only)
    text.encode("ascii" if ascii_only else "utf-8")
    assert printable_lines(text) == text
    # Of two surrogates in the right order, which no file has, Python's reader makes a character.
    if not any("\ud800" <= c <= "\udbff" for c in "".join([*value, *value.values()])):
        assert json.loads(text) == value


def test_json_has_no_number_that_is_none() -> None:
    text = as_json({"a": [float("nan"), np.float64("inf"), 1.5, 2, None, True], "é": ("x",)})
    assert json.loads(text) == {"a": [None, None, 1.5, 2, None, True], "é": ["x"]}
    assert "é" in text


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ],
)
def test_messages_do_nothing_to_a_terminal(kind: type[Exception]) -> None:
    error = kind(f"{HOSTILE}: no such file\nlook there")
    assert str(error) == f"{printable_lines(HOSTILE)}: no such file\nlook there"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_warning_is_shown_as_its_message_is() -> None:
    warning = UnreadableImageWarning(HOSTILE, [(0, HOSTILE)])
    assert_shown(warnings.formatwarning(warning, UnreadableImageWarning, "x.py", 1))
    assert warning.failures == [(0, HOSTILE)]


def test_an_error_about_an_error_is_escaped_once() -> None:
    error = DataError("\x1b")
    assert str(DataError(f"x: {error}")) == r"x: \x1b"


def test_tables_have_printable_names() -> None:
    rows, columns = (pd.Index(names, dtype=object) for names in ([HOSTILE], [HOSTILE, 2]))
    frame = pd.DataFrame([[1, 3]], rows, columns)
    shown = printable_labels(frame)
    assert list(shown.columns) == [printable(HOSTILE), 2]
    assert list(shown.index) == [printable(HOSTILE)]
    assert list(frame.index) == [HOSTILE]


def test_scores_and_audits_are_printed_with_printable_names() -> None:
    labels = np.array([HOSTILE, "x[bold]"])[np.arange(20) % 2]
    proba = np.full((20, 2), 0.5)
    scores = emotion_report(labels, proba)
    assert_shown(str(scores))
    assert printable(HOSTILE) in scores.summary()
    images = np.random.default_rng(0).integers(0, 255, (20, 8, 8), dtype=np.uint8)
    groups = np.array(["train", HOSTILE])[np.arange(20) // 10]
    images[3] = images[13]
    audit = audit_images(images, labels, groups=groups, train_group="train")
    assert_shown(str(audit))
    for finding in audit.findings:
        assert_shown(str(finding))


def test_tables_hold_names_that_are_no_utf_8() -> None:
    """Where pyarrow is installed, pandas raised a UnicodeEncodeError for them."""
    labels = np.array(["a\udcff", "b"])[np.arange(20) % 2]
    groups = np.array(["train", "c\udcff"])[np.arange(20) // 10]
    images = np.random.default_rng(0).integers(0, 255, (20, 8, 8), dtype=np.uint8)
    images[2] = images[12]
    audit = audit_images(images, labels, groups=groups, train_group="train")
    frame = audit.to_frame()
    indices = (
        emotion_report(labels, np.full((20, 2), 0.5)).per_class.index,
        audit.class_balance.index,  # type: ignore[union-attr]
        audit.class_balance.columns,  # type: ignore[union-attr]
    )
    assert [index.dtype for index in (*indices, frame["group"], frame["label"])] == [object] * 5
    assert list(frame["group"]) == ["train", "c\udcff"]
    assert pandas_dtype(["a", 3, None]) is None
