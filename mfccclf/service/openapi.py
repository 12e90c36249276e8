"""What the service offers, as a document of OpenAPI; its page is made from that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mfccclf
from mfccclf.service.limits import ServiceLimits
from mfccclf.service.models import ServedModels

__all__ = ["describe_api"]

# An extension of OpenAPI: a command that asks, shown on the page.
EXAMPLE = "x-example"

_REFUSALS = {
    "400": "The Host or the form is wrong.",
    "401": "The token is missing or wrong.",
    "403": "A page of another site asks.",
    "404": "There is no such model.",
    "408": "The body came too slowly.",
    "413": "The body is too large.",
    "415": "The body is of a kind that is not taken here.",
    "422": "The sound or a parameter cannot be used; the reason says why.",
    "429": "Too many requests are waiting; try again in a second.",
    "503": "The work took too long, or the server is stopping.",
}
_JSON = "application/json"
_SAMPLE = {
    "file": "clip.wav",
    "label": "James",
    "labels": ["James"],
    "scores": {"James": 0.99, "Maria": 0.01},
    "model": "names",
    "duration_s": 3.1,
    "familiarity": 0.41,
}


def describe_api(models: ServedModels, limits: ServiceLimits) -> dict[str, Any]:
    """Return the document of OpenAPI 3.1 for a service.

    Parameters
    ----------
    models : ServedModels
        Its models.
    limits : ServiceLimits
        Its limits, which the document states.

    Returns
    -------
    document : dict
        In types of JSON.
    """
    model = _query(
        "model", "Which model; the first if it is left out.", enum=models.names
    )
    paths = {
        "/v1/predict": {"post": _predict(model, limits)},
        "/v1/windows": {"post": _windows(model, limits)},
        "/v1/live": {"get": _live(model, limits)},
        "/v1/models": {"get": _plain("The models and their labels.", "/v1/models")},
        "/healthz": {"get": _plain("Whether the service answers.", "/healthz")},
        "/metrics": {"get": _plain("Numbers for Prometheus.", "/metrics")},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mfccclf serve",
            "version": mfccclf.__version__,
            "description": "Labels for sound. Answers are those of 'mfccclf predict "
            "--format json'; whatever is not done is answered by an error with a code "
            "and a reason.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Prediction": _prediction(), "Error": _error()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _predict(model: Mapping[str, Any], limits: ServiceLimits) -> dict[str, Any]:
    anything = {"schema": {"type": "string", "format": "binary"}}
    return {
        "summary": "Labels of clips.",
        "description": "The body is one sound file of any kind, or a form "
        f"(multipart/form-data) with up to {limits.max_files}. At most "
        f"{limits.max_bytes:,} bytes together, {limits.max_seconds:g} s, "
        f"{limits.max_channels} channels and {limits.max_sample_rate:,} Hz each. One "
        "file gets an object; a form gets a list, with an error in place of a file "
        "that cannot be used.",
        "parameters": [model, _TOP, _NAME],
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": anything,
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {"type": "array", "items": anything["schema"]}
                        },
                    }
                },
            },
        },
        "responses": _responses(_JSON, _SAMPLE),
        EXAMPLE: "curl --data-binary @clip.wav {address}/v1/predict\n"
        "curl -F file=@one.wav -F file=@two.flac {address}/v1/predict",
    }


def _windows(model: Mapping[str, Any], limits: ServiceLimits) -> dict[str, Any]:
    sample = {**_SAMPLE, "duration_s": 2.0, "start_s": 0.0, "end_s": 2.0}
    return {
        "summary": "Labels of the windows of a recording.",
        "description": "The body is one recording of at most "
        f"{limits.max_recording_bytes:,} bytes and {limits.max_recording_seconds:g} s. "
        "The answer is an object of JSON per line and window, sent as they are made; "
        "an error after the first windows is the last line.",
        "parameters": [model, *_WINDOWS, _TOP, _NAME],
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"}
                }
            },
        },
        "responses": _responses("application/x-ndjson", sample),
        EXAMPLE: "curl -N --data-binary @long.wav "
        "'{address}/v1/windows?window=2&hop=1'",
    }


def _live(model: Mapping[str, Any], limits: ServiceLimits) -> dict[str, Any]:
    return {
        "summary": "Labels of live sound, over a WebSocket.",
        "description": "Send samples without a header as binary messages; a line of "
        "JSON comes back for each window. The text message 'end' asks for the last, "
        f"shorter window and ends. At most {limits.max_live} clients at a time, "
        f"{limits.max_recording_seconds:g} s each, and {limits.upload_s:g} s between "
        "messages.",
        "parameters": [
            model,
            *_WINDOWS,
            _query("rate", "Samples per second, in Hz.", required=True, kind="integer"),
            _query("format", "FFmpeg's name of the samples' format (s16le)."),
            _query("channels", "Channels; their samples alternate (1).", "integer"),
            _TOP,
        ],
        "responses": {
            "101": {"description": "The WebSocket is open."},
            **{key: _refusal(key) for key in ("401", "403", "404", "422", "429")},
        },
        EXAMPLE: "ffmpeg -f pulse -i default -f s16le -ac 1 -ar 16000 - |\n"
        "  websocat -b '{address}/v1/live?window=1.5&hop=0.25&rate=16000'",
    }


def _plain(summary: str, path: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {"200": {"description": "It is answered."}},
        EXAMPLE: f"curl {{address}}{path}",
    }


def _query(
    name: str,
    meaning: str,
    kind: str = "string",
    *,
    required: bool = False,
    enum: list[str] | None = None,
) -> dict[str, Any]:
    schema = {"type": kind} if enum is None else {"type": kind, "enum": enum}
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": meaning,
        "schema": schema,
    }


_TOP = _query("top", "How many labels to show; all if it is left out.", "integer")
_NAME = _query("name", "What the answer calls the file; a text, never a path.")
_WINDOWS = (
    _query("window", "Length of a window in seconds.", "number", required=True),
    _query("hop", "From one window's start to the next; windows touch.", "number"),
)


def _responses(kind: str, sample: Mapping[str, Any]) -> dict[str, Any]:
    content = {
        kind: {
            "schema": {"$ref": "#/components/schemas/Prediction"},
            "example": sample,
        }
    }
    good = {"200": {"description": "The labels.", "content": content}}
    return {**good, **{key: _refusal(key) for key in _REFUSALS}}


def _refusal(status: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": _REFUSALS[status], "content": {_JSON: {"schema": schema}}}


def _prediction() -> dict[str, Any]:
    number = {"type": "number"}
    return {
        "type": "object",
        "properties": {
            "file": {"type": "string"},
            "label": {"type": ["string", "number", "null"]},
            "labels": {"type": "array"},
            "scores": {"type": "object", "additionalProperties": number},
            "model": {"type": "string"},
            "duration_s": number,
            "familiarity": {"type": ["number", "null"]},
            "start_s": number,
            "end_s": number,
        },
    }


def _error() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "error": {"type": "object", "properties": {"code": text, "reason": text}}
        },
    }
