"""Who may ask: Host, Origin and token of each request; headers of each answer."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mfccclf.web_server.answers import RefusedError
from mfccclf.web_server.settings import ServerSettings

__all__ = ["Guard", "SafeHeaders"]

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuse requests with a foreign Host or Origin, or without the token.

    The Host keeps pages whose name was bent to this machine from asking; the Origin
    keeps pages of other sites from it.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    settings : ServerSettings
        Whom to answer.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app = app
        self._names = settings.names
        self._origins = frozenset(settings.allowed_origins)
        self._token = settings.token
        self._open_paths = settings.open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, then pass it on."""
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            self._check_host(headers)
            self._check_origin(headers, scope["type"])
            self._check_token(headers, scope)
        await self._app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        hosts = headers.getlist("host")
        name = _without_port(hosts[0]) if len(hosts) == 1 else ""
        if not ("*" in self._names or name in self._names):
            raise RefusedError(
                400,
                "foreign_host",
                "This server is not known by the name in the Host header. Use the name "
                "it was started with, or start it with --allow-host NAME.",
            )

    def _check_origin(self, headers: Headers, kind: str) -> None:
        origins = headers.getlist("origin")
        own = headers.get("host", "").lower()
        for origin in origins:
            is_own = origin.lower() in (f"http://{own}", f"https://{own}")
            if not is_own and origin not in self._origins:
                raise RefusedError(
                    403,
                    "foreign_origin",
                    "Pages of other web sites may not ask this server. Start it with "
                    "--allow-origin ORIGIN to allow one.",
                )

    def _check_token(self, headers: Headers, scope: Scope) -> None:
        is_open = self._token is None or scope["path"] in self._open_paths
        if is_open or _is_preflight(headers, scope):
            return
        kind, _, given = headers.get("authorization", "").partition(" ")
        wanted = (self._token or "").encode()
        is_right = hmac.compare_digest(given.strip().encode(), wanted)
        if kind.lower() != "bearer" or not is_right:
            raise RefusedError(
                401,
                "no_token",
                "This server asks for a token. Send it as 'Authorization: Bearer "
                "TOKEN'.",
                {"WWW-Authenticate": "Bearer"},
            )


class SafeHeaders:
    """Give every answer headers that keep browsers from doing more than they should.

    Parameters
    ----------
    app : ASGI application
        What answers.
    policy : mapping of str to str
        Rules of the content security policy that differ from the strictest.
    """

    def __init__(self, app: ASGIApp, policy: Mapping[str, str]) -> None:
        self._app = app
        rules = {**_POLICY, **policy}
        text = "; ".join(f"{rule} {value}" for rule, value in rules.items())
        self._headers = {**_HEADERS, "Content-Security-Policy": text}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to the headers of its answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"].endswith("response.start"):
                headers = MutableHeaders(scope=message)
                for key, value in self._headers.items():
                    headers.setdefault(key, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _without_port(host: str) -> str:
    """Return the name in a Host header, in small letters."""
    name, colon, port = host.rpartition(":")
    has_port = bool(colon) and (port.isdigit() or not port) and "]" not in port
    return (name if has_port else host).lower()


def _is_preflight(headers: Headers, scope: Scope) -> bool:
    """Tell whether a browser only asks what it may send; it brings no token then."""
    asks = "access-control-request-method" in headers
    return asks and scope.get("method") == "OPTIONS"
