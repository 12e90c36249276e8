"""Routes of the page that collects: labels, clips and recordings."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from mfccclf.service.queries import Query
from mfccclf.storage.held_clip import HeldBytes
from mfccclf.studio.asking import Fields, doing, read_json_fields
from mfccclf.studio.project import Project
from mfccclf.studio.recordings import Recordings
from mfccclf.studio.sound import read_sound
from mfccclf.studio.training_job import TrainingJob
from mfccclf.web_server import RefusedError, WorkPool, bound_body, read_body

__all__ = ["ClipRoutes"]

T = TypeVar("T")

_MOST_BYTES, _MOST_S = 2**27, 120.0
_MOST_PART = 2**22
# Few clips are learned by heart; from the second number on, scores mean something.
_FEW, _ENOUGH = 5, 10
_UPLOAD = frozenset({"label", "name", "group", "at_pauses"})
_NAMELESS = (415, "bad_kind", "Send the sound itself as the body, not a form.")


class ClipRoutes:
    """Answer what concerns labels, clips and recordings.

    Parameters
    ----------
    project : Project
        The clips.
    recordings : Recordings
        What is being recorded.
    job : TrainingJob
        Whose state the page shows, too.
    pool : WorkPool
        Where the work is done.
    """

    def __init__(
        self,
        project: Project,
        recordings: Recordings,
        job: TrainingJob,
        pool: WorkPool,
    ) -> None:
        self._project = project
        self._recordings = recordings
        self._job = job
        self._pool = pool

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        project, recordings = self._project, self._recordings
        actions: dict[str, Callable[[Fields], Any]] = {
            "labels": lambda it: project.add_label(it.text("name")),
            "labels/rename": lambda it: project.rename_label(
                it.text("label"), it.text("name")
            ),
            "labels/remove": lambda it: project.remove_label(it.text("label")),
            "clips/trim": lambda it: project.trim(
                it.text("clip"), it.number("start_s"), it.number("end_s")
            ),
            "clips/relabel": lambda it: project.relabel(
                it.texts("clips"), it.text("label")
            ),
            "clips/delete": lambda it: project.delete(it.texts("clips")),
            "undo": lambda _: project.undo().text,
            "recordings": lambda it: asdict(
                recordings.begin(
                    it.text("label"),
                    it.whole("sample_rate"),
                    at_pauses=it.flag("at_pauses"),
                    group=it.text("group"),
                )
            ),
            "recordings/finish": lambda it: recordings.finish(it.text("id")),
            "recordings/discard": lambda it: recordings.discard(it.text("id")),
        }
        return [
            *(
                Route(f"/api/{path}", self._action(action), methods=["POST"])
                for path, action in actions.items()
            ),
            Route("/api/project", self._tell),
            Route("/api/clips", self._upload, methods=["POST"]),
            Route("/api/recordings/{name}", self._append, methods=["POST"]),
            Route("/api/sound/{clip:path}", self._sound),
        ]

    def _action(self, act: Callable[[Fields], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            async with self._pool.seat():
                fields = await read_json_fields(request)
                done = await self._pool.run(_do, act, fields)
            return JSONResponse({"done": done})

        return answer

    async def _tell(self, _: Request) -> Response:
        async with self._pool.seat():
            return JSONResponse(await self._pool.run(self._describe))

    def _describe(self) -> dict[str, Any]:
        with doing(), self._project.lock:
            clips = self._project.clips()
            counts = Counter(clip.label for clip in clips)
            last = self._project.journal.last
            return {
                "folder": str(self._project.root),
                "labels": [
                    {"name": name, "n": counts[name], "hint": _hint(counts[name])}
                    for name in self._project.labels()
                ],
                "clips": [asdict(clip) for clip in clips],
                "undo": None if last is None else last.text,
                "problems": self._project.problems(),
                "unfinished": [
                    {**asdict(one), "seconds": round(seconds, 2)}
                    for one, seconds in self._recordings.unfinished()
                ],
                "training": self._job.state(),
            }

    async def _upload(self, request: Request) -> Response:
        query = Query(request.query_params, _UPLOAD)
        if request.headers.get("content-type", "").startswith("multipart/"):
            raise RefusedError(*_NAMELESS)
        label, name = query.text("label") or "", query.text("name") or "clip"
        async with self._pool.seat():
            bounded = bound_body(request, max_bytes=_MOST_BYTES, max_s=_MOST_S)
            content = await read_body(bounded)
            clips = await self._pool.run(
                _do,
                lambda file: self._project.add(
                    label,
                    name,
                    file,
                    group=query.text("group") or "",
                    at_pauses=query.text("at_pauses") == "true",
                ),
                HeldBytes(content, name[-200:]),
            )
        return JSONResponse({"done": clips})

    async def _append(self, request: Request) -> Response:
        query = Query(request.query_params, frozenset({"offset"}))
        offset = query.whole("offset", default=None, least=0)
        name = request.path_params["name"]
        async with self._pool.seat():
            bounded = bound_body(request, max_bytes=_MOST_PART, max_s=_MOST_S)
            content = await read_body(bounded)
            n_samples, clips = await self._pool.run(
                _do, lambda part: self._recordings.append(name, offset, part), content
            )
        return JSONResponse({"n_samples": n_samples, "clips": clips})

    async def _sound(self, request: Request) -> Response:
        with doing():
            path = self._project.path(request.path_params["clip"])
        if path.suffix.lower() == ".wav":
            return _Sound(path, media_type="audio/wav")
        async with self._pool.seat():
            content = await self._pool.run(_do, _as_wav, str(path))
        return Response(content, media_type="audio/wav")


class _Sound(FileResponse):
    """A clip as a file, which may be moved before it is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except (RuntimeError, FileNotFoundError) as error:
            if Path(self.path).exists():
                raise
            raise RefusedError(
                409, "not_done", "The clip has been moved. Reload the page."
            ) from error


def _do(act: Callable[[Any], T], value: Any) -> T:
    with doing():
        return act(value)


def _as_wav(path: str) -> bytes:
    """Return a clip that browsers may not play as a file that they do."""
    file = io.BytesIO()
    read_sound(path).write(file)
    return file.getvalue()


def _hint(n_clips: int) -> str:
    if n_clips < _FEW:
        return f"Record {_FEW} or more."
    return f"Better with {_ENOUGH} or more." if n_clips < _ENOUGH else ""
