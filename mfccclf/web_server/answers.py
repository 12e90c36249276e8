"""Answers that say no: JSON with a code and a reason, for requests and WebSockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Send
from starlette.websockets import WebSocketDisconnect

from mfccclf._inert import printable

__all__ = [
    "FAULT",
    "REFUSED",
    "RefusedError",
    "answer_refusal",
    "as_refusal",
    "error_record",
    "refuse_websocket",
]

# Where the log finds the code of a refusal, in the scope of a request.
REFUSED = "mfccclf.refused"
# Of a WebSocket: refused by rule.
_POLICY_VIOLATION = 1008


class RefusedError(Exception):
    """A request that is not done, and why.

    Parameters
    ----------
    status : int
        HTTP status, 4xx or 5xx.
    code : str
        One word for programs, such as ``"too_large"``.
    reason : str
        What is wrong and what to do, for people.
    headers : mapping of str to str, default={}
        Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        reason: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code
        self.reason = " ".join(printable(line) for line in reason.split("\n"))
        self.headers = dict(headers or {})


FAULT = RefusedError(
    500, "fault", "The server failed at this request. Its log says more. Try again."
)


def as_refusal(error: Exception) -> RefusedError | None:
    """Return what an error says to the client; None if it is a fault of ours."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, HTTPException):
        code = HTTPStatus(error.status_code).name.lower()
        return RefusedError(error.status_code, code, _reason(error), error.headers)
    if isinstance(error, ClientDisconnect | WebSocketDisconnect):
        return RefusedError(499, "gone", "The client has gone.")
    return None


def error_record(refusal: RefusedError) -> dict[str, Any]:
    """Return the JSON of a refusal, as plain values."""
    return {"error": {"code": refusal.code, "reason": refusal.reason}}


async def answer_refusal(request: HTTPConnection, error: Exception) -> Response:
    """Return the answer to a request that is not done; for Starlette's handlers.

    An error of a WebSocket is raised again, since it has no such answer.
    """
    if request.scope["type"] == "websocket":
        raise error
    refusal = as_refusal(error) or FAULT
    request.scope[REFUSED] = refusal.code
    return JSONResponse(error_record(refusal), refusal.status, headers=refusal.headers)


async def refuse_websocket(
    scope: Mapping[str, Any], send: Send, refusal: RefusedError
) -> None:
    """Refuse a WebSocket that has not been accepted, with a reason if that is known."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    headers = {"content-type": "application/json", **refusal.headers}
    await send(
        {
            "type": "websocket.http.response.start",
            "status": refusal.status,
            "headers": [
                (key.lower().encode("latin-1"), value.encode("latin-1"))
                for key, value in headers.items()
            ],
        }
    )
    body = json.dumps(error_record(refusal)).encode()
    await send({"type": "websocket.http.response.body", "body": body})


def _reason(error: HTTPException) -> str:
    texts = {
        404: "There is nothing at this address.",
        405: "This address does not take this method.",
    }
    return texts.get(error.status_code, str(error.detail))
