"""A fitted FERClassifier as JSON and arrays, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import asdict
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from ferclassifier._classifier.temperature import HIGHEST, LOWEST
from ferclassifier._files.image_form import (
    FEATURE_NAMES_AT_MOST,
    IMAGE_SHAPE,
    PIXEL_SCALE,
    restore_shape,
)
from ferclassifier._files.labels import CLASSES, describe_classes, restore_classes
from ferclassifier._files.plain_values import from_plain, to_plain
from ferclassifier._files.released import released_models
from ferclassifier._files.schema import (
    anything,
    between,
    integer,
    list_of,
    mapping_of,
    number_or_nan,
    one_of,
    optional,
    record,
    string,
)
from ferclassifier.architectures._registry import _BUILT_IN, DEFAULT_ARCHITECTURE
from ferclassifier.exceptions import ModelFileError
from ferclassifier.images._pixel_scale import PixelScale

if TYPE_CHECKING:
    from ferclassifier._keras.network import Network
    from ferclassifier._keras.spec import NetworkSpec

Record = dict[str, Any]
Tensors = Mapping[str, NDArray[Any]]

# They belong to one run on one machine, as does a path given as initial_weights; a file must not
# say what the next run reads and where it writes.
_LEFT_OUT = {"callbacks", "checkpoint"}

# Above what any layer has; a network of a thousand million filters takes the memory of all.
_LARGEST_SETTING = 2**16
_LONGEST_SETTING = 1000

CLASSIFIER = record(
    parameters=mapping_of(anything),
    network=record(architecture=one_of(*_BUILT_IN), params=anything),
    classes=CLASSES,
    image_shape=IMAGE_SHAPE,
    pixel_scale=PIXEL_SCALE,
    feature_names=optional(list_of(string, longest=FEATURE_NAMES_AT_MOST)),
    temperature=between(LOWEST, HIGHEST),
    history=mapping_of(list_of(number_or_nan)),
    n_iter=integer(0, 2**31),
    best_epoch=optional(integer(1, 2**31)),
)


def describe_classifier(clf: Any) -> tuple[Record, dict[str, NDArray[Any]]]:
    """Return what `restore_classifier` takes.

    Parameters
    ----------
    clf : FERClassifier
        Fitted.

    Returns
    -------
    described : dict
        What JSON has.
    weights : dict of str to ndarray, float32
        The weights of the network that predicts.

    Raises
    ------
    ModelFileError
        If the architecture is not built in, or a parameter is no plain value.
    """
    spec = clf._network.spec
    for architecture in (spec.architecture, clf.architecture):
        _check_architecture(architecture)
    names = getattr(clf, "feature_names_in_", None)
    described = {
        "parameters": _describe_parameters(clf),
        "network": {
            "architecture": spec.architecture,
            "params": to_plain(dict(spec.architecture_params), "architecture_params"),
        },
        "classes": describe_classes(clf.classes_),
        "image_shape": list(clf.image_shape_),
        "pixel_scale": {
            name: value for name, value in asdict(clf.pixel_scale_).items() if value is not None
        },
        "feature_names": None if names is None else [str(name) for name in names],
        "temperature": float(clf.temperature_),
        "history": {name: _without_nan(values) for name, values in clf.history_.items()},
        "n_iter": int(clf.n_iter_),
        "best_epoch": None if clf.best_epoch_ is None else int(clf.best_epoch_),
    }
    return described, clf._network.named_weights()


def restore_classifier(kind: Any, described: Record, weights: Tensors) -> Any:
    """Return a fitted classifier, all of it checked before a network is built.

    Parameters
    ----------
    kind : type
        FERClassifier.
    described : dict
        As `CLASSIFIER` has it.
    weights : mapping of str to ndarray, float32

    Raises
    ------
    ModelFileError
        If a value is not valid, or the weights are not those of such a network.
    """
    clf = kind(**_restore_parameters(described["parameters"], _known_to(kind)))
    try:
        clf._validate_params()
    except ValueError as error:
        raise ModelFileError(f"the parameters are not valid: {error}") from error
    clf.classes_ = restore_classes(described["classes"], "model.classes")
    clf.image_shape_ = restore_shape(described["image_shape"], "model.image_shape")
    clf.pixel_scale_ = PixelScale(**described["pixel_scale"])
    clf.n_features_in_ = math.prod(clf.image_shape_)
    if described["feature_names"] is not None:
        clf.feature_names_in_ = _restore_names(described["feature_names"], clf.n_features_in_)
    clf.history_ = described["history"]
    clf.n_iter_ = described["n_iter"]
    clf.best_epoch_ = described["best_epoch"]
    clf.temperature_ = described["temperature"]
    clf._rng = _next_generator(clf.random_state, clf.n_iter_)
    clf._network = _restore_network(clf, described["network"], weights)
    return clf


def _check_architecture(architecture: Any) -> None:
    if architecture not in _BUILT_IN:
        name = getattr(architecture, "__name__", architecture)
        raise ModelFileError(
            f"Got the architecture {name!r}, but a model file names one that the package has: "
            f"{', '.join(_BUILT_IN)}. A network of your own is code: keep the model with "
            "joblib.dump."
        )


def _describe_parameters(clf: Any) -> Record:
    parameters = clf.get_params(deep=False)
    if parameters["initial_weights"] not in released_models():
        parameters["initial_weights"] = None
    described = {
        name: to_plain(value, f"The parameter {name}")
        for name, value in parameters.items()
        if name not in _LEFT_OUT
    }
    _check_known(described, _known_to(type(clf)))
    return described


def _restore_parameters(described: Record, known: Set[str]) -> Record:
    _check_known(described, known)
    values = {name: from_plain(v, f"parameters.{name}") for name, v in described.items()}
    if values.get("architecture", DEFAULT_ARCHITECTURE) not in _BUILT_IN:
        raise ModelFileError(
            f"parameters.architecture is {values['architecture']!r:.60}, but expected one of "
            f"{list(_BUILT_IN)}."
        )
    if values.get("initial_weights") not in (None, *released_models()):
        raise ModelFileError(
            f"parameters.initial_weights is {values['initial_weights']!r:.60}, but expected the "
            "name of a released model: a file does not say what the next fit reads."
        )
    if values.get("architecture_params") is not None:
        check_settings(values["architecture_params"], "parameters.architecture_params")
    return values


def _known_to(kind: type) -> Set[str]:
    return signature(kind).parameters.keys() - _LEFT_OUT


def _check_known(parameters: Record, known: Set[str]) -> None:
    if unknown := sorted(set(parameters) - known):
        raise ModelFileError(
            f"the parameters {unknown!r:.200} are none of FERClassifier's in this release of "
            "ferclassifier. Install the one that wrote the file."
        )


def _restore_names(names: list[str], n_features: int) -> NDArray[Any]:
    if len(names) != n_features:
        raise ModelFileError(
            f"model.feature_names has {len(names)} names, but expected {n_features}."
        )
    return np.array(names, dtype=object)


def _next_generator(random_state: Any, n_iter: int) -> np.random.RandomState:
    """Return what partial_fit goes on with: other numbers than the epochs before had."""
    if random_state is None:
        return check_random_state(None)  # type: ignore[no-any-return]
    return np.random.RandomState([random_state, n_iter])


def _restore_network(clf: Any, described: Record, weights: Tensors) -> Network:
    from ferclassifier._keras.network import Network
    from ferclassifier._keras.spec import NetworkSpec

    params = from_plain(described["params"], "network.params")
    check_settings(params, "network.params")
    spec = NetworkSpec(
        architecture=described["architecture"],
        architecture_params=params,
        image_shape=clf.image_shape_,
        n_classes=clf._n_outputs,
        factor_and_offset=clf.pixel_scale_.factor_and_offset,
    )
    _check_weights(spec, weights)
    network = Network(spec)
    network.set_named_weights(weights)
    return network


def check_settings(params: Any, where: str) -> None:
    if type(params) is not dict or any(type(name) is not str for name in params):
        raise ModelFileError(f"{where} is no dict of settings by name.")
    for name, value in params.items():
        values = value if isinstance(value, list | tuple) else [value]
        if len(values) > _LONGEST_SETTING or not all(map(_is_setting, values)):
            raise ModelFileError(
                f"{where}[{name!r:.60}] is {value!r:.60}, but expected numbers from 0 to "
                f"{_LARGEST_SETTING:,}, at most {_LONGEST_SETTING} of them."
            )


def _is_setting(value: Any) -> bool:
    # No text: a name from the file would be looked up among what Keras has.
    return value is None or (isinstance(value, int | float) and 0 <= value <= _LARGEST_SETTING)


def _check_weights(spec: NetworkSpec, weights: Tensors) -> None:
    """Compare the tensors of the file with those that the network will have."""
    from ferclassifier._keras.build import weight_shapes

    n_values = sum(values.size for values in weights.values())
    try:
        expected = weight_shapes(spec, max_weights=len(weights), max_values=n_values)
    except Exception as error:  # builders trust their parameters, and raise almost anything
        raise ModelFileError(
            f"no network of the architecture {spec.architecture!r} has these parameters and "
            f"weights ({error})."
        ) from error
    if set(expected) != set(weights):
        raise ModelFileError(
            f"the file lacks the weights {sorted(set(expected) - set(weights))[:3]}, and has "
            f"{sorted(set(weights) - set(expected))[:3]}, which are not the network's."
        )
    for name, values in weights.items():
        if values.shape != expected[name]:
            raise ModelFileError(
                f"the weights {name} have shape {values.shape}, but expected {expected[name]}."
            )


def _without_nan(values: list[Any]) -> list[Any]:
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    return [value if math.isfinite(value) else None for value in plain]
