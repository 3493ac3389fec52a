"""The pages are opened in a real browser: offline, on a phone, in the dark, and in print."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ferclassifier.audit import audit_images
from ferclassifier.report import audit_report, evaluation_report
from helpers import patterns

SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1100, "height": 800}},
    "dark": {"viewport": {"width": 1100, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
}
NAMES = ["rows", "columns", "plain"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("no Chromium on this machine to open pages in")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pages(fitted: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report of each kind, in a folder with nothing beside it."""
    folder = tmp_path_factory.mktemp("reports")
    X, y = patterns(60, seed=1)
    wrong = np.where(np.arange(60) % 5 == 0, (y + 1) % 3, y)
    X[7], X[9] = X[3], 128
    reports = {
        "evaluation": evaluation_report(fitted, X, wrong, display_labels=NAMES, train_images=X[:9]),
        "audit": audit_report(audit_images(X, np.array(NAMES)[y])),
    }
    for name, report in reports.items():
        report.save(folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture(params=["evaluation", "audit"])
def path(request: pytest.FixtureRequest, pages: dict[str, Path]) -> Path:
    return pages[request.param]


class Opened:
    """A page on a screen, and what it asked for and complained of."""

    def __init__(self, browser: Any, path: Path, screen: str) -> None:
        self.context = browser.new_context(offline=True, **SCREENS[screen])
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def ask(self, script: str) -> Any:
        return self.page.evaluate(script)


@pytest.mark.parametrize("screen", SCREENS)
def test_page_is_whole_without_a_network(browser: Any, path: Path, screen: str) -> None:
    with Opened(browser, path, screen) as opened:
        assert opened.complaints == []
        outside = [url for url in opened.requests if not url.startswith(("file:", "data:"))]
        assert outside == []
        assert len([url for url in opened.requests if url.startswith("file:")]) == 1
        images = opened.ask("[...document.images].map(i => [i.naturalWidth, i.clientWidth, i.alt])")
        assert images
        assert all(natural > 0 and shown > 0 and alt for natural, shown, alt in images)


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_sticks_out_of_the_screen(browser: Any, path: Path, screen: str) -> None:
    """Wide tables scroll by themselves; the page does not."""
    with Opened(browser, path, screen) as opened:
        assert opened.ask("document.documentElement.scrollWidth - innerWidth") <= 0
        sizes = opened.ask(
            "[...document.querySelectorAll('p, td, th, dd, .lines span')]"
            ".filter(e => e.innerText.trim()).map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 9


def luminance(color: str) -> float:
    channels = np.array([float(c) for c in re.findall(r"[\d.]+", color)[:3]]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first: str, second: str) -> float:
    """WCAG's ratio, of 1 to 21."""
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("screen", ["desktop", "dark"])
def test_words_stand_out_from_the_ground(browser: Any, path: Path, screen: str) -> None:
    with Opened(browser, path, screen) as opened:
        ground = opened.ask("getComputedStyle(document.body).backgroundColor")
        assert (luminance(ground) < 0.1) == (screen == "dark")
        for element in ("body", ".subtitle", "nav a", "figcaption", "th", "h2"):
            color = opened.ask(f"getComputedStyle(document.querySelector({element!r})).color")
            assert contrast(color, ground) >= 4.5, element


@pytest.mark.parametrize("screen", ["desktop", "dark"])
def test_charts_wear_the_colours_of_the_page(
    browser: Any, pages: dict[str, Path], screen: str
) -> None:
    with Opened(browser, pages["evaluation"], screen) as opened:
        ground = opened.ask("getComputedStyle(document.body).backgroundColor")
        fills = opened.ask(
            "[...document.querySelectorAll('svg text')].map(t => getComputedStyle(t).fill)"
        )
        assert fills
        assert min(contrast(fill, ground) for fill in fills) >= 4.5
        boxes = opened.ask(
            "[...document.querySelectorAll('svg')].map(s => [s.clientWidth, s.clientHeight])"
        )
        assert all(width > 250 and height > 80 for width, height in boxes)


def test_links_lead_somewhere(browser: Any, path: Path) -> None:
    with Opened(browser, path, "desktop") as opened:
        broken = opened.ask(
            "[...document.querySelectorAll('nav a')]"
            ".filter(a => !document.getElementById(decodeURIComponent(a.hash.slice(1)))).length"
        )
        assert broken == 0
        assert opened.ask("document.querySelectorAll('nav a').length") >= 3
        ids = opened.ask("[...document.querySelectorAll('section')].map(s => s.id)")
        assert len(set(ids)) == len(ids)


def test_paper_is_white_whatever_the_screen(browser: Any, path: Path) -> None:
    with Opened(browser, path, "dark") as opened:
        opened.page.emulate_media(media="print")
        ground = opened.ask("getComputedStyle(document.body).backgroundColor")
        ink = opened.ask("getComputedStyle(document.body).color")
        assert contrast(ink, ground) > 15
        assert luminance(ground) > 0.9
        assert opened.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert opened.page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("screen", SCREENS)
def test_there_is_something_to_see(browser: Any, path: Path, screen: str, tmp_path: Path) -> None:
    with Opened(browser, path, screen) as opened:
        shot = opened.page.screenshot(full_page=True)
    (tmp_path / f"{screen}.png").write_bytes(shot)  # to be looked at
    pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("L"))
    ground = np.bincount(pixels.ravel()).argmax()
    assert 0.03 < (pixels != ground).mean() < 0.8
