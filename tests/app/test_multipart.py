"""Forms, whole and broken."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferclassifier.app._multipart import Upload, files_in
from ferclassifier.app._refusal import Refusal

TYPE = "multipart/form-data; boundary=xyz"
FILE = b'Content-Disposition: form-data; name="f"; filename="a.jpg"\r\nContent-Type: image/jpeg'


def form(*parts: bytes, start: bytes = b"", end: bytes = b"--xyz--\r\n") -> bytes:
    return start + b"".join(b"--xyz\r\n" + part + b"\r\n" for part in parts) + end


def test_files_come_in_their_order_and_other_fields_are_left_out() -> None:
    field = b'Content-Disposition: form-data; name="note"\r\n\r\nhello'
    other = b'content-disposition:form-data;filename="b.jpg";name=g\r\n\r\n\r\n--xy\r\n\r\n'
    found = files_in(form(FILE + b"\r\n\r\n\0\xff", field, other), TYPE, 2)
    assert found == [Upload("a.jpg", b"\0\xff"), Upload("b.jpg", b"\r\n--xy\r\n\r\n")]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (b'filename="a b.jpg"', "a b.jpg"),
        (b'filename=""', None),
        (b'filename="a;b=c.jpg"', "a;b=c.jpg"),
        ('filename="ü😀.jpg"'.encode(), "ü😀.jpg"),
        (b"filename*=utf-8''%C3%BC.jpg", "ü.jpg"),
        (rb'filename="a\"b.jpg"', 'a"b.jpg'),
    ],
)
def test_names(told: bytes, name: str | None) -> None:
    body = form(b"Content-Disposition: form-data; " + told + b"\r\n\r\nx")
    assert files_in(body, TYPE, 1) == [Upload(name, b"x")]


def test_what_stands_before_and_after_a_form_is_no_part_of_it() -> None:
    body = form(FILE + b"\r\n\r\nx", start=b"hello\r\n", end=b"--xyz--\r\nworld")
    assert files_in(body, 'multipart/form-data; boundary="xyz"', 1) == [Upload("a.jpg", b"x")]


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (form(FILE + b"\r\n\r\nx"), "multipart/form-data", "malformed_form"),
        (form(FILE + b"\r\n\r\nx"), "multipart/form-data; boundary=é", "malformed_form"),
        (form(FILE + b"\r\n\r\nx"), f"multipart/form-data; boundary={'x' * 71}", "malformed_form"),
        (form(FILE + b"\r\n\r\nx"), "multipart/form-data; boundary=abc", "malformed_form"),
        (form(FILE + b"\r\n\r\nx", end=b""), TYPE, "malformed_form"),
        (form(FILE + b"\r\n\r\nx", end=b"--xy"), TYPE, "malformed_form"),
        (form(FILE), TYPE, "malformed_form"),
        (form(FILE + b" " * 9_000 + b"\r\n\r\nx"), TYPE, "malformed_form"),
        (form(b"X: y\r\n\r\nx"), TYPE, "malformed_form"),
        (b"--xyz;\r\n" + FILE + b"\r\n\r\nx\r\n--xyz--", TYPE, "malformed_form"),
        (b"", TYPE, "malformed_form"),
        (form(), TYPE, "no_file"),
        (form(b'Content-Disposition: form-data; name="f"\r\n\r\nx'), TYPE, "no_file"),
        (form(*[FILE + b"\r\n\r\nx"] * 4), TYPE, "too_many_files"),
        (form(*[b"Content-Disposition: form-data\r\n\r\nx"] * 999), TYPE, "too_many_files"),
    ],
)
def test_what_is_no_form(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        files_in(body, content_type, 3)
    assert caught.value.code == code
    assert caught.value.status in (400, 422)


@given(
    st.lists(st.sampled_from([b"--xyz", b"\r\n", b"--", FILE, b"\r\n\r\n", b"x", b'"', b"\0"])),
    st.sampled_from([TYPE, "multipart/form-data; boundary*=x'y'%ff", TYPE + '"']),
)
def test_nothing_but_files_and_refusals_comes_out(pieces: list[bytes], content_type: str) -> None:
    with suppress(Refusal):
        assert files_in(b"".join(pieces), content_type, 3)


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=3))
def test_contents_come_back_as_they_were(contents: list[bytes]) -> None:
    body = form(*[FILE + b"\r\n\r\n" + content for content in contents])
    if not any(b"--xyz" in content for content in contents):
        assert [file.content for file in files_in(body, TYPE, 3)] == contents
