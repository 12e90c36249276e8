"""Bodies of requests: no more bytes than allowed, and not for longer than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.types import Message, Receive

from mfccclf.web_server.answers import RefusedError

__all__ = ["bound_body", "read_body", "read_form"]


def bound_body(request: Request, *, max_bytes: int, max_s: float) -> Request:
    """Return a request whose body can be read within limits only.

    Parameters
    ----------
    request : starlette.requests.Request
        The request as it came.
    max_bytes : int
        Most bytes of the body.
    max_s : float
        Longest time in seconds for it to arrive, from now on.

    Returns
    -------
    bounded : starlette.requests.Request
        To read from; reading raises `RefusedError` (413, 408) at a limit.
    """
    body = _BoundBody(request.receive, max_bytes, max_s)
    stated = request.headers.get("content-length", "")
    body.stated = int(stated) if stated.isdecimal() and len(stated) < 20 else 0
    return Request(request.scope, body.receive)


async def read_body(request: Request) -> bytes:
    """Return the whole body of a request that `bound_body` has bounded.

    Raises
    ------
    RefusedError
        If it is empty, too large or too slow.
    """
    body = await request.body()
    if not body:
        raise RefusedError(422, "empty", "The body is empty. Send a sound file in it.")
    return body


@asynccontextmanager
async def read_form(request: Request, *, max_files: int) -> AsyncIterator[FormData]:
    """Read a multipart body that `bound_body` has bounded.

    Parameters
    ----------
    request : starlette.requests.Request
        As `bound_body` returns it.
    max_files : int
        Most files in it.

    Yields
    ------
    form : starlette.datastructures.FormData
        The files, large ones on disk without a name, until the block ends. Their names
        are texts to repeat, never paths.

    Raises
    ------
    RefusedError, starlette.exceptions.HTTPException
        If it is no multipart body, has too many files, or is too large or too slow.
    """
    try:
        form = await request.form(max_files=max_files, max_fields=max_files)
    except (FormParserError, KeyError, UnicodeError, LookupError) as error:
        raise RefusedError(
            400, "bad_form", "The multipart body is damaged. Build it with a library."
        ) from error
    try:
        yield form
    finally:
        await form.close()


class _BoundBody:
    """A way to receive a body that counts its bytes and its seconds."""

    def __init__(self, receive: Receive, max_bytes: int, max_s: float) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._max_s = max_s
        self._deadline: float | None = None
        self._n_bytes = 0
        self.stated = 0

    async def receive(self) -> Message:
        now = asyncio.get_running_loop().time()
        if self._deadline is None:
            self._deadline = now + self._max_s
        if self.stated > self._max_bytes:
            self._refuse_size()
        try:
            message = await asyncio.wait_for(self._receive(), self._deadline - now)
        except TimeoutError:
            raise RefusedError(
                408,
                "too_slow",
                f"The body has not arrived within {self._max_s:g} s. Send it faster.",
                {"Connection": "close"},
            ) from None
        self._n_bytes += len(message.get("body", b""))
        if self._n_bytes > self._max_bytes:
            self._refuse_size()
        return message

    def _refuse_size(self) -> None:
        raise RefusedError(
            413,
            "too_large",
            f"The body has more than {self._max_bytes:,} bytes, the most that this "
            "server takes. Send less at a time.",
            {"Connection": "close"},
        )
