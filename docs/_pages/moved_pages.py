"""Pages that stand on the site where they do not stand in the repository.

The Markdown files of the root are outside of what Sphinx reads, and `search` is the name of the
page with which a reader searches the site.
"""

from __future__ import annotations

from _pages.links import as_on_the_site, moved_pages
from _pages.places import write


def write_moved_pages() -> None:
    """Write each where it stands on the site."""
    for file, page in moved_pages().items():
        write(page, as_on_the_site(file.read_text(), file, page))
