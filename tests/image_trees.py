"""FER-2013 in its three forms, and other folders and archives of images, that tests write."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ferclassifier import EMOTIONS

USAGES = ("Training", "PublicTest", "PrivateTest")


def random_faces(n: int = 21, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, labels and usages, with each emotion in each part."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, size=(n, 48, 48), dtype=np.uint8)
    return images, np.arange(n) % 7, np.array(USAGES)[np.arange(n) // 7 % 3]


def spell(image: np.ndarray) -> str:
    return " ".join(map(str, image.ravel()))


def row(label: object = 3, pixels: str | None = None, usage: str = "Training") -> str:
    return f"{label},{spell(np.zeros((48, 48), int)) if pixels is None else pixels},{usage}"


def write_csv(path: Path, *rows: str, header: str = "emotion,pixels,Usage") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def encode(image: np.ndarray, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format)
    return buffer.getvalue()


def write_files(root: Path, files: dict[str, bytes], form: str = "tree") -> Path:
    """Write files below a folder, or into a zip or tar archive beside it."""
    if form == "zip":
        root = root.with_suffix(".zip")
        with zipfile.ZipFile(root, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return root
    if form != "tree":
        root = root.with_suffix(f".{form}")
        root.write_bytes(tar_bytes(files, packing=form.partition(".")[2]))
        return root
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def tar_bytes(
    files: dict[str, bytes], packing: str = "", format: int = tarfile.DEFAULT_FORMAT
) -> bytes:
    """Make a tar archive; `packing` is "gz", "bz2", "xz" or nothing."""
    buffer = io.BytesIO()
    mode: Any = f"w:{packing}"
    with tarfile.open(fileobj=buffer, mode=mode, format=format) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def kaggle_files(top: str = "") -> dict[str, bytes]:
    """The Kaggle layout: PublicTest and PrivateTest together in one folder test."""
    return {
        f"{top}{'train' if usage == 'Training' else 'test'}/{EMOTIONS[label]}/{usage}_{i}.png": (
            encode(image)
        )
        for i, (image, label, usage) in enumerate(zip(*random_faces(), strict=True))
    }


def face(seed: int = 0, shape: tuple[int, ...] = (48, 48)) -> bytes:
    return encode(np.random.default_rng(seed).integers(0, 256, size=shape, dtype=np.uint8))
