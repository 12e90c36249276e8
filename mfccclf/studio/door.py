"""Who may use the studio: the browser that was given its address, and its own page."""

from __future__ import annotations

import hmac
import os
import secrets
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mfccclf._hashing import hash_bytes
from mfccclf.web_server import RefusedError
from mfccclf.web_server.answers import error_record, refuse_websocket

__all__ = ["Door", "cookie_name", "find_token", "welcome"]

_MONTH_S = 30 * 24 * 3600
# What browsers call requests that a page of this very address makes, or a person.
_OWN_SITES = ("same-origin", "none")
_STRANGE = RefusedError(
    403, "foreign_page", "Only the studio's own page may ask. Open its address."
)


def find_token(home: Path) -> str:
    """Return the token of a folder, which stays the same from start to start."""
    path = home / "token"
    if path.is_file():
        token = path.read_text("utf-8").strip()
        if len(token) >= 32:
            return token
    token = secrets.token_urlsafe(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(token)
    return token


def cookie_name(root: Path) -> str:
    """Return what the cookie of a folder is called: browsers share them among ports."""
    return f"mfccclf-studio-{hash_bytes(str(root).encode())[:10]}"


def welcome(request: Request, token: str, cookie: str, page: Path) -> Response:
    """Answer a request for the page: take the token out of the address, if it is there.

    Parameters
    ----------
    request : starlette.requests.Request
        Perhaps with ``?token=``.
    token : str
        The right one.
    cookie : str
        Name of the cookie that keeps it.
    page : Path
        The page, which holds no secret.
    """
    given = request.query_params.get("token")
    if given is None or not hmac.compare_digest(given.encode(), token.encode()):
        return FileResponse(page, media_type="text/html")
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        cookie, token, max_age=_MONTH_S, httponly=True, samesite="strict", path="/"
    )
    return answer


class Door:
    """Turn the cookie of a browser into the token that the guards ask for.

    Parameters
    ----------
    app : ASGI application
        With guards that check the token.
    cookie : str
        Name of the cookie.
    """

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        self._app = app
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless a page of another address makes it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site", "none")
        if scope["path"] != "/" and site not in _OWN_SITES:
            await _refuse(scope, receive, send)
            return
        token = self._read(headers.get("cookie", ""))
        if token and "authorization" not in headers:
            line = (b"authorization", f"Bearer {token}".encode("latin-1", "replace"))
            scope = {**scope, "headers": [*scope["headers"], line]}

        async def send_closed(message: Message) -> None:
            if message["type"].endswith("response.start"):
                own = MutableHeaders(scope=message)
                own.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_closed)

    def _read(self, line: str) -> str | None:
        try:
            found = SimpleCookie(line).get(self._cookie)
        except CookieError:
            return None
        return None if found is None else found.value


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await refuse_websocket(scope, send, _STRANGE)
        return
    answer = JSONResponse(error_record(_STRANGE), _STRANGE.status)
    await answer(scope, receive, send)
