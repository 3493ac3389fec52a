"""HTTP as uvicorn speaks it, without endless patience, and without words after a farewell."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ferclassifier._utils.printable import as_json
from ferclassifier.app._guard import HEADERS
from ferclassifier.app._json import refused
from ferclassifier.app._refusal import Refusal

_SECONDS_FOR_HEADERS = 10.0
_SECONDS_AFTER_AN_ANSWER = 20.0
_MOST_CONNECTIONS = 256


class Protocol(H11Protocol):
    """A connection, which is closed if a request on it does not begin, or does not end.

    uvicorn itself waits for ever, for headers and for the rest of a request that was refused before
    it was all there: some hundred such connections would leave no room for others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; one connection too many gets no answer but that."""
        super().connection_made(transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            self.app = _sent_away
        self._limit_waiting()

    def data_received(self, data: bytes) -> None:
        """Look whether there is more to wait for."""
        super().data_received(data)
        self._limit_waiting()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer a client that has sent all and says so, and leave one that breaks off."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        self.cycle.keep_alive = False
        return self.conn.their_state in (h11.DONE, h11.MUST_CLOSE)

    def connection_lost(self, exc: Exception | None) -> None:
        """End waiting."""
        self._end_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and let whoever works on its beginning answer no more."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        # Half an answer cannot be followed by another.
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in _refusal():
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _limit_waiting(self) -> None:
        has_begun_no_request = self.conn.their_state is h11.IDLE
        if not has_begun_no_request and not self._has_more():
            self._end_waiting()
        elif self._deadline is None:
            seconds = _SECONDS_FOR_HEADERS if has_begun_no_request else _SECONDS_AFTER_AN_ANSWER
            self._deadline = self.loop.call_later(seconds, self._give_up)

    def _has_more(self) -> bool:
        """Tell whether what was answered is still being sent."""
        return self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()

    def _end_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


async def _sent_away(scope: Any, receive: Any, send: Any) -> None:
    """Answer instead of the application, which has more connections than it can have."""
    message = (
        f"Got a connection beyond the {_MOST_CONNECTIONS} that this server has at once. Close "
        "those that are not needed, or ask again in a second."
    )
    refusal = Refusal(503, "busy", message, headers={**HEADERS, "Retry-After": "1"}, is_last=True)
    await refused(refusal)(scope, receive, send)


def _refusal() -> tuple[h11.Event, ...]:
    """Return what answers a request that is no HTTP."""
    message = (
        "Got a request that is no HTTP/1.1 or has headers of more than 16 kB, but expected one as "
        "/openapi.json describes them. Send it by a library for HTTP."
    )
    content = as_json({"error": {"code": "malformed_request", "message": message}}, indent=None)
    headers = {
        **HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Connection": "close",
    }
    return (
        h11.Response(status_code=400, headers=list(headers.items()), reason="Bad Request"),
        h11.Data(data=content.encode()),
        h11.EndOfMessage(),
    )
