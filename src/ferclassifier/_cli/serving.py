"""Serving the page, for the commands that do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from ferclassifier._cli.missing_extras import missing_extra_said
from ferclassifier._cli.model_files import model_for_photos
from ferclassifier._cli.printing import say

# Those of `Limits`, which would import NumPy.
_MAX_MB, _MAX_PIXELS = 20, 30_000_000
_THIS_MACHINE = "127.0.0.1"
_MOST_THREADS = 4


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a server."""
    for option in (
        click.option(
            "--max-pixels",
            type=click.IntRange(min=1),
            metavar="N",
            default=_MAX_PIXELS,
            help="Photos of more pixels are refused: decoding one may take 25 bytes for each.",
        ),
        click.option(
            "--max-mb",
            type=click.IntRange(1, 1_000),
            metavar="N",
            default=_MAX_MB,
            help="Requests of more megabytes are refused.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65_535),
            metavar="N",
            default=8_000,
            help="0 takes any that is free.",
        ),
    ):
        command = option(command)
    return command


def serve_page(
    model: Path,
    *,
    port: int,
    max_bytes: int,
    max_pixels: int,
    host: str = _THIS_MACHINE,
    allowed_hosts: Sequence[str] = (),
    opened_at: str | None = None,
) -> int:
    """Serve the page until Ctrl+C.

    Parameters
    ----------
    model : Path
        What `model_for_photos` takes.
    port, max_bytes, max_pixels : int
    host : str, default="127.0.0.1"
    allowed_hosts : sequence of str, default=()
    opened_at : str or None, default=None
        The place of the page at which the browser is opened; None opens none.

    Raises
    ------
    ClickException
        If the extra is not installed, or there is no such model.
    OSError
        If the port is taken.
    """
    from ferclassifier._onnx.session import threads_of
    from ferclassifier.app import Limits, create_app
    from ferclassifier.app._server import address_of, listen, serve

    with listen(host, port) as listening:
        limits = Limits(
            max_bytes=max_bytes,
            max_pixels=max_pixels,
            n_threads=min(_MOST_THREADS, threads_of(None)),
        )
        with missing_extra_said():
            app = create_app(model_for_photos(model), limits=limits, allowed_hosts=allowed_hosts)
        address = address_of(listening)

        def on_start() -> None:
            say(f"The page is at {address} (Ctrl+C ends it)")
            if opened_at is not None:
                _open(address + opened_at)

        serve(app, listening, on_start)
    return 0


def _open(address: str) -> None:
    """Open the browser: in a thread, as some come back only when they are closed."""
    import threading
    import webbrowser

    def open_or_say() -> None:
        if not webbrowser.open(address):
            say(f"No browser was found: open {address} in one.")

    threading.Thread(target=open_or_say, daemon=True).start()
