"""``POST /v1/windows``: labels for a recording's windows, sent as they are made."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import IO, cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mfccclf.prediction import WindowPrediction
from mfccclf.service.limits import ServiceLimits
from mfccclf.service.pooled_route import PooledRoute
from mfccclf.service.queries import Query, check_windows
from mfccclf.service.work import Formatter, checking, error_line, label_upload, refusing
from mfccclf.web_server import RefusedError, bound_body

__all__ = ["WindowRoute"]

_QUERY = frozenset({"model", "window", "hop", "top", "name"})
# A thread gives way to other requests after this time, and the client gets its windows.
_TURN_S = 0.25
_SLOWER = 10


class WindowRoute(PooledRoute):
    """Answer requests for the windows of a recording, an object of JSON per line."""

    async def answer(self, request: Request) -> Response:
        """Answer a request whose body is a recording."""
        query = Query(request.query_params, _QUERY)
        predictor = self._models.find(query.text("model"))
        top = query.whole("top", default=1, least=1)
        window, hop = check_windows(query, self._limits)
        name = label_upload(query.text("name"))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._pool.seat())
            file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            await self._store(request, file)
            upload = cast("IO[bytes]", _Upload(file, name))
            with checking():
                windows = predictor.predict_windows(upload, window=window, hop=hop)
            turns = _Turns(windows, Formatter(predictor, top), name, self._limits)
            # An error at the start can still have a status of its own.
            first = await self._pool.run(turns.take)
            return _Streamed(self._lines(first, turns), stack.pop_all())

    async def _store(self, request: Request, file: IO[bytes]) -> None:
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            raise RefusedError(
                415, "bad_kind", "Send the recording itself as the body, not a form."
            )
        bounded = bound_body(
            request,
            max_bytes=self._limits.max_recording_bytes,
            max_s=self._limits.upload_s * _SLOWER,
        )
        try:
            async with aclosing(bounded.stream()) as parts:
                async for part in parts:
                    file.write(part)
            file.flush()
        except OSError as error:
            raise RefusedError(
                503, "no_room", "There is no room for the recording now. Try later."
            ) from error
        if not file.tell():
            raise RefusedError(422, "empty", "The body is empty. Send a recording.")
        file.seek(0)

    async def _lines(self, first: list[str], turns: _Turns) -> AsyncIterator[str]:
        lines = first
        try:
            while lines:
                yield "".join(lines)
                lines = await self._pool.run(turns.take)
        except RefusedError as refusal:
            yield error_line(refusal)


@dataclass
class _Turns:
    """Windows, a quarter of a second's work at a time."""

    windows: Iterator[WindowPrediction]
    formatter: Formatter
    name: str
    limits: ServiceLimits
    late: RefusedError | None = None

    def take(self) -> list[str]:
        """Return the lines of some windows; none after the last.

        Raises
        ------
        RefusedError
            If the recording cannot be used, or is too long.
        """
        if self.late is not None:
            raise self.late
        lines: list[str] = []
        try:
            with refusing():
                self._take_some(lines)
        except RefusedError as refusal:
            if not lines:
                raise
            self.late = refusal  # the windows before it come first
        return lines

    def _take_some(self, lines: list[str]) -> None:
        stop = time.monotonic() + _TURN_S
        for window in self.windows:
            self._check_length(window)
            lines.append(self.formatter.line(window, self.name))
            if time.monotonic() > stop:
                return

    def _check_length(self, window: WindowPrediction) -> None:
        longest = self.limits.max_recording_seconds
        if window.end_s <= longest:
            return
        raise RefusedError(
            422, "too_long", f"The recording is longer than {longest:g} s. Cut it."
        )


class _Upload:
    """A stored recording under the name of its upload."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.read = file.read
        self.name = name


class _Streamed(StreamingResponse):
    """An answer that lets go of its recording and its seat, however it ends."""

    def __init__(self, lines: AsyncIterator[str], stack: AsyncExitStack) -> None:
        super().__init__(lines, media_type="application/x-ndjson")
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._stack:
            await super().__call__(scope, receive, send)
