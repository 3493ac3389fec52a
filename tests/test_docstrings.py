"""Docstrings, signatures and constraints say the same, and the examples run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from typing import Any

import pytest

import ferclassifier
from ferclassifier import FERClassifier

FUNCTIONS = [
    getattr(ferclassifier, name)
    for name in ferclassifier.__all__
    if inspect.isfunction(getattr(ferclassifier, name))
]
METHODS = [FERClassifier.fit, FERClassifier.partial_fit, FERClassifier.predict]
METHODS.append(FERClassifier.predict_proba)


def section(text: str, title: str) -> dict[str, str]:
    """The entries of a numpydoc section: name to type."""
    text = inspect.cleandoc(text)
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", text, re.S | re.M)
    if match is None:
        return {}
    entries = re.findall(r"^(\S[^:\n]*?)(?: : (.*?))?$", match[1], re.M)
    return {name: kind for names, kind in entries for name in names.split(", ")}


def documented_default(kind: str) -> str | None:
    match = re.search(r"default=(.+)$", kind)
    return match[1] if match else None


def test_parameters_docstring_signature_and_constraints_agree() -> None:
    signature = inspect.signature(FERClassifier).parameters
    documented = section(FERClassifier.__doc__ or "", "Parameters")
    assert list(documented) == list(signature)
    assert list(FERClassifier._parameter_constraints) == list(signature)
    for name, parameter in signature.items():
        assert documented_default(documented[name]) == repr(parameter.default).replace("'", '"')


def test_defaults_are_valid() -> None:
    FERClassifier()._validate_params()


def test_fitted_attributes_are_documented(fitted: Any) -> None:
    documented = set(section(FERClassifier.__doc__ or "", "Attributes"))
    made = {name for name in vars(fitted) if name.endswith("_") and not name.startswith("_")}
    assert made <= documented
    assert documented - made == {"feature_names_in_"}  # only a DataFrame has names


@pytest.mark.parametrize("function", [*FUNCTIONS, *METHODS], ids=lambda f: f.__qualname__)
def test_functions_document_their_parameters(function: Any) -> None:
    function = inspect.unwrap(function)
    documented = section(function.__doc__, "Parameters")
    signature = inspect.signature(function).parameters
    assert list(documented) == [name for name in signature if name != "self"]
    for name, kind in documented.items():
        default = signature[name].default
        if default is not inspect.Parameter.empty:
            assert documented_default(kind) == repr(default).replace("'", '"')


@pytest.mark.parametrize(
    "name",
    [
        "_classifier",
        "_drawing",
        "architectures._registry",
        "augmentation",
        "datasets",
        "images",
    ],
)
def test_examples_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ferclassifier.architectures import _registry

    monkeypatch.setattr(_registry, "_registered", {})
    module = importlib.import_module(f"ferclassifier.{name}")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
