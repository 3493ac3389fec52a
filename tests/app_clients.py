"""Applications for the tests, asked as objects and as servers, and photos to send to them."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image
from starlette.testclient import TestClient

from ferclassifier.app import create_app
from ferclassifier.app._server import address_of, listen, server_of


def client_of(*args: Any, **kwargs: Any) -> TestClient:
    """A client of an application made with these arguments."""
    app = create_app(*args, **kwargs)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@contextmanager
def running(app: Any) -> Iterator[str]:
    """A server in another thread; its address."""
    with listen("127.0.0.1", 0) as listening:
        server = server_of(app)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield address_of(listening)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def as_file(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
