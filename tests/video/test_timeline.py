"""A timeline is its rows: as a table, a summary, a picture and subtitles."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from ferclassifier.exceptions import DataError
from ferclassifier.photos._rows import FoundFace
from ferclassifier.video import VideoTimeline
from ferclassifier.video._rows import SeenFace, rows_of
from ferclassifier.video._subtitles import _clock

mpl.use("agg")

CLASSES = ["happy", "sad"]
BOX = (1, 2, 30, 40)


def rows(classes: list[Any] = CLASSES) -> list[dict[str, Any]]:
    """Two seconds at 10 frames a second: face 0 cheers up, face 1 is gone for a second."""
    found = []
    for i in range(20):
        happy = 0.2 if i < 10 else 0.9
        faces = [SeenFace(0, FoundFace(BOX, 0.9, (happy, 1 - happy)))]
        if not 5 <= i < 15:
            faces.append(SeenFace(1, FoundFace(BOX, 0.8, (0.3, 0.7))))
        if i == 7:
            faces = []
        found += rows_of(i / 10, i, faces, classes)
    return found


@pytest.fixture(scope="module")
def timeline() -> VideoTimeline:
    picture = np.zeros((64, 64, 3), np.uint8)
    return VideoTimeline.from_rows(rows(), classes=CLASSES, thumbnails={0: picture})


def test_the_table_is_the_rows(timeline: VideoTimeline) -> None:
    frame = timeline.to_frame()
    expected = pd.DataFrame(rows())
    assert list(frame) == list(expected)
    assert frame["face"].dtype == "Int64"
    for name in frame:
        left, right = frame[name].astype(object), expected[name].astype(object)
        same = (left == right) | (left.isna() & right.isna())
        assert same.all(), name


def test_it_can_be_read_back_from_a_file(timeline: VideoTimeline) -> None:
    text = timeline.to_frame().to_csv(index=False)
    again = VideoTimeline.from_rows(pd.read_csv(io.StringIO(text)).to_dict("records"))
    assert again.classes == CLASSES
    pd.testing.assert_frame_equal(again.to_frame(), timeline.to_frame())


def test_a_face_over_time(timeline: VideoTimeline) -> None:
    times, shares = timeline.of_face(1)
    np.testing.assert_allclose(times, [0, 0.1, 0.2, 0.3, 0.4, 1.5, 1.6, 1.7, 1.8, 1.9])
    np.testing.assert_allclose(shares, np.tile([0.3, 0.7], (10, 1)))
    with pytest.raises(DataError, match=r"face=2, but the faces are \[0, 1\]"):
        timeline.of_face(2)


def test_the_summary(timeline: VideoTimeline) -> None:
    summary = timeline.summary()
    assert summary.index.tolist() == [0, 1]
    first = summary.loc[0]
    assert (first["from"], first["until"], first["frames"]) == (0.0, 1.9, 19)
    assert first["emotion"] == "happy"
    assert first["share"] == pytest.approx(10 / 19)
    assert first["happy"] == pytest.approx((9 * 0.2 + 10 * 0.9) / 19)


class TestSubtitles:
    def test_a_block_for_each_spell(self, timeline: VideoTimeline) -> None:
        blocks = timeline.to_srt().split("\n\n")
        assert [block.split("\n")[1:] for block in map(str.strip, blocks)] == [
            ["00:00:00,000 --> 00:00:00,500", "1: sad 70 %"],
            ["00:00:00,000 --> 00:00:01,000", "0: sad 80 %"],
            ["00:00:01,000 --> 00:00:02,000", "0: happy 90 %"],
            ["00:00:01,500 --> 00:00:02,000", "1: sad 70 %"],
        ]
        assert [block.split("\n")[0] for block in map(str.strip, blocks)] == ["1", "2", "3", "4"]

    def test_what_is_too_short_is_left_out(self, timeline: VideoTimeline) -> None:
        assert "1: sad" not in timeline.to_srt(least=0.6)

    def test_they_are_written_beside_the_film(
        self, timeline: VideoTimeline, tmp_path: Path
    ) -> None:
        text = timeline.to_srt(tmp_path / "film.srt")
        assert (tmp_path / "film.srt").read_text(encoding="utf-8") == text

    def test_names_are_no_marks(self) -> None:
        classes = ["<b>{\\an8}-->\n1", "sad"]
        named = VideoTimeline.from_rows(rows(classes), classes=classes)
        text = re.sub(r"\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}", "", named.to_srt())
        assert not set("<{") & set(text)
        assert "-->" not in text
        assert "\n1\n" not in text.replace("\n\n", "")

    @pytest.mark.parametrize(
        ("seconds", "clock"),
        [(0, "00:00:00,000"), (61.2345, "00:01:01,234"), (3599.9996, "01:00:00,000")],
    )
    def test_the_clock(self, seconds: float, clock: str) -> None:
        assert _clock(seconds) == clock


class TestPicture:
    def test_a_panel_for_each_face(self, timeline: VideoTimeline) -> None:
        figure = timeline.plot_timeline()
        panels = [ax for ax in figure.axes if ax.get_ylabel()]
        assert [ax.get_ylabel() for ax in panels] == ["face 0", "face 1"]
        assert [text.get_text() for text in figure.legends[0].texts] == CLASSES
        band = panels[0].collections[0].get_paths()[0].vertices
        assert band[:, 1].max() == pytest.approx(0.9)
        figure.canvas.draw()

    def test_on_axes_of_ones_own(self, timeline: VideoTimeline) -> None:
        from matplotlib.figure import Figure

        axes = Figure().subplots(2)
        assert timeline.plot_timeline(ax=axes) is axes[0].figure
        with pytest.raises(ValueError, match="1 axes, but there are 2 panels"):
            timeline.plot_timeline(ax=Figure().subplots())

    def test_nobody(self) -> None:
        nobody = VideoTimeline.from_rows(rows_of(0.0, 0, [], CLASSES), classes=CLASSES)
        figure = nobody.plot_timeline()
        assert figure.axes[0].texts[0].get_text() == "No face was seen."


def test_no_frames() -> None:
    empty = VideoTimeline.from_rows([], classes=CLASSES)
    assert (len(empty), empty.faces, empty.to_srt()) == (0, [], "")
    assert len(empty.to_frame()) == len(empty.summary()) == 0
    assert "no frames" in repr(empty)
    assert "happy" in empty.summary().columns


def test_rows_of_something_else() -> None:
    with pytest.raises(DataError, match="without 'time'"):
        VideoTimeline.from_rows([{"path": "a.jpg", "happy": 0.2}])


def test_in_a_notebook(timeline: VideoTimeline) -> None:
    assert repr(timeline) == "VideoTimeline of 2 faces, 0.0 to 1.9 s"
    classes = ["<script>alert(1)</script>", "sad"]
    page = VideoTimeline.from_rows(rows(classes), classes=classes)._repr_html_()
    assert "<script>" not in page
    assert "<table" in page
