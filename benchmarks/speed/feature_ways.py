"""Ways of extracting the features of one sound file, ours and the peers'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.peers.four_calls import librosa_features

RATE = 22050
Step = Callable[[], Any]


def librosa_calls(path: str) -> Step:
    """Extract 33 columns with librosa's four calls."""
    return lambda: librosa_features(path)


def ours(path: str, kept: bool) -> Step:
    """Extract the same 33 columns; with memory kept, as ``mfccclf extract`` does."""
    from mfccclf import keep_freed_memory
    from mfccclf.features import FeatureParameters, extract_file

    if kept:
        keep_freed_memory()
    parameters = FeatureParameters(features=33)
    return lambda: extract_file(path, parameters)


def floor(path: str) -> Step:
    """Decode, resample and transform: the steps that no way can skip."""
    import soundfile
    import soxr

    window = np.hanning(2048)

    def transform() -> NDArray[Any]:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        mono = np.ascontiguousarray(samples[:, 0])  # a downmix would cost a little
        if rate != RATE:
            mono = soxr.resample(mono, rate, RATE, quality="HQ")
        padded = np.pad(mono, 1024)
        frames = np.lib.stride_tricks.sliding_window_view(padded, 2048)[::512]
        # In blocks that stay in the processor's cache.
        spectra: NDArray[Any] = np.concatenate(
            [
                np.fft.rfft(frames[k : k + 32] * window)
                for k in range(0, len(frames), 32)
            ]
        )
        return spectra

    return transform


def librosa_mfcc(path: str) -> Step:
    """Compute MFCC of a waveform with librosa."""
    import librosa

    y = _waveform(path)
    return lambda: librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13)


def our_mfcc(path: str) -> Step:
    """Compute the same MFCC with mfccclf."""
    from mfccclf.features import FeatureParameters, extract_sequence

    y = _waveform(path)
    parameters = FeatureParameters(features=["mfcc"], n_frames=None, sample_rate=RATE)
    return lambda: extract_sequence(y, parameters)


def python_speech_features_mfcc(path: str) -> Step:
    """Compute MFCC of as many frames and bands with python_speech_features."""
    from python_speech_features import mfcc

    y = _waveform(path)
    step = 512 / RATE
    return lambda: mfcc(
        y, RATE, winlen=2048 / RATE, winstep=step, nfilt=128, nfft=2048, numcep=13
    )


def kaldi_mfcc(path: str) -> Step:
    """Compute MFCC of as many frames and bands with kaldi-native-fbank."""
    import kaldi_native_fbank as knf

    y = _waveform(path)
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.frame_length_ms = 1000 * 2048 / RATE
    options.frame_opts.frame_shift_ms = 1000 * 512 / RATE
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 128
    options.num_ceps = 13

    def extract() -> list[NDArray[Any]]:
        online = knf.OnlineMfcc(options)
        online.accept_waveform(RATE, y)
        online.input_finished()
        return [online.get_frame(k) for k in range(online.num_frames_ready)]

    return extract


def torch_mfcc(path: str) -> Step:
    """Compute MFCC with torch.stft, a matrix of mel bands and one of cosines."""
    import librosa
    import scipy.fft
    import torch

    y = torch.from_numpy(_waveform(path))
    window = torch.hann_window(2048)
    bands = torch.from_numpy(librosa.filters.mel(sr=RATE, n_fft=2048))
    cosines = torch.from_numpy(
        scipy.fft.dct(np.eye(128, dtype=np.float32), norm="ortho")[:, :13].copy()
    )

    def extract() -> Any:
        spectrum = torch.stft(y, 2048, 512, window=window, return_complex=True)
        power = spectrum.abs().square()
        decibels = 10 * torch.log10(torch.clamp(bands @ power, min=1e-10))
        decibels = torch.maximum(decibels, decibels.max() - 80)
        return decibels.T @ cosines

    return extract


def _waveform(path: str) -> NDArray[np.float32]:
    import soundfile

    samples, _ = soundfile.read(path, dtype="float32")
    return np.asarray(samples)
