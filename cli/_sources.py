"""What ``predict`` reads: files, standard input, sound without a header."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import typer

from mfccclf.storage.addresses import is_archive, is_remote

if TYPE_CHECKING:
    from mfccclf.waveform import RawFormat

__all__ = ["Source", "open_sources", "parse_raw", "until_interrupted"]

Source = str | BinaryIO
Outcome = TypeVar("Outcome")

_STDIN = "-"


def open_sources(files: Sequence[str]) -> list[Source]:
    """Return the files, with standard input for "-", and those inside archives.

    Raises
    ------
    typer.BadParameter
        If standard input is named twice, or is a terminal.
    """
    if files.count(_STDIN) > 1:
        raise typer.BadParameter("- is standard input, which can be read only once.")
    if _STDIN in files and sys.stdin.isatty():
        raise typer.BadParameter(
            "- is standard input, which is a terminal. Pipe sound into it, for example "
            "'arecord -f cd | mfccclf predict - --window 3'."
        )
    named = [one for file in files for one in _named_by(file)]
    return [sys.stdin.buffer if file == _STDIN else file for file in named]


def _named_by(file: str) -> list[str]:
    """Return the sound files of an archive, or of a folder at an address."""
    if not (is_archive(file) or is_remote(file)):
        return [file]
    from mfccclf.storage.patterns import expand_pattern, is_pattern

    if not (is_archive(file) or file.endswith("/") or is_pattern(file)):
        return [file]
    if is_pattern(file) and not is_archive(file):
        return expand_pattern(file)
    from mfccclf.datasets.stored_data import find_sounds, find_stored

    stored = find_stored(file)
    return [file] if stored is None else find_sounds(stored)


def parse_raw(text: str | None) -> RawFormat | None:
    """Read ``RATE[:FORMAT[:CHANNELS]]``.

    Raises
    ------
    typer.BadParameter
        If it is anything else.
    """
    if text is None:
        return None
    from mfccclf.waveform import RawFormat

    rate, *rest = text.split(":")
    encoding, channels, *surplus = [*rest, *("s16le", "1")[len(rest) :]]
    if surplus or not (rate.isdecimal() and channels.isdecimal()):
        raise typer.BadParameter(
            f"{text!r} is not RATE[:FORMAT[:CHANNELS]]. Write, for example, "
            "--raw 48000 or --raw 44100:s16le:2."
        )
    try:
        return RawFormat(int(rate), encoding, int(channels))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def until_interrupted(
    outcomes: Iterable[Outcome], sources: Sequence[Source]
) -> Iterator[Outcome]:
    """Yield outcomes; for a running recording, Ctrl-C is its end, not a failure."""
    try:
        yield from outcomes
    except KeyboardInterrupt:
        if all(isinstance(source, str) for source in sources):
            raise
