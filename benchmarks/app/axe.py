"""Check the page with axe-core, in each state and on each screen: it is to find no violation.

npm install --prefix FOLDER axe-core
python benchmarks/app/axe.py FOLDER/node_modules/axe-core/axe.min.js

It needs Chromium and Playwright. With --screenshots it writes what it sees into a folder.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from _shared.machine import table
from app._serving import five_faces, portrait, served, video

_SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1200, "height": 900}},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 740}, "is_mobile": True, "has_touch": True},
    "phone, dark": {
        "viewport": {"width": 375, "height": 740},
        "is_mobile": True,
        "color_scheme": "dark",
    },
}


def main() -> None:
    """Run the check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("axe", type=Path, help="axe.min.js")
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    if args.screenshots:
        args.screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, served() as (address, _):
        rows = checked(address, args.axe, Path(name), args.screenshots)
    print(table(rows))
    sys.exit(any(row["violations"] for row in rows))


def checked(address: str, axe: Path, folder: Path, shots: Path | None) -> list[dict[str, object]]:
    """Bring the page into each of its states, and count what axe finds."""
    from playwright.sync_api import sync_playwright

    camera = video(folder / "camera.y4m")
    rows: list[dict[str, object]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ],
        )
        for screen, options in _SCREENS.items():
            # The policy of the page lets no script in, axe neither.
            page = browser.new_context(bypass_csp=True, **options).new_page()
            page.goto(address)
            for state, do in _states(folder).items():
                do(page)
                page.add_script_tag(path=str(axe))
                found = page.evaluate("axe.run()")["violations"]
                for one in found:
                    print(screen, state, one["id"], [node["html"] for node in one["nodes"]][:3])
                rows.append({"screen": screen, "state": state, "violations": len(found)})
                if shots:
                    page.screenshot(path=shots / f"{screen}-{state}.png", full_page=True)
            page.context.close()
        browser.close()
    return rows


def _states(folder: Path) -> dict[str, Any]:
    one, five = folder / "one.jpg", folder / "five.jpg"
    none, text = folder / "none.png", folder / "text.jpg"
    one.write_bytes(portrait())
    five.write_bytes(five_faces())
    Image.new("RGB", (300, 200), "gray").save(none)
    text.write_text("hello")

    def a_photo(page: Any) -> None:
        page.set_input_files("#files", [one])
        page.click("text=Show where the model looked")
        page.wait_for_selector(".looked")

    def several(page: Any) -> None:
        page.set_input_files("#files", [five, none, text])
        page.wait_for_selector("#photos-status:has-text('could not be read')")

    def a_card(page: Any) -> None:
        page.click("#open-card")
        page.wait_for_selector("#card section")

    def the_camera(page: Any) -> None:
        page.keyboard.press("Escape")
        page.click("#tab-camera")
        page.click("#camera-start")
        page.wait_for_selector(".panel")
        page.wait_for_timeout(3000)

    return {
        "empty": lambda page: page.wait_for_selector("#limits-told:not(:empty)"),
        "a photo": a_photo,
        "several photos": several,
        "a card": a_card,
        "the camera": the_camera,
    }


if __name__ == "__main__":
    main()
