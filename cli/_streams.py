"""Reserve stdout and stderr for our own lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

__all__ = ["fill_closed_streams", "flush_or_drop", "own_streams"]

_STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def fill_closed_streams() -> None:
    """Open the null device in place of streams that are closed.

    Otherwise the next file that is opened would take a stream's number, and what a
    decoder prints would be written into it.
    """
    for number, (name, mode) in enumerate(_STREAMS.items()):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number, so it is this one.
            os.open(os.devnull, os.O_RDONLY if mode == "r" else os.O_WRONLY)
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def flush_or_drop() -> None:
    """Write what waits to be written; what cannot be written changes no exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def own_streams() -> Iterator[None]:
    """Silence what decoders print about a damaged file, bypassing Python.

    libsndfile and libmpg123 print straight to the process's stdout and stderr, where
    their remarks would end up amid JSON. While the block runs, only Python's streams
    lead there.
    """
    if sys.stdout is not sys.__stdout__ or sys.stderr is not sys.__stderr__:
        yield  # the streams belong to someone else, such as a test runner
        return
    names = ("stdout", "stderr")
    streams = [getattr(sys, name) for name in names]
    kept = [os.dup(stream.fileno()) for stream in streams]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for name, stream, copy in zip(names, streams, kept, strict=True):
            stream.flush()
            setattr(sys, name, _reopen(stream, copy))
            os.dup2(nowhere, stream.fileno())
        yield
    finally:
        for name, stream, copy in zip(names, streams, kept, strict=True):
            _close_quietly(getattr(sys, name))
            os.dup2(copy, stream.fileno())
            os.close(copy)
            setattr(sys, name, stream)
        os.close(nowhere)


def _reopen(stream: TextIO, descriptor: int) -> TextIO:
    return open(
        descriptor,
        "w",
        encoding=stream.encoding,
        errors=stream.errors,
        buffering=1,
        closefd=False,
    )


def _close_quietly(stream: TextIO) -> None:
    """Flush and close; the next write reports a reader that has gone."""
    with suppress(BrokenPipeError):
        stream.close()
