"""What a fit shows in a notebook, and where nothing can move."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from helpers import tiny_classifier

Images = tuple[Any, Any]


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The outputs of a notebook's cell: for each, all that it has shown, as HTML."""
    shown: list[list[str]] = []

    def display(value: Any, display_id: bool) -> Any:
        assert display_id, "an output without a number cannot be replaced"
        shown.append([value._repr_html_()])
        return SimpleNamespace(update=lambda new: shown[-1].append(new._repr_html_()))

    ipython, of_display = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    of_display.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", of_display)
    return shown


def test_a_notebook_has_one_output_that_is_replaced(
    outputs: list[list[str]], pattern_images: Images, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_classifier(verbose=1, epochs=2).fit(*pattern_images)
    (bar,) = outputs
    assert len(bar) > 1
    assert bar[-1].startswith("<div>Epoch 2/2 <progress")
    assert "loss" in bar[-1]
    assert "left" not in bar[-1]
    assert capsys.readouterr().out == ""


def test_a_fit_that_fails_leaves_where_it_was(
    outputs: list[list[str]], pattern_images: Images
) -> None:
    from keras.callbacks import Callback

    class Fails(Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise RuntimeError("of the test")

    with pytest.raises(RuntimeError, match="of the test"):
        tiny_classifier(verbose=1, epochs=3, callbacks=[Fails()]).fit(*pattern_images)
    assert "Epoch 1/3" in outputs[0][-1] or "Epoch 2/3" in outputs[0][-1]


def test_an_interactive_shell_is_no_notebook(
    outputs: list[list[str]],
    pattern_images: Images,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: SimpleNamespace())
    tiny_classifier(verbose=1, epochs=1).fit(*pattern_images)
    assert outputs == []
    assert capsys.readouterr().out.startswith("Epoch 1/1: ")


def test_a_pipe_gets_lines_although_colours_are_forced(
    pattern_images: Images, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Jupyter sets it, and what it starts inherits it.
    monkeypatch.setenv("FORCE_COLOR", "1")
    tiny_classifier(verbose=1, epochs=1).fit(*pattern_images)
    printed = capsys.readouterr().out
    assert printed.startswith("Epoch 1/1: ")
    assert "\x1b" not in printed
