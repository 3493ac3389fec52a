"""Importing what only some users need, or saying how to install it."""

from __future__ import annotations

import importlib
from typing import Any


def import_extra(module: str, extra: str) -> Any:
    """Import a module that comes with one of the package's extras.

    Parameters
    ----------
    module : str
        The module's name, also one in a package, such as "optuna.samplers".
    extra : str
        The extra of ``pyproject.toml`` that brings it.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If it cannot be imported. The message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"This needs {module.partition('.')[0]}, which cannot be imported ({error}). "
            f'To install it: pip install "ferclassifier[{extra}]"',
            name=module,
        ) from error
