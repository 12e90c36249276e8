"""The studio as an application: a project, and a page in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from mfccclf.prediction import Predictor
from mfccclf.service.clips import ClipRoute
from mfccclf.service.limits import ServiceLimits
from mfccclf.service.live import LiveRoute
from mfccclf.service.windows import WindowRoute
from mfccclf.studio.asking import doing
from mfccclf.studio.clip_routes import ClipRoutes
from mfccclf.studio.door import Door, cookie_name, find_token, welcome
from mfccclf.studio.model_routes import ModelRoutes
from mfccclf.studio.models import Models
from mfccclf.studio.project import Project
from mfccclf.studio.recordings import Recordings
from mfccclf.studio.training_job import TrainingJob
from mfccclf.web_server import ServerSettings, WorkPool, make_app

__all__ = ["STUDIO_PORT", "Studio", "make_studio"]

STUDIO_PORT = 8765

_KINDS = {".js": "text/javascript", ".css": "text/css"}
# The page plays clips and draws on its own; it loads nothing from elsewhere.
_POLICY = {"media-src": "'self' blob:", "worker-src": "'self'"}
_N_THREADS, _MAX_WAITING, _WORK_S = 4, 64, 600.0


class Studio:
    """A project with its recordings, its models and its training.

    Parameters
    ----------
    folder : path-like
        As for `Project`.

    Attributes
    ----------
    project, recordings, models, job
        What the page works on.
    token : str
        What the address of the page brings.

    Examples
    --------
    >>> from mfccclf.studio import Studio
    >>> studio = Studio("my-sounds")  # doctest: +SKIP
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.project = Project(folder)
        home = self.project.home
        self.recordings = Recordings(self.project)
        self.models = Models(home / "models", self.project.root)
        self.job = TrainingJob(self.project, self.models)
        self.token = find_token(home)
        self.cookie = cookie_name(self.project.root)

    def settings(self, port: int = STUDIO_PORT) -> ServerSettings:
        """Return whom the studio answers: this machine, with the token."""
        pages = {f"/{path.name}" for path in _assets()}
        return ServerSettings(
            port=port,
            token=self.token,
            open_paths=frozenset({"/", *pages}),
            content_policy=_POLICY,
            stop_s=3.0,
            log_requests=False,
        )

    def close(self) -> None:
        """End the process of a training, to be resumed, and free the folder."""
        self.job.halt()
        self.project.close()


def make_studio(studio: Studio, settings: ServerSettings) -> ASGIApp:
    """Make the application of a studio.

    Parameters
    ----------
    studio : Studio
        What the page works on; it is closed with the server.
    settings : ServerSettings
        As ``studio.settings`` returns them.

    Returns
    -------
    app : ASGI application
        For `mfccclf.web_server.run_server`.

    Examples
    --------
    >>> from mfccclf.studio import Studio, make_studio
    >>> studio = Studio("my-sounds")  # doctest: +SKIP
    >>> app = make_studio(studio, studio.settings())  # doctest: +SKIP
    """
    pool = WorkPool(n_threads=_N_THREADS, max_waiting=_MAX_WAITING, max_s=_WORK_S)
    limits = ServiceLimits(max_bytes=2**26, n_threads=_N_THREADS)
    found = _Versions(studio.models)
    live = LiveRoute(found, limits)
    routes: list[BaseRoute] = [
        *_page_routes(studio),
        *ClipRoutes(studio.project, studio.recordings, studio.job, pool).routes(),
        *ModelRoutes(studio.project, studio.models, studio.job, pool).routes(),
        Route("/api/predict", ClipRoute(found, limits, pool).answer, methods=["POST"]),
        Route(
            "/api/windows", WindowRoute(found, limits, pool).answer, methods=["POST"]
        ),
        WebSocketRoute("/api/live", live.answer),
    ]

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        pool.close()
        live.close()
        studio.close()

    return Door(make_app(routes, settings, lifespan=lifespan), studio.cookie)


class _Versions:
    """The versions of a model as the service's routes find them."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def find(self, name: str | None) -> Predictor:
        """Return the predictor of a version, or refuse."""
        with doing():
            return self._models.find(name)


def _page_routes(studio: Studio) -> list[BaseRoute]:
    home = _home()

    async def page(request: Request) -> Response:
        return welcome(request, studio.token, studio.cookie, home / "index.html")

    def asset(path: Path) -> Route:
        async def give(_: Request) -> Response:
            return FileResponse(path, media_type=_KINDS[path.suffix])

        return Route(f"/{path.name}", give)

    return [Route("/", page), *(asset(path) for path in _assets())]


def _home() -> Path:
    return Path(str(files("mfccclf.studio"))) / "files"


def _assets() -> list[Path]:
    return sorted(path for path in _home().iterdir() if path.suffix in _KINDS)
