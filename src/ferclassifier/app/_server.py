"""A server for the application, in this process."""

from __future__ import annotations

import errno
import ipaddress
import socket
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from ferclassifier._utils.extras import import_extra
from ferclassifier._utils.wording import quoted
from ferclassifier.photos._steady_memory import keep_memory_steady

if TYPE_CHECKING:
    from starlette.types import ASGIApp
    from uvicorn import Server

_LONGEST_HEADERS = 16_384
_SECONDS_TO_END = 5
_BACKLOG = 128
# Threads come and go with every photo.
_ARENAS = 2


def listen(host: str, port: int) -> socket.socket:
    """Take a port, before anything else takes time.

    Parameters
    ----------
    host : str
        A name or an address of this machine.
    port : int
        0 takes any that is free.

    Raises
    ------
    OSError
        If it is taken, or not to be had.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except socket.gaierror as error:
        raise OSError(
            f"Got the host {quoted(host)}, but expected a name or an address of this machine "
            f"({error.strerror})."
        ) from error
    except OSError as error:
        raise OSError(_why_not(host, port, error)) from error


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is taken, by another server or by this one, started before. "
            f"Take another one: --port {port + 1 if port < 65_535 else 8_000}"
        )
    return (
        f"Cannot listen at port {port} of {host} ({error.strerror}). Take an address of this "
        "machine, and a port from 1024 on."
    )


def address_of(listening: socket.socket) -> str:
    """Return the address that a browser on this machine opens."""
    host, port = listening.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1" if listening.family == socket.AF_INET else "::1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def server_of(app: ASGIApp) -> Server:
    """Return a server that has not started.

    Parameters
    ----------
    app : ASGIApp

    Returns
    -------
    server : uvicorn.Server
    """
    uvicorn = import_extra("uvicorn", "app")
    from ferclassifier.app._protocol import Protocol

    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=_LONGEST_HEADERS,
        timeout_graceful_shutdown=_SECONDS_TO_END,
        # Nothing here asks who is behind a proxy.
        proxy_headers=False,
    )
    server: Server = uvicorn.Server(config)
    return server


def serve(app: ASGIApp, listening: socket.socket, on_start: Callable[[], None]) -> None:
    """Answer until Ctrl+C, or the system asks to end. This process is the server's own.

    Parameters
    ----------
    app : ASGIApp
    listening : socket
        What `listen` returns.
    on_start : callable
        Called once requests find somebody there.
    """
    server = server_of(app)
    keep_memory_steady(n_arenas=_ARENAS)
    # Pillow warns of what it mends in a photo, which concerns nobody who looks at a server.
    warnings.filterwarnings("ignore", module="PIL")
    # So does Python, of a server that is asked to end after it was made and before its first step.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")
    on_start()
    server.run(sockets=[listening])
