"""A structured log: an object of JSON per line, on standard error."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
import warnings
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

__all__ = ["LoggedAnswers", "log_event", "write_log"]

_LOGGER = logging.getLogger("mfccclf.web_server")
_LONGEST_PATH = 200


def log_event(event: str, *, level: int = logging.INFO, **facts: Any) -> None:
    """Log what happened, with facts that JSON can hold."""
    _LOGGER.log(level, event, extra={"facts": facts})


def write_log() -> None:
    """Have the log, and the warnings of all threads, written to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    for name, level in (("mfccclf.web_server", logging.INFO), ("uvicorn", "WARNING")):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    warnings.showwarning = _log_warning


class LoggedAnswers:
    """Log each request; turn errors that nobody has answered into JSON.

    Parameters
    ----------
    app : ASGI application
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
                _log_fault(error)
            scope[REFUSED] = refusal.code
            await _answer_late(scope, noted, refusal)
        log_event(
            "request",
            method=scope.get("method", "WEBSOCKET"),
            path=scope["path"][:_LONGEST_PATH],
            status=noted.status,
            seconds=round(time.perf_counter() - started, 4),
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


def _log_fault(error: Exception) -> None:
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
