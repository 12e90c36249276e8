"""``POST /v1/predict``: labels for clips, one as the body or several in a form."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mfccclf.service.pooled_route import PooledRoute
from mfccclf.service.queries import Query
from mfccclf.service.work import label_upload, predict_clip, predict_clips
from mfccclf.storage.held_clip import HeldClip
from mfccclf.web_server import RefusedError, bound_body, read_body, read_form

__all__ = ["ClipRoute"]

_QUERY = frozenset({"model", "top", "name"})


class ClipRoute(PooledRoute):
    """Answer requests for the labels of clips."""

    async def answer(self, request: Request) -> Response:
        """Answer a request whose body is a clip or a form with clips."""
        query = Query(request.query_params, _QUERY)
        predictor = self._models.find(query.text("model"))
        top = query.whole("top", default=1, least=1)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        async with self._pool.seat():
            bounded = bound_body(
                request, max_bytes=self._limits.max_bytes, max_s=self._limits.upload_s
            )
            if kind == "multipart/form-data":
                clips = await self._read_clips(bounded)
                records = await self._pool.run(predict_clips, predictor, clips, top)
                is_any_good = any("error" not in record for record in records)
                return JSONResponse(
                    {"predictions": records}, 200 if is_any_good else 422
                )
            clip = HeldClip(label_upload(query.text("name")), await read_body(bounded))
            line = await self._pool.run(predict_clip, predictor, clip, top)
            return Response(line, media_type="application/json")

    async def _read_clips(self, request: Request) -> list[HeldClip]:
        async with read_form(request, max_files=self._limits.max_files) as form:
            clips = [
                HeldClip(label_upload(part.filename), await part.read())
                for _, part in form.multi_items()
                if isinstance(part, UploadFile)
            ]
        if not clips:
            raise RefusedError(
                422, "empty", "The form holds no file. Send sound files in it."
            )
        return clips
