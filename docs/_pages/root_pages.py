"""Pages that stand in the repository's root: the changelog, how to contribute, security."""

from __future__ import annotations

from _pages.links import as_on_the_site, root_page
from _pages.places import REPOSITORY, write


def write_root_pages() -> None:
    """Write each Markdown file of the root as a page; the README is what the site itself is."""
    for file in sorted(REPOSITORY.glob("*.md")):
        if file.stem != "README":
            page = root_page(file)
            write(page, as_on_the_site(file.read_text(), file, page))
