"""Samples that are stored one after the other and need no decoder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from mfccclf.waveform.containers.extent import AHEAD, are_samples, stale_text
from mfccclf.waveform.containers.forward import read_exactly
from mfccclf.waveform.containers.source import AudioInfo, Waveform
from mfccclf.waveform.raw import RawFormat

__all__ = ["PlainSource"]

_STEP = 2**20


class PlainSource:
    """Samples of a known format, from the file's current position on.

    ``size`` is the number of bytes that the header declares, None for all there are;
    ``step`` is the number to read at a time. ``is_live`` tells that they come from a
    pipe, where only reading shows whether samples go on behind their stated end.
    """

    slack = 0
    unfinished = False
    remark = ""

    def __init__(
        self,
        file: BinaryIO,
        layout: RawFormat,
        *,
        path: str,
        container: str = "RAW",
        size: int | None = None,
        step: int = _STEP,
        is_live: bool = False,
    ) -> None:
        self._file = file
        self._layout = layout
        self._step = step
        self._size = size if is_live else None
        self._start = file.tell()
        self.declared = None if size is None else size // layout.frame_size
        self.info = AudioInfo(
            path=path,
            container=container,
            encoding=layout.subtype,
            sample_rate=layout.sample_rate,
            n_channels=layout.n_channels,
            n_samples=self.declared,
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""
        frame_size = self._layout.frame_size
        left = None if self.declared is None else max(self.declared - start, 0)
        if count is not None:
            left = count if left is None else min(left, count)
        self._file.seek(self._start + start * frame_size)
        rest = b""
        while left is None or left > 0:
            step = self._step if left is None else min(self._step, left * frame_size)
            block, rest = self._read(step, rest)
            if block is None:
                return
            yield block
            left = None if left is None else left - len(block)
        if count is None and self._size is not None:
            yield from self._blocks_behind(self._size)

    def _blocks_behind(self, size: int) -> Iterator[Waveform]:
        """Yield what a stream holds behind the stated end of its samples, if sound."""
        first = size % self._layout.frame_size
        rest = read_exactly(self._file, first + AHEAD)
        if not are_samples(rest[first:], size % 2):
            return
        self.remark = stale_text(size)
        block: Waveform | None
        while True:
            block, rest = self._read(self._step, rest)
            if block is None:
                return
            yield block

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, step: int, rest: bytes) -> tuple[Waveform | None, bytes]:
        """Read up to ``step`` bytes and decode whole samples; return the rest, too.

        The block is None at the end. The bytes are released here, so that the next ones
        get the same memory.
        """
        data, frame_size = rest, self._layout.frame_size
        while len(data) < frame_size:
            more = self._file.read(step)
            if not more:
                return None, b""
            data += more
        whole = len(data) // frame_size * frame_size
        return self._layout.decode(data[:whole]), data[whole:]
