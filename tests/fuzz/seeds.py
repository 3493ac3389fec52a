"""Inputs that are in order, small ones, made when they are asked for."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ferclassifier._files import checkpoint
from helpers import DATA
from image_trees import encode, face, row, spell, tar_bytes
from onnx_files import linear_model
from video_files import numbered, write_video

_VOTES = (
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
)
_COLUMNS = ["path", "face", "left", "emotion"]


def csvs() -> list[bytes]:
    """FER-2013 as a table, in the ways in which people have it."""
    dark, odd = row(3), row(0, spell(np.arange(2304).reshape(48, 48) % 256), "PublicTest")
    tables = (
        ["emotion,pixels,Usage", dark, odd],
        ["emotion, Usage, pixels", f"2, PrivateTest, {spell(np.ones((48, 48), int))}"],
        ["\ufeffemotion,pixels", dark.rpartition(",")[0], ""],
        ["Emotion,Pixels,Usage,more", f'6,"{dark.split(",")[1]}",Training,"a ""b"", c"'],
    )
    return [*("\n".join(lines).encode() for lines in tables), b"emotion,pixels,Usage\r\n1,2,3\r\n"]


def votes() -> list[bytes]:
    """The votes of FER+ for the three faces of `faces_that_were_voted_on`."""
    rows = [f"Training,fer000000{i}.png,{i},9,0,0,1,0,0,0,0,0" for i in range(2)]
    last = "PrivateTest,,0,0,0,0,0,0,0,0,0,10"
    return ["\n".join([_VOTES, *rows, last]).encode(), f'{_VOTES}\n"{rows[0]}"\n'.encode()]


def faces_that_were_voted_on() -> bytes:
    """Return the table that `votes` belong to."""
    rows = [row(3), row(3), row(0, usage="PrivateTest")]
    return "\n".join(["emotion,pixels,Usage", *rows]).encode()


def archives() -> list[bytes]:
    """Folders of images and tables, packed."""
    small = encode(np.zeros((5, 4), np.uint8))
    tree = {
        "train/happy/a.png": face(1),
        "train/sad/b": face(2),
        "test/fear/PublicTest_1.png": small,
    }
    own = {"x/yes/1.png": small, "x/no/2.jpg": small, "x/no/note.txt": b"hello"}
    label = b'a.png,"(0, 0, 48, 48)",1,9,0,0,0,0,0,0,0,0\n'
    voted = {"FER2013Train/a.png": face(3), "FER2013Train/label.csv": label}
    table, short = csvs()[0], csvs()[-1]
    return [
        *map(_zip, (tree, own, voted, {"a/train.csv": table, "a/test.csv": short})),
        *(tar_bytes(tree), tar_bytes(own, "gz"), tar_bytes({"fer2013.csv": table}, "gz")),
        *(gzip.compress(table), _zip({"a.tar.gz": tar_bytes(own, "gz")})),
    ]


def _zip(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def images() -> list[bytes]:
    """Small pictures in all formats that are read."""
    gray = Image.linear_gradient("L").resize((9, 7))
    colour = Image.merge("RGB", (gray, gray.rotate(180), gray))
    wide = Image.fromarray(np.arange(63, dtype=np.uint16).reshape(7, 9) * 1_000)
    upright = Image.Exif()
    upright[0x0112] = 6
    made = [
        *(
            (kind, image, {})
            for kind in ("PNG", "GIF", "BMP", "PPM", "TIFF")
            for image in (gray, colour)
        ),
        *((kind, colour, {}) for kind in ("WEBP", "AVIF", "JPEG2000", "JPEG")),
        ("JPEG", gray, {"progressive": True, "exif": upright}),
        ("PNG", colour.convert("P"), {"transparency": 3}),
        *(("PNG", colour.convert("RGBA"), {}), ("PNG", wide, {}), ("TIFF", wide, {})),
        ("TIFF", colour, {"compression": "tiff_lzw"}),
        ("WEBP", colour.convert("RGBA"), {"lossless": True}),
        ("GIF", gray, {"save_all": True, "append_images": [gray.rotate(90)]}),
    ]
    return [_encoded(image, kind, options) for kind, image, options in made]


def _encoded(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def models() -> list[bytes]:
    """Model files of both kinds, of the first protocol."""
    return [(DATA / f"protocol1{kind}.safetensors").read_bytes() for kind in ("", "_voting")]


def onnx_files() -> list[bytes]:
    """Graphs of a layer, for bytes and for floats."""
    return [
        _made(linear_model, "model.onnx", image_shape=(6, 6, 1), scale=scale)
        for scale in ("bytes", "unit")
    ]


def _made(write: Callable[..., Path], name: str, *args: object, **kwargs: object) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write(Path(folder) / name, *args, **kwargs).read_bytes()


def searches() -> list[bytes]:
    """Spaces of a search."""
    return [
        b"""\
