"""Names of the room that need scikit-learn, which finding faces does not: loaded when asked for."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {"FaceCropper": "_face_cropper", "FaceCrops": "_face_cropper"}


def __getattr__(name: str) -> Any:
    """Return a name of the room `faces` (PEP 562)."""
    if name in _HOME:
        return getattr(importlib.import_module(f"ferclassifier.faces.{_HOME[name]}"), name)
    raise AttributeError(f"module 'ferclassifier.faces' has no attribute {name!r}")
