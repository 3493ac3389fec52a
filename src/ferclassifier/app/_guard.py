"""Who may ask: pages of this server, and programs; and what browsers are told with each answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ferclassifier._utils.wording import quoted
from ferclassifier.app._refusal import Refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The page loads what comes from here and nothing else, sends nothing anywhere else, stands in no
# page of somebody else's, and is not kept.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), "
    "payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """Lets requests through to an application, and adds headers to what it answers.

    Parameters
    ----------
    app : ASGIApp
    allowed_hosts : iterable of str
        Names besides "localhost" and addresses in numbers.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._allowed = {"localhost", *(name.lower().rstrip(".") for name in allowed_hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle what an ASGI server passes on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        try:
            self._check(scope)
        except Refusal as refusal:
            from ferclassifier.app._json import refused

            await refused(refusal)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)

    def _check(self, scope: Scope) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        self._check_host(host)
        if scope["method"] in ("GET", "HEAD"):
            return
        origin = headers.get(b"origin")
        is_foreign = origin is not None and _authority(origin.decode("latin-1")) != host.lower()
        if is_foreign or headers.get(b"sec-fetch-site", b"") in (b"cross-site", b"same-site"):
            raise Refusal(
                403,
                "foreign_page",
                f"Got a request of a page of {quoted((origin or b'').decode('latin-1'))}, but only "
                f"pages of {quoted(host)} may send photos here. Send it from a program.",
            )

    def _check_host(self, host: str) -> None:
        name = _host_name(host)
        # An address in numbers is no name, which somebody could let lead here.
        if name is None or (name not in self._allowed and not _is_number(name)):
            raise Refusal(
                421,
                "unknown_host",
                f"Got a request for the host {quoted(host)}, which is not the name of this server. "
                "Use localhost or its address in numbers, or allow the name: ferclassifier app "
                "--allow-host NAME.",
            )


def _host_name(host: str) -> str | None:
    """Return the name in a header Host, without its port; None if it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or "@" in host or "\\" in host:
        return None
    return (parts.hostname or "").rstrip(".") or None


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _authority(origin: str) -> str | None:
    """Return host and port of an origin; None of one that has none, as "null"."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") else None
