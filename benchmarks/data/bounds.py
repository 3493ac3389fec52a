"""What the worst input of the largest size costs each reader: time and memory.

python benchmarks/data/bounds.py                       # all, in some minutes
python benchmarks/data/bounds.py --only image --only search

Inputs are made in a temporary folder, 3 GB at most, and read in a process of their own. Seconds are
those of the processor, and megabytes those above what the process has when its imports are done.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from _shared.machine import memory_mb, reset_peak, table

_HEADER = b"emotion,pixels,Usage\n"
_GIB = 2**30
_REQUEST = 20_000_000


class Bound(NamedTuple):
    """An input, and who reads it."""

    reader: str
    what: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]


def main() -> None:
    """Measure, or read one input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", help="a reader; several times for several")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_read(BOUNDS[int(args.one[0])], Path(args.one[1]))))
        return
    rows = [
        _measured(i) for i, bound in enumerate(BOUNDS) if not args.only or bound.reader in args.only
    ]
    print(table(rows))


def _measured(i: int) -> dict[str, object]:
    bound = BOUNDS[i]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        bound.write(path)
        size = path.stat().st_size
        command = [sys.executable, __file__, "--one", str(i), str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(run.stdout) if run.returncode == 0 else {"outcome": run.stderr[-300:]}
    row = {
        "reader": bound.reader,
        "input": bound.what,
        "bytes": f"{size:,}",
        "seconds": f"{told.get('seconds', -1):.1f}",
        "MB": f"{told.get('mb', -1):.0f}",
        "outcome": told["outcome"],
    }
    print(table([row]).splitlines()[-1], file=sys.stderr, flush=True)
    return row


def _read(bound: Bound, path: Path) -> dict[str, Any]:
    from ferclassifier.exceptions import FERClassifierError

    warnings.simplefilter("ignore")
    _imported(bound.reader)
    reset_peak()
    before, start = memory_mb(), time.process_time()
    try:
        outcome = str(bound.read(path))
    except FERClassifierError as error:
        said = str(error).removeprefix(f"{path}: ")
        outcome = f"{type(error).__name__}: {said[:90]}"
    return {
        "outcome": outcome.replace("|", "/"),
        "seconds": time.process_time() - start,
        "mb": memory_mb("VmHWM") - before,
    }


def _imported(reader: str) -> None:
    """Import what a reader needs, which is not its input's fault."""
    import numpy as np
    from PIL import Image

    from ferclassifier import load_fer2013  # noqa: F401
    from ferclassifier.images import read_image

    Image.init()
    read_image(np.zeros((4, 4), np.uint8))
    if reader == "search":
        import ferclassifier._cli.search_plan  # noqa: F401
    if reader in ("model", "checkpoint"):
        import safetensors.numpy  # noqa: F401
    if reader == "onnx":
        import onnxruntime  # noqa: F401
    if reader == "video":
        import av  # type: ignore[import-not-found]  # noqa: F401


# What reads.


def _fer2013(path: Path, on_error: str = "raise") -> str:
    from ferclassifier import load_fer2013

    return f"{len(load_fer2013(path, on_error=on_error).images):,} images"


def _folder(path: Path) -> str:
    from ferclassifier import load_image_folder

    return f"{len(load_image_folder(path).images):,} images"


def _votes(path: Path) -> str:
    from ferclassifier.datasets._votes_table import read_votes

    return f"{len(read_votes(path).names):,} rows"


def _image(path: Path) -> str:
    from ferclassifier.images import read_image

    height, width = read_image(path).shape
    return f"{width:,} x {height:,}"


def _model(path: Path) -> str:
    from ferclassifier._files.saved_model import read_model

    return f"{len(read_model(path).weights)} weights"


def _onnx(path: Path) -> str:
    from ferclassifier._onnx import OnnxModel

    return f"{len(OnnxModel(path).classes)} classes"


def _search(path: Path) -> str:
    from ferclassifier._cli.search_plan import read_plan

    return f"{read_plan(path).n_candidates:,} candidates"


def _form(path: Path) -> str:
    from ferclassifier.app._multipart import files_in
    from ferclassifier.app._refusal import Refusal

    try:
        files = files_in(path.read_bytes(), "multipart/form-data; boundary=x", 20)
    except Refusal as refusal:
        return f"status {refusal.status}: {refusal.code}"
    return f"{len(files)} files"


def _video(path: Path) -> str:
    from ferclassifier import read_video

    return f"{sum(1 for _ in read_video(path)):,} frames"


def _table(path: Path) -> str:
    from ferclassifier.photos._tables import JsonLinesTable

    JsonLinesTable(path, ["path", "face", "left"]).close()
    return "read"


def _checkpoint(path: Path) -> str:
    from ferclassifier._files.checkpoint import Checkpoint

    return str(Checkpoint(path, {}).read())


# What is read.


def _filled(start: bytes, size: int, with_: bytes = b"\0") -> Callable[[Path], None]:
    """Write a file of one thing; of zeros, the disk need not have the space."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start)
            if with_ == b"\0":
                file.truncate(size)
                return
            part = with_ * (2**20 // len(with_))
            while (rest := size - file.tell()) > 0:
                file.write(part[:rest])

    return write


def _packed(
    start: bytes, size: int, with_: bytes, opened: Callable[[Path], Any]
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with opened(path) as file:
            file.write(start)
            part = with_ * (2**20 // len(with_))
            for _ in range(size // len(part)):
                file.write(part)

    return write


def _gzip(path: Path) -> Any:
    return gzip.open(path, "wb", compresslevel=6)


def _xz(path: Path) -> Any:
    """Return a file whose reader is to have a dictionary of a GiB."""
    chain = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": _GIB}]
    return lzma.open(path, "wb", filters=chain)


def _zip_of_many(n: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for i in range(n):
                archive.writestr(zipfile.ZipInfo(f"{i % 7}/{i:07d}.png"), b"")

    return write


def _tar_of_many(n: int) -> Callable[[Path], None]:
    import tarfile

    def write(path: Path) -> None:
        with path.open("wb") as file:
            for i in range(n):
                file.write(tarfile.TarInfo(f"{i % 7}/{i:07d}.png").tobuf())
            file.write(bytes(1024))

    return write


def _zip_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("fer2013.csv", "w", force_zip64=True) as member,
    ):
        member.write(_HEADER)
        for _ in range(1_023):
            member.write(b"\n" * 2**20)


def _lzma_in_zip(path: Path) -> None:
    """Pack zeros by LZMA, and let the member say that it needs a dictionary of 4 GiB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("fer2013.csv", _HEADER + bytes(900 * 2**20))
    content = bytearray(path.read_bytes())
    # Behind the local header and the name: a version, the length of the properties, and these.
    place = 30 + len("fer2013.csv") + 4 + 1
    content[place : place + 4] = (_GIB).to_bytes(4, "little")
    path.write_bytes(content)


def _encoded(width: int, height: int, kind: str, mode: str = "L", **options: Any) -> Any:
    def write(path: Path) -> None:
        from PIL import Image

        Image.new(mode, (width, height)).save(path, kind, **options)

    return write


def _scans(path: Path) -> None:
    """Write a progressive JPEG file whose last scan, of 12 bytes, comes again and again."""
    _encoded(7_000, 7_000, "JPEG", progressive=True)(path)
    content = path.read_bytes()
    last = content[content.rindex(b"\xff\xda") : -2]
    path.write_bytes(content[:-2] + last * (_REQUEST // len(last)) + b"\xff\xd9")


def _chunks(path: Path) -> None:
    """Write a PNG file of as many empty chunks as there is space for."""
    _encoded(9, 9, "PNG")(path)
    content = path.read_bytes()
    chunk = bytes(4) + b"abCd" + zlib.crc32(b"abCd").to_bytes(4, "big")
    path.write_bytes(content[:33] + chunk * (_REQUEST // 12) + content[33:])


def _segments(path: Path) -> None:
    """Write a JPEG file of as many empty comments as there is space for."""
    _encoded(9, 9, "JPEG")(path)
    content = path.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xfe\0\2" * (_REQUEST // 4) + content[2:])


def _strips(path: Path) -> None:
    """Write a TIFF file with a strip for each of its pixels."""
    n = _REQUEST // 9
    offsets, counts = 8, 8 + 4 * n
    head = b"II*\0" + struct.pack("<I", counts + 4 * n)
    entries = [
        *((256, 4, 1, 1), (257, 4, 1, n), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, n, offsets), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, n, counts)),
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    path.write_bytes(head + b"\x08\0\0\0" * n + b"\1\0\0\0" * n + directory)


def _large_model(path: Path) -> None:
    import numpy as np

    from ferclassifier._files.saved_model import write_model

    weights = {"a": np.zeros(2**28 - 2**10, np.float32)}
    write_model(path, "FERClassifier", {}, weights, dtype="float32", metadata=None)


def _nested_model(path: Path) -> None:
    header = b'{"__metadata__":' + b"[" * (2**20 - 100)
    path.write_bytes(len(header).to_bytes(8, "little") + header)


def _large_onnx(path: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    import numpy as np

    from onnx_files import linear_model

    weights = np.zeros((2**24, 15), np.float32)
    linear_model(path, classes=range(15), image_shape=(2**12, 2**12, 1), weights=weights)


def _written(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _film(
    path: Path, *, width: int = 64, height: int = 64, frames: int = 3, kind: str = "mp4"
) -> None:
    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        pixels = np.zeros((height, width, 3), np.uint8)
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    path.write_bytes(file.getvalue())


def _lying_film(path: Path) -> None:
    """Let a film of three frames say that it takes 32 years."""
    _film(path, kind="matroska")
    content = path.read_bytes()
    start = content.index(b"\x44\x89\x88") + 3
    length = struct.pack(">d", 1e12)
    path.write_bytes(content[:start] + length + content[start + len(length) :])


_LABELS = (
    b"Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
)
BOUNDS = (
    Bound("csv", "a line of 1 GB", _filled(_HEADER, 10**9), _fer2013),
    Bound("csv", "a header of 1 GB", _filled(b"emotion,", 10**9, b"a"), _fer2013),
    Bound(
        "csv",
        "1,000,000 bad rows, skipped",
        _filled(_HEADER, 6_000_021, b"1,2,3\n"),
        (lambda path: _fer2013(path, "skip")),
    ),
    Bound("csv", "gzip: 1 GiB of empty lines", _packed(_HEADER, _GIB, b"\n", _gzip), _fer2013),
    Bound("csv", "gzip: a line of 1 GiB", _packed(_HEADER, _GIB, b"a", _gzip), _fer2013),
    Bound("csv", "xz: 1 GiB, dictionary of 1 GiB", _packed(_HEADER, _GIB, b"a", _xz), _fer2013),
    Bound("votes", "a line of 1 GB", _filled(_LABELS, 10**9, b"a"), _votes),
    Bound(
        "votes",
        "1,000,000 rows",
        _filled(
            _LABELS, len(_LABELS) + 999_999 * 44, b"Training,fer0000000.png,1,9,0,0,0,0,0,0,0,0\n"
        ),
        _votes,
    ),
    Bound("archive", "zip of 1,000,000 members", _zip_of_many(10**6), _folder),
    Bound("archive", "tar of 1,000,000 members", _tar_of_many(10**6), _folder),
    Bound("archive", "zip: 1 GiB of empty lines", _zip_bomb, _fer2013),
    Bound("archive", "zip: LZMA, dictionary of 1 GiB", _lzma_in_zip, _fer2013),
    Bound("image", "PNG, 1,000,000 x 1", _encoded(10**6, 1, "PNG"), _image),
    Bound("image", "PNG, 1 x 1,000,000", _encoded(1, 10**6, "PNG"), _image),
    Bound("image", "PNG, 50 megapixels, RGBA", _encoded(7_071, 7_071, "PNG", "RGBA"), _image),
    Bound("image", "PNG, 20,000 x 20,000", _encoded(20_000, 20_000, "PNG"), _image),
    Bound(
        "image",
        "WebP, 50 megapixels, RGBA",
        _encoded(7_071, 7_071, "WEBP", "RGBA", lossless=True),
        _image,
    ),
    Bound("image", "GIF, 50 megapixels", _encoded(7_071, 7_071, "GIF"), _image),
    Bound("image", "JPEG, 49 megapixels, 1,700,000 scans", _scans, _image),
    Bound("image", "JPEG, 5,000,000 comments", _segments, _image),
    Bound("image", "PNG, 1,700,000 empty chunks", _chunks, _image),
    Bound("image", "TIFF, 2,200,000 strips", _strips, _image),
    Bound("model", "1 GiB of weights", _large_model, _model),
    Bound("model", "a header nested 1,000,000 deep", _nested_model, _model),
    Bound("onnx", "1 GB of weights", _large_onnx, _onnx),
    Bound(
        "search",
        "nested 100,000 deep",
        _written(b"[space]\nepochs = " + b"[" * 10**5 + b"]" * 10**5),
        _search,
    ),
    Bound("search", "a key of 500,000 parts", _written(b"a" + b".a" * 500_000 + b" = 1"), _search),
    Bound(
        "search",
        "a list of 500,000 numbers",
        _written(b"[space]\nepochs = [" + b"1," * 500_000 + b"]"),
        _search,
    ),
    Bound(
        "request", "a form of 20 MB without end", _filled(b"--x\r\n", _REQUEST, b"\r\n--x"), _form
    ),
    Bound(
        "request",
        "a form of 20 MB, headers alone",
        _filled(b"--x\r\nContent-Disposition: form-data; filename*=", _REQUEST, b"a"),
        _form,
    ),
    Bound("video", "3 frames that say they take 32 years", _lying_film, _video),
    Bound(
        "video",
        "3 frames of 50 megapixels",
        lambda path: _film(path, width=8_192, height=6_102),
        _video,
    ),
    Bound("table", "a line of 1 GB", _filled(b'{"path": "', 10**9, b"a"), _table),
    Bound(
        "checkpoint",
        "a header that says 2 ** 60",
        _written((2**60).to_bytes(8, "little")),
        _checkpoint,
    ),
)


if __name__ == "__main__":
    main()
