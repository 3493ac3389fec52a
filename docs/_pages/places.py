"""Where the pages stand, and where what is made for them goes."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
EXAMPLES = REPOSITORY / "examples"
GENERATED = DOCS / "generated"
GALLERY = GENERATED / "gallery"


def write(path: Path, text: str) -> None:
    """Write a page, unless it says the same already: Sphinx reads again what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)
