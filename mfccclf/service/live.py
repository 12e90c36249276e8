"""``/v1/live``: a WebSocket that takes samples as they are recorded."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, Any, cast

from starlette.websockets import WebSocket, WebSocketDisconnect

from mfccclf.prediction import Predictor
from mfccclf.service.limits import ServiceLimits
from mfccclf.service.models import ModelSource
from mfccclf.service.queries import Query, check_windows
from mfccclf.service.sound_pipe import SoundPipe
from mfccclf.service.work import Formatter, checking, error_line, refusing
from mfccclf.waveform import RawFormat
from mfccclf.web_server import RefusedError
from mfccclf.web_server.answers import FAULT
from mfccclf.web_server.logs import log_fault

__all__ = ["LiveRoute"]

_QUERY = frozenset({"model", "window", "hop", "top", "rate", "format", "channels"})
_END = "end"
_DONE, _REFUSED = 1000, 1008
# Lines that wait for a slow reader; its own sound waits then, too.
_MAX_LINES = 64
_PAUSE_S = 0.005

Tell = Callable[[str | None], object]


@dataclass(frozen=True)
class _Wish:
    """What a client wants to be told of its sound."""

    predictor: Predictor
    top: int
    window: float
    hop: float
    raw: RawFormat

    def predict(self, pipe: SoundPipe, tell: Tell) -> None:
        """Tell the windows of the sound in a pipe, then None; runs on a thread."""
        formatter = Formatter(self.predictor, self.top)
        try:
            with refusing():
                windows = self.predictor.predict_windows(
                    cast("IO[bytes]", pipe),
                    window=self.window,
                    hop=self.hop,
                    raw=self.raw,
                )
                for window in windows:
                    tell(formatter.line(window, pipe.name))
        except RefusedError as refusal:
            tell(error_line(refusal))
        except Exception as error:
            log_fault(error)
            tell(error_line(FAULT))
        finally:
            pipe.close()
            tell(None)


class LiveRoute:
    """Answer WebSockets that bring live sound.

    Parameters
    ----------
    models : ModelSource
        What to predict with.
    limits : ServiceLimits
        What to take on, at most.
    """

    def __init__(self, models: ModelSource, limits: ServiceLimits) -> None:
        self._models = models
        self._limits = limits
        self._threads = ThreadPoolExecutor(max(1, limits.max_live), "mfccclf-live")
        self.n_live = 0

    async def answer(self, websocket: WebSocket) -> None:
        """Take samples as binary messages; send a line of JSON for each window."""
        wish = self._read_wish(websocket)
        if self.n_live >= self._limits.max_live:
            raise RefusedError(
                429,
                "busy",
                f"{self.n_live} clients send live sound, the most that this server "
                "listens to. Try again later.",
            )
        self.n_live += 1
        try:
            await websocket.accept()
            await self._listen(websocket, wish)
        finally:
            self.n_live -= 1

    def close(self) -> None:
        """Wait for the threads to end; their clients have gone."""
        self._threads.shutdown(wait=True)

    def _read_wish(self, websocket: WebSocket) -> _Wish:
        query = Query(websocket.query_params, _QUERY)
        window, hop = check_windows(query, self._limits)
        limits = self._limits
        rate = query.whole("rate", default=None, least=1000)
        channels = query.whole("channels", default=1, least=1)
        if rate > limits.max_sample_rate or channels > limits.max_channels:
            raise RefusedError(
                422,
                "bad_parameter",
                f"At most {limits.max_sample_rate} Hz and {limits.max_channels} "
                "channels are accepted.",
            )
        predictor = self._models.find(query.text("model"))
        with checking():
            raw = RawFormat(rate, query.text("format") or "s16le", channels)
            # Checks the windows, too, before the WebSocket is accepted.
            predictor.predict_windows(io.BytesIO(), window=window, hop=hop)
        top = query.whole("top", default=1, least=1)
        return _Wish(predictor, top, window, hop, raw)

    async def _listen(self, websocket: WebSocket, wish: _Wish) -> None:
        loop = asyncio.get_running_loop()
        pipe, lines = SoundPipe(loop), asyncio.Queue[str | None](_MAX_LINES)

        def tell(line: str | None) -> None:
            asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

        work = loop.run_in_executor(self._threads, wish.predict, pipe, tell)
        hearing = asyncio.create_task(self._hear(websocket, pipe, wish.raw))
        try:
            was_refused = await _send_lines(websocket, lines)
        finally:
            hearing.cancel()
            pipe.close()
            await _hear_out(work, lines)
        refusal = await _outcome(hearing)
        if refusal is not None:
            await _try(websocket.send_text(error_line(refusal)))
        code = _REFUSED if refusal is not None or was_refused else _DONE
        await _try(websocket.close(code))

    async def _hear(
        self, websocket: WebSocket, pipe: SoundPipe, raw: RawFormat
    ) -> None:
        """Put messages into a pipe until the client ends, is too slow or too long."""
        longest = self._limits.max_recording_seconds
        n_left = int(longest * raw.sample_rate) * raw.frame_size
        try:
            while True:
                message = await asyncio.wait_for(
                    websocket.receive(), self._limits.upload_s
                )
                if message["type"] == "websocket.disconnect":
                    return
                if message.get("text") == _END:
                    return
                data = message.get("bytes")
                if data is None:
                    raise RefusedError(
                        422, "bad_message", "Send samples as binary messages, or 'end'."
                    )
                n_left -= len(data)
                if n_left < 0:
                    raise RefusedError(
                        422, "too_long", f"No more than {longest:g} s are listened to."
                    )
                await pipe.write(data)
        except TimeoutError:
            raise RefusedError(
                408,
                "too_slow",
                f"No sound has come for {self._limits.upload_s:g} s. Connect again.",
            ) from None
        finally:
            pipe.close()


async def _send_lines(websocket: WebSocket, lines: asyncio.Queue[str | None]) -> bool:
    """Send lines until the last; return whether it was an error.

    A client that has gone is sent nothing, but its thread is still heard out.
    """
    is_error, has_gone = False, False
    while (line := await lines.get()) is not None:
        is_error = line.startswith('{"error"')
        has_gone = has_gone or not await _try(websocket.send_text(line))
    return is_error


async def _hear_out(
    work: asyncio.Future[None], lines: asyncio.Queue[str | None]
) -> None:
    """Wait for a thread to end, and drop what it still tells."""
    while not work.done():
        while not lines.empty():
            lines.get_nowait()
        await asyncio.sleep(_PAUSE_S)


async def _outcome(hearing: asyncio.Task[None]) -> RefusedError | None:
    """Return why the sound was not heard to its end, if that was the client's doing."""
    try:
        await hearing
    except RefusedError as refusal:
        return refusal
    except (asyncio.CancelledError, WebSocketDisconnect):
        pass
    return None


async def _try(sending: Coroutine[Any, Any, None]) -> bool:
    """Send something; return False if the client has gone."""
    try:
        await sending
    except (WebSocketDisconnect, RuntimeError):
        return False
    return True
