"""What a user names becomes single photos, in an order that is always the same."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ferclassifier.exceptions import IgnoredFilesWarning
from ferclassifier.photos import _listing
from ferclassifier.photos._listing import count_photos, list_photos

PNG = b"\x89PNG\r\n\x1a\n"


def write(folder: Path, *names: str, content: bytes = PNG) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def names(*asked: object) -> list[str]:
    return [photo.name for photo in list_photos(list(map(str, asked)))]


def faults(*asked: object) -> list[str]:
    return [photo.fault for photo in list_photos(list(map(str, asked)))]


class TestFolder:
    def test_images_are_sorted_with_subfolders_in_their_places(self, tmp_path: Path) -> None:
        write(tmp_path, "b.png", "a/2.jpg", "a/1.PNG", "c/d/e/f/g/h/i/1.webp", "z", "ab.png")
        expected = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        assert names(tmp_path) == list(map(str, expected))
        assert count_photos([str(tmp_path)]) == 5  # "z" is an image by its content alone

    def test_what_is_made_of_them_has_the_same_place(self, tmp_path: Path) -> None:
        write(tmp_path, "a/1.png", "2.png")
        assert [photo.inside for photo in list_photos([str(tmp_path)])] == ["2.png", "a/1.png"]

    def test_what_is_no_image_is_told(self, tmp_path: Path) -> None:
        write(tmp_path, "a/1.png", "a/b/2.png")
        write(tmp_path, "x.svg", "empty/y.tga", "a/z.svg", "notes.txt", content=b"x")
        with pytest.warns(IgnoredFilesWarning, match="3 files left out") as caught:
            assert len(names(tmp_path)) == 2
        assert "(.svg: 2, .tga: 1); nothing is read from 'empty'." in str(caught[0].message)

    def test_a_folder_without_images(self, tmp_path: Path) -> None:
        assert faults(tmp_path) == [f"{tmp_path}: there are no images in this folder."]
        write(tmp_path, "x.svg", content=b"x")
        (fault,) = faults(tmp_path)
        assert "(.svg: 1)" in fault

    def test_what_file_managers_leave_is_passed_over(self, tmp_path: Path) -> None:
        write(tmp_path, ".hidden/1.png", "._2.png", "__MACOSX/3.png", "4.png")
        assert names(tmp_path) == [str(tmp_path / "4.png")]

    @pytest.mark.skipif(not hasattr(os, "symlink"), reason="there are no links")
    def test_links_in_a_circle_end(self, tmp_path: Path) -> None:
        write(tmp_path, "a/1.png")
        (tmp_path / "a" / "up").symlink_to(tmp_path)
        (tmp_path / "b").symlink_to(tmp_path / "a")
        assert names(tmp_path) == [str(tmp_path / "a" / "1.png"), str(tmp_path / "b" / "1.png")]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        write(tmp_path, "1.png")
        os.mkfifo(tmp_path / "2.png")
        os.mkfifo(tmp_path / "3")
        assert names(tmp_path) == [str(tmp_path / "1.png")]
        (fault,) = faults(tmp_path / "2.png")
        assert "a pipe or a device" in fault

    @pytest.mark.skipif(
        sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to root"
    )
    def test_a_folder_that_may_not_be_read(self, tmp_path: Path) -> None:
        write(tmp_path, "a/1.png", "b/2.png")
        (tmp_path / "a").chmod(0)
        try:
            with pytest.warns(IgnoredFilesWarning, match="cannot be read"):
                assert names(tmp_path) == [str(tmp_path / "b" / "2.png")]
            (fault,) = faults(tmp_path / "a")
            assert "Permission denied" in fault
        finally:
            (tmp_path / "a").chmod(0o700)


class TestPattern:
    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("*.jpg", ["1.jpg"]),
            ("**/*.jpg", ["1.jpg", "a/2.jpg", "a/b/3.jpg"]),
            ("a/**", ["a/2.jpg", "a/b/3.jpg", "a/b/4.png"]),
            ("*/*.jpg", ["a/2.jpg"]),
            ("a*", ["a/2.jpg", "a/b/3.jpg", "a/b/4.png"]),
            ("**/b/[3-9].*", ["a/b/3.jpg", "a/b/4.png"]),
        ],
    )
    @pytest.mark.parametrize("in_folder", [True, False])
    def test_files_that_match(
        self,
        tmp_path: Path,
        pattern: str,
        expected: list[str],
        in_folder: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        write(tmp_path, "1.jpg", "a/2.jpg", "a/b/3.jpg", "a/b/4.png", "c.txt")
        monkeypatch.chdir(tmp_path)
        start = f"{tmp_path}/" if in_folder else ""
        assert names(start + pattern) == [str(Path(start + name)) for name in expected]
        assert count_photos([start + pattern]) == len(expected)

    def test_nothing_matches(self, tmp_path: Path) -> None:
        write(tmp_path, "1.png")
        (fault,) = faults(tmp_path / "*.jpg")
        assert "there are no images of this pattern" in fault

    def test_a_file_that_is_called_like_a_pattern(self, tmp_path: Path) -> None:
        write(tmp_path, "[1].png", "1.png")
        assert names(tmp_path / "[1].png") == [str(tmp_path / "[1].png")]


class TestOthers:
    def test_a_file_that_is_missing_is_left_to_the_decoder(self, tmp_path: Path) -> None:
        (photo,) = list_photos([str(tmp_path / "x.png")])
        assert (photo.fault, photo.place) == ("", str(tmp_path / "x.png"))

    def test_addresses_are_not_paths(self) -> None:
        (photo,) = list_photos(["https://example.org/a//b.png?x=1"])
        assert photo.name == photo.place == "https://example.org/a//b.png?x=1"
        assert photo.inside == "b.png"

    @pytest.mark.parametrize("content", [b"content", b""])
    def test_standard_input(self, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        (photo,) = list_photos(["-"])
        assert (photo.place, photo.fault) == (
            (content, "") if content else ("", "standard input: is empty")
        )

    def test_places_are_different(self, tmp_path: Path) -> None:
        write(tmp_path, "a/x.png", "b/x.png", "c/x.png", "b/a/y.png")
        asked = ["a", "a/x.png", "b/a", "b/x.png", "c/x.png"]
        photos = list_photos([str(tmp_path / name) for name in asked])
        assert [photo.inside for photo in photos] == [
            *("a/x.png", "x.png", "a-2/y.png", "x-2.png", "x-3.png")
        ]

    @pytest.mark.parametrize(
        "address",
        ["http://h/..", "http://h/%2e%2e/", "http://h", "http://h/.x", "http://h/a%2fb\\c?d=/e"],
    )
    def test_no_address_leads_outside(self, address: str) -> None:
        (photo,) = list_photos([address])
        assert photo.inside
        assert not set(photo.inside) & set("/\\")
        assert not photo.inside.startswith(".")


def test_listing_is_lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The photos of a large folder were listed before the first one was read."""
    write(tmp_path, *(f"{i}/1" for i in range(9)))
    heads: list[str] = []
    head: Callable[[str], bytes] = _listing._head
    monkeypatch.setattr(_listing, "_head", lambda path: heads.append(path) or head(path))
    next(list_photos([str(tmp_path)]))
    assert len(heads) == 1
