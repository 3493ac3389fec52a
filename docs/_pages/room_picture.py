"""The picture of the rooms and their floors, drawn from the contract that import-linter holds.

    python docs/_pages/room_picture.py

writes docs/rooms.svg.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from _pages.places import DOCS, REPOSITORY

WIDTH, FLOOR, BOX, GAP, MARGIN = 660, 46, 32, 12, 16
PUBLIC, PRIVATE = ("#dbeafe", "#1d4ed8"), ("#f3f4f6", "#6b7280")
# What a floor is for, where its rooms do not say it themselves.
REMARKS = {"_cli": "what a person runs", "_keras": "the seam", "exceptions": "errors, warnings"}
WITHOUT_A_BOX = {"_version"}


def floors() -> list[list[str]]:
    """Return the rooms of each floor, the topmost first."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    rooms = [[room.strip() for room in layer.split("|")] for layer in layers]
    return [floor for floor in rooms if not set(floor) <= WITHOUT_A_BOX]


def picture() -> str:
    """Return the floors as SVG."""
    rows = floors()
    height = 2 * MARGIN + FLOOR * len(rows) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="15" role="img" aria-labelledby="title">',
        '<title id="title">The rooms of ferclassifier: each imports from floors below it</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for i, rooms in enumerate(rows):
        parts += _floor(rooms, MARGIN + i * FLOOR)
    parts.append(_legend(height - MARGIN))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _floor(rooms: list[str], top: float) -> list[str]:
    parts = []
    widths = [24 + 8.6 * len(room) for room in rooms]
    left = (WIDTH - sum(widths) - GAP * (len(rooms) - 1)) / 2
    line = top + BOX + (FLOOR - BOX) / 2
    parts.append(f'<path d="M{MARGIN} {line}H{WIDTH - MARGIN}" stroke="#e5e7eb"/>')
    for room, width in zip(rooms, widths, strict=True):
        fill, stroke = PRIVATE if room.startswith("_") else PUBLIC
        parts.append(
            f'<rect x="{left:.0f}" y="{top}" width="{width:.0f}" height="{BOX}" rx="6" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )
        parts.append(_text(left + width / 2, top + BOX / 2 + 5, room, "#111827", "middle"))
        left += width + GAP
    remark = " ".join(REMARKS[room] for room in rooms if room in REMARKS)
    if remark:
        parts.append(_text(WIDTH - MARGIN, top + BOX / 2 + 5, remark, "#4b5563", "end"))
    return parts


def _legend(baseline: float) -> str:
    words = "Blue: users import from it. Gray: private. A room imports from floors below it alone."
    return _text(WIDTH / 2, baseline, words, "#4b5563", "middle")


def _text(x: float, y: float, words: str, colour: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


if __name__ == "__main__":
    (DOCS / "rooms.svg").write_text(picture())
