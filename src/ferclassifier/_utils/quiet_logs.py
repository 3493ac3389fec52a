"""Keeping what other libraries log from users, for a while."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet(name: str | None = None) -> Iterator[None]:
    """Let a logger, and those below it that have no level of their own, say nothing.

    Parameters
    ----------
    name : str or None
        The logger's; None is the root.
    """
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
