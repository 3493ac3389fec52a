"""What a search that a file describes may set, and to what."""

from __future__ import annotations

from os import PathLike
from typing import Any

from ferclassifier._classifier import FERClassifier
from ferclassifier._classifier.parameter_values import check_values
from ferclassifier._classifier.saved_classifier import check_settings
from ferclassifier._files.released import expected
from ferclassifier._utils.sklearn_compat import HasMethods, make_constraint
from ferclassifier._utils.wording import quoted
from ferclassifier.architectures import list_architectures
from ferclassifier.pretrained import list_pretrained
from ferclassifier.pretrained._models import model_facts

# What a file must not set, and why.
REFUSED = {
    "callbacks": "they are objects",
    "checkpoint": "it is the file of one fit, and candidates would go on from one another's",
    "distillation_weight": "without soft_targets, which a search has not, it does nothing",
    "verbose": "the search says itself how far it is",
    "warm_start": "each candidate is fitted from the beginning",
}
PARAMETERS = sorted(set(FERClassifier._parameter_constraints) - set(REFUSED))
OF_NETWORKS = {"architecture", "architecture_params", "initial_weights"}


def read_value(where: str, name: str, value: Any) -> Any:
    """Return the value of a parameter of FERClassifier.

    Parameters
    ----------
    where : str
        Where it stands, such as "[space] epochs".
    name : str
        One of `PARAMETERS`.
    value : object
        What TOML has; "none" stands for None where the parameter may be None.

    Raises
    ------
    ValueError
        If no fit can have this value. The message has one line.
    """
    try:
        if value == "none" and _is_allowed(name, None):
            return None
        _check_type(name, value)
        check_values(FERClassifier(**{name: value}).get_params(deep=False))
        if name == "architecture" and value not in list_architectures():
            raise ValueError(f"Got {quoted(value)}, but expected one of {list_architectures()}.")
        if name == "architecture_params":
            check_settings(value, name)
        if name == "initial_weights":
            _check_released(value)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    return value


def _check_type(name: str, value: Any) -> None:
    """Compare a value with the constraints of a parameter, as far as TOML can meet them."""
    allowed = [
        constraint
        for constraint in FERClassifier._parameter_constraints[name]
        if constraint not in (callable, PathLike) and not isinstance(constraint, HasMethods)
    ]
    if not _is_allowed(name, value) or (isinstance(value, bool) and "boolean" not in allowed):
        wanted = " or ".join(str(make_constraint(constraint)) for constraint in allowed)
        raise ValueError(f"Got {quoted(value)}, but it must be {wanted}.")


def _is_allowed(name: str, value: Any) -> bool:
    constraints = map(make_constraint, FERClassifier._parameter_constraints[name])
    return any(constraint.is_satisfied_by(value) for constraint in constraints)


def _check_released(name: str) -> None:
    """Refuse a path, which a file is not to make every candidate read, and ensembles."""
    networks = [known for known in list_pretrained() if not model_facts(known).members]
    if name not in networks:
        raise ValueError(f"Got {quoted(name)}, but expected {expected(name[:99], networks)}")
