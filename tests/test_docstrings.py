"""Docstrings, signatures and constraints say the same, and the examples run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
from PIL import Image

import ferclassifier
from ferclassifier import (
    AugmentingOverSampler,
    FaceCropper,
    FERClassifier,
    FERVotingClassifier,
    HistogramEqualizer,
    ImageAugmenter,
    ImageReader,
    ImageResizer,
    OnnxFERClassifier,
    PixelScaler,
    audit,
    inspection,
    metrics,
    persistence,
)
from ferclassifier.app import Limits, create_app
from ferclassifier.audit._image_sets import first_connected, sets_around, sets_of
from ferclassifier.audit._near_duplicates import exact_duplicates, near_duplicates
from ferclassifier.export import OnnxExport
from ferclassifier.faces import Face, FaceCrops, Faces
from ferclassifier.parallel import resilient
from ferclassifier.pretrained._facts import Agreement, ClassScores, ModelFacts, Scores, Training
from helpers import patterns

FUNCTIONS = [
    getattr(ferclassifier, name)
    for name in ferclassifier.__all__
    if inspect.isfunction(getattr(ferclassifier, name))
]
FUNCTIONS += [resilient, first_connected, sets_around, sets_of, exact_duplicates, near_duplicates]
FUNCTIONS += [getattr(metrics, name) for name in metrics.__all__ if name[0].islower()]
FUNCTIONS += [getattr(inspection, name) for name in inspection.__all__ if name[0].islower()]
FUNCTIONS += [audit.audit_images, create_app]
FUNCTIONS += [getattr(persistence, name) for name in persistence.__all__]
DISPLAYS = [getattr(inspection, name) for name in inspection.__all__ if name[0].isupper()]
TRANSFORMERS = [FaceCropper, HistogramEqualizer, ImageReader, ImageResizer, PixelScaler]
SAMPLERS = [AugmentingOverSampler, ImageAugmenter]
ESTIMATORS = [FERClassifier, FERVotingClassifier, OnnxFERClassifier, *SAMPLERS, *TRANSFORMERS]
METHODS = {
    getattr(estimator, name)
    for estimator in [FERClassifier, FERVotingClassifier, OnnxFERClassifier, *TRANSFORMERS]
    for name in ("fit", "partial_fit", "predict", "predict_proba", "calibrate", "transform")
    if hasattr(estimator, name)
}
METHODS |= {FERVotingClassifier.from_fitted, FERVotingClassifier.get_params}
METHODS |= {ImageReader.get_feature_names_out, ImageResizer.get_feature_names_out}
METHODS |= {FaceCropper.crop}
METHODS |= {
    getattr(display, name)
    for display in DISPLAYS
    for name in vars(display)
    if name == "plot" or name.startswith("from_")
}
METHODS |= {audit.Finding.to_dict, audit.ImageAudit.to_dict, audit.ImageAudit.to_frame}
METHODS |= {metrics.EmotionReport.to_dict, metrics.EmotionReport.summary}
METHODS |= {FERClassifier.save, FERClassifier.load, FERClassifier.from_keras}
METHODS |= {Scores.of, ModelFacts.from_json, ModelFacts.to_json}
PACKAGE = Path(ferclassifier.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text()
)


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


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_parameters_docstring_signature_and_constraints_agree(estimator: Any) -> None:
    signature = inspect.signature(estimator).parameters
    documented = section(estimator.__doc__ or "", "Parameters")
    assert list(documented) == list(signature)
    assert list(estimator._parameter_constraints) == list(signature)
    for name, parameter in signature.items():
        default = repr(parameter.default).replace("'", '"')
        is_required = parameter.default is inspect.Parameter.empty
        assert documented_default(documented[name]) == (None if is_required else default)


@pytest.mark.parametrize(
    "record",
    [
        *(audit.Finding, metrics.EmotionReport, metrics.ReliabilityCurve, metrics.Confusion),
        metrics.CoverageAccuracyCurve,
        *(Agreement, ClassScores, ModelFacts, OnnxExport, Scores, Training),
        *(Face, Faces, FaceCrops, Limits),
    ],
)
def test_fields_of_records_are_documented(record: Any) -> None:
    assert list(section(record.__doc__, "Attributes")) == list(record.__annotations__)


def test_attributes_of_an_audit_are_documented() -> None:
    found = audit.audit_images(patterns(4)[0])
    documented = set(section(audit.ImageAudit.__doc__ or "", "Attributes"))
    assert documented == {name for name in vars(found) if not name.startswith("_")}


@pytest.mark.parametrize("display", DISPLAYS)
def test_parameters_of_displays_are_documented(display: Any) -> None:
    documented = section(display.__doc__, "Parameters")
    signature = inspect.signature(display).parameters
    assert list(documented) == list(signature)
    for name, parameter in signature.items():
        if parameter.default is not inspect.Parameter.empty:
            assert documented_default(documented[name]) == repr(parameter.default)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_defaults_are_valid(estimator: Any) -> None:
    required = {FERVotingClassifier: {"estimators": []}, OnnxFERClassifier: {"model": "compact"}}
    estimator(**required.get(estimator, {}))._validate_params()


def assert_attributes_are_documented(fitted: Any) -> None:
    documented = set(section(type(fitted).__doc__ or "", "Attributes"))
    made = {name for name in vars(fitted) if name.endswith("_") and not name.startswith("_")}
    assert made <= documented
    assert documented - made == {"feature_names_in_"}  # only a DataFrame has names


def test_fitted_attributes_are_documented(fitted: Any) -> None:
    assert_attributes_are_documented(fitted)


def test_attributes_of_ensembles_are_documented(fitted: Any) -> None:
    assert_attributes_are_documented(FERVotingClassifier.from_fitted([("only", fitted)]))


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_attributes_of_transformers_are_documented(transformer: Any) -> None:
    X = patterns(4)[0]
    reads = issubclass(transformer, (ImageReader, FaceCropper))
    images = [Image.fromarray(x) for x in X] if reads else X
    assert_attributes_are_documented(transformer().fit(images))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_attributes_of_samplers_are_documented(sampler: Any) -> None:
    fitted = sampler()
    fitted.fit_resample(*patterns(6))
    assert_attributes_are_documented(fitted)


@pytest.mark.parametrize(
    "function",
    sorted([*FUNCTIONS, *METHODS], key=lambda f: f.__qualname__),
    ids=lambda f: f.__qualname__,
)
def test_functions_document_their_parameters(function: Any) -> None:
    function = inspect.unwrap(function)
    documented = section(function.__doc__, "Parameters")
    signature = inspect.signature(function).parameters
    assert list(documented) == [name for name in signature if name != "self"]
    for name, kind in documented.items():
        default = signature[name].default
        if default is not inspect.Parameter.empty:
            assert documented_default(kind) == repr(default).replace("'", '"')


def test_there_are_examples() -> None:
    assert {"_classifier.classifier", "images._decoder", "report._evaluation"} <= set(WITH_EXAMPLES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ferclassifier.architectures import _registry

    monkeypatch.setattr(_registry, "_registered", {})
    module = importlib.import_module(f"ferclassifier.{name}")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
    plt.close("all")
