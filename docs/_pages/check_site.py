"""What must hold of the site that was made: every link within it leads somewhere, offline.

Each example has a notebook to download, too.

    python docs/_pages/check_site.py build/site

prints what does not, and fails.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a page shows or runs must not come from elsewhere; a link may lead there.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
SEARCHED = "AugmentingOverSampler"


class _Page(HTMLParser):
    """The places of a page that can be linked to, its links, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(text)

    def has_notebook(self) -> bool:
        """Whether it links to one."""
        return any(link.endswith(".ipynb") for link in self.links)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element says."""
        said = {name: value for name, value in attrs if value}
        self.anchors |= {said[name] for name in ("id", "name") if name in said}
        if tag == "a" and "href" in said:
            self.links.add(said["href"])
        if LOADED.get(tag) in said:
            self.loaded.add(said[LOADED[tag]])


def faults(site: Path) -> list[str]:
    """Return what is wrong with the site, a line each."""
    files = (path for path in site.rglob("*.html") if "_static" not in path.parts)
    pages = {path.resolve(): _Page(path.read_text()) for path in files}
    found = [] if pages else [f"Got {site}, where no page is. Make the site first: make docs"]
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        found += [f"{name}: loads {url}" for url in page.loaded if _is_elsewhere(url)]
        found += [
            f"{name}: {url} leads nowhere"
            for url in sorted(page.links | page.loaded)
            if not _is_elsewhere(url) and not _leads_somewhere(path, url, pages)
        ]
        if "gallery" in name.parts and path.name != "index.html":
            found += [f"{name}: no notebook to download"] * (not page.has_notebook())
    if pages and SEARCHED not in (site / "searchindex.js").read_text():
        found.append(f"The search does not find {SEARCHED}.")
    return found


def _is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme in ("http", "https", "mailto")


def _leads_somewhere(path: Path, url: str, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(url)
    if parts.scheme:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if target not in pages:
        return target.exists()
    return unquote(parts.fragment) in pages[target].anchors


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]))
    print("\n".join(found) or "Every link leads somewhere, and nothing is loaded from elsewhere.")
    sys.exit(bool(found))
