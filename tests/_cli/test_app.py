"""The commands that serve the page, as processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from ferclassifier._cli import serving
from ferclassifier.app import Limits, _server
from helpers import assert_fails, run, start_in_foreground
from photo_files import side_model, write_face


@contextmanager
def started(*args: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that serves, and the address that it prints."""
    process = start_in_foreground(*args)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "Ctrl+C" in line, process.stderr.read() if process.stderr else ""
        yield process, next(word for word in line.split() if word.startswith("http://"))
    finally:
        process.kill()
        process.communicate()


def test_it_answers_until_it_is_interrupted(portrait: Path) -> None:
    with started("app", "--port", 0) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        with urlopen(address, timeout=20) as response:
            assert b"<title>" in response.read()
        request = Request(
            address + "predict", portrait.read_bytes(), {"Content-Type": "image/jpeg"}
        )
        with urlopen(request, timeout=20) as response:
            assert len(json.load(response)["photos"][0]["faces"]) == 1
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err.strip()) == (130, "", "Aborted")


def test_it_ends_when_the_system_asks() -> None:
    with started("app", "--port", 0, "--model", "tiny") as (process, _):
        process.terminate()
        _, err = process.communicate(timeout=20)
        assert (process.returncode, err.strip()) == (143, "Terminated")


def test_a_model_of_ones_own_and_limits(tmp_path: Path) -> None:
    model, face = side_model(tmp_path / "side.onnx"), write_face(tmp_path / "face.png", "sad")
    options = ("--model", model, "--max-pixels", 48 * 48, "--max-mb", 1)
    with started("app", "--port", 0, *options) as (_, address):
        request = Request(address + "predict", face.read_bytes(), {"Content-Type": "image/png"})
        with urlopen(request, timeout=20) as response:
            assert json.load(response)["photos"][0]["faces"][0]["emotion"] == "sad"
        with urlopen(address + "models", timeout=20) as response:
            limits = json.load(response)["limits"]
        assert (limits["max_pixels"], limits["max_bytes"]) == (2304, 1_000_000)
        with pytest.raises(HTTPError) as caught:
            urlopen(Request(address + "predict", b"x" * 1_000_001, {"Content-Type": "image/png"}))
        with caught.value as error:
            assert error.code == 413


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert_fails(run("app", "--port", port), f"Port {port}", "taken", f"--port {port + 1}")


def test_a_host_of_another_machine() -> None:
    assert_fails(run("app", "--host", "192.0.2.1", "--port", 0), "192.0.2.1", "this machine")


def test_unknown_models() -> None:
    assert_fails(run("app", "--port", 0, "--model", "plas"), "plas", "plus")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    assert_fails(run("app", "--port", 0), "pip install", "ferclassifier[app]")


def test_webcam_opens_the_browser_at_the_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(opened.append(address)))

    def serve(app: Any, listening: Any, on_start: Any) -> None:
        on_start()

    monkeypatch.setattr(_server, "serve", serve)
    monkeypatch.setattr("threading.Thread", AtOnce)
    result = run("webcam", "--port", 0, "--model", "tiny")
    assert result.exit_code == 0, result.output
    [address] = opened
    assert address.startswith("http://127.0.0.1:")
    assert address.endswith("/#camera")
    # There was none, so that a person has to.
    assert result.stdout.splitlines()[1] == f"No browser was found: open {address} in one."


class AtOnce:
    """A thread that does not wait for its turn."""

    def __init__(self, target: Any, daemon: bool) -> None:
        self.start = target


def test_defaults_are_those_of_the_application() -> None:
    limits = Limits()
    assert limits.max_pixels == serving._MAX_PIXELS
    assert limits.max_bytes == serving._MAX_MB * 1_000_000


def test_help_is_quick() -> None:
    """It does not load what serves."""
    code = (
        "import sys\n"
        "from ferclassifier._cli.commands import app, webcam\n"
        "sys.exit(', '.join({'onnxruntime', 'starlette', 'uvicorn'} & set(sys.modules)) or None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
