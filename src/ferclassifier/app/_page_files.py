"""The files of the page, which are few and small: read once, and served from memory."""

from __future__ import annotations

from importlib.resources import files

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_FOLDER = files("ferclassifier.app")
OPENAPI = "openapi.json"


def page_files() -> dict[str, tuple[bytes, str]]:
    """Return the content and the type of each file, by its name."""
    found = [file for file in (_FOLDER / "static").iterdir() if file.is_file()]
    return {
        file.name: (file.read_bytes(), kind)
        for file in [*found, _FOLDER / OPENAPI]
        if (kind := _TYPES.get("." + file.name.rpartition(".")[2])) is not None
    }
