"""The application that a server runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ferclassifier._utils.extras import import_extra
from ferclassifier.app._limits import Limits, check_limits
from ferclassifier.photos._model import ModelLike

if TYPE_CHECKING:
    from starlette.applications import Starlette


def create_app(
    model: ModelLike = "plus",
    *,
    limits: Limits | None = None,
    allowed_hosts: Iterable[str] = (),
) -> Starlette:
    """Make the page and its endpoint, an ASGI application for uvicorn or any other server.

    Nothing that is sent to it is stored, and it sends nothing to anybody else.

    Parameters
    ----------
    model : str, path, or fitted classifier, default="plus"
        As for `predict_photos`. The released models that come as ONNX files can be chosen, too.
    limits : Limits, default=None
        How much it takes; None stands for the defaults of `Limits`.
    allowed_hosts : iterable of str, default=()
        Names under which it is reached, such as "faces.example.org". "localhost" and addresses in
        numbers are allowed in any case; other names are refused, since a page of somebody else
        could let its own name lead here.

    Returns
    -------
    app : starlette.applications.Starlette

    Raises
    ------
    ImportError
        If Starlette is not installed.
    UnknownModelError, ModelFileError
        ValueErrors: if there is no such model, or its file is damaged.
    ValueError
        If a limit lets nothing through.

    Examples
    --------
    >>> from ferclassifier.app import Limits, create_app
    >>> app = create_app("tiny", limits=Limits(max_bytes=5_000_000))
    """
    import_extra("starlette", "app")
    from ferclassifier.app._application import application

    limits = Limits() if limits is None else limits
    check_limits(limits)
    return application(model, limits, allowed_hosts)
