"""Run an application until a signal ends it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing, suppress

import uvicorn
from starlette.types import ASGIApp

from mfccclf.errors import MfccclfError
from mfccclf.web_server.logs import log_event, write_log
from mfccclf.web_server.settings import ServerSettings

__all__ = ["ServerError", "run_server"]

_BACKLOG = 512
# Of a WebSocket's message, and of all headers of a request.
_MOST_MESSAGE, _MOST_HEADERS = 2**20, 2**15


class ServerError(MfccclfError, OSError):
    """A server cannot listen where it should."""


def run_server(
    app: ASGIApp,
    settings: ServerSettings,
    announce: Callable[[str], object] = lambda address: None,
) -> None:
    """Answer requests until SIGTERM or SIGINT; then end what has begun, and return.

    Parameters
    ----------
    app : ASGI application
        As `make_app` returns it.
    settings : ServerSettings
        Where to listen, and for how long work may go on after a signal.
    announce : callable, optional
        Called with the server's address once it listens.

    Raises
    ------
    ServerError
        If the port is taken, or the address is not one of this machine.
    """
    write_log(requests=settings.log_requests)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=settings.max_connections,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=max(1, round(settings.stop_s)),
        h11_max_incomplete_event_size=_MOST_HEADERS,
        ws="websockets-sansio",
        ws_max_size=_MOST_MESSAGE,
        ws_per_message_deflate=False,
    )
    with closing(_listen(settings)) as listener:
        address = _address(listener)
        log_event("listening", address=address)
        announce(address)
        # A second signal, or uvicorn's repeat of the first, is no failure.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
        log_event("stopped")


def _listen(settings: ServerSettings) -> socket.socket:
    place = (settings.host, settings.port)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(place, family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ServerError(
            f"The server cannot listen at {settings.host}, port {settings.port}: "
            f"{reason}. Choose another --port or --host."
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