[search]
method = "halving"
cv = 3
factor = 2
scoring = "accuracy"
[fixed]
architecture = "gap_cnn"
epochs = 4
image_shape = [48, 48]
class_weight = "balanced"
[space]
learning_rate = [0.02, 8e-2]
architecture_params = [{ dense = 16, filters = [8, 16] }, { dropout = 0.5 }]
augmentation = ["light", "none"]  # none of it
""",
        b"[space]\nepochs = [1, 2]\nlabel_smoothing = [0.0, 0.1]\nfixed.x = 1\n",
        b'space.optimizer = ["sgd", "adam"]\nfixed.random_state = 0x10\n[search]\ncv = 1_0\n',
    ]


def requests() -> list[bytes]:
    """What clients send."""
    photo = images()[0]
    form = (
        b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + photo + b"\r\n--xyz--\r\n"
    )
    host = b" HTTP/1.1\r\nHost: localhost\r\n"
    typed = b"Content-Type: image/png\r\n"
    chunked = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (photo[:20], photo[20:], b"")
    )
    form_type = b"Content-Type: multipart/form-data; boundary=xyz\r\n"
    return [
        *(b"GET " + path + host + b"\r\n" for path in (b"/", b"/models", b"/models/tiny/card")),
        b"POST /predict" + host + typed + b"Content-Length: %d\r\n\r\n" % len(photo) + photo,
        b"POST /predict?threshold=0.5&min_size=4"
        + host
        + form_type
        + b"Content-Length: %d\r\n\r\n" % len(form)
        + form,
        b"POST /saliency?face=0&emotion=happy"
        + host
        + typed
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + chunked,
        b"POST /predict" + host + b"Content-Type: image/png\r\nContent-Length: 5\r\n"
        b"Origin: http://localhost\r\nConnection: close\r\n\r\nhello",
        b"GET /health" + host + b"\r\nGET /static/app.js" + host + b"\r\n",
    ]


def videos() -> list[bytes]:
    """Three frames each, in containers that people have."""
    frames = numbered(3, 16, 16)
    return [_made(write_video, f"video.{kind}", frames) for kind in ("mp4", "mkv", "avi", "ts")]


def tables() -> list[bytes]:
    """Tables of photos that are gone on with: as CSV, and as lines of JSON."""
    header = ",".join(_COLUMNS)
    as_csv = f'{header}\na.png,0,4,happy\na.png,1,9,sad\n"b, c.png",,,\n'
    rows = (["a.png", 0, 4, "happy"], ["b.png", None, None, None], ["c.png", 0, None, "sad"])
    lines = (json.dumps(dict(zip(_COLUMNS, values, strict=True))) + "\n" for values in rows)
    return [as_csv.encode(), "".join(lines).encode()]


def columns_of_tables() -> list[str]:
    """Return the columns that `tables` have."""
    return list(_COLUMNS)


def checkpoints() -> list[bytes]:
    """The state of a fit."""
    state = [np.zeros(3, np.float32), np.ones((2, 2), np.uint32)]
    progress = checkpoint.Progress(2, False, [1, 2, 3], {"loss": [0.5]}, {}, state, [])
    return [_made(_write_checkpoint, "fit.safetensors", progress)]


def _write_checkpoint(path: Path, progress: checkpoint.Progress) -> Path:
    checkpoint.Checkpoint(path, {"epochs": ("3", "x")}).write(progress)
    return path
