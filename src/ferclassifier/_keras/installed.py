"""Which modules are installed, rather than a user's own."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path


@functools.cache
def is_installed(module: str) -> bool:
    """Whether a module belongs to Python, to this package or to another installed one."""
    top = module.partition(".")[0]
    if top in ("__main__", "__mp_main__"):
        return False
    if top == "ferclassifier" or top in sys.builtin_module_names:
        return True
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    if spec.origin in ("built-in", "frozen"):
        return True
    places: Iterable[str] = spec.submodule_search_locations or [spec.origin or ""]
    folders = {Path(place).resolve().parent for place in places}
    return any(map(_holds_installed_packages, folders))


@functools.cache
def _holds_installed_packages(folder: Path) -> bool:
    own = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    if folder in own or folder.parent in own:  # extension modules lie in a folder within
        return True
    return any(folder.glob("*.dist-info"))
