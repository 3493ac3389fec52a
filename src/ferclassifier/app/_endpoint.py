"""Photos go in, and what is found in them comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from ferclassifier._utils.wording import quoted
from ferclassifier.app._answers import answer
from ferclassifier.app._asked import Asked, asked_of
from ferclassifier.app._body import read_body
from ferclassifier.app._json import answered
from ferclassifier.app._multipart import Upload, files_in
from ferclassifier.app._places import Places
from ferclassifier.app._refusal import Refusal
from ferclassifier.app._saliency import explanation

if TYPE_CHECKING:
    from starlette.requests import Request

    from ferclassifier.app._catalogue import Catalogue
    from ferclassifier.app._limits import Limits

_T = TypeVar("_T")
_FORM = "multipart/form-data"
_BYTES = ("", "application/octet-stream")


class Endpoint:
    """Answers requests with photos.

    Parameters
    ----------
    catalogue : Catalogue
    limits : Limits

    Notes
    -----
    Photos are looked at in threads of its own, while others read what is sent: onnxruntime, Pillow
    and most of NumPy let other threads of Python run.
    """

    def __init__(self, catalogue: Catalogue, limits: Limits) -> None:
        self._catalogue, self._limits = catalogue, limits
        self._places = Places(limits.at_once)
        self._threads = ThreadPoolExecutor(limits.n_threads, thread_name_prefix="ferclassifier")

    async def predict(self, request: Request) -> Response:
        """Say which faces are in photos, and what their expressions are taken for."""
        return await self._answered(request, self._predicted, explains=False)

    async def saliency(self, request: Request) -> Response:
        """Say where in a face of a photo the model looked."""
        return await self._answered(request, self._explained, explains=True)

    def _predicted(self, uploads: list[Upload], asked: Asked) -> dict[str, Any]:
        return answer(uploads, self._catalogue[asked.model], asked, self._limits)

    def _explained(self, uploads: list[Upload], asked: Asked) -> dict[str, Any]:
        if len(uploads) > 1:
            raise Refusal(
                422, "too_many_files", f"Got {len(uploads)} photos, but expected one at a time."
            )
        return explanation(uploads[0], self._catalogue[asked.model], asked, self._limits)

    async def _answered(
        self,
        request: Request,
        work: Callable[[list[Upload], Asked], dict[str, Any]],
        *,
        explains: bool,
    ) -> Response:
        content_type = request.headers.get("content-type", "")
        kind = content_type.partition(";")[0].strip().lower()
        _check_kind(kind)
        with self._places.one():
            try:
                body = await read_body(request, self._limits)
            except ClientDisconnect:
                return Response(status_code=400)  # which nobody reads
            asked = asked_of(request.query_params, model=self._catalogue.default, explains=explains)
            uploads = partial(_uploads, body, content_type, kind, self._limits.max_files)
            return await self._in_a_thread(lambda: answered(work(uploads(), asked)))

    async def _in_a_thread(self, work: Callable[[], _T]) -> _T:
        """Do what takes a while; whoever asked keeps the place until it is done."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        return await asyncio.shield(running)


def _check_kind(kind: str) -> None:
    if kind != _FORM and kind not in _BYTES and not kind.startswith("image/"):
        raise Refusal(
            415,
            "wrong_type",
            f"Got the Content-Type {quoted(kind)}, but expected image/jpeg or another image, "
            f"application/octet-stream, or {_FORM} with files.",
        )


def _uploads(body: bytes, content_type: str, kind: str, max_files: int) -> list[Upload]:
    return files_in(body, content_type, max_files) if kind == _FORM else [Upload(None, body)]
