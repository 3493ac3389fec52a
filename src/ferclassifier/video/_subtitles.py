"""What faces show, as subtitles in SubRip's format."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ferclassifier._files.writing import replacing
from ferclassifier._utils.printable import printable
from ferclassifier._utils.wording import percent

if TYPE_CHECKING:
    from ferclassifier.video._course import Course

# Times are rounded, and so are their differences.
_ROUNDING = 1e-6


class _Spell(NamedTuple):
    """A time in which a face shows one thing."""

    start: float
    end: float
    face: int
    text: str


def subtitles(timeline: Course, least: float) -> str:
    """Return the text of a file of subtitles, as players read it.

    Parameters
    ----------
    timeline : Course
    least : float
        Seconds for which an expression has to last.
    """
    has_several = len(timeline.faces) > 1
    spells = [
        spell
        for face in timeline.faces
        for spell in _spells(timeline, face)
        if spell.end - spell.start >= least - _ROUNDING
    ]
    blocks = []
    for number, spell in enumerate(sorted(spells), start=1):
        text = f"{spell.face}: {spell.text}" if has_several else spell.text
        blocks.append(f"{number}\n{_clock(spell.start)} --> {_clock(spell.end)}\n{text}\n")
    return "\n".join(blocks)


def write_subtitles(path: str | PathLike[str], text: str) -> None:
    """Write a file of subtitles, whole or not at all."""
    with replacing(Path(path)) as file:
        file.write(text.encode("utf-8"))


def _spells(timeline: Course, face: int) -> Iterator[_Spell]:
    times, shares = timeline.of_face(face)
    gap, step = timeline.gap, timeline.step
    best = shares.argmax(axis=1)
    changes = (np.diff(best) != 0) | (np.diff(times) > gap)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    ends = np.concatenate([starts[1:], [len(times)]])
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        follows = end < len(times) and times[end] - times[end - 1] <= gap
        until = times[end] if follows else times[end - 1] + step
        label = printable(timeline.classes[best[start]])
        # Players take < and { for the begin of their own marks.
        label = label.replace("-->", "→").replace("<", "(").replace("{", "(")
        mean = float(shares[start:end, best[start]].mean())
        yield _Spell(float(times[start]), float(until), face, f"{label} {percent(mean)}")


def _clock(seconds: float) -> str:
    whole = max(0, round(1000 * seconds))
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d},{rest % 1000:03d}"
