"""The body of a request: read into memory alone, of a bounded size and within a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ferclassifier.app._refusal import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from ferclassifier.app._limits import Limits

# A client that sends too much reads no answer before it has sent all. So much more is listened to,
# as many times as much as is allowed.
_LISTENED_TO = 4


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read what a request sends.

    Parameters
    ----------
    request : Request
    limits : Limits

    Returns
    -------
    body : bytes

    Raises
    ------
    Refusal
        413 if it is too large, 408 if it is too slow.
    ClientDisconnect
        If nobody is there any more.
    """
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _within(request, limits.max_bytes)
    except TimeoutError:
        raise Refusal(
            408,
            "too_slow",
            f"The request was not all there after {limits.body_seconds:g} seconds. Send it again, "
            "and a smaller photo if the connection is slow.",
            is_last=True,
        ) from None


async def _within(request: Request, max_bytes: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > max_bytes:
        # Whoever waits for leave to send is spared sending it.
        waits = request.headers.get("expect", "").lower() == "100-continue"
        if not waits and int(told) <= _LISTENED_TO * max_bytes:
            await _listen(request.stream(), int(told))
        raise _too_large(f"{int(told):,}", max_bytes)
    body, parts = bytearray(), request.stream()
    async for part in parts:
        body += part
        if len(body) > max_bytes:
            body.clear()
            await _listen(parts, _LISTENED_TO * max_bytes)
            raise _too_large(f"more than {max_bytes:,}", max_bytes)
    return bytes(body)


async def _listen(parts: AsyncIterator[bytes], n_bytes: int) -> None:
    """Read what comes, up to so many bytes, and forget it."""
    async for part in parts:
        n_bytes -= len(part)
        if n_bytes <= 0:
            return


def _too_large(n_bytes: str, max_bytes: int) -> Refusal:
    return Refusal(
        413,
        "too_large",
        f"Got {n_bytes} bytes, but at most {max_bytes:,} are read in one request. Make the photo "
        "smaller, or send several photos one by one.",
        is_last=True,
    )
