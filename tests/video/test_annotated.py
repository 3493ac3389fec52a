"""The copy of a video: its times, its sound, and nothing at all after an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.testing import assert_allclose

from ferclassifier import read_video
from ferclassifier.exceptions import VideoError
from ferclassifier.photos._rows import FoundFace
from ferclassifier.video._annotated import AnnotatedVideo
from ferclassifier.video._rows import SeenFace
from video_files import numbered, write_video

CLASSES = ["happy", "sad"]
FACE = SeenFace(3, FoundFace((20, 30, 100, 110), 0.9, (0.8, 0.2)))


def copy(source: Path, path: Path, *, start: float = 0.0, stop: float | None = None) -> None:
    with AnnotatedVideo(path, CLASSES, source, start=start) as annotated:
        for frame in read_video(source, start=start, stop=stop):
            annotated.write(frame, [FACE])


def sound_of(path: Path) -> tuple[str, float, float]:
    """Return the codec, the first moment, and the loudness of what is heard."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = list(container.decode(stream))
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
        end = frames[-1].time + frames[-1].samples / frames[-1].sample_rate
        return stream.codec_context.name, end, float(np.abs(samples).mean())


def test_times_and_sizes_are_kept(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.4, 0.45, 1.0]
    source = write_video(tmp_path / "film.mp4", numbered(5, 120, 160), times=times)
    copy(source, tmp_path / "seen.mp4")
    frames = list(read_video(tmp_path / "seen.mp4"))
    assert_allclose([frame.time for frame in frames], times, atol=1e-3)
    assert frames[0].pixels.shape == (120, 160, 3)
    drawn = frames[0].pixels[40:100, 18:24].astype(int)
    assert (drawn[..., 1] - drawn[..., 0]).max() > 60  # the green box


def test_a_browser_plays_it(tmp_path: Path) -> None:
    source = write_video(tmp_path / "film.mp4", numbered(5, 120, 160))
    copy(source, tmp_path / "seen.mp4")
    content = (tmp_path / "seen.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(tmp_path / "seen.mp4")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.pix_fmt) == ("h264", "yuv420p")


def test_odd_sides_and_a_size_that_changes(tmp_path: Path) -> None:
    frames = [*numbered(1, 121, 161), *numbered(1, 60, 80)]
    with AnnotatedVideo(tmp_path / "seen.mp4", CLASSES, iter(())) as annotated:
        for frame in read_video(frames):
            annotated.write(frame, [])
    shapes = {frame.pixels.shape for frame in read_video(tmp_path / "seen.mp4")}
    assert shapes == {(122, 162, 3)}


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".mkv", "pcm_s16le")])
def test_the_sound_is_kept(suffix: str, codec: str, tmp_path: Path) -> None:
    source = write_video(tmp_path / f"film{suffix}", numbered(20, 120, 160), sound=codec)
    copy(source, tmp_path / "seen.mp4")
    name, end, loudness = sound_of(tmp_path / "seen.mp4")
    assert name == "aac"
    assert end == pytest.approx(2.0, abs=0.2)
    assert loudness > 0.05  # of 1


def test_the_sound_of_a_part(tmp_path: Path) -> None:
    source = write_video(tmp_path / "film.mp4", numbered(30, 120, 160), sound="aac")
    copy(source, tmp_path / "seen.mp4", start=1.0, stop=2.0)
    _, end, _ = sound_of(tmp_path / "seen.mp4")
    assert end == pytest.approx(1.0, abs=0.2)
    times = [frame.time for frame in read_video(tmp_path / "seen.mp4")]
    assert_allclose(times, np.arange(11) / 10, atol=1e-3)


def test_after_an_error_nothing_is_left_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "seen.mp4"
    path.write_bytes(b"what was there")

    def fail() -> None:
        with AnnotatedVideo(path, CLASSES, iter(())) as annotated:
            for frame in read_video(numbered(3, 120, 160)):
                annotated.write(frame, [FACE])
            raise RuntimeError("the machine is on fire")

    with pytest.raises(RuntimeError, match="on fire"):
        fail()
    assert [file.name for file in tmp_path.iterdir()] == ["seen.mp4"]
    assert path.read_bytes() == b"what was there"


def test_no_frames_are_no_video(tmp_path: Path) -> None:
    with (
        pytest.raises(VideoError, match="no frames"),
        AnnotatedVideo(tmp_path / "seen.mp4", CLASSES, iter(())),
    ):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["seen.avi", "seen", "mp4"])
def test_other_names(name: str, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"ends with \.mp4"):
        AnnotatedVideo(tmp_path / name, CLASSES, iter(()))


def test_frames_of_one_moment(tmp_path: Path) -> None:
    pairs: Any = zip([0.0, 0.0, 0.1, 0.05], numbered(4, 120, 160), strict=True)
    with AnnotatedVideo(tmp_path / "seen.mp4", CLASSES, iter(())) as annotated:
        for frame in read_video(pairs):
            annotated.write(frame, [])
    assert len(list(read_video(tmp_path / "seen.mp4"))) == 4
