"""What Kaggle and others give: packed files, archives in archives, and what is no data set."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ferclassifier import load_fer2013, load_image_folder
from ferclassifier.datasets import _streams, _tar_archive, _zip_archive
from ferclassifier.exceptions import DataError, IgnoredFilesWarning, SharedTestSetWarning
from image_trees import (
    encode,
    face,
    kaggle_files,
    random_faces,
    row,
    spell,
    tar_bytes,
    write_files,
)

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def zip_bytes(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def csv(csv_path: Path) -> bytes:
    return csv_path.read_bytes()


def check_all_faces(bunch: Any) -> None:
    images, labels, _ = random_faces()
    np.testing.assert_array_equal(bunch.images, images)
    assert len(bunch.target) == len(labels)
    assert list(bunch.usage) == ["train"] * 7 + ["validation"] * 7 + ["test"] * 7
    assert bunch.report["n_skipped"] == 0


# All of these were "no emotion and no pixels among the columns '\x1f…'", or the like.

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "fer2013.csv.gz": PACK["gz"],
    "fer2013.csv.bz2": PACK["bz2"],
    "fer2013.csv.xz": PACK["xz"],
    "fer2013.tar": lambda csv: tar_bytes({"fer2013/fer2013.csv": csv, "fer2013/README": b"x"}),
    "fer2013.tar.gz": lambda csv: tar_bytes({"fer2013/fer2013.csv": csv}, "gz"),
    "fer2013.tgz": lambda csv: tar_bytes({"fer2013.csv": csv}, "gz"),
    "fer2013.tar.bz2": lambda csv: tar_bytes({"fer2013.csv": csv}, "bz2"),
    "fer2013.tar.xz": lambda csv: tar_bytes({"fer2013.csv": csv}, "xz"),
    "a_csv_gz_in_a.zip": lambda csv: zip_bytes({"x/faces.csv.gz": gzip.compress(csv)}),
    "a_tar_gz_in_a.zip": lambda csv: zip_bytes(
        {"fer2013.tar.gz": tar_bytes({"fer2013/fer2013.csv": csv}, "gz"), "about.txt": b"x"}
    ),
    "a_zip_in_a.zip": lambda csv: zip_bytes({"fer2013.zip": zip_bytes({"fer2013.csv": csv})}),
    "a_zip_in_a.tgz": lambda csv: tar_bytes({"data.zip": zip_bytes({"fer2013.csv": csv})}, "gz"),
    "a_csv_gz_in_a.tar": lambda csv: tar_bytes({"fer2013.csv.gz": gzip.compress(csv)}),
    "zipped_and.gz": lambda csv: gzip.compress(zip_bytes({"fer2013.csv": csv})),
    "no_suffix": bytes,
    "no_suffix_but_gzip": gzip.compress,
    "no_suffix_but_zip": lambda csv: zip_bytes({"fer2013.csv": csv}),
    "no_suffix_but_tar_gz": lambda csv: tar_bytes({"fer2013.csv": csv}, "gz"),
    "no_suffix_within.zip": lambda csv: zip_bytes({"fer2013": csv}),
    "unpacked_by_the_browser.csv.gz": bytes,
    "packed_after_all.csv": gzip.compress,
    "tar_by_another_name.zip": lambda csv: tar_bytes({"fer2013.csv": csv}),
    "behind_a_program.exe": lambda csv: b"MZ" + bytes(1000) + zip_bytes({"fer2013.csv": csv}),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_the_csv_file(tmp_path: Path, csv: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name](csv))
    check_all_faces(load_fer2013(path))


def test_an_archive_in_a_folder(tmp_path: Path, csv: bytes) -> None:
    """As it lies in a folder of downloads, and with the archive that Kaggle packs once more."""
    inner = tar_bytes({"fer2013/fer2013.csv": csv}, "gz")
    write_files(tmp_path / "data", {"challenge.zip": zip_bytes({"fer2013.tar.gz": inner})})
    check_all_faces(load_fer2013(tmp_path / "data"))


@pytest.mark.parametrize("packing", ["", "gz", "bz2", "xz"])
def test_images_in_tars(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "faces"
    path.write_bytes(tar_bytes(kaggle_files("fer2013/"), packing))
    check_all_faces(load_fer2013(path))
    inner = tmp_path / "inner.zip"
    inner.write_bytes(zip_bytes({"faces.tar": path.read_bytes()}))
    check_all_faces(load_fer2013(inner))


def test_an_archive_in_an_archive_in_an_archive(tmp_path: Path, csv: bytes) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(zip_bytes({"a.zip": zip_bytes({"b.zip": zip_bytes({"fer2013.csv": csv})})}))
    with pytest.raises(DataError, match=r"data\.zip: a\.zip: .*an archive in an archive"):
        load_fer2013(path)
    path.write_bytes(gzip.compress(gzip.compress(csv)))
    with pytest.raises(DataError, match="packed twice; unpack it first"):
        load_fer2013(path)


def test_several_archives(tmp_path: Path, csv: bytes) -> None:
    archive = zip_bytes({"fer2013.csv": csv})
    path = write_files(tmp_path / "data", {"a.zip": archive, "b.zip": archive})
    with pytest.raises(DataError, match=r"found a\.zip and b\.zip; .*give the path of one"):
        load_fer2013(path)
    (path / "a.zip").rename(path / "fer2013.zip")
    check_all_faces(load_fer2013(path))


def test_image_folder_of_a_tar_in_a_zip(tmp_path: Path) -> None:
    files = {"serious/1.png": face(1), "amused/2": face(2)}
    path = tmp_path / "data.zip"
    path.write_bytes(zip_bytes({"photos.tar.gz": tar_bytes(files, "gz")}))
    bunch = load_image_folder(path)
    assert list(bunch.filenames) == ["amused/2", "serious/1.png"]


@pytest.mark.parametrize("is_64", [False, True])
def test_a_zip_of_very_many_members(
    tmp_path: Path, is_64: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """zipfile takes a kilobyte for each, and there was no bound."""
    path = tmp_path / "faces.zip"
    if is_64:
        monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    path.write_bytes(zip_bytes({f"{name}/{i}.png": face() for name in "xy" for i in range(9)}))
    assert (b"PK\x06\x06" in path.read_bytes()) == is_64
    assert len(load_image_folder(path).images) == 18
    monkeypatch.setattr(_zip_archive, "_MAX_DIRECTORY", 600)
    with pytest.raises(DataError, match=r"faces\.zip: .*it lists its members in \d+ bytes"):
        load_image_folder(path)


# What is no data set is named for what it is.

EXCEL = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}
OTHERS: dict[str, tuple[bytes, str]] = {
    "a.rar": (b"Rar!\x1a\x07\x01\x00 and more", "a RAR archive; unpack it"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive; unpack it"),
    "a.csv.zst": (b"\x28\xb5\x2f\xfd and more", "zstd; unpack it first"),
    "a.parquet": (b"PAR1\x15\x04", r"a Parquet file; read it by pandas\.read_parquet"),
    "a.xlsx": (zip_bytes(EXCEL), "an Office document; save the table as CSV"),
    "a.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document; save the table as CSV"),
    "a.npz": (zip_bytes({"x.npy": b"\x93NUMPY"}), r"arrays of NumPy; read them by numpy\.load"),
    "a.npy": (b"\x93NUMPY\x01\x00", r"an array of NumPy; read it by numpy\.load"),
    "a.h5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file; read it by h5py"),
    "a.pkl": (b"\x80\x04\x95\x10", "a pickle.*may run code"),
    "a.pdf": (b"%PDF-1.7", "a PDF document"),
    "fer2013.csv": (b"\n <!DOCTYPE html>\n<html>", "a web page, of a login.*download"),
    "fer2013.zip": (b"<html><head><title>Sign in", "a web page, of a login.*download"),
    "fer2013.tar.gz": (b'{"code": 403, "message": "x"}', "a JSON document"),
    "lfs.csv": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS.*git lfs pull"),
    "face.png": (face(), "a single image; read it by ferclassifier.images.read_image"),
    "packed.gz": (gzip.compress(b"<!doctype html><p>x"), "a web page"),
    "short.tar": (b"not a tar archive", "the tar archive cannot be read"),
}


@pytest.mark.parametrize("load", [load_fer2013, load_image_folder])
@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_data_set(tmp_path: Path, name: str, load: Callable[..., Any]) -> None:
    content, match = OTHERS[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=match) as caught:
        load(path)
    assert len(str(caught.value)) < len(str(path)) + 160


def test_what_is_no_path() -> None:
    """The content of the file in the place of its path ended in an OSError."""
    with pytest.raises(DataError, match="cannot be a path") as caught:
        load_fer2013("\n".join(["emotion,pixels,Usage", *[row()] * 3]))
    assert len(str(caught.value)) < 200


# Names


class TestNamesInZips:
    def test_members_that_begin_with_a_dot(self, tmp_path: Path) -> None:
        """bsdtar writes them. All were taken for hidden files: "found neither"."""
        files = {f"./{name}": data for name, data in kaggle_files().items()}
        bunch = load_fer2013(write_files(tmp_path / "data", files, "zip"))
        check_all_faces(bunch)
        assert bunch.filenames[0] == "train/angry/Training_0.png"
        tar = tmp_path / "data.tar.gz"
        tar.write_bytes(tar_bytes(files, "gz"))
        check_all_faces(load_fer2013(tar))

    def test_backslashes(self, tmp_path: Path) -> None:
        """PowerShell 5 writes them, and for folders too. Each was an unsafe name."""
        files = {name.replace("/", "\\"): data for name, data in kaggle_files("fer2013/").items()}
        path = write_files(
            tmp_path / "data", {"fer2013\\": b"", "fer2013\\train\\": b"", **files}, "zip"
        )
        check_all_faces(load_fer2013(path))

    @pytest.mark.parametrize(
        ("encoding", "names"),
        [
            ("utf-8", ["überrascht", "fröhlich", "地图"]),
            ("cp437", ["überrascht", "fröhlich", "weiß nicht"]),
            ("cp1252", ["überrascht", "fröhlich", "weiß nicht", "Été"]),
            ("cp1252", ["surpris", "dégoûté"]),
            ("cp437", ["surpris", "dégoûté"]),
        ],
    )
    def test_names_in_code_pages(self, tmp_path: Path, encoding: str, names: list[str]) -> None:
        """Whatever was no UTF-8 by its flag was taken for code page 437."""
        path = tmp_path / "data.zip"
        path.write_bytes(zip_without_flags({f"{n}/1.png".encode(encoding): face() for n in names}))
        bunch = load_image_folder(path)
        assert sorted(bunch.target_names) == sorted(names)
        assert len(bunch.images) == len(names)
        tar = tmp_path / "data.tar"
        tar.write_bytes(tar_bytes({}, format=tarfile.GNU_FORMAT))
        with tarfile.open(tar, "w", encoding=encoding, format=tarfile.GNU_FORMAT) as archive:
            for name in names:
                info = tarfile.TarInfo(f"{name}/1.png")
                info.size = len(face())
                archive.addfile(info, io.BytesIO(face()))
        assert sorted(load_image_folder(tar).target_names) == sorted(names)

    def test_names_in_no_code_page_stay_apart(self, tmp_path: Path) -> None:
        names = [bytes([0x80 + i, 0xFE - i]) for i in range(40)]
        path = tmp_path / "data.zip"
        path.write_bytes(zip_without_flags({name + b"/1.png": face() for name in names}))
        assert len(load_image_folder(path).target_names) == 40


def zip_without_flags(files: dict[bytes, bytes]) -> bytes:
    """Make a zip archive of names in any encoding, which zipfile does not write."""
    local, central = b"", b""
    for name, data in files.items():
        sums = struct.pack("<LLLHH", zlib.crc32(data), len(data), len(data), len(name), 0)
        common = struct.pack("<HHHHH", 20, 0, 0, 0, 33)
        central += b"PK\x01\x02" + struct.pack("<H", 20) + common + sums
        central += struct.pack("<HHHLL", 0, 0, 0, 0, len(local)) + name
        local += b"PK\x03\x04" + common + sums + name + data
    end = struct.pack("<HHHHLLH", 0, 0, len(files), len(files), len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


# Tables that lie beside each other


def rows_of(usage: str, first: int, n: int) -> str:
    images = random_faces()[0][first : first + n]
    lines = [f"{k % 7},{spell(image)}" for k, image in enumerate(images)]
    return "\n".join([f"emotion,{usage}", *lines]) + "\n"


TRAIN, VALID, TEST = (rows_of("pixels", first, 7).encode() for first in (0, 7, 14))
UNLABELLED = ("pixels\n" + "\n".join(map(spell, random_faces()[0][14:]))).encode()


class TestTablesOfParts:
    def test_each_file_is_a_part(self, tmp_path: Path, form: str) -> None:
        """They were "several CSV files"."""
        files = {"train.csv": TRAIN, "Valid.csv": VALID, "fer2013_test.csv": TEST, "x.csv": b"x"}
        path = write_files(tmp_path / "data", files, form)
        bunch = load_fer2013(path)
        check_all_faces(bunch)
        assert [bunch.filenames[i] for i in (0, 20)] == [
            "train.csv: row 1",
            "fer2013_test.csv: row 7",
        ]
        for i, subset in enumerate(("train", "validation", "test")):
            part = load_fer2013(path, subset=subset)
            np.testing.assert_array_equal(part.images, random_faces()[0][7 * i : 7 * i + 7])

    def test_packed_files(self, tmp_path: Path) -> None:
        files = {"train.csv.gz": gzip.compress(TRAIN), "test.csv.gz": gzip.compress(TEST)}
        bunch = load_fer2013(write_files(tmp_path / "data", files))
        assert list(bunch.usage) == ["train"] * 7 + ["test"] * 7

    def test_kaggles_test_file_has_no_labels(self, tmp_path: Path, form: str) -> None:
        files = {
            "train.csv": TRAIN,
            "test.csv": UNLABELLED,
            "example_submission.csv": b"emotion\n0",
        }
        path = write_files(tmp_path / "data", files, form)
        with pytest.warns(IgnoredFilesWarning, match=r"test\.csv has no columns emotion") as caught:
            bunch = load_fer2013(path)
        assert caught[0].filename == __file__
        assert list(bunch.usage) == ["train"] * 7
        assert len(load_fer2013(path, subset="train").images) == 7
        with pytest.raises(DataError, match=r"test\.csv .*are in icml_face_data\.csv"):
            load_fer2013(path, subset="test")
        (tmp_path / "test.csv").write_bytes(UNLABELLED)
        with pytest.raises(DataError, match=r"no emotion among.*are in icml_face_data\.csv"):
            load_fer2013(tmp_path / "test.csv")

    def test_the_archive_of_the_competition(self, tmp_path: Path, csv: bytes, form: str) -> None:
        """Without icml_face_data.csv, the archive in it has all, and train.csv a part."""
        files = {
            "challenge/train.csv": TRAIN,
            "challenge/test.csv": UNLABELLED,
            "challenge/fer2013.tar.gz": tar_bytes({"fer2013/fer2013.csv": csv}, "gz"),
        }
        check_all_faces(load_fer2013(write_files(tmp_path / "data", files, form)))
        header, _, rows = csv.decode().partition("\n")
        lines = [line.split(",") for line in rows.splitlines()]
        assert header == "emotion,pixels,Usage"
        icml = "emotion, Usage, pixels\n" + "".join(f"{k},{u}, {p}\n" for k, p, u in lines)
        files["challenge/icml_face_data.csv"] = icml.encode()
        check_all_faces(load_fer2013(write_files(tmp_path / "all", files, form)))

    def test_a_test_file_that_serves_as_both(self, tmp_path: Path) -> None:
        path = write_files(tmp_path / "data", {"train.csv": TRAIN, "test.csv": TEST})
        for subset in ("validation", "test"):
            with pytest.warns(SharedTestSetWarning, match=f"subset='{subset}' holds both") as told:
                bunch = load_fer2013(path, subset=subset)
            assert told[0].filename == __file__
            np.testing.assert_array_equal(bunch.images, random_faces()[0][14:])
        assert len(load_fer2013(path).images) == 14

    def test_a_part_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "train.csv"
        path.write_bytes(TRAIN)
        assert set(load_fer2013(path, subset="train").usage) == {"train"}

    def test_a_bad_row_says_in_which_file(self, tmp_path: Path) -> None:
        path = write_files(tmp_path / "data", {"train.csv": TRAIN, "test.csv": TEST + b"9,1\n"})
        with pytest.raises(DataError, match=r"data: test\.csv: row 8 \(line 9\): the label is '9'"):
            load_fer2013(path)
        report = load_fer2013(path, on_error="skip").report
        assert report["skipped"] == [("test.csv: row 8 (line 9)", "label out of range")]

    def test_two_files_for_one_part(self, tmp_path: Path) -> None:
        path = write_files(tmp_path / "data", {"a/train.csv": TRAIN, "b/train.csv": TRAIN})
        with pytest.raises(DataError, match=r"several CSV files: a/train\.csv, b/train\.csv"):
            load_fer2013(path)

    def test_the_only_one_that_is_a_table_of_faces(self, tmp_path: Path) -> None:
        path = write_files(
            tmp_path / "data", {"faces.csv": TRAIN, "submission.csv": b"id,emotion\n"}
        )
        assert len(load_fer2013(path).images) == 7


# Tar archives


def tar_of(*infos: tarfile.TarInfo, data: bytes = b"", format: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for info in infos:
            info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


GOOD = {"train/happy/a.png": face(1), "train/sad/z.png": face(2)}


class TestTar:
    @pytest.mark.parametrize(
        "format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
    )
    def test_long_names(self, tmp_path: Path, format: int) -> None:
        long = "a" * 90 + "/" + "b" * 90 + ".png"
        files = {f"{long[:91]}b.png": face(1), long: face(2), "Überdruss/ж.png": face(3)}
        path = tmp_path / "data.tar"
        path.write_bytes(tar_bytes(files, format=format))
        assert list(load_image_folder(path).filenames) == sorted(files)

    @pytest.mark.parametrize(
        "special",
        [
            special("train/sad/link.png", tarfile.SYMTYPE, "/etc/passwd"),
            special("train/sad/link.png", tarfile.SYMTYPE, "z.png"),
            special("train/sad/hard.png", tarfile.LNKTYPE, "../../outside.png"),
            special("train/sad/device.png", tarfile.CHRTYPE),
            special("train/sad/device.png", tarfile.BLKTYPE),
            special("train/sad/pipe.png", tarfile.FIFOTYPE),
            special("train/sad/link", tarfile.SYMTYPE, "/etc"),
        ],
    )
    def test_links_and_devices_are_refused(self, tmp_path: Path, special: tarfile.TarInfo) -> None:
        path = tmp_path / "data.tar"
        path.write_bytes(tar_bytes(GOOD))
        with tarfile.open(path, "a") as archive:
            archive.addfile(special)
        with pytest.raises(DataError, match=f"'{special.name}', which is a link or a device; pack"):
            load_fer2013(path)
        bunch = load_fer2013(path, on_error="skip")
        assert bunch.report["skipped"] == [(special.name, "link or device")]
        assert len(bunch.images) == 2

    @pytest.mark.parametrize("name", ["../up.png", "train/../../up.png", "/abs.png", "C:/abs.png"])
    def test_unsafe_names(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "data.tar"
        path.write_bytes(tar_bytes({**GOOD, name: face()}))
        with pytest.raises(DataError, match="may leave the folder"):
            load_fer2013(path)
        assert load_fer2013(path, on_error="skip").report["skipped"] == [(name, "unsafe name")]

    def test_a_link_in_a_zip_is_refused(self, tmp_path: Path) -> None:
        path = write_files(tmp_path / "data", GOOD, "zip")
        link = zipfile.ZipInfo("train/sad/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(link, "/etc/passwd")
        with pytest.raises(DataError, match="is a link or a device"):
            load_fer2013(path)

    @pytest.mark.parametrize("n_bytes", [1000, 600, 512, 300])
    def test_cut_short(self, tmp_path: Path, n_bytes: int) -> None:
        path = tmp_path / "data.tar"
        path.write_bytes(tar_bytes({"train/sad/z.png": face(2)})[:n_bytes])
        with pytest.raises(DataError, match=r"data\.tar: the tar archive cannot be read: .*cut sh"):
            load_fer2013(path)

    def test_sizes_are_compared_before_memory_is_taken(self, tmp_path: Path) -> None:
        path = tmp_path / "data.tar"
        bomb = tarfile.TarInfo("train/sad/bomb.png")
        path.write_bytes(tar_of(bomb, data=bytes(17 * 1024**2)))
        with pytest.raises(DataError, match=r"bomb\.png: an image of 17825792 bytes is not plaus"):
            load_fer2013(path)
        # tarfile would read the long name into memory.
        name = tarfile.TarInfo("././@LongLink")
        name.type, name.size = tarfile.GNUTYPE_LONGNAME, 2**40
        path.write_bytes(name.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        with pytest.raises(DataError, match="a header of 1,099,511,627,776 bytes is not plausible"):
            load_fer2013(path)

    def test_a_negative_size(self, tmp_path: Path) -> None:
        """tarfile of Python 3.11.7 never comes to an end with it."""
        header = bytearray(tarfile.TarInfo("x").tobuf())
        header[124:136] = b"\xff" * 12
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        path = tmp_path / "data.tar"
        path.write_bytes(bytes(header) + bytes(1024))
        with pytest.raises(DataError, match="a negative or an enormous number"):
            load_fer2013(path)

    def test_sparse_files_are_refused(self, tmp_path: Path) -> None:
        sparse = tarfile.TarInfo("train/sad/holes.png")
        sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        path = tmp_path / "data.tar"
        path.write_bytes(tar_of(sparse, data=face()))
        with pytest.raises(DataError, match="stored with holes"):
            load_fer2013(path)

    def test_many_members(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_tar_archive, "_MAX_MEMBERS", 1)
        path = tmp_path / "data.tar"
        path.write_bytes(tar_bytes(GOOD))
        with pytest.raises(DataError, match="more than 1 members"):
            load_fer2013(path)

    def test_it_is_read_forward(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Going back in a compressed file means to unpack it all again, once for each image."""
        files = dict(reversed(kaggle_files().items()))
        path = tmp_path / "data.tar.gz"
        path.write_bytes(tar_bytes(files, "gz"))
        rewound = []
        rewind = gzip._GzipReader._rewind  # type: ignore[attr-defined]
        monkeypatch.setattr(
            gzip._GzipReader,  # type: ignore[attr-defined]
            "_rewind",
            lambda self: rewound.append(1) or rewind(self),
        )
        check_all_faces(load_fer2013(path))
        assert len(rewound) <= 3


