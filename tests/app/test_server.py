"""A server, asked by sockets: what is malformed, slow, cut off, or too much at once."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import pytest

from app_clients import as_file, running
from ferclassifier.app import Limits, _protocol, create_app
from ferclassifier.app._server import address_of, listen

START = b"POST /predict HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=xyz\r\n"
PART = b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\nxx'


def with_length(body: bytes, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return b"Content-Length: %d\r\n\r\n" % length + body


# What is sent, and the statuses that may come back; None stands for a closed connection.
MALFORMED: dict[str, tuple[bytes, set[int | None]]] = {
    "no HTTP": (b"hello\r\n\r\n", {400}),
    "nothing but line ends": (b"\r\n" * 2000, {400, None}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200, {400}),
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", {400}),
    "two hosts": (b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", {400}),
    "a path of bytes": (b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
    "a path out of here": (b"GET /static/%2e%2e%2fx HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
    "a path with a nul": (b"GET /static/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
    "no UTF-8": (b"GET /models/%ff/card HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
    "surrogates": (b"GET /models/%ed%a0%80/card HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}),
    "a long path": (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", {400}),
    "huge headers": (START + b"X: " + b"x" * 100_000 + b"\r\n\r\n", {400, 422}),
    "many headers": (START + b"X: y\r\n" * 20_000 + b"\r\n", {400, 422}),
    "a header without a name": (START + b": x\r\n\r\n", {400}),
    "a length below nothing": (START + b"Content-Length: -1\r\n\r\n", {400}),
    "a length of words": (START + b"Content-Length: many\r\n\r\n", {400}),
    "two lengths": (START + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", {400}),
    "an endless length": (START + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nx", {400, 413}),
    "odd chunks": (START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello", {400}),
    "odd coding": (START + b"Transfer-Encoding: gzip\r\n\r\nhello", {400, 501}),
    "chunks and a length": (
        START + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        {400, 422},
    ),
    "a parameter of bytes": (
        START.replace(b"/predict", b"/predict?model=%ff%00") + with_length(b"x"),
        {422},
    ),
    "a cut form": (START + FORM + with_length(PART), {400}),
    "a form without a boundary": (
        START + b"Content-Type: multipart/form-data\r\n" + with_length(PART + b"\r\n--xyz--"),
        {400},
    ),
    "a form of no image": (START + FORM + with_length(PART + b"\r\n--xyz--"), {415}),
    "a type of bytes": (START + b"Content-Type: \xff\xfe\r\n" + with_length(b"x"), {415}),
    "an empty type": (START + b"Content-Type: \r\n" + with_length(b"x"), {415}),
    "an upgrade": (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        {200},
    ),
    "a preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 421}),
}


class Waiting:
    """A model that answers once it is let go."""

    classes = ("a", "b")
    image_shape = (48, 48, 1)

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.n_running = 0

    def predict_proba(self, images: Any) -> Any:
        self.n_running += 1
        assert self.go_on.wait(20)
        return np.full((len(images), 2), 0.5)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    limits = Limits(max_bytes=50_000, body_seconds=0.5, at_once=2)
    with running(create_app("tiny", limits=limits)) as found:
        yield found


def connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=20)


def status_of(connection: socket.socket) -> int | None:
    """The status of the next answer; None if there comes none."""
    answer = HTTPResponse(connection)
    try:
        answer.begin()
        answer.read()
    except (ConnectionError, HTTPException):
        return None
    return answer.status


def ask(address: str, path: str = "health", content: bytes | None = None) -> tuple[int, Any]:
    """Ask once, and return the status and what the answer holds."""
    headers = {} if content is None else {"Content-Type": "image/png"}
    try:
        with urlopen(Request(address + path, content, headers), timeout=20) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, {"retry": error.headers["Retry-After"], **json.load(error)}


def is_left(connection: socket.socket) -> bool:
    """Send on slowly, and say whether the other end is gone after a while."""
    try:
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)
    except ConnectionError:
        return True
    return False


def crop() -> bytes:
    from PIL import Image

    return as_file(Image.new("L", (48, 48), "gray"), "PNG")


@pytest.mark.parametrize("what", MALFORMED)
def test_what_is_malformed_is_refused(address: str, what: str) -> None:
    sent, expected = MALFORMED[what]
    with connected(address) as connection:
        try:
            connection.sendall(sent)
        except ConnectionError:
            pass  # it has heard enough
        else:
            assert status_of(connection) in expected
    assert ask(address)[0] == 200


def test_what_is_no_http_is_refused_in_json_too(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(b"hello\r\n\r\n")
        answer = HTTPResponse(connection)
        answer.begin()
        assert json.loads(answer.read())["error"]["code"] == "malformed_request"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_slow_body_is_not_waited_for(address: str) -> None:
    with connected(address) as connection:
        start = time.monotonic()
        connection.sendall(START + b"Content-Length: 1000\r\n\r\n")
        for _ in range(3):
            connection.sendall(b"x")
            time.sleep(0.1)
        assert status_of(connection) == 408
        assert time.monotonic() - start < 5
        assert connection.recv(2**16) == b""


def test_slow_bodies_take_their_places_for_a_while_only(address: str) -> None:
    held = [connected(address) for _ in range(2)]
    for connection in held:
        connection.sendall(START + b"Content-Length: 1000\r\n\r\nx")
    time.sleep(0.2)
    status, told = ask(address, "predict", crop())
    assert (status, told["error"]["code"], told["retry"]) == (503, "busy", "1")
    assert [status_of(connection) for connection in held] == [408, 408]
    assert ask(address, "predict", crop())[0] == 200
    for connection in held:
        connection.close()


def test_who_leaves_gives_the_place_back(address: str) -> None:
    for _ in range(5):
        with connected(address) as connection:
            connection.sendall(START + b"Content-Length: 1000\r\n\r\nxxx")
    time.sleep(0.1)
    assert ask(address, "predict", crop())[0] == 200


def test_slow_headers_are_not_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_protocol, "_SECONDS_FOR_HEADERS", 0.3)
    for begun in (b"", START):
        with connected(address) as connection:
            connection.sendall(begun)
            assert status_of(connection) is None
    # The second request of a connection, too.
    with connected(address) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(connection) == 200
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        assert status_of(connection) is None


def test_what_was_refused_is_listened_to_but_not_for_ever(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that sends on reads the answer, and may ask again; one that does not end is left."""
    refused = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    monkeypatch.setattr(_protocol, "_SECONDS_AFTER_AN_ANSWER", 0.5)
    with connected(address) as connection:
        connection.sendall(refused + with_length(b"x" * 1_000_000))
        assert status_of(connection) == 415
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(connection) == 200
        connection.sendall(refused + with_length(b"x", 1_000_000))
        assert status_of(connection) == 415
        assert is_left(connection)


