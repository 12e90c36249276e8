"""What each pre-trained net is given, and what its vectors stand for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.embeddings.session import Reach
from mfccclf.features.extraction import compute_sequences
from mfccclf.features.parameters import FeatureParameters

__all__ = [
    "FRAME_STEP_S",
    "INT16_SCALE",
    "MUSIC_BANDS",
    "MUSIC_BLOCK",
    "MUSIC_GAIN",
    "NETS",
    "PEAK",
    "SAMPLE_RATE",
    "SPEECH_BANDS",
    "SPEECH_SPAN",
    "PretrainedNet",
    "is_surrounded",
    "level_scale",
    "scale_speech",
    "shipped_graph",
    "speech_inputs",
]

# Both nets were trained at this rate, in Hz, and give a vector every 80 ms: speech by
# itself, music by the size of its blocks.
SAMPLE_RATE = 16000
FRAME_STEP_S = 0.08

Waveform = NDArray[np.floating]
Bands = NDArray[np.float32]

# Every clip is brought to this peak, so that its level does not matter.
PEAK = 0.5

# The net for speech was trained on samples in the range of 16-bit integers.
INT16_SCALE = 32767
SPEECH_BANDS = FeatureParameters(
    features=("mel",),
    sample_rate=SAMPLE_RATE,
    n_frames=None,
    n_fft=512,
    win_length=400,
    hop_length=160,
    center=False,
    n_mels=32,
    fmin=60.0,
    fmax=3800.0,
)
# 76 frames of 10 ms: what a vector for speech hears.
_SPEECH_REACH = Reach(step=8, span=76)
SPEECH_SPAN = 75 * 160 + 512

MUSIC_BANDS = FeatureParameters(
    features=("mel",),
    sample_rate=SAMPLE_RATE,
    n_frames=None,
    n_fft=512,
    hop_length=256,
    n_mels=96,
    top_db=None,
)
MUSIC_BLOCK = 5
# The net for music hears log10(gain * power + 1).
MUSIC_GAIN = 1e4
# The longest filter reaches 64 frames, and those behind it 9 and 3 more.
_MUSIC_REACH = Reach(step=MUSIC_BLOCK, span=MUSIC_BLOCK, context=16 * MUSIC_BLOCK)


@dataclass(frozen=True, kw_only=True)
class PretrainedNet:
    """A pre-trained net between waveforms at its rate and vectors.

    Attributes
    ----------
    name : str
        Of its weights.
    n_bands : int
        Values of a frame that the graph is given.
    n_features : int
        Values of a vector.
    reach : Reach
        Bands to vectors.
    to_bands : callable
        Waveforms to the bands that the graph is given.
    first_step : callable
        Samples of a waveform to the step of 80 ms at which the first vector's middle
        stands.
    """

    name: str
    n_bands: int
    n_features: int
    reach: Reach
    to_bands: Callable[[Sequence[Waveform]], list[Bands]]
    first_step: Callable[[int], int]


def _speech_bands(waveforms: Sequence[Waveform]) -> list[Bands]:
    """Surround short clips by silence, so that vectors hear their ends, too."""
    scaled = [
        np.pad(
            scale_speech(waveform, level_scale(waveform)),
            _speech_padding(len(waveform)),
        )
        for waveform in waveforms
    ]
    decibels = compute_sequences(scaled, SPEECH_BANDS)
    return [speech_inputs(bands) for bands in decibels]


def scale_speech(waveform: Waveform, scale: float) -> NDArray[np.float32]:
    """Bring samples to the range that the net for speech was trained on."""
    return _scaled(waveform, scale) * INT16_SCALE


def speech_inputs(decibels: Bands) -> Bands:
    """Turn dB of mel bands into what the net for speech is given."""
    return decibels / np.float32(10) + np.float32(2)


def is_surrounded(n_samples: int) -> bool:
    """Return whether silence is put around a clip of so many samples for speech."""
    return sum(_speech_padding(n_samples)) > 0


def _speech_padding(n_samples: int) -> tuple[int, int]:
    """Return how much silence a clip gets before and after it, in samples.

    Half of what a vector hears on either side, but less for a clip that this would
    make longer than twice of that: silence around a steady sound is heard as a change.
    """
    room = max(0, 2 * SPEECH_SPAN - n_samples)
    total = min(SPEECH_SPAN, room)
    return total // 2, total - total // 2


def _first_step_of_speech(n_samples: int) -> int:
    before, _ = _speech_padding(n_samples)
    return round((SPEECH_SPAN // 2 - before) / (FRAME_STEP_S * SAMPLE_RATE))


def _music_bands(waveforms: Sequence[Waveform]) -> list[Bands]:
    """Fill up the last block by the clip's beginning."""
    scaled = [_scaled(waveform, level_scale(waveform)) for waveform in waveforms]
    decibels = compute_sequences(scaled, MUSIC_BANDS)
    return [
        _repeated(np.log10(MUSIC_GAIN * 10 ** (bands / 10) + 1, dtype=np.float32))
        for bands in decibels
    ]


def _repeated(bands: Bands) -> Bands:
    n_blocks = -(-len(bands) // MUSIC_BLOCK)
    return np.resize(bands, (n_blocks * MUSIC_BLOCK, bands.shape[1]))


def _first_step_of_music(n_samples: int) -> int:
    return 0


def level_scale(waveform: Waveform, step_db: float | None = None) -> float:
    """Return the factor that brings a waveform to the peak of all clips.

    Parameters
    ----------
    waveform : ndarray of shape (n_samples,)
        Any.
    step_db : float or None, default=None
        Round the factor to a whole number of steps of so many dB.

    Returns
    -------
    scale : float
        1 for silence.
    """
    peak = float(np.abs(waveform).max())
    if peak <= 0:
        return 1.0
    if step_db is None:
        return PEAK / peak
    steps = round(20 * math.log10(PEAK / peak) / step_db)
    return float(10 ** (steps * step_db / 20))


def _scaled(waveform: Waveform, scale: float) -> NDArray[np.float32]:
    return (waveform * scale).astype(np.float32)


@lru_cache
def shipped_graph(name: str) -> bytes:
    """Return the graph of a net with the weights that ship with the package."""
    from mfccclf.features.embeddings import graphs
    from mfccclf.features.embeddings.weights import read_weights

    weights = read_weights(name)
    if name == "speech":
        return graphs.build_speech_graph(weights)
    return graphs.build_music_graph(weights, block=MUSIC_BLOCK)


NETS = {
    net.name: net
    for net in (
        PretrainedNet(
            name="speech",
            n_bands=SPEECH_BANDS.n_mels,
            n_features=96,
            reach=_SPEECH_REACH,
            to_bands=_speech_bands,
            first_step=_first_step_of_speech,
        ),
        PretrainedNet(
            name="music",
            n_bands=MUSIC_BANDS.n_mels,
            n_features=1506,
            reach=_MUSIC_REACH,
            to_bands=_music_bands,
            first_step=_first_step_of_music,
        ),
    )
}
