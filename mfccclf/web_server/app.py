"""An application from its routes, with the guards around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from mfccclf.web_server.answers import RefusedError, answer_refusal
from mfccclf.web_server.draining import DrainedBodies
from mfccclf.web_server.guards import Guard, SafeHeaders
from mfccclf.web_server.logs import Answered, LoggedAnswers
from mfccclf.web_server.settings import ServerSettings

__all__ = ["make_app"]


def make_app(
    routes: Sequence[BaseRoute],
    settings: ServerSettings,
    *,
    lifespan: Any = None,
    watch: Callable[[Answered], object] | None = None,
) -> ASGIApp:
    """Put the guards around some routes.

    Parameters
    ----------
    routes : sequence of starlette.routing.BaseRoute
        What the application answers. A route raises `RefusedError` to refuse a request.
    settings : ServerSettings
        Whom to answer.
    lifespan : callable or None, default=None
        What begins and ends with the server; an asynchronous context manager that is
        called with the Starlette application.
    watch : callable or None, default=None
        Called with each request that has been answered, to count it.

    Returns
    -------
    app : ASGI application
        For `run_server` and for Starlette's TestClient.
    """
    app: ASGIApp = Starlette(
        routes=list(routes),
        lifespan=lifespan,
        exception_handlers=dict.fromkeys(
            (HTTPException, RefusedError, Exception), answer_refusal
        ),
    )
    if settings.allowed_origins:
        app = CORSMiddleware(
            app,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    guarded = SafeHeaders(Guard(app, settings), settings.content_policy)
    return DrainedBodies(LoggedAnswers(guarded, watch))