@pytest.mark.parametrize("name", ["fer2013.csv.gz", "fer2013.tar.gz", "fer2013.csv.zip"])
def test_what_comes_out_of_a_packed_file_is_bounded(
    tmp_path: Path, csv: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_streams, "_UNPACKED_BYTES", 2**16)
    monkeypatch.setattr(_streams, "_UNPACKED_RATIO", 2)
    csv = csv + b"\n" * 10**6
    content = {
        "fer2013.csv.gz": gzip.compress(csv),
        "fer2013.tar.gz": tar_bytes({"fer2013.csv": csv + b"1", "z.txt": b"x"}, "gz"),
        "fer2013.csv.zip": zip_bytes({"fer2013.csv": csv}),
    }[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match="plausible; unpack it yourself if you trust it"):
        load_fer2013(path)


# Of a damaged file nothing but DataError escapes

VALID_CSV = "\n".join(["emotion,pixels,Usage", *(row(k) for k in range(3))]).encode()
DAMAGED = {
    "csv.gz": gzip.compress(VALID_CSV),
    "csv.bz2": bz2.compress(VALID_CSV),
    "csv.xz": lzma.compress(VALID_CSV),
    "tar": tar_bytes({**GOOD, "train/happy/no suffix": face(3)}),
    "tar.gz": tar_bytes(GOOD, "gz"),
    "tar.xz": tar_bytes(GOOD, "xz"),
    "gnu.tar": tar_bytes({f"{'t' * 120}/1.png": face()}, format=tarfile.GNU_FORMAT),
    "csv.gz.zip": zip_bytes({"fer2013.csv.gz": gzip.compress(VALID_CSV)}),
    "tar.gz.zip": zip_bytes({"fer2013.tar.gz": tar_bytes({"fer2013.csv": VALID_CSV}, "gz")}),
}


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(list(DAMAGED)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8),
    length=st.floats(0, 1.5),
    on_error=st.sampled_from(["raise", "skip"]),
    load=st.sampled_from([load_fer2013, load_image_folder]),
)
@example("csv.gz.zip", [(0.5, 0)], 1.0, "raise", load_fer2013)  # a sum that is wrong
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_of_damaged_tars_and_packed_files_nothing_but_data_error_escapes(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    changes: list[tuple[float, int]],
    length: float,
    on_error: str,
    load: Callable[..., Any],
) -> None:
    data = bytearray(DAMAGED[kind][: int(length * len(DAMAGED[kind]))] or b"\0")
    for place, value in changes:
        # Half of the changes hit the first header.
        end = len(data) if value % 2 else min(len(data), 512)
        data[int(place * end)] = value
    path = tmp_path_factory.getbasetemp() / f"damaged.{kind}"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        bunch = load(path, on_error=on_error)
        assert len(bunch.images) == len(bunch.target)


