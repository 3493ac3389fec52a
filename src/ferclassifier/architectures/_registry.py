"""The registry of architectures; a built-in one is imported when it is first asked for."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ferclassifier._utils.wording import in_words, quoted
from ferclassifier.exceptions import ArchitectureError

Architecture = Callable[..., Any]

_BUILT_IN = (
    "compact",
    "elu_cnn",
    "gap_cnn",
    "mini_xception",
    "resnet",
    "small_resnet",
    "vgg",
    "vit",
)
# What FERClassifier builds unless told otherwise.
DEFAULT_ARCHITECTURE = "small_resnet"
_registered: dict[str, Architecture] = {}


def list_architectures() -> list[str]:
    """Return the names of all architectures, sorted.

    Returns
    -------
    names : list of str

    Examples
    --------
    >>> from ferclassifier import list_architectures
    >>> "compact" in list_architectures()
    True
    """
    return sorted({*_BUILT_IN, *_registered})


def register_architecture(name: str) -> Callable[[Architecture], Architecture]:
    """Make a network available as ``FERClassifier(architecture=name)``.

    Parameters
    ----------
    name : str
        The name; one of a built-in architecture, or one already taken by another function, is
        refused.

    Returns
    -------
    decorator : callable
        Registers the function ``build(inputs, n_classes, **params)`` and returns it unchanged.

    Raises
    ------
    ArchitectureError
        If the name is taken.

    Notes
    -----
    A name registered in one process is unknown in another: in a search with several processes
    pass the function itself, ``FERClassifier(architecture=build)``.

    Examples
    --------
    >>> from ferclassifier import register_architecture
    >>> @register_architecture("one_layer")
    ... def one_layer(inputs, n_classes):
    ...     from keras import layers
    ...     return layers.Dense(n_classes, activation="softmax")(layers.Flatten()(inputs))
    """

    def register(build: Architecture) -> Architecture:
        taken = _registered.get(name)
        same = taken is not None and (
            (taken.__module__, taken.__qualname__) == (build.__module__, build.__qualname__)
        )
        if name in _BUILT_IN or (taken is not None and not same):
            raise ArchitectureError(
                f"Got the name {name!r}, but an architecture of that name exists. "
                f"Choose one that is not in {list_architectures()}."
            )
        _registered[name] = build
        return build

    return register


def get_architecture(
    architecture: str | Architecture, params: Mapping[str, Any] | None = None
) -> Architecture:
    """Return the function that builds an architecture, its parameters checked.

    Parameters
    ----------
    architecture : str or callable
        A registered name, or the function itself.
    params : mapping, default=None
        What will be passed to the function by keyword.

    Returns
    -------
    build : callable
        ``build(inputs, n_classes, **params)``.

    Raises
    ------
    ArchitectureError
        If there is no such architecture, or it takes no such parameter.

    Examples
    --------
    >>> from ferclassifier.architectures import get_architecture
    >>> get_architecture("compact").__module__
    'ferclassifier.architectures.compact'
    """
    if callable(architecture):
        build = architecture
    elif architecture in _registered:
        build = _registered[architecture]
    elif architecture in _BUILT_IN:
        build = importlib.import_module(f"ferclassifier.architectures.{architecture}").build
    else:
        raise ArchitectureError(
            f"Got architecture={architecture!r}, but expected a function or one of "
            f"{list_architectures()}. In another process, pass the function instead of the name "
            "under which it was registered."
        )
    _check_params(build, architecture, params or {})
    return build


def is_built_in(architecture: str | Architecture) -> bool:
    """Whether an architecture is one of the package's own, rather than a user's.

    Examples
    --------
    >>> from ferclassifier.architectures import is_built_in
    >>> is_built_in("compact"), is_built_in("mine")
    (True, False)
    """
    return isinstance(architecture, str) and architecture in _BUILT_IN


def _check_params(build: Architecture, name: Any, params: Mapping[str, Any]) -> None:
    signature = inspect.signature(build).parameters
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in signature.values()):
        return
    accepted = list(signature)[2:]
    unknown = sorted(set(params) - set(accepted))
    if unknown:
        raise ArchitectureError(
            f"Got architecture_params with {in_words(list(map(quoted, unknown)))}, but "
            f"{name if isinstance(name, str) else getattr(name, '__name__', name)!s} takes "
            f"{accepted or 'none'}."
        )
