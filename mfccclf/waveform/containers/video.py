"""The sound of videos, and of containers and codings unknown to libsndfile: PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.detect import Container
from mfccclf.waveform.containers.source import AudioInfo, Waveform, check_header
from mfccclf.waveform.paths import printable

__all__ = ["VideoSource"]

# To decode a place correctly, coded sound needs the packets before it.
_PREROLL_S = 0.5
_SLACK_S = 0.15
# Ten years: no header that states more is right.
_LONGEST_S = 3.2e8


class VideoSource:
    """The first sound track of a container read by FFmpeg."""

    unfinished = False
    remark = ""

    def __init__(self, file: BinaryIO, *, path: str, container: Container) -> None:
        self._file = file
        self._name = printable(path)
        self._kind = container
        self._av = _import_av(self._name, container)
        self._container = self._open()
        self._stream = self._find_sound()
        context = self._stream.codec_context
        check_header(self._name, context.sample_rate or 0, context.channels or 0)
        self.declared = self._count_samples()
        self.slack = round(_SLACK_S * context.sample_rate)
        self.info = AudioInfo(
            path=path,
            container=container.name,
            encoding=context.name,
            sample_rate=context.sample_rate,
            n_channels=context.channels,
            n_samples=self.declared,
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), ``count`` samples from ``start``."""
        self._seek(start)
        position, stop = None, None if count is None else start + count
        for at, block in self._decoded():
            position = at if position is None else position
            first = max(start - position, 0)
            last = len(block) if stop is None else min(stop - position, len(block))
            if first < last:
                yield block[first:last]
            position += len(block)
            if stop is not None and position >= stop:
                return

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    def _open(self) -> Any:
        self._file.seek(0)
        try:
            # A file object, not a path: FFmpeg takes some names for addresses.
            return self._av.open(self._file, format=self._kind.demuxer)
        except (self._av.FFmpegError, ValueError) as exc:
            raise self._damaged(exc) from exc

    def _damaged(self, exc: Exception) -> AudioFileError:
        reason = getattr(exc, "strerror", None) or str(exc)
        if self._kind.coding:
            return AudioFileError(
                f"{self._name} cannot be read: its sound is in {self._kind.coding}, "
                f"which neither libsndfile nor FFmpeg can read here (FFmpeg says: "
                f"{reason}). Save it as 16-bit WAV."
            )
        return AudioFileError(
            f"{self._name} starts like {self._kind.name} but cannot be read: it is "
            f"cut short or damaged (FFmpeg says: {reason}). Create the file again."
        )

    def _find_sound(self) -> Any:
        if not self._container.streams.audio:
            self._container.close()
            raise AudioFileError(
                f"{self._name} is a {self._kind.name} file without sound: it has no "
                "audio stream. Choose a file with a sound track."
            )
        stream = self._container.streams.audio[0]
        if stream.codec_context is None:
            self._container.close()
            coding = self._kind.coding or "an encoding"
            raise AudioFileError(
                f"{self._name} cannot be read: its sound is in {coding} that FFmpeg "
                "does not know, or it is damaged. Save it as 16-bit WAV."
            )
        return stream

    def _count_samples(self) -> int | None:
        stream = self._stream
        rate = int(stream.codec_context.sample_rate)
        if stream.duration and stream.duration > 0:
            return _count(float(stream.duration * stream.time_base), rate)
        # Matroska states a track's length in a tag, as hours:minutes:seconds.
        parts = stream.metadata.get("DURATION", "").split(":")
        try:
            hours, minutes, seconds = (float(part) for part in parts)
        except ValueError:
            return None
        return _count(hours * 3600 + minutes * 60 + seconds, rate)

    def _seek(self, start: int) -> None:
        seconds = start / self.info.sample_rate - _PREROLL_S
        if seconds <= 0:
            return
        ticks = int(seconds / self._stream.time_base) + (self._stream.start_time or 0)
        try:
            self._container.seek(ticks, stream=self._stream)
        except (self._av.FFmpegError, ValueError):
            self._container.seek(0)

    def _decoded(self) -> Iterator[tuple[int, Waveform]]:
        """Yield each frame with its first sample, counted from the track's start."""
        rate, start_time = self.info.sample_rate, self._stream.start_time or 0
        layout = self._stream.codec_context.layout
        # Not a plane per channel: PyAV reads beyond the eighth of them from anywhere.
        resampler = self._av.AudioResampler(format="flt", layout=layout, rate=rate)
        any_decoded = False
        try:
            for frame in self._container.decode(self._stream):
                ticks = (frame.pts or start_time) - start_time
                at = round(ticks * self._stream.time_base * rate)
                for part in resampler.resample(frame):
                    any_decoded = True
                    yield at, part.to_ndarray().reshape(-1, self.info.n_channels)
        except (self._av.FFmpegError, ValueError) as exc:
            if not any_decoded:
                raise self._damaged(exc) from exc


def _count(seconds: float, rate: int) -> int | None:
    """Return the samples in a stated length; None if it cannot be true (or is NaN)."""
    return round(seconds * rate) if 0 <= seconds <= _LONGEST_S else None


def _import_av(name: str, kind: Container) -> Any:
    try:
        import av
    except ImportError as exc:
        coding = f" with sound in {kind.coding}" if kind.coding else ""
        raise AudioFileError(
            f"{name} is a {kind.name} file{coding}, which needs PyAV, and PyAV is not "
            'installed. Install it with `pip install "mfccclf[video]"`.'
        ) from exc
    return av
