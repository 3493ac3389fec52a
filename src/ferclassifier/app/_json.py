"""Answers in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from ferclassifier._utils.printable import as_json

if TYPE_CHECKING:
    from ferclassifier.app._refusal import Refusal


def answered(value: Any) -> Response:
    """Answer with a value that JSON can hold."""
    return Response(as_json(value, indent=None), media_type="application/json")


def refused(refusal: Refusal) -> Response:
    """Answer with what is wrong."""
    return Response(
        as_json({"error": refusal.to_dict()}, indent=None),
        status_code=refusal.status,
        headers=refusal.headers,
        media_type="application/json",
    )
