"""The readers of the package, what each is fed with, and what it may raise: as in the docs."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from ferclassifier import load_fer2013, load_ferplus, load_image_folder, read_video
from ferclassifier._files.checkpoint import Checkpoint
from ferclassifier.exceptions import (
    CheckpointError,
    DataError,
    DivergenceError,
    ImageError,
    ModelFileError,
    VideoError,
)
from ferclassifier.images import read_image
from ferclassifier.images._photos import read_photo
from fuzz import mutations, seeds, structures

Errors = tuple[type[Exception], ...]
# What is large is the business of benchmarks/data/bounds.py: here a second is to be enough.
_MOST_FRAMES, _MOST_PIXELS = 20, 2_000_000


class Reader(NamedTuple):
    """Something that reads what others have written.

    Attributes
    ----------
    reads : callable
        Takes the content of an input; what it returns is looked at, too.
    what : str
        The functions, as the docs name them.
    raises : tuple of types
        All that may come out of it.
    seeds : callable
        Returns inputs that are in order.
    words : sequence of bytes
        What means something to it.
    within : callable or None
        Changes an input behind its sums.
    share : float
        Of all inputs: the slow ones get fewer.
    """

    reads: Callable[[bytes], Any]
    what: str
    raises: Errors
    seeds: Callable[[], list[bytes]]
    words: Sequence[bytes] = ()
    within: Callable[[bytes, Random, structures.Change], bytes] | None = None
    share: float = 1.0

    def drawn(self, rng: Random) -> bytes:
        """Return a seed with some changes."""
        known = _seeds_of(self)

        def change(content: bytes) -> bytes:
            return mutations.changed(content, rng, known, self.words)

        content = rng.choice(known)
        if self.within is not None and rng.random() < 0.6:
            return self.within(content, rng, change)
        return change(content)


@cache
def _seeds_of(reader: Reader) -> list[bytes]:
    return reader.seeds()


def _read_csv(content: bytes) -> None:
    _check_faces(load_fer2013(io.BytesIO(content), on_error=_pick(content, "raise", "skip")))


def _read_votes(content: bytes) -> None:
    data = load_ferplus(io.BytesIO(seeds.faces_that_were_voted_on()), io.BytesIO(content))
    _check_faces(data)
    np.testing.assert_allclose(data.soft_targets.sum(axis=1), 1, atol=1e-6)


def _read_archive(content: bytes) -> None:
    on_error = _pick(content, "raise", "skip")
    if _pick(content[::2], True, False):
        _check_faces(load_fer2013(io.BytesIO(content), on_error=on_error))
    elif _pick(content[1::2], True, False):
        _check_faces(load_ferplus(_file(content), on_error=on_error))
    else:
        _check_faces(load_image_folder(_file(content), on_error=on_error, max_pixels=_MOST_PIXELS))


def _check_faces(data: Any) -> None:
    n = len(data.images)
    assert n > 0
    assert data.images.shape == (n, 48, 48)
    assert data.images.dtype == np.uint8
    assert len(data.target) == len(data.filenames) == data.report["n_read"] == n


def _read_image(content: bytes) -> None:
    channels = _pick(content, 1, 3)
    pixels = read_image(content, channels=channels, max_pixels=_MOST_PIXELS)
    assert pixels.dtype == np.uint8
    assert pixels.ndim == (2 if channels == 1 else 3)
    assert pixels.size
    if content[-1:] < b"\x40":
        assert read_photo(content, max_side=5, max_pixels=_MOST_PIXELS).pixels.max(initial=0) <= 255


def _read_model(content: bytes) -> None:
    from ferclassifier.persistence import load_model

    model = load_model(_file(content))
    assert len(model.classes_)


def _read_onnx(content: bytes) -> None:
    from ferclassifier._onnx import OnnxModel

    model = OnnxModel(_file(content))
    if np.prod(model.image_shape) > 10_000:  # as its graph, too, may say
        return
    images = np.zeros((2, *model.image_shape), model.metadata.input_dtype)
    assert np.isfinite(model.predict_proba(images)).all()


def _read_search(content: bytes) -> None:
    from ferclassifier._cli.search_plan import read_plan

    plan = read_plan(_file(content))
    assert plan.n_candidates > 0
    plan.make_search()


def _read_request(content: bytes) -> None:
    _connections().ask(content)


@cache
def _connections() -> Any:
    from fuzz.connection import Connections

    return Connections()


def _read_video(content: bytes) -> None:
    with closing(read_video(_file(content), max_pixels=_MOST_PIXELS)) as frames:
        for frame in islice(frames, _MOST_FRAMES):
            assert frame.pixels.dtype == np.uint8
            assert frame.pixels.shape[2:] == (3,)


def _read_table(content: bytes) -> None:
    from ferclassifier.photos._tables import CsvTable, JsonLinesTable

    kind = JsonLinesTable if content[:1] == b"{" else CsvTable
    with closing(kind(_file(content), seeds.columns_of_tables())) as table:
        assert "nobody.png" not in table


def _read_checkpoint(content: bytes) -> None:
    Checkpoint(_file(content), {"epochs": ("3", "x")}).read()


def _pick(content: bytes, *choices: Any) -> Any:
    """Choose by the content, so that an input does the same each time."""
    return choices[sum(content[:64]) % len(choices)]


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)


def _file(content: bytes) -> Path:
    path = Path(_folder().name) / "input"
    path.write_bytes(content)
    return path


_CSV_WORDS = (b"emotion", b"pixels", b"Usage", b"Training", b"PublicTest", b",", b" 255", b" 256")
READERS = {
    "csv": Reader(
        _read_csv, "`load_fer2013` of a CSV file", (DataError,), seeds.csvs, _CSV_WORDS, share=1.4
    ),
    "votes": Reader(
        *(_read_votes, "`load_ferplus`, the table of votes", (DataError,), seeds.votes),
        (b"Image name", b"NF", b"fer0000000.png", b"1e3", b"0.5", b"inf", *_CSV_WORDS),
        share=0.5,
    ),
    "archive": Reader(
        _read_archive,
        "`load_fer2013`, `load_ferplus`, `load_image_folder` of zip, tar and packed files",
        *((DataError,), seeds.archives),
        (b"PK\x01\x02", b"PK\x05\x06", b"ustar", b"label.csv", b"../", b"train/", *_CSV_WORDS),
        *(structures.in_archive, 0.5),
    ),
    "image": Reader(
        *(_read_image, "`read_image`, and whatever decodes images", (ImageError,), seeds.images),
        (b"IHDR", b"IDAT", b"PLTE", b"tRNS", b"sBIT", b"\xff\xd8", b"\xff\xda", b"Exif\0\0"),
        *(structures.in_png, 0.6),
    ),
    "model": Reader(
        *(_read_model, "`load_model`, `FERClassifier.load`", (ModelFileError,), seeds.models),
        (b'\\"sha256\\":\\"', b'\\"model\\"', b"F16", b"F32", b"gap_cnn", b"1e308", b"[[]]"),
        *(structures.in_model, 0.3),
    ),
    "onnx": Reader(
        _read_onnx,
        "`OnnxFERClassifier`, and whatever takes an ONNX file of a model",
        *((ModelFileError, DivergenceError), seeds.onnx_files),
        (b'"sha256":"', b"location", b"ferclassifier", b"Loop", b"If", b"Cast", b"images"),
        *(structures.in_onnx, 0.3),
    ),
    "search": Reader(
        *(_read_search, "`ferclassifier search`, its TOML file", (DataError,), seeds.searches),
        (b"[space]", b"[[space]]", b"none", b"[", b"]", b"{", b"}", b"=", b".", b'"""', b"1e9"),
        share=1.5,
    ),
    "request": Reader(
        *(_read_request, "`create_app`, behind its server: no exception, no status 500", ()),
        seeds.requests,
        (b"\r\n", b"Content-Length: 1\r\n", b"Expect: 100-continue\r\n", b"--xyz", b"HTTP/1.0"),
    ),
    "video": Reader(
        *(_read_video, "`read_video`, `analyze_video` of a file", (VideoError,), seeds.videos),
        (b"moov", b"mdat", b"trak", b"stts", b"#EXTM3U\n", b"ffconcat version 1.0\n", b"file:"),
        share=0.15,
    ),
    "table": Reader(
        *(_read_table, "`ferclassifier predict --csv`, a table to be gone on with"),
        *((DataError,), seeds.tables, (b'{"path": "', b"null", b",", b"path", b"[" * 90_000)),
        share=1.4,
    ),
    "checkpoint": Reader(
        *(_read_checkpoint, "`FERClassifier(checkpoint=...)`", (CheckpointError,)),
        *(seeds.checkpoints, (b"progress", b"fingerprint", b"state.00000", b"F32", b"null")),
        share=1.4,
    ),
}
