"""Photos from addresses: of bounded size, by http and https alone, and within a bounded time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ferclassifier.exceptions import ImageError
from ferclassifier.photos import _fetching
from ferclassifier.photos._fetching import fetch_photo

CONTENT = bytes(range(256)) * 40


class Handler(BaseHTTPRequestHandler):
    """Answers, and misbehaves, as the path says."""

    def do_GET(self) -> None:
        getattr(self, self.path.strip("/").replace("-", "_"))()

    def photo(self) -> None:
        self._answer(200, {"Content-Length": str(len(CONTENT))}, CONTENT)

    def untold(self) -> None:
        self._answer(200, {}, CONTENT * 20)

    def told(self) -> None:
        self._answer(200, {"Content-Length": str(10**12)}, b"")

    def cut_short(self) -> None:
        self._answer(200, {"Content-Length": str(2 * len(CONTENT))}, CONTENT)

    def moved(self) -> None:
        self._answer(302, {"Location": "/photo"}, b"")

    def circle(self) -> None:
        self._answer(302, {"Location": "/circle"}, b"")

    def far(self) -> None:
        self._answer(302, {"Location": f"/far?{len(self.path)}{self.path[-20:]}"}, b"")

    def to_file(self) -> None:
        self._answer(302, {"Location": "file:///etc/hostname"}, b"")

    def garbage(self) -> None:
        self.wfile.write(b"\0\1\2 no http\r\n\r\n")

    def silent(self) -> None:
        self.server.asked_to_stop.wait(5)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        if name.startswith("far?"):
            return self.far
        if name.startswith(("do_", "_")):
            raise AttributeError(name)
        return lambda: self._answer(404, {}, b"")

    def _answer(self, code: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked_to_stop = threading.Event()  # type: ignore[attr-defined]
        running.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.asked_to_stop.set()  # type: ignore[attr-defined]
        running.shutdown()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize("path", ["photo", "moved"])
def test_a_photo_is_fetched(server: str, path: str) -> None:
    assert fetch_photo(f"{server}/{path}") == CONTENT


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "the server answers 404"),
        ("untold", "is larger than 0.1 MB"),
        ("told", "is larger than 0.1 MB"),
        ("circle", "in a circle"),
        ("far", "redirected more than 5 times"),
        ("to-file", "not by file"),
        ("garbage", "cannot be fetched"),
        ("cut-short", "cannot be fetched"),
        ("silent", "no answer within"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    server: str, path: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_fetching, "_SECONDS_TO_ANSWER", 0.3)
    with pytest.raises(ImageError, match=words) as caught:
        fetch_photo(f"{server}/{path}", max_bytes=100_000)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_all_of_it_has_to_come_within_a_minute(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_fetching, "_SECONDS_IN_ALL", -1)
    with pytest.raises(ImageError, match="within a minute"):
        fetch_photo(f"{server}/photo")


def test_nobody_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ImageError, match="cannot be fetched: Connection refused"):
        fetch_photo(f"http://127.0.0.1:{port}/x.png")


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data://x", "HTTPX://127.0.0.1/"]
)
def test_other_schemes_are_refused(address: str) -> None:
    with pytest.raises(ImageError, match="http and https alone"):
        fetch_photo(address)


@pytest.mark.parametrize("address", ["http://", "http://[", "http://h:x/", "http://a b/"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ImageError):
        fetch_photo(address)
