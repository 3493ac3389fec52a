"""What is missing says how to install it, and what is there is imported."""

from __future__ import annotations

import json.decoder
import sys
from pathlib import Path

import pytest

from ferclassifier._utils.extras import import_extra


def test_an_installed_module_is_imported() -> None:
    assert import_extra("json.decoder", extra="dask") is json.decoder


def test_a_missing_module_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("optuna", "optuna.samplers"):  # what is installed is the package
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(
            ImportError, match=r"needs optuna,.*pip install \"ferclassifier\[optuna\]\""
        ):
            import_extra(module, extra="optuna")


def test_a_broken_module_does_not_look_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_extra.py").write_text("raise ImportError('libhdf5.so is not there')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match=r"broken_extra.*libhdf5\.so is not there") as caught:
        import_extra("broken_extra", extra="dask")
    assert caught.value.name == "broken_extra"
    assert isinstance(caught.value.__cause__, ImportError)
