"""How much the endpoint takes."""

from __future__ import annotations

from typing import NamedTuple

from ferclassifier._utils.counts import check_count, is_number
from ferclassifier._utils.wording import quoted


class Limits(NamedTuple):
    """How much the endpoint takes, and how much of it at once.

    Attributes
    ----------
    max_bytes : int
        Of what one request sends.
    max_pixels : int
        Of a photo, by its header. Decoding one may take 12 bytes for each, and 25 of rare formats.
    max_files : int
        Of one request that sends a form.
    max_faces : int
        Of a photo; the largest are taken.
    body_seconds : float
        Within which a request has to have been sent.
    at_once : int
        Requests that are being sent or answered at a time. The next is told to come again.
    n_threads : int
        That look at photos.

    Examples
    --------
    >>> from ferclassifier.app import Limits
    >>> Limits(max_faces=5).max_faces
    5
    """

    max_bytes: int = 20_000_000
    max_pixels: int = 30_000_000
    max_files: int = 20
    max_faces: int = 100
    body_seconds: float = 20.0
    at_once: int = 8
    n_threads: int = 2


def check_limits(limits: Limits) -> None:
    """Check limits before anything is served.

    Raises
    ------
    ValueError
        If one of them lets nothing through.
    """
    for name, value in limits._asdict().items():
        if name != "body_seconds":
            check_count(value, name, least=1)
        elif not is_number(value) or not value > 0:
            raise ValueError(f"Got body_seconds={quoted(value)}, but expected more than 0 seconds.")