@settings(max_examples=100, deadline=None)
@given(
    field=st.sampled_from(
        [slice(0, 100), slice(124, 136), slice(156, 157), slice(257, 265), slice(345, 500)]
    ),
    value=st.one_of(
        st.binary(min_size=1, max_size=12),
        st.sampled_from([b"77777777777", b"\x80" + b"\xff" * 11, b"\x80" + bytes(10) + b"\x01"]),
    ),
    which=st.integers(0, 3),
    format=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_of_headers_with_odd_values_nothing_but_data_error_escapes(
    tmp_path_factory: pytest.TempPathFactory,
    field: slice,
    value: bytes,
    which: int,
    format: int,
) -> None:
    """Changed at random, a header has no longer its sum, and nothing of it is looked at."""
    data = bytearray(tar_bytes({f"{'t' * 120}/ж.png": face()}, format=format))
    start = 512 * which
    block = data[start : start + 512]
    size = min(len(value), field.stop - field.start)
    block[field.start : field.start + size] = value[:size]
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    data[start : start + 512] = block
    path = tmp_path_factory.getbasetemp() / "odd.tar"
    path.write_bytes(data)
    with contextlib.suppress(DataError):
        load_image_folder(path, on_error="skip")


@settings(max_examples=40, deadline=None)
@given(
    names=st.lists(
        st.text(
            st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\:."),
            min_size=1,
            max_size=150,
        ),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    format=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    packing=st.sampled_from(["", "gz"]),
)
def test_tars_of_tarfile_are_read(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], format: int, packing: str
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (len(names), 48, 48), dtype=np.uint8)
    files = {f"c/{n}.png": encode(image) for n, image in zip(names, images, strict=True)}
    path = tmp_path_factory.getbasetemp() / "round_trip.tar"
    path.write_bytes(tar_bytes({**files, "d/1.png": face()}, packing, format))
    bunch = load_image_folder(path)
    assert dict(zip(bunch.filenames[:-1], map(bytes, bunch.images), strict=False)) == {
        name: bytes(image) for name, image in zip(files, images, strict=True)
    }
