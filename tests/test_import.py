"""Importing the package is light, and leaves the heavy libraries to the first fit."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import ferclassifier


def heavy_modules_after(code: str) -> set[str]:
    """The heavy modules that a new process has loaded after some code."""
    probe = (
        f"{code}\nimport sys\n"
        "print({'tensorflow', 'keras', 'scikeras', 'sklearn', 'pandas', 'imblearn', 'PIL'}"
        " & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return set(eval(run.stdout.strip().splitlines()[-1]))


def test_import_loads_nothing_heavy() -> None:
    assert heavy_modules_after("import ferclassifier; dir(ferclassifier)") == set()


def test_estimators_are_made_without_tensorflow() -> None:
    code = (
        "from ferclassifier import FERClassifier, list_architectures\n"
        "from sklearn.base import clone\n"
        "from sklearn.model_selection import GridSearchCV\n"
        "clf = FERClassifier(learning_rate=0.1)\n"
        "repr(clone(clf)), clf._repr_html_(), list_architectures()\n"
        "GridSearchCV(clf, {'architecture': ['compact']})"
    )
    assert heavy_modules_after(code) & {"tensorflow", "keras", "scikeras", "imblearn"} == set()


@pytest.mark.parametrize(("given", "expected"), [({}, "1"), ({"TF_ENABLE_ONEDNN_OPTS": "0"}, "0")])
def test_tensorflow_uses_onednn_unless_told_otherwise(given: dict[str, str], expected: str) -> None:
    """Without AVX512 it would not, and train at a third of the speed."""
    probe = "import os, ferclassifier._keras; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"} | given
    run = subprocess.run(
        [sys.executable, "-c", probe], check=True, capture_output=True, text=True, env=environment
    )
    assert run.stdout.split()[-1] == expected


@pytest.mark.parametrize("name", ferclassifier.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(ferclassifier, name) is not None
    assert name in dir(ferclassifier)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'FERClasifier'"):
        _ = ferclassifier.FERClasifier
