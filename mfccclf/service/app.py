"""The service as an application: its routes, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

import mfccclf
from mfccclf.service.clips import ClipRoute
from mfccclf.service.limits import ServiceLimits
from mfccclf.service.live import LiveRoute
from mfccclf.service.metrics import Metrics
from mfccclf.service.models import ServedModels
from mfccclf.service.openapi import describe_api
from mfccclf.service.page import read_asset, render_api_page
from mfccclf.service.windows import WindowRoute
from mfccclf.web_server import ServerSettings, WorkPool, make_app

__all__ = ["OPEN_PATHS", "make_service"]

# What needs no token: what the service is, not what it does.
OPEN_PATHS = frozenset({"/", "/healthz", "/openapi.json", "/page.css", "/page.js"})


def make_service(
    models: ServedModels, limits: ServiceLimits, settings: ServerSettings
) -> ASGIApp:
    """Make the application that predicts.

    Parameters
    ----------
    models : ServedModels
        What to predict with.
    limits : ServiceLimits
        What to take on, at most.
    settings : ServerSettings
        Whom to answer.

    Returns
    -------
    app : ASGI application
        For `mfccclf.web_server.run_server`.

    Examples
    --------
    >>> from mfccclf.service import ServedModels, ServiceLimits, make_service
    >>> from mfccclf.web_server import ServerSettings
    >>> models = ServedModels(["names"])  # doctest: +SKIP
    >>> app = make_service(models, ServiceLimits(), ServerSettings())  # doctest: +SKIP
    """
    pool = WorkPool(
        n_threads=limits.threads,
        max_waiting=limits.max_waiting,
        max_s=limits.timeout_s,
    )
    live = LiveRoute(models, limits)
    document = describe_api(models, limits)
    routes: list[BaseRoute] = [
        Route("/v1/predict", ClipRoute(models, limits, pool).answer, methods=["POST"]),
        Route(
            "/v1/windows", WindowRoute(models, limits, pool).answer, methods=["POST"]
        ),
        WebSocketRoute("/v1/live", live.answer),
        *_fixed_routes({"models": models.describe()}, document),
    ]
    metrics = Metrics(
        ["/metrics", *(route.path for route in routes if hasattr(route, "path"))],
        count_requests=lambda: pool.n_seated,
        count_live=lambda: live.n_live,
    )
    routes.append(Route("/metrics", metrics.answer))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        pool.close()
        live.close()

    return make_app(routes, settings, lifespan=lifespan, watch=metrics.note)


def _fixed_routes(models: Any, document: Mapping[str, Any]) -> list[BaseRoute]:
    """Return the routes whose answers never change."""
    page = render_api_page(document)
    health = {"status": "ok", "version": mfccclf.__version__}
    answers: dict[str, Response] = {
        "/": HTMLResponse(page),
        "/healthz": JSONResponse(health),
        "/openapi.json": JSONResponse(document),
        "/page.css": Response(read_asset("page.css"), media_type="text/css"),
        "/page.js": Response(read_asset("page.js"), media_type="text/javascript"),
        "/v1/models": JSONResponse(models),
    }
    return [Route(path, _always(answer)) for path, answer in answers.items()]


def _always(answer: Response) -> Callable[[Request], Awaitable[Response]]:
    async def give(_: Request) -> Response:
        return answer

    return give
