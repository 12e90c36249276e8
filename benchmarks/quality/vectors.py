"""What pre-trained nets make of clips, for peers that build on these nets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.export import write_ragged
from mfccclf import MusicEmbedding, SpeechEmbedding, load_waveform
from mfccclf.features.transformer import ClipTransformer
from mfccclf.sequences import sequence_lengths
from mfccclf.workflows import extract_sequences

__all__ = ["N_WINDOWS", "export_vectors"]

_RATE = 16000
# Wake word nets look at this many vectors for speech, two seconds of sound.
N_WINDOWS = 16
_WINDOWS_S = 2.0

Vectors = list[NDArray[np.float32]]


def export_vectors(paths: Sequence[str], folder: Path, kinds: Sequence[str]) -> None:
    """Write the vectors of all clips, one file for each kind that is not there yet.

    Parameters
    ----------
    paths : sequence of str
        The clips.
    folder : pathlib.Path
        Where `benchmarks.quality.export.export_clips` has written them.
    kinds : sequence of {"speech", "music", "windows"}
        Vectors of the net for speech or for music; or those for speech as wake word
        nets take them.
    """
    for kind in kinds:
        path = folder / f"vectors-{kind}.npz"
        if not path.exists():
            write_ragged(path, _MAKERS[kind](paths))


def _embed(front_end: ClipTransformer, paths: Sequence[str]) -> Vectors:
    X = extract_sequences(front_end, paths)
    lengths = sequence_lengths(X)
    return [rows[:length] for rows, length in zip(X, lengths, strict=True)]


def _windows(paths: Sequence[str]) -> Vectors:
    """Return 16 vectors or more of each clip, shorter ones with silence before them."""
    shortest = round(_WINDOWS_S * _RATE)
    waveforms = [load_waveform(path, sample_rate=_RATE) for path in paths]
    filled = [np.pad(wave, (max(0, shortest - len(wave)), 0)) for wave in waveforms]
    X = SpeechEmbedding().transform(filled)
    lengths = sequence_lengths(X)
    return [rows[:length] for rows, length in zip(X, lengths, strict=True)]


_MAKERS: Mapping[str, Callable[[Sequence[str]], Vectors]] = {
    "speech": lambda paths: _embed(SpeechEmbedding(cache=True), paths),
    "music": lambda paths: _embed(MusicEmbedding(cache=True), paths),
    "windows": _windows,
}
