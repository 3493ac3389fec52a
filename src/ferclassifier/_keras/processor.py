"""What the arithmetic of this machine is good for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ferclassifier._utils.keras_door import keras


@cache
def is_mixed_precision_faster() -> bool:
    """Whether this machine multiplies bfloat16 in hardware, or has a GPU."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        flags = ""
    if "avx512_bf16" in flags or "amx_bf16" in flags:
        return True
    if keras.backend.backend() == "torch":  # for which Keras lists no devices
        import torch

        return bool(torch.cuda.is_available())
    try:
        return bool(keras.distribution.list_devices("gpu"))
    except (RuntimeError, ValueError):
        return False
