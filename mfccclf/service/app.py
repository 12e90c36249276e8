"""The service as an application: its routes, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

import mfccclf
from mfccclf.service.clips import ClipRoute
from mfccclf.service.limits import ServiceLimits
from mfccclf.service.models import ServedModels
from mfccclf.web_server import ServerSettings, WorkPool, make_app

__all__ = ["make_service"]


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
    """
    pool = WorkPool(
        n_threads=limits.threads,
        max_waiting=limits.max_waiting,
        max_s=limits.timeout_s,
    )

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        pool.close()

    async def answer_health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": mfccclf.__version__})

    async def list_models(_: Request) -> Response:
        return JSONResponse({"models": models.describe()})

    routes = [
        Route("/healthz", answer_health),
        Route("/v1/models", list_models),
        Route("/v1/predict", ClipRoute(models, limits, pool).answer, methods=["POST"]),
    ]
    return make_app(routes, settings, lifespan=lifespan)
