"""Frames come with their times, upright, and what is no video says so."""

from __future__ import annotations

import struct
import threading
import time
import wave
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ferclassifier import read_video
from ferclassifier.exceptions import IncompleteVideoWarning, VideoError
from ferclassifier.video import _source
from ferclassifier.video._latest import latest_of
from video_files import numbered, write_video


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "short.mp4", numbered(20))


class TestTimes:
    def test_of_a_constant_rate(self, short: Path) -> None:
        frames = list(read_video(short))
        assert_allclose([frame.time for frame in frames], np.arange(20) / 10, atol=1e-6)
        assert [frame.number for frame in frames] == list(range(20))
        levels = [frame.pixels.mean() for frame in frames]
        assert all(a < b for a, b in pairwise(levels))
        assert frames[0].pixels.shape == (32, 48, 3)
        assert frames[0].pixels.dtype == np.uint8

    @pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
    def test_of_a_variable_rate(self, suffix: str, tmp_path: Path) -> None:
        times = [0.0, 0.04, 0.2, 0.21, 0.7, 1.5, 1.54]
        path = write_video(tmp_path / f"phone{suffix}", numbered(7), times=times)
        found = [frame.time for frame in read_video(path)]
        assert_allclose(found, times, atol=1e-3)

    def test_one_frame_in_so_many_seconds(self, short: Path) -> None:
        found = [frame.time for frame in read_video(short, every=0.5)]
        assert_allclose(found, [0, 0.5, 1, 1.5], atol=1e-6)

    def test_after_a_gap_the_next_multiple_counts(self) -> None:
        moments = [0.0, 0.3, 0.95, 1.02, 1.3, 1.6]
        frames = zip(moments, numbered(6), strict=True)
        assert [frame.time for frame in read_video(frames, every=0.5)] == [0.0, 0.95, 1.02, 1.6]

    def test_from_and_until(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "long.mp4", numbered(60))
        frames = list(read_video(path, start=2.0, stop=3.0))
        assert_allclose([frame.time for frame in frames], np.arange(20, 31) / 10, atol=1e-6)
        whole = [frame for frame in read_video(path) if 2 <= frame.time <= 3]
        for some, same in zip(frames, whole, strict=True):
            np.testing.assert_array_equal(some.pixels, same.pixels)

    @pytest.mark.parametrize(
        "times",
        [
            {"every": 0},
            {"every": float("nan")},
            {"start": -1},
            {"start": 2, "stop": 1},
            {"stop": "1"},
        ],
    )
    def test_what_is_no_time(self, times: dict[str, float], short: Path) -> None:
        with pytest.raises(ValueError, match=next(reversed(times))):
            read_video(short, **times)


class TestRotation:
    @pytest.mark.parametrize("rotation", [90, 180, 270])
    def test_a_phone_that_was_turned(self, rotation: int, tmp_path: Path) -> None:
        upright = np.zeros((64, 96, 3), np.uint8)
        upright[:20, :20] = 250  # the corner at the top left is bright
        stored = np.ascontiguousarray(np.rot90(upright, -rotation // 90))
        path = write_video(tmp_path / "turned.mp4", [stored] * 3, rotation=rotation)
        for frame in read_video(path):
            assert frame.pixels.shape == (64, 96, 3)
            assert frame.pixels[:16, :16].mean() > 200
            assert frame.pixels[30:, 30:].mean() < 30


class TestArrays:
    def test_any_iterable(self) -> None:
        frames = list(read_video(iter(numbered(3))))
        assert [round(frame.time, 4) for frame in frames] == [0, 0.0333, 0.0667]
        gray = list(read_video([np.full((4, 6), 7, np.uint8)]))
        assert gray[0].pixels.shape == (4, 6, 3)

    def test_with_times_of_their_own(self) -> None:
        pairs = zip([5.0, 5.5], numbered(2), strict=True)
        assert [frame.time for frame in read_video(pairs)] == [5.0, 5.5]

    @pytest.mark.parametrize(
        "bad",
        [np.zeros((4, 6, 3)), np.zeros((4, 6, 4), np.uint8), np.zeros(4, np.uint8), ("1", 2), None],
    )
    def test_what_is_no_frame(self, bad: object) -> None:
        with pytest.raises(VideoError, match="Frame 1 "):
            list(read_video([*numbered(1), bad]))  # type: ignore[list-item]


class TestBadSources:
    def test_a_text_of_this_name(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.mp4"
        path.write_text("no video at all, however it is called" * 100)
        with pytest.raises(VideoError, match=r"notes\.mp4: this is no video"):
            list(read_video(path))

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "empty.mp4").touch()
        with pytest.raises(VideoError, match="is empty"):
            list(read_video(tmp_path / "empty.mp4"))

    def test_sound_alone(self, tmp_path: Path) -> None:
        with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(16000))
        with pytest.raises(VideoError, match="no video in it"):
            list(read_video(tmp_path / "tone.wav"))

    def test_a_codec_that_nobody_knows(self, short: Path, tmp_path: Path) -> None:
        """It ended in an AttributeError."""
        path = tmp_path / "odd.mp4"
        path.write_bytes(short.read_bytes().replace(b"avc1", b"zzzz"))
        with pytest.raises(VideoError, match=r"odd\.mp4: its codec .*Convert it to H\.264"):
            list(read_video(path))

    def test_a_file_that_is_missing_or_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="no such file"):
            read_video(tmp_path / "missing.mp4")
        with pytest.raises(IsADirectoryError, match="folder"):
            read_video(tmp_path)

    @pytest.mark.parametrize("source", [None, 1.5, b"film.mp4", True, {"path": "film.mp4"}])
    def test_what_is_no_source(self, source: object) -> None:
        with pytest.raises(TypeError, match="expected a path"):
            read_video(source)  # type: ignore[arg-type]

    @pytest.mark.parametrize("source", [-1, "camera:front", 4711])
    def test_a_camera_that_is_not_there(self, source: object) -> None:
        with pytest.raises(VideoError, match="camera"):
            read_video(source)  # type: ignore[arg-type]

    def test_too_many_pixels(self, short: Path) -> None:
        with pytest.raises(VideoError, match="48 x 32 pixels"):
            list(read_video(short, max_pixels=1000))

    def test_a_name_is_a_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_video(tmp_path / "film.mp4", numbered(2)).rename(tmp_path / "concat:a|b.mp4")
        monkeypatch.chdir(tmp_path)
        assert len(list(read_video("concat:a|b.mp4"))) == 2

    def test_a_list_of_parts_reaches_no_address(self, tmp_path: Path) -> None:
        asked = threading.Event()

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.set()
                self.send_error(404)

            def log_message(self, *args: object) -> None: ...

        with _served(Handler) as port:
            parts = f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/part.ts\n#EXT-X-ENDLIST\n"
            (tmp_path / "list.m3u8").write_text(parts)
            with pytest.raises(VideoError):
                list(read_video(tmp_path / "list.m3u8"))
        assert not asked.is_set()


