"""What is not answered, and why: in JSON, as all answers are."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - it may be the fault of nobody
    """A request, or a photo of it, that gets no answer.

    Parameters
    ----------
    status : int
        Of HTTP.
    code : str
        For programs: it stays, whatever the message says.
    message : str
        What was got, what was expected, what to do.
    headers : dict of str to str, optional
    is_last : bool, default=False
        Whether the connection is closed: more is being sent than anybody waits for.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        is_last: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {**(headers or {}), **({"Connection": "close"} if is_last else {})}

    def to_dict(self) -> dict[str, Any]:
        """Return what stands in the answer."""
        return {"code": self.code, "message": self.message}
