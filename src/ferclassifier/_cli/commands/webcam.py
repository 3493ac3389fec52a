"""The command ``ferclassifier webcam``: the page, opened in the browser at its camera."""

from __future__ import annotations

from pathlib import Path

import click

from ferclassifier._cli.options import model_of_photos_option
from ferclassifier._cli.serving import serve_page, server_options


@click.command()
@model_of_photos_option
@server_options
def webcam(model: Path, port: int, max_mb: int, max_pixels: int) -> int:
    """Open a page that says what the camera's faces show.

    It is the page of 'ferclassifier app', for this machine alone. Nothing is recorded. The browser
    asks whether the page may use the camera. Ctrl+C ends it.

    \b
    Examples:
      ferclassifier webcam
      ferclassifier webcam --model tiny
    """  # noqa: D301
    return serve_page(
        model,
        port=port,
        max_bytes=max_mb * 1_000_000,
        max_pixels=max_pixels,
        opened_at="#camera",
    )
