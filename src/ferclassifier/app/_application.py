"""The application: which address leads where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from ferclassifier._utils.wording import quoted
from ferclassifier._version import __version__
from ferclassifier.app._cards import card_in_json
from ferclassifier.app._catalogue import Catalogue
from ferclassifier.app._endpoint import Endpoint
from ferclassifier.app._guard import HEADERS, Guard
from ferclassifier.app._json import answered, refused
from ferclassifier.app._page_files import OPENAPI, page_files
from ferclassifier.app._refusal import Refusal
from ferclassifier.pretrained._card import card_document

if TYPE_CHECKING:
    from starlette.requests import Request

    from ferclassifier.app._limits import Limits
    from ferclassifier.photos._model import ModelLike

_PAGE = "index.html"
_CODES = {404: "not_found", 405: "wrong_method"}


def application(model: ModelLike, limits: Limits, allowed_hosts: Iterable[str]) -> Starlette:
    """Put the application together; the parameters are those of `create_app`."""
    catalogue = Catalogue(model)
    endpoint = Endpoint(catalogue, limits)
    files = page_files()

    def file_named(name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        content, kind = files[name]
        return Response(content, headers={"Content-Type": kind})

    async def page(_: Request) -> Response:
        return file_named(_PAGE)

    async def static(request: Request) -> Response:
        return file_named(request.path_params["name"])

    async def openapi(_: Request) -> Response:
        return file_named(OPENAPI)

    async def health(_: Request) -> Response:
        return answered({"status": "ok", "version": __version__})

    async def models(_: Request) -> Response:
        described = {"models": catalogue.described(), "limits": _told(limits)}
        return answered(described)

    async def card(request: Request) -> Response:
        facts = catalogue.facts_of(name := request.path_params["name"])
        if facts is None:
            raise Refusal(404, "no_card", f"Of the model {quoted(name)} nothing is known here.")
        return answered(card_in_json(card_document(facts)))

    routes = [
        Route("/", page),
        Route("/static/{name}", static),
        Route("/openapi.json", openapi),
        Route("/health", health),
        Route("/models", models),
        Route("/models/{name}/card", card),
        Route("/predict", endpoint.predict, methods=["POST"]),
        Route("/saliency", endpoint.saliency, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {
        Refusal: _on_refusal,
        HTTPException: _on_http_exception,
        Exception: _on_fault,
    }
    guard = Middleware(Guard, allowed_hosts=tuple(allowed_hosts))
    app = Starlette(routes=routes, middleware=[guard], exception_handlers=handlers)
    # An address with a slash too many is not found; a redirection would name this host.
    app.router.redirect_slashes = False
    return app


def _told(limits: Limits) -> dict[str, Any]:
    """Return the limits that whoever sends photos can keep to."""
    return {name: getattr(limits, name) for name in ("max_bytes", "max_pixels", "max_files")}


async def _on_refusal(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refused(refusal)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "refused")
    got = f"{request.method} {request.url.path}"
    return refused(
        Refusal(
            error.status_code,
            code,
            f"Got {quoted(got)}, but expected one of the addresses and methods that /openapi.json "
            "lists.",
            headers=dict(error.headers or {}),
        )
    )


async def _on_fault(_: Request, error: Exception) -> Response:
    """Say nothing of what went wrong inside; the server logs it."""
    response = refused(
        Refusal(
            500,
            "fault",
            f"Got an error of the server's own ({type(error).__name__}), which is none of yours. "
            "Please report it, with what the server printed.",
        )
    )
    response.headers.update(HEADERS)  # it does not come by the guard
    return response
