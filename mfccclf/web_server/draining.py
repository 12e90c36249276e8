"""Bodies of refused requests are read on: a sender who is cut off reads no answer."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["DrainedBodies"]

_MAX_BYTES, _MAX_S = 2**24, 2.0
_FIRST_ERROR = 400


class DrainedBodies:
    """Before a refusal is sent, read what is left of the body, for a while.

    A connection that is closed while its client still sends is reset, and the answer is
    lost. Clients that ask before they send (``Expect: 100-continue``) need no care.

    Parameters
    ----------
    app : ASGI application
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and drain its body if it is refused."""
        if scope["type"] != "http" or "expect" in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        body = _Body(receive)

        async def send_drained(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start and message["status"] >= _FIRST_ERROR:
                await body.drain()
            await send(message)

        await self._app(scope, body.receive, send_drained)


class _Body:
    """A body that knows whether there is more of it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._has_more = True

    async def receive(self) -> Message:
        message = await self._receive()
        self._has_more = bool(message.get("more_body"))
        return message

    async def drain(self) -> None:
        """Read on, up to a limit of bytes and of time."""
        n_bytes = 0
        try:
            async with asyncio.timeout(_MAX_S):
                while self._has_more and n_bytes < _MAX_BYTES:
                    n_bytes += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return
