"""Lets nothing in this process reach a network, or another process by a socket.

Python tells every socket of its own to hooks of auditing, whoever opens it. What TensorFlow or
onnxruntime open in C++ is not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_FORBIDDEN = {
    *("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
    *("socket.getnameinfo", "socket.sendto", "socket.sendmsg", "socket.bind", "urllib.Request"),
}
_is_forbidden = False
_is_hooked = False
_refused: list[str] = []


class NetworkUsedError(RuntimeError):
    """Something asked for a network."""


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if _is_forbidden and event in _FORBIDDEN:
        _refused.append(event)
        raise NetworkUsedError(f"{event}{arguments!r}")


@contextmanager
def forbidden_network() -> Iterator[list[str]]:
    """Raise an error within the block where a network is asked for, and list what was."""
    global _is_forbidden, _is_hooked
    if not _is_hooked:
        sys.addaudithook(_refuse)  # for as long as the process lives
        _is_hooked = True
    _refused.clear()
    _is_forbidden = True
    try:
        yield _refused
    finally:
        _is_forbidden = False
