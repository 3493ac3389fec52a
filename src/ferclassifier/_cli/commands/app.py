"""The command ``ferclassifier app``: a page for photos and the camera."""

from __future__ import annotations

from pathlib import Path

import click

from ferclassifier._cli.options import model_of_photos_option
from ferclassifier._cli.serving import serve_page, server_options


@click.command()
@model_of_photos_option
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="Where to listen. 127.0.0.1 is reached from this machine alone, 0.0.0.0 from all that "
    "reach it: whoever they are, they can use it.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="A name under which it is reached, besides localhost and addresses in numbers. May be "
    "given several times.",
)
@server_options
def app(
    model: Path,
    host: str,
    allowed_hosts: tuple[str, ...],
    port: int,
    max_mb: int,
    max_pixels: int,
) -> int:
    """Open a page that reads photos and the camera.

    The page finds faces and says what their expressions are taken for; programs ask an endpoint.
    Photos stay on this machine: they are not stored, and not sent elsewhere. Ctrl+C ends it.

    \b
    Examples:
      ferclassifier app
      ferclassifier app --model compact --port 8080
      curl -F file=@photo.jpg http://127.0.0.1:8000/predict
    """  # noqa: D301
    return serve_page(
        model,
        host=host,
        port=port,
        allowed_hosts=allowed_hosts,
        max_bytes=max_mb * 1_000_000,
        max_pixels=max_pixels,
    )
