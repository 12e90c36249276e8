"""Routes of the pages that train, test and take away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mfccclf.presets import list_presets, load_preset
from mfccclf.studio.asking import doing, read_json_fields
from mfccclf.studio.models import Models
from mfccclf.studio.project import Project
from mfccclf.studio.taking import KINDS, take
from mfccclf.studio.training_job import TrainingJob
from mfccclf.web_server import RefusedError, WorkPool

__all__ = ["ModelRoutes"]

# Offered in this order; all others are made for a task of their own.
_OFFERED = ("words", "default", "sounds", "music", "scratch")
_LARGEST_SEED = 2**32 - 1


class ModelRoutes:
    """Answer what concerns trainings and models.

    Parameters
    ----------
    project : Project
        The clips.
    models : Models
        The versions of the model.
    job : TrainingJob
        The training.
    pool : WorkPool
        Where the work is done.
    """

    def __init__(
        self, project: Project, models: Models, job: TrainingJob, pool: WorkPool
    ) -> None:
        self._project = project
        self._models = models
        self._job = job
        self._pool = pool

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route("/api/training", self._tell),
            Route("/api/training/start", self._start, methods=["POST"]),
            Route("/api/training/stop", self._call(self._job.stop), methods=["POST"]),
            Route(
                "/api/training/resume", self._call(self._job.resume), methods=["POST"]
            ),
            Route("/api/presets", self._presets),
            Route("/api/models", self._list),
            Route("/api/models/{number:int}", self._facts),
            Route("/api/models/{number:int}/limits", self._limit, methods=["POST"]),
            Route("/api/models/{number:int}/take/{kind}", self._take),
        ]

    async def _tell(self, _: Request) -> Response:
        return JSONResponse(await self._run(self._job.state))

    async def _start(self, request: Request) -> Response:
        fields = await read_json_fields(request)
        preset, seed = fields.text("preset"), fields.whole("seed")
        if not 0 <= seed <= _LARGEST_SEED:
            raise RefusedError(
                422, "bad_parameter", f"The seed is a number to {_LARGEST_SEED}."
            )
        await self._run(lambda: self._job.start(preset, seed))
        return JSONResponse({"done": None})

    def _call(self, act: Callable[[], object]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            await read_json_fields(request)
            await self._run(act)
            return JSONResponse({"done": None})

        return answer

    async def _presets(self, _: Request) -> Response:
        known = [name for name in _OFFERED if name in list_presets()]
        return JSONResponse(
            [
                {"name": name, "description": load_preset(name).description}
                for name in known
            ]
        )

    async def _list(self, _: Request) -> Response:
        return JSONResponse(await self._run(self._models.list_all))

    async def _facts(self, request: Request) -> Response:
        number = request.path_params["number"]

        def describe() -> dict[str, Any]:
            facts = self._models.facts(number)
            return {**facts, "commands": self._models.commands(number)}

        return JSONResponse(await self._run(describe))

    async def _limit(self, request: Request) -> Response:
        fields = await read_json_fields(request)
        values = {
            name: fields.number(name) for name in ("min_confidence", "min_familiarity")
        }
        number = request.path_params["number"]
        await self._run(lambda: self._models.set_limits(number, values))
        return JSONResponse({"done": None})

    async def _take(self, request: Request) -> Response:
        number, kind = request.path_params["number"], request.path_params["kind"]
        if kind not in KINDS:
            raise RefusedError(404, "not_found", "There is nothing at this address.")
        folder = tempfile.TemporaryDirectory(prefix="mfccclf-")
        try:
            path = await self._run(
                lambda: take(
                    self._models, number, kind, self._project.root, Path(folder.name)
                )
            )
        except BaseException:
            folder.cleanup()
            raise
        return FileResponse(
            path, filename=path.name, background=BackgroundTask(folder.cleanup)
        )

    async def _run(self, act: Callable[[], Any]) -> Any:
        def work() -> Any:
            with doing():
                return act()

        async with self._pool.seat():
            return await self._pool.run(work)
