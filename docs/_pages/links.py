"""Links of pages that are also read in the repository, as they have to be on the site.

In the repository a page links to a file at its path from there. On the site an example is a page of
the gallery, CONTRIBUTING.md and its neighbours are among the pages, and folders cannot be shown.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from _pages.places import DOCS, EXAMPLES, GALLERY, GENERATED, REPOSITORY

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
_ADDRESS = re.compile(r"[a-z]+:|#")


def as_on_the_site(text: str, written_at: Path, shown_at: Path) -> str:
    """Return the Markdown of the file `written_at` for a page of the site, the file `shown_at`."""

    def link(match: re.Match[str]) -> str:
        words, target = match.groups()
        if _ADDRESS.match(target):
            return match[0]
        path, hash_sign, anchor = target.partition("#")
        file = (written_at.parent / path).resolve()
        if file.is_dir() or not _is_shown(file):
            return words
        place = os.path.relpath(_on_the_site(file), shown_at.parent)
        return f"[{words}]({place}{hash_sign}{anchor})"

    return _LINK.sub(link, text)


def moved_pages() -> dict[Path, Path]:
    """Return where pages stand on the site that stand elsewhere in the repository."""
    root = {file: GENERATED / f"{file.stem.lower()}.md" for file in REPOSITORY.glob("*.md")}
    del root[REPOSITORY / "README.md"]  # the site itself says what it says
    return {**root, DOCS / "search.md": GENERATED / "searching.md"}


def _on_the_site(file: Path) -> Path:
    if EXAMPLES in file.parents and file.suffix == ".py":
        return GALLERY / file.relative_to(EXAMPLES).with_suffix(".rst")
    if file == REPOSITORY / "README.md":
        return DOCS / "index.md"
    return moved_pages().get(file, file)


def _is_shown(file: Path) -> bool:
    """Whether a file is a page, or one that a reader can download."""
    return file.suffix != ".md" or file.parent == REPOSITORY or DOCS in file.parents
