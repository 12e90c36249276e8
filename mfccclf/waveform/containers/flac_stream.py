"""FLAC decoded while it arrives through a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mfccclf.errors import AudioFileError
from mfccclf.waveform.containers.source import AudioInfo, Waveform
from mfccclf.waveform.paths import printable

__all__ = ["FlacStream"]


class FlacStream:
    """FLAC decoded while it arrives."""

    slack = 0
    unfinished = False
    remark = ""

    def __init__(self, file: Any, *, path: str) -> None:
        self._file = file
        self._name = printable(path)
        self._sound = _open_forward(file, self._name)
        n_samples = int(self._sound.frames)
        self.declared = n_samples if 0 < n_samples < 2**36 - 1 else None
        self.info = AudioInfo(
            path=path,
            container="FLAC",
            encoding=self._sound.subtype,
            sample_rate=self._sound.samplerate,
            n_channels=self._sound.channels,
            n_samples=self.declared,
        )

    def blocks(self, start: int, count: int | None) -> Iterator[Waveform]:
        """Yield blocks of shape (n, n_channels), always from start to end."""
        import soundfile

        step = max(1, self.info.sample_rate // 10)
        n_read = 0
        block = None
        while block is None or len(block) == step:
            try:
                block = self._sound.read(step, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as exc:
                at = n_read / self.info.sample_rate
                text = f"{self._name} is damaged after {at:.3f} s. Record it again."
                raise AudioFileError(text) from exc
            n_read += len(block)
            if len(block):
                yield block

    def close(self) -> None:
        """Close the decoder."""
        self._sound.close()
        self._file.close()


def _open_forward(file: Any, name: str) -> Any:
    import soundfile

    class ForwardSound(soundfile.SoundFile):  # type: ignore[misc]
        """Sound in which soundfile does not seek."""

        def seekable(self) -> bool:
            return False

    try:
        return ForwardSound(file)
    except (soundfile.LibsndfileError, OSError) as exc:
        text = f"{name} starts like FLAC but its header is damaged. Record it again."
        raise AudioFileError(text) from exc
