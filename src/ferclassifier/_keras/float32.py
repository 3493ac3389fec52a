"""Keras's default type of numbers while a network is built, trained or asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ferclassifier._utils.keras_door import keras

_lock = threading.Lock()
_users = 0
_before = "float32"


@contextmanager
def float32_by_default() -> Iterator[None]:
    """Let numbers without a type be float32, whatever a user has set for networks of their own.

    What is set outside of a network, in float64, does not multiply with what is float32 within it,
    and the loss has no logarithm of its floor in float16. The last who needs it, of all threads,
    puts the user's type back.
    """
    global _users, _before
    with _lock:
        if not _users:
            _before = keras.config.floatx()
            if _before != "float32":
                keras.config.dtype_policy()  # which is made of the type, the first time
                keras.config.set_floatx("float32")
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users and _before != "float32":
                keras.config.set_floatx(_before)
