"""What parameters of FERClassifier hold inside, where its constraints do not look."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

from ferclassifier._utils.counts import is_number
from ferclassifier._utils.wording import quoted
from ferclassifier.augmentation import resolve_augmentation

_DICTS = {"architecture_params", "augmentation", "class_weight"}


def check_values(parameters: Mapping[str, Any]) -> None:
    """Refuse weights of classes, strengths and shapes that no fit could make sense of.

    Parameters
    ----------
    parameters : mapping
        As the constraints of FERClassifier have them.

    Raises
    ------
    ValueError
        If one of them is not valid.
    """
    resolve_augmentation(parameters["augmentation"])
    _check_class_weight(parameters["class_weight"])
    _check_image_shape(parameters["image_shape"])


def check_set_as_whole(given: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Refuse names such as ``architecture_params__dense``: only estimators have such parts.

    Parameters
    ----------
    given : mapping
        What `set_params` was given.
    parameters : mapping
        What the parameters are.

    Raises
    ------
    ValueError
        If there is one. The message says what to write instead.
    """
    for key, value in given.items():
        name, separator, part = key.partition("__")
        if not separator or name not in parameters or hasattr(parameters[name], "set_params"):
            continue
        if name not in _DICTS:
            raise ValueError(f"Got {quoted(key)}, but {name} is set as a whole: list its values.")
        setting = quoted({part: value})
        raise ValueError(
            f"Got {quoted(key)}, but {name} is set as a whole: {name}={setting}, with what else is "
            f"to hold. In a search, list such dicts: {{{name!r}: [{setting}, ...]}}."
        )


def _check_class_weight(weights: Any) -> None:
    if not isinstance(weights, Mapping):
        return
    for label, weight in weights.items():
        if not is_number(weight) or weight < 0:
            raise ValueError(
                f"Got class_weight[{quoted(label)}]={quoted(weight)}, but expected a number of at "
                "least 0."
            )


def _check_image_shape(shape: Any) -> None:
    if shape is None:
        return
    sides = list(shape)
    are_counts = all(isinstance(n, Integral) and is_number(n) and int(n) > 0 for n in sides)
    if not are_counts or len(sides) not in (2, 3) or sides[2:] not in ([], [1], [3]):
        raise ValueError(
            f"Got image_shape={quoted(shape)}, but expected (height, width) or (height, width, "
            "channels): positive whole numbers, and 1 or 3 channels."
        )
