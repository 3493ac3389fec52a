"""Photos that are no files here: fetched from an address, or read from standard input."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ferclassifier._utils.wording import shortened
from ferclassifier._version import __version__
from ferclassifier.exceptions import ImageError

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

MAX_BYTES = 50_000_000
_SECONDS_TO_ANSWER = 10
_SECONDS_IN_ALL = 60
_MOST_REDIRECTIONS = 5
_BLOCK = 2**16
_LONGEST_REASON = 120
_SCHEMES = ("http", "https")


def fetch_photo(address: str, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Fetch what stands at an address, into memory alone.

    Parameters
    ----------
    address : str
        With "http://" or "https://".
    max_bytes : int, default=50000000
        More is not fetched.

    Returns
    -------
    content : bytes

    Raises
    ------
    ImageError
        If the address is of another kind or leads to such a one, if nobody answers within ten
        seconds or all is not there within a minute, and if it is refused, or too large.
    """
    import http.client

    start = time.monotonic()
    try:
        _check_address(address)
        with _opener().open(address, timeout=_SECONDS_TO_ANSWER) as answer:
            told = answer.headers.get("Content-Length", "")
            if told.isdecimal() and int(told) > max_bytes:
                raise _too_large(address, max_bytes)
            content = _read(answer.read1, address, max_bytes, start + _SECONDS_IN_ALL)
            if told.isdecimal() and len(content) < int(told):
                raise OSError(f"it ended after {len(content):,} of {int(told):,} bytes")
            return content
    except ImageError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ImageError(f"{address}: cannot be fetched: {_reason(error)}") from error


def read_stdin(*, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a photo from standard input.

    Raises
    ------
    ImageError
        If there is nothing, or more than `max_bytes`.
    """
    name = "standard input"
    if sys.stdin is None or sys.stdin.isatty():
        raise ImageError(f'{name}: "-" stands for a photo that is piped in, but this is a terminal')
    content = _read(sys.stdin.buffer.read, name, max_bytes)
    if not content:
        raise ImageError(f"{name}: is empty")
    return content


def _read(
    read: Callable[[int], bytes], name: str, max_bytes: int, deadline: float = float("inf")
) -> bytes:
    parts, n_bytes = [], 0
    while part := read(_BLOCK):
        parts.append(part)
        n_bytes += len(part)
        if n_bytes > max_bytes:
            raise _too_large(name, max_bytes)
        if time.monotonic() > deadline:
            raise ImageError(f"{name}: cannot be fetched: not all of it within a minute")
    return b"".join(parts)


def _too_large(name: str, max_bytes: int) -> ImageError:
    return ImageError(
        f"{name}: is larger than {max_bytes / 1e6:g} MB, but at most so much is read; download it "
        "and give the path of the file"
    )


def _check_address(address: str) -> None:
    scheme = urlsplit(address).scheme.lower()
    if scheme not in _SCHEMES:
        instead = "; give the path of the file itself" if scheme == "file" else ""
        raise ImageError(
            f"{address}: photos are fetched by http and https alone, not by {scheme}{instead}"
        )


def _opener() -> OpenerDirector:
    """Return what opens http and https; that of urllib would open files and FTP too."""
    import urllib.request as by

    class Redirections(by.HTTPRedirectHandler):
        max_repeats = 2

        def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
            try:
                _check_address(urljoin(req.full_url, headers.get("Location", "")))
                if len(getattr(req, "redirect_dict", {})) >= _MOST_REDIRECTIONS:
                    raise OSError(f"redirected more than {_MOST_REDIRECTIONS} times")
            except BaseException:
                fp.close()
                raise
            return super().http_error_302(req, fp, code, msg, headers)

        http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    opener = by.OpenerDirector()
    for handler in (
        by.ProxyHandler,
        by.HTTPHandler,
        by.HTTPSHandler,
        by.HTTPDefaultErrorHandler,
        by.HTTPErrorProcessor,
        Redirections,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", f"ferclassifier/{__version__}"), ("Accept", "image/*")]
    return opener


def _reason(error: Exception) -> str:
    """Say in a few words what the standard library says in many ways."""
    from urllib.error import HTTPError, URLError

    if isinstance(error, HTTPError):
        error.close()
        if 300 <= error.code < 400:
            return "redirected more than once to the same place, in a circle"
        return f"the server answers {error.code} {error.reason}"
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, TimeoutError):
        return f"no answer within {_SECONDS_TO_ANSWER} seconds"
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return shortened(" ".join(told.split()), _LONGEST_REASON)
