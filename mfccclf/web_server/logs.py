"""A structured log: an object of JSON per line, on standard error."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mfccclf.web_server.answers import (
    FAULT,
    REFUSED,
    RefusedError,
    as_refusal,
    error_record,
    refuse_websocket,
)

__all__ = ["Answered", "LoggedAnswers", "log_event", "log_fault", "write_log"]

_LOGGER = logging.getLogger("mfccclf.web_server")
_LONGEST_PATH = 200


def log_event(event: str, *, level: int = logging.INFO, **facts: Any) -> None:
    """Log what happened, with facts that JSON can hold."""
    _LOGGER.log(level, event, extra={"facts": facts})


def write_log(*, requests: bool = True) -> None:
    """Have the log, and the warnings of all threads, written to standard error.

    Without ``requests``, it tells of what has gone wrong alone.
    """
    level = logging.INFO if requests else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    for name, least in (("mfccclf.web_server", level), ("uvicorn", "WARNING")):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(least)
        logger.propagate = False
    # Not once per text: texts name uploads, and Python would remember all of them.
    warnings.simplefilter("always", UserWarning)
    warnings.showwarning = _log_warning


@dataclass(frozen=True)
class Answered:
    """A request that has been answered.

    Attributes
    ----------
    path : str
        As the client wrote it.
    status : int or None
        HTTP status, 101 for a WebSocket; None if the client went before.
    seconds : float
        From the request to the end of the answer.
    """

    path: str
    status: int | None
    seconds: float


class LoggedAnswers:
    """Log each request; turn errors that nobody has answered into JSON.

    Parameters
    ----------
    app : ASGI application
        What answers.
    watch : callable or None, default=None
        Called with each `Answered`.
    """

    def __init__(
        self, app: ASGIApp, watch: Callable[[Answered], object] | None = None
    ) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; log what became of it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        noted = _Noted(send)
        try:
            await self._app(scope, receive, noted.send)
        except Exception as error:
            refusal = as_refusal(error) or FAULT
            if refusal is FAULT:
                log_fault(error)
            scope[REFUSED] = refusal.code
            await _answer_late(scope, noted, refusal)
        seconds = time.perf_counter() - started
        self._tell(scope, Answered(scope["path"], noted.status, seconds))

    def _tell(self, scope: Scope, answered: Answered) -> None:
        if self._watch is not None:
            self._watch(answered)
        log_event(
            "request",
            method=scope.get("method", "WEBSOCKET"),
            path=answered.path[:_LONGEST_PATH],
            status=answered.status,
            seconds=round(answered.seconds, 4),
            client=(scope.get("client") or ("",))[0],
            refused=scope.get(REFUSED),
        )


class _Noted:
    """A way to send that notes the status of what is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"].endswith("response.start"):
            self.status = message["status"]
        elif message["type"] == "websocket.accept":
            self.status = 101
        await self._send(message)


async def _answer_late(scope: Scope, noted: _Noted, refusal: RefusedError) -> None:
    """Answer with a refusal, unless an answer has begun or nobody waits for it."""
    if noted.status is not None or refusal.status == 499:
        noted.status = noted.status or refusal.status
        return
    if scope["type"] == "websocket":
        await refuse_websocket(scope, noted.send, refusal)
        noted.status = refusal.status
        return
    answer = JSONResponse(
        error_record(refusal), refusal.status, headers=refusal.headers
    )
    await answer(scope, _no_more, noted.send)


async def _no_more() -> Message:
    return {"type": "http.disconnect"}


def log_fault(error: Exception) -> None:
    """Log an error of ours with its traceback, which no client sees."""
    lines = traceback.format_exception(error)
    log_event("fault", level=logging.ERROR, error=repr(error), trace="".join(lines))


def _log_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    log_event("warning", level=logging.WARNING, text=str(message))


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return a record as an object of JSON, in one line."""
        moment = time.gmtime(record.created)
        facts = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", moment)
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            facts["trace"] = self.formatException(record.exc_info)
        return json.dumps(facts)