def test_who_has_sent_all_and_says_so_is_answered(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(START + b"Content-Type: image/png\r\n" + with_length(crop()))
        connection.shutdown(socket.SHUT_WR)
        assert status_of(connection) == 200
        start = time.monotonic()
        assert connection.recv(1) == b""
        assert time.monotonic() - start < 2


def test_what_breaks_off_is_no_fault_of_the_application(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The application answered a request that had been refused already, which was logged."""
    for sent in (
        START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        START + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxzz\r\n",
        START.replace(b"localhost", b"evil") + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        START + with_length(b"xx\r\n\r\n", 2),
    ):
        with connected(address) as connection:
            connection.sendall(sent)
            assert status_of(connection) in (400, 415, 421)
    assert ask(address)[0] == 200
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_connection_may_rest_and_be_used_again(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_protocol, "_SECONDS_FOR_HEADERS", 0.2)
    with connected(address) as connection:
        for _ in range(3):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert status_of(connection) == 200
            time.sleep(0.4)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_too_much_is_refused_even_if_it_is_all_sent_at_first(is_chunked: bool) -> None:
    """A client that reads no answer before it has sent all got a broken connection instead.

    What is sent is more than the system takes before anybody reads it.
    """
    body = b"x" * 18_000_000
    sent = with_length(body)
    if is_chunked:
        sent = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with (
        running(create_app("tiny", limits=Limits(max_bytes=5_000_000))) as address,
        connected(address) as connection,
    ):
        connection.sendall(START + sent)
        assert status_of(connection) == 413


def test_far_too_much_is_refused_before_it_is_sent(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(START + b"Content-Length: 99999999999\r\n\r\n")
        assert status_of(connection) == 413
    with connected(address) as connection:
        connection.sendall(START + b"Expect: 100-continue\r\nContent-Length: 60000\r\n\r\n")
        assert status_of(connection) == 413


def test_of_many_at_once_some_are_answered_and_others_sent_away_at_once() -> None:
    model = Waiting()
    with (
        running(create_app(model, limits=Limits(at_once=3, n_threads=2))) as address,
        ThreadPoolExecutor(12) as pool,
    ):
        asked = [pool.submit(ask, address, "predict", crop()) for _ in range(12)]
        deadline = time.monotonic() + 10
        while sum(one.done() for one in asked) < 9 and time.monotonic() < deadline:
            time.sleep(0.01)
        # Nine have been sent away while none was answered; and others are not kept waiting.
        assert sum(one.done() for one in asked) == 9
        assert model.n_running <= 2
        assert ask(address)[0] == 200
        model.go_on.set()
        found = [one.result() for one in asked]
        assert sorted(status for status, _ in found) == [200] * 3 + [503] * 9
        assert {told["error"]["code"] for status, told in found if status == 503} == {"busy"}
        assert ask(address, "predict", crop())[0] == 200


def test_one_connection_too_many_is_told_so_in_json(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_protocol, "_MOST_CONNECTIONS", 1)
    with connected(address) as first:
        first.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(first) == 200
        status, told = ask(address)
        assert (status, told["error"]["code"]) == (503, "busy")
        first.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of(first) == 200
    deadline = time.monotonic() + 10
    while ask(address)[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_many_threads_get_the_answers_of_one(address: str, photo: bytes) -> None:
    with running(create_app("tiny", limits=Limits(at_once=9, n_threads=3))) as found:
        photos = [photo, crop()] * 4
        expected = [ask(found, "predict", one) for one in photos[:2]] * 4
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: ask(found, "predict", one), photos))
    assert answers == expected


class TestListening:
    def test_a_port_that_is_taken(self) -> None:
        with listen("127.0.0.1", 0) as first:
            port = first.getsockname()[1]
            with pytest.raises(OSError, match=f"Port {port} .*taken.*--port {port + 1}"):
                listen("127.0.0.1", port)

    @pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
    def test_a_host_that_is_elsewhere(self, host: str) -> None:
        with pytest.raises(OSError, match="of this machine"):
            listen(host, 0)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
    def test_the_address_is_one_that_a_browser_opens(self, host: str) -> None:
        with listen(host, 0) as listening:
            address = address_of(listening)
            assert urlsplit(address).hostname in ("127.0.0.1", "::1")
            connected(address).close()
