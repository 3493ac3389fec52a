"""What xz has packed is unpacked in bounded memory."""

from __future__ import annotations

import io
import lzma
import zipfile
from pathlib import Path

import pytest

from ferclassifier import load_fer2013
from ferclassifier.datasets._xz import XzReader
from ferclassifier.exceptions import DataError
from image_trees import row, tar_bytes

TABLE = f"emotion,pixels,Usage\n{row()}\n".encode()


def test_streams_behind_each_other() -> None:
    parts = [bytes(100_000), b"", b"hello" * 50_000]
    packed = b"".join(lzma.compress(part) + bytes(8) for part in parts)
    reader, whole = XzReader(io.BytesIO(packed)), b"".join(parts)
    found = b""
    while part := reader.read1(4_096):
        found += part
    assert found == whole
    for place in (len(whole), 120_000, 3, 10**9):
        assert reader.seek(place) == min(place, len(whole))
        assert reader.read1(10) == whole[place : place + 10][:10]


def test_a_file_that_was_cut_off() -> None:
    reader = XzReader(io.BytesIO(lzma.compress(TABLE)[:-20]))
    with pytest.raises(EOFError, match="cut short"):
        reader.seek(2**20)


def test_levels_are_read(tmp_path: Path) -> None:
    path = tmp_path / "fer2013.csv.xz"
    path.write_bytes(lzma.compress(TABLE, preset=9 | lzma.PRESET_EXTREME))
    assert len(load_fer2013(path).images) == 1


@pytest.mark.parametrize("name", ["fer2013.csv.xz", "fer2013.tar.xz"])
def test_a_file_that_asks_for_a_gib_gets_none(tmp_path: Path, name: str) -> None:
    """It took all of it, for a file of 156 kB."""
    chain = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**30}]
    content = TABLE if "csv" in name else tar_bytes({"fer2013.csv": TABLE})
    path = tmp_path / name
    path.write_bytes(lzma.compress(content, filters=chain))
    with pytest.raises(DataError, match="cannot be read: Memory usage limit"):
        load_fer2013(path)


def test_lzma_in_a_zip_is_refused(tmp_path: Path) -> None:
    """It names the size of its dictionary, too, and nothing bounds it."""
    path = tmp_path / "fer2013.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("fer2013.csv", TABLE)
    with pytest.raises(DataError, match="is packed by LZMA; pack it by Deflate"):
        load_fer2013(path)
