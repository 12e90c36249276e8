"""The same features by librosa's own functions: the reference, slower."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import librosa
import numpy as np
from numpy.typing import NDArray

from mfccclf.features.extraction import FeatureExtraction, count_frames, trimmed
from mfccclf.features.parameters import FeatureParameters

# librosa says these for silence and for narrow mel bands, clip by clip.
_KNOWN_WARNINGS = ("Trying to estimate tuning", "Empty filters detected")


class LibrosaExtraction(FeatureExtraction):
    """Features computed by librosa."""

    cache_kind: ClassVar[str] = "LibrosaRecipe"

    def to_dict(self) -> dict[str, Any]:
        """Return all that decides the numbers; ours differ in their last digits."""
        return {**super().to_dict(), "backend": "librosa"}

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their sequences."""
        return [compute_sequence(waveform, self.parameters) for waveform in waveforms]


def compute_sequence(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.float32]:
    """Turn a checked waveform into features of shape (n_frames, n_features)."""
    waveform = trimmed(waveform, parameters)
    with warnings.catch_warnings():
        for text in _KNOWN_WARNINGS:
            warnings.filterwarnings("ignore", text)
        blocks = [_BLOCKS[name](waveform, parameters) for name in parameters.blocks]
    columns = np.concatenate(blocks)
    derivatives = [
        librosa.feature.delta(
            columns,
            order=order,
            width=parameters.delta_width,
            mode=parameters.delta_mode,
        )
        for order in range(1, parameters.delta + 1)
    ]
    sequence = np.concatenate([columns, *derivatives]).T
    return np.ascontiguousarray(sequence[: parameters.n_frames], dtype=np.float32)


def _mfcc(y: NDArray[np.float32], p: FeatureParameters) -> NDArray[Any]:
    return librosa.feature.mfcc(
        S=_mel(y, p),
        n_mfcc=p.n_mfcc,
        dct_type=p.dct_type,
        norm=p.norm,
        lifter=p.lifter,
    )


def _mel(y: NDArray[np.float32], p: FeatureParameters) -> NDArray[Any]:
    mel = librosa.feature.melspectrogram(
        y=y,
        sr=p.sample_rate,
        power=p.power,
        n_mels=p.n_mels,
        fmin=p.fmin,
        fmax=p.fmax,
        htk=p.htk,
        norm=p.mel_norm,
        **_frames(p),
    )
    ref: Any = np.max if p.ref == "max" else p.ref
    decibels: NDArray[Any] = librosa.power_to_db(
        mel, ref=ref, amin=p.amin, top_db=p.top_db
    )
    return decibels


def _centroid(y: NDArray[np.float32], p: FeatureParameters) -> NDArray[Any]:
    return librosa.feature.spectral_centroid(y=y, sr=p.sample_rate, **_frames(p))


def _chroma(y: NDArray[np.float32], p: FeatureParameters) -> NDArray[Any]:
    return librosa.feature.chroma_stft(
        y=y,
        sr=p.sample_rate,
        n_chroma=p.n_chroma,
        tuning=p.tuning,
        norm=p.chroma_norm,
        ctroct=p.ctroct,
        octwidth=p.octwidth,
        base_c=p.base_c,
        **_frames(p),
    )


def _contrast(y: NDArray[np.float32], p: FeatureParameters) -> NDArray[Any]:
    return librosa.feature.spectral_contrast(
        y=y,
        sr=p.sample_rate,
        fmin=p.effective_contrast_fmin,
        n_bands=p.n_bands,
        quantile=p.quantile,
        linear=p.linear,
        **_frames(p),
    )


def _zero(y: NDArray[np.float32], p: FeatureParameters) -> NDArray[Any]:
    return np.zeros((1, count_frames(len(y), p)), np.float32)


def _frames(p: FeatureParameters) -> dict[str, Any]:
    return {
        "n_fft": p.n_fft,
        "hop_length": p.hop_length,
        "win_length": p.win_length,
        "window": p.window,
        "center": p.center,
        "pad_mode": p.pad_mode,
    }


_BLOCKS = {
    "mfcc": _mfcc,
    "centroid": _centroid,
    "chroma": _chroma,
    "contrast": _contrast,
    "mel": _mel,
    "zero": _zero,
}