class TestDamage:
    def test_a_file_that_was_cut_off(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "film.mkv", _noise(40))
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        with pytest.warns(IncompleteVideoWarning, match="was cut off, or is damaged"):
            frames = list(read_video(path))
        assert 10 < len(frames) < 30

    def test_a_file_that_lies_about_its_length(self, tmp_path: Path) -> None:
        """Nothing is made ready for the 32 years that it says it takes."""
        path = write_video(tmp_path / "lying.mkv", numbered(20))
        content = path.read_bytes()
        start = content.index(b"\x44\x89\x88") + 3
        length = struct.pack(">d", 1e12)
        path.write_bytes(content[:start] + length + content[start + len(length) :])
        with pytest.warns(IncompleteVideoWarning, match="it says that it is 1000000000"):
            frames = list(read_video(path))
        assert len(frames) == 20

    def test_a_hole_costs_some_frames(self, tmp_path: Path) -> None:
        path = write_video(tmp_path / "film.mkv", _noise(40))
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 400] = bytes(400)
        path.write_bytes(content)
        times = [frame.time for frame in read_video(path)]
        assert times[-1] > 3.5


def test_an_address(short: Path) -> None:
    handler = partial(_Quiet, directory=str(short.parent))
    with _served(handler) as port:
        frames = list(read_video(f"http://127.0.0.1:{port}/{short.name}"))
        assert len(frames) == 20
        with pytest.raises(VideoError, match="cannot be opened"):
            list(read_video(f"http://127.0.0.1:{port}/missing.mp4"))


def test_of_a_camera_the_latest_frame_is_taken() -> None:
    def camera() -> object:
        for i in range(30):
            time.sleep(0.01)
            yield i

    taken = []
    for item in latest_of(camera()):  # type: ignore[arg-type]
        taken.append(item)
        time.sleep(0.05)
    assert taken[-1] == 29
    assert len(taken) < 15


def test_what_ends_a_camera_is_raised() -> None:
    def camera() -> object:
        yield 1
        raise OSError("unplugged")

    frames = latest_of(camera())  # type: ignore[arg-type]
    with pytest.raises(OSError, match="unplugged"):
        list(frames)


def test_a_camera_that_is_no_longer_watched_is_closed() -> None:
    closed = threading.Event()

    def camera() -> object:
        try:
            while True:
                time.sleep(0.005)
                yield 0
        finally:
            closed.set()

    frames = latest_of(camera())  # type: ignore[arg-type]
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert closed.wait(2)


def test_cameras_have_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_source.sys, "platform", "darwin")
    assert _source.opening_of(1) == _source.opening_of("camera:1")
    opening = _source.opening_of(0)
    assert opening is not None
    assert (opening.place, opening.format, opening.is_live) == ("0", "avfoundation", True)


def _noise(n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(n)]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


class _served:  # noqa: N801 - used as a context manager
    def __init__(self, handler: object) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)  # type: ignore[arg-type]

    def __enter__(self) -> int:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self._server.server_port

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
