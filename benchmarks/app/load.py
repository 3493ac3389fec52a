"""What the endpoint of the page takes: for a photo, the camera, many clients, and rubbish.

python benchmarks/app/load.py                 # all four
python benchmarks/app/load.py photo camera
python benchmarks/app/load.py clients --seconds 60
python benchmarks/app/load.py malformed --requests 10000

Each part has a server of its own, a process started as users start it. A share of another's
processor shows in the seconds, but not in the processor's.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from _shared.machine import table
from app._serving import camera_frame, five_faces, portrait, served

_PARTS = ("photo", "camera", "clients", "malformed")
_CAMERA = "/predict?min_size=48"  # as the page asks, of 480 lines
_HEADERS = {"Content-Type": "image/jpeg"}
# How long a client that was sent away waits: less than it is told to, to make it harder.
_SECONDS_AWAY = 0.05
_SECONDS_OF_REST = 5.0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], help="by default all")
    parser.add_argument("--model", default="plus")
    parser.add_argument("--repeats", type=int, default=60, help="of the photo of five faces")
    parser.add_argument("--seconds", type=float, default=60, help="of the clients")
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--requests", type=int, default=10_000, help="that are malformed")
    args = parser.parse_args()
    runs: dict[str, Callable[[Server], dict[str, object]]] = {
        "photo": lambda server: one_photo(server, args.repeats),
        "camera": lambda server: camera(server, args.repeats),
        "clients": lambda server: clients(server, args.clients, args.seconds),
        "malformed": lambda server: malformed(server, args.requests),
    }
    for part in args.parts or _PARTS:
        with served("--model", args.model) as (address, pid):
            print(table([runs[part](Server(address, pid))]), end="\n\n")


class Server:
    """A server, and what its process has taken."""

    def __init__(self, address: str, pid: int) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        self.place = parts.hostname, parts.port
        self._process = psutil.Process(pid)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that has not begun."""
        return http.client.HTTPConnection(*self.place, timeout=60)

    def megabytes(self) -> float:
        """Return what it holds in memory now."""
        return float(self._process.memory_info().rss / 1e6)

    def processor_seconds(self) -> float:
        """Return what it has used of processors."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    @contextmanager
    def peak(self) -> Iterator[list[float]]:
        """Note its memory every 50 ms: before, the most, and after a rest."""
        noted, stop = [self.megabytes()] * 2, threading.Event()

        def watch() -> None:
            while not stop.wait(0.05):
                noted[1] = max(noted[1], self.megabytes())

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            yield noted
        finally:
            stop.set()
            watching.join()
        time.sleep(_SECONDS_OF_REST)
        noted.append(self.megabytes())


def post(
    connection: http.client.HTTPConnection, photo: bytes, path: str = "/predict"
) -> tuple[int, Any, float]:
    """Send a photo, and return the status, the answer and the seconds that it took."""
    start = time.perf_counter()
    connection.request("POST", path, photo, _HEADERS)
    with connection.getresponse() as response:
        content = response.read()
        return response.status, json.loads(content), time.perf_counter() - start


def one_photo(server: Server, repeats: int) -> dict[str, object]:
    """Ask about one photo again and again."""
    photo, connection = five_faces(), server.connect()
    _, answer, first = post(connection, photo)
    assert len(answer["photos"][0]["faces"]) == 5
    used = server.processor_seconds()
    seconds = [post(connection, photo)[2] for _ in range(repeats)]
    used = server.processor_seconds() - used
    return {
        "photo of five faces": "1000 x 667",
        "first, ms": f"{1000 * first:.0f}",
        "median, ms": f"{1000 * np.median(seconds):.0f}",
        "p95, ms": f"{1000 * np.quantile(seconds, 0.95):.0f}",
        "processor, ms": f"{1000 * used / repeats:.0f}",
    }


def camera(server: Server, repeats: int) -> dict[str, object]:
    """Send frames as the page does: the next one when the last has been answered."""
    file, connection = io.BytesIO(), server.connect()
    camera_frame().save(file, "JPEG", quality=85)
    frame = file.getvalue()
    _, answer, _ = post(connection, frame, _CAMERA)
    assert len(answer["photos"][0]["faces"]) == 1
    used, start = server.processor_seconds(), time.perf_counter()
    for _ in range(repeats):
        post(connection, frame, _CAMERA)
    seconds = time.perf_counter() - start
    used = server.processor_seconds() - used
    return {
        "camera": "640 x 480",
        "answers a second": f"{repeats / seconds:.1f}",
        "processor, ms": f"{1000 * used / repeats:.0f}",
    }


def clients(server: Server, n_clients: int, seconds: float) -> dict[str, object]:
    """Let many ask at once, each again as soon as it has an answer."""
    photos = [five_faces(), portrait()]
    with_server = server.connect()
    expected = [post(with_server, photo)[1] for photo in photos]
    deadline = time.monotonic() + seconds
    found: list[tuple[int, float, bool]] = []

    def client(i: int) -> None:
        connection, photo, its_answer = server.connect(), photos[i % 2], expected[i % 2]
        while time.monotonic() < deadline:
            status, answer, took = post(connection, photo)
            found.append((status, took, status != 200 or answer == its_answer))
            if status == 503:
                connection.close()
                time.sleep(_SECONDS_AWAY)

    with server.peak() as noted:
        _at_once(client, n_clients)
    busy = [took for status, took, _ in found if status == 503]
    answered = [took for status, took, _ in found if status == 200]
    others = Counter(status for status, _, _ in found) - Counter({200: 10**9, 503: 10**9})
    return {
        "clients": n_clients,
        "seconds": f"{seconds:.0f}",
        "answered": f"{len(answered):,}",
        "wrong": sum(not is_right for _, _, is_right in found) + others.total(),
        "median, ms": f"{1000 * np.median(answered):.0f}",
        "busy": f"{len(busy):,}",
        "p95 of busy, ms": f"{1000 * np.quantile(busy, 0.95):.0f}" if busy else "",
        **_memory(noted),
    }


def _at_once(work: Callable[[int], None], n: int) -> None:
    threads = [threading.Thread(target=work, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def malformed(server: Server, n_requests: int) -> dict[str, object]:
    """Send requests of which parts are missing, twice there, or something else."""
    rng = random.Random(0)
    pieces = _pieces()
    # What is first used takes its memory before.
    for _ in range(min(500, n_requests)):
        _status(server, _broken(rng, pieces))
    with server.peak() as noted:
        found = Counter(_status(server, _broken(rng, pieces)) for _ in range(n_requests))
    assert post(server.connect(), portrait())[0] == 200
    told = ", ".join(f"{n:,} of {status}" for status, n in sorted(found.items()))
    return {
        "malformed": f"{n_requests:,}",
        "statuses (0: closed)": told,
        "500": found[500],
        **_memory(noted),
    }


def _pieces() -> Sequence[Sequence[bytes]]:
    """Return what may stand in each part of a request; what is in order comes first."""
    image = portrait()
    form = b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n'
    bodies = (
        *(b"hello", b"", image[:2000], image[:20] + b"\0" * 900, form + image[:900], form),
        *(form + b"x\r\n--xyz--", b"zz\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff",
    )
    return (
        (b"POST ", b"GET ", b"PUT ", b"\xff ", b""),
        (b"/predict", b"/saliency", b"/predict?threshold=x", b"/models/%ff/card", b"/\0", b"*"),
        (b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b" HTTP/9\r\n", b"\r\n"),
        (b"Host: localhost\r\n", b"", b"Host: evil.example\r\n", b"Host: \xff\r\n"),
        (
            *(b"Content-Type: image/jpeg\r\n", b"", b"Content-Type: \xff\r\n"),
            *(b"Content-Type: multipart/form-data; boundary=xyz\r\n",) * 4,
            b"Content-Type: multipart/form-data\r\n",
        ),
        (b"LENGTH", b"", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: odd\r\n"),
        (b"", b"X: " + b"x" * 20_000 + b"\r\n", b"Origin: https://evil.example\r\n", b": x\r\n"),
        (b"\r\n", b"", b"\0"),
        bodies,
    )


def _broken(rng: random.Random, pieces: Sequence[Sequence[bytes]]) -> bytes:
    """Put a request together, of which no photo can be read, and cut off its end sometimes."""
    *head, bodies = pieces
    chosen = [rng.choice(some) if rng.random() < 0.2 else some[0] for some in head]
    body = rng.choice(bodies)
    lengths = (b"%d" % len(body),) * 6 + (b"%d" % (len(body) // 2), b"-1", b"9" * 11, b"many")
    length = b"Content-Length: " + rng.choice(lengths) + b"\r\n"
    request = b"".join(chosen).replace(b"LENGTH", length) + body
    return request if rng.random() < 0.8 else request[: rng.randrange(len(request) + 1)]


def _status(server: Server, request: bytes) -> int:
    """Send a request, end sending, and return the status; 0 if the connection is closed."""
    answer = b""
    with socket.create_connection(server.place, timeout=60) as connection, suppress(OSError):
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(2**16):
            answer += part
    words = answer.split(maxsplit=2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def _memory(noted: list[float]) -> dict[str, object]:
    names = ("MB before", "peak", "after")
    return {name: f"{value:.0f}" for name, value in zip(names, noted, strict=True)}


if __name__ == "__main__":
    main()
