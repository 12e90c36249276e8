"""``mfccclf serve``: a web service that predicts, for other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ._echo import echo
from ._limits import MinConfidence, MinFamiliarity
from ._web_extra import check_web_extra

__all__ = ["serve"]

_TOKEN = "MFCCCLF_TOKEN"


def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="Names of shipped models, and paths of model files; the first is the "
            "default.",
        ),
    ],
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets others in.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A further name of this server; repeatable."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="A web site whose pages may ask (https://example.org); repeatable.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File with a token that requests must bring; else the environment "
            f"variable {_TOKEN}.",
        ),
    ] = None,
    min_confidence: MinConfidence = None,
    min_familiarity: MinFamiliarity = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads that compute. Default: one per processor."),
    ] = None,
    max_bytes: Annotated[
        int, typer.Option(min=1, help="Most bytes of a request with clips.")
    ] = 2**24,
    max_seconds: Annotated[float, typer.Option(help="Longest clip, in seconds.")] = 60,
    max_channels: Annotated[int, typer.Option(min=1, help="Most channels.")] = 8,
    max_rate: Annotated[int, typer.Option(min=1000, help="Highest rate in Hz.")] = (
        192_000
    ),
    max_recording_bytes: Annotated[
        int, typer.Option(min=1, help="Most bytes of a recording (/v1/windows).")
    ] = 2**29,
    max_waiting: Annotated[
        int, typer.Option(min=0, help="Most requests that wait for a thread.")
    ] = 64,
    timeout: Annotated[
        float, typer.Option(help="Time for the work of a request, in seconds.")
    ] = 30,
) -> None:
    """Predict for other programs, over HTTP and WebSockets, until a signal ends it.

    Only programs on this machine reach it unless --host says otherwise. What it can do
    is shown at its address.
    """
    token = _read_token(token_file)
    check_web_extra("A service")
    from mfccclf.service import OPEN_PATHS, ServedModels, ServiceLimits, make_service
    from mfccclf.web_server import ServerSettings, run_server

    limits = ServiceLimits(
        max_bytes=max_bytes,
        max_seconds=max_seconds,
        max_channels=max_channels,
        max_sample_rate=max_rate,
        max_recording_bytes=max_recording_bytes,
        max_waiting=max_waiting,
        n_threads=threads,
        timeout_s=timeout,
    )
    settings = ServerSettings(
        host=host,
        port=port,
        allowed_hosts=tuple(allow_host or ()),
        allowed_origins=tuple(allow_origin or ()),
        token=token,
        open_paths=OPEN_PATHS,
    )
    served = ServedModels(
        models,
        min_confidence=min_confidence,
        min_familiarity=min_familiarity,
        sound_limits=limits.sound,
    )
    run_server(
        make_service(served, limits, settings),
        settings,
        lambda address: echo(f"Serving {', '.join(served.names)} at {address}"),
    )


def _read_token(path: Path | None) -> str | None:
    token = os.environ.get(_TOKEN) if path is None else path.read_text("utf-8")
    if token is None:
        return None
    token = token.strip()
    if len(token) < 16 or not token.isascii() or not token.isprintable():
        raise typer.BadParameter(
            "A token has at least 16 printable ASCII characters. Make one: python -c "
            "'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return token
