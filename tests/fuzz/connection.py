"""Bytes of a client, handed to the server's protocol without a socket."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

from uvicorn.server import ServerState

from ferclassifier.app import create_app
from ferclassifier.app._protocol import Protocol
from ferclassifier.app._server import server_of

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class Connections:
    """One connection after another to an application.

    Parameters
    ----------
    model : str
        A released one.
    """

    def __init__(self, model: str = "tiny") -> None:
        self._faults = _Faults()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._faults.take)
        self._config = server_of(create_app(model)).config
        self._config.load()
        logger = logging.getLogger("uvicorn.error")
        logger.handlers, logger.propagate = [self._faults], False

    def ask(self, content: bytes) -> list[int]:
        """Send some bytes, hang up, and return the statuses of the answers.

        Raises whatever the application or the protocol has raised.
        """
        sent = self._loop.run_until_complete(self._sent_back(content))
        if self._faults.found:
            raise self._faults.found.pop()
        statuses = [int(status) for status in _STATUS.findall(sent)]
        assert not sent or sent.startswith(b"HTTP/1.1 ")
        assert 500 not in statuses
        if sent.count(b"HTTP/1.1 ") == 1 and b"application/json" in sent:
            body = sent.partition(b"\r\n\r\n")[2]
            assert not body or json.loads(body) is not None  # HEAD gets none
        return statuses

    async def _sent_back(self, content: bytes) -> bytes:
        state, transport = ServerState(), _Transport()
        protocol = Protocol(config=self._config, server_state=state, app_state={})
        protocol.connection_made(transport)
        try:
            middle = len(content) // 2 if len(content) % 2 else len(content)
            for part in (content[:middle], content[middle:]):
                if part and not transport.is_closed:
                    protocol.data_received(part)
                    await asyncio.sleep(0)
            if not transport.is_closed and not protocol.eof_received():
                protocol.connection_lost(None)
            while state.tasks:
                await asyncio.wait(list(state.tasks))
        finally:
            protocol.connection_lost(None)
        return bytes(transport.sent)


class _Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 8000)})
        self.sent, self.is_closed = bytearray(), False

    def write(self, data: Any) -> None:
        self.sent += data

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class _Faults(logging.Handler):
    """Errors that are logged instead of raised."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.found.append(record.exc_info[1])

    def take(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.found.append(context.get("exception") or RuntimeError(context["message"]))
