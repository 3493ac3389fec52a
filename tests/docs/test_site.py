"""The site names all that is public, draws the rooms as they are, and links to what is there."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import ferclassifier
from helpers import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = sorted(
    [*REPOSITORY.glob("*.md"), *DOCS.glob("*.md"), *REPOSITORY.glob("benchmarks/**/*.md")]
)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules that write pages, as docs/conf.py imports them."""
    monkeypatch.syspath_prepend(DOCS)
    yield importlib.import_module
    for name in [name for name in sys.modules if name.split(".")[0] == "_pages"]:
        del sys.modules[name]


@pytest.fixture
def written(pages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pages of the API."""
    api_pages = pages("_pages.api_pages")
    monkeypatch.setattr(api_pages, "GENERATED", tmp_path)
    api_pages.write_api_pages()
    return tmp_path / "api"


def rooms() -> dict[str, Any]:
    """The public rooms with what they offer, found by the files alone."""
    package = REPOSITORY / "src" / "ferclassifier"
    found = [*package.glob("[!_]*/__init__.py"), *package.glob("[!_]*.py")]
    names = [path.parent.name if path.stem == "__init__" else path.stem for path in found]
    return {name: importlib.import_module(f"ferclassifier.{name}") for name in names}


def offered(room: Any) -> list[str]:
    listed = getattr(room, "__all__", None)
    if listed is not None:
        return [name for name in listed if not name.startswith("_")]
    own = (name for name, value in vars(room).items() if _is_own(room, value))
    return [name for name in own if not name.startswith("_")]


def _is_own(room: Any, value: Any) -> bool:
    return getattr(value, "__module__", None) == room.__name__


def test_every_public_name_is_on_the_page_of_its_room(written: Path) -> None:
    missing = [
        f"{room}.{name}"
        for room, module in rooms().items()
        for name in offered(module)
        if not re.search(rf"ferclassifier\.(\w+\.)?{name}\b", (written / f"{room}.rst").read_text())
    ]
    assert missing == []
    assert len(rooms()) >= 17


def test_every_name_at_the_front_door_is_on_its_page(written: Path) -> None:
    text = (written / "front_door.rst").read_text()
    missing = [name for name in ferclassifier.__all__ if not re.search(rf"\b{name}\b", text)]
    assert missing == []


def test_every_room_is_in_the_list(written: Path) -> None:
    index = (written / "index.rst").read_text().split("toctree::")[1].split()
    assert set(rooms()) <= set(index)


def test_every_public_name_has_an_example() -> None:
    without = [
        f"{room}.{name}"
        for room, module in rooms().items()
        for name in offered(module)
        if callable(value := getattr(module, name))
        and not (isinstance(value, type) and issubclass(value, BaseException))
        and ">>> " not in (value.__doc__ or "")
    ]
    assert without == []


def test_the_picture_shows_the_rooms_as_they_are(pages: Any) -> None:
    picture = pages("_pages.room_picture").picture()
    assert (DOCS / "rooms.svg").read_text() == picture, "run docs/_pages/room_picture.py"
    assert all(f">{room}</text>" in picture for room in rooms())


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them, those of code blocks left out."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        n = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", anchor) is not None for anchor in found)
        found.add(f"{slug}-{n}" if n else slug)
    return found


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    targets = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if DOCS / "generated" in file.parents:  # written when the site is made, which checks them
            continue
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_there_are_links() -> None:
    assert sum(len(links(page)) for page in PAGES) > 100


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[it](../examples/plot_audit.py)", "[it](generated/gallery/plot_audit.rst)"),
        (
            "[it](../examples/projects/plot_plain_cnn.py)",
            "[it](generated/gallery/projects/plot_plain_cnn.rst)",
        ),
        ("[it](../examples/start_here.ipynb)", "[it](../examples/start_here.ipynb)"),
        ("[it](../CONTRIBUTING.md)", "[it](generated/contributing.md)"),
        ("[it](../README.md)", "[it](index.md)"),
        ("[it](search.md#past-one-machine)", "[it](generated/searching.md#past-one-machine)"),
        ("[it](../benchmarks/fer2013/weights/README.md)", "it"),
        ("[all of it](../benchmarks/results)", "all of it"),
        ("[it](audit.md#changed-labels)", "[it](audit.md#changed-labels)"),
        ("[it](https://example.org/README.md)", "[it](https://example.org/README.md)"),
        ("![it](coverage.png)", "![it](coverage.png)"),
    ],
)
def test_links_as_they_are_on_the_site(pages: Any, link: str, on_the_site: str) -> None:
    as_on_the_site = pages("_pages.links").as_on_the_site
    page = DOCS / "audit.md"
    assert as_on_the_site(link, page, page) == on_the_site


def test_headings_of_a_card_are_lowered_and_comments_in_its_code_are_not(pages: Any) -> None:
    lowered = pages("_pages.model_cards")._one_level_down
    card = "# Card\n\n## Use\n\n```python\n# a comment\n```\n"
    assert lowered(card) == "## Card\n\n### Use\n\n```python\n# a comment\n```\n"


INDEX = 'Search.setIndex({"AugmentingOverSampler": 1})'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="other.html#there">', None),
        ('<a href="https://example.org/">', None),
        ('<a href="missing.html">', "missing.html leads nowhere"),
        ('<a href="other.html#missing">', "other.html#missing leads nowhere"),
        ('<a href="#missing">', "#missing leads nowhere"),
        ('<img src="missing.png">', "missing.png leads nowhere"),
        ('<script src="https://example.org/a.js"></script>', "loads https://example.org/a.js"),
        ('<link href="//example.org/a.css">', "loads //example.org/a.css"),
    ],
)
def test_faults_of_a_site(pages: Any, tmp_path: Path, body: str, fault: str | None) -> None:
    (tmp_path / "index.html").write_text(body)
    (tmp_path / "other.html").write_text('<p id="there">')
    (tmp_path / "searchindex.js").write_text(INDEX)
    faults = pages("_pages.check_site").faults(tmp_path)
    assert faults == ([] if fault is None else [f"index.html: {fault}"])


@pytest.mark.parametrize(
    ("link", "fault"),
    [("a.ipynb", []), ("a.py", ["gallery/example.html: no notebook to download"])],
)
def test_an_example_has_a_notebook(pages: Any, tmp_path: Path, link: str, fault: list[str]) -> None:
    site = tmp_path / "gallery"  # where the site lies says nothing
    (site / "gallery").mkdir(parents=True)
    (site / "about.html").write_text("")
    (site / "gallery" / link).write_text("")
    (site / "gallery" / "example.html").write_text(f'<a href="{link}">')
    (site / "searchindex.js").write_text(INDEX)
    assert pages("_pages.check_site").faults(site) == fault


def test_a_site_that_is_not_there_or_cannot_be_searched_is_a_fault(
    pages: Any, tmp_path: Path
) -> None:
    faults = pages("_pages.check_site").faults
    assert "make docs" in faults(tmp_path)[0]
    (tmp_path / "index.html").write_text("")
    (tmp_path / "searchindex.js").write_text("Search.setIndex({})")
    assert faults(tmp_path) == ["The search does not find AugmentingOverSampler."]
