"""Features equal librosa's, block by block, within float32's rounding."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from mfccclf.features import FeatureParameters, MFCCExtractor, extract_sequence
from mfccclf.features.blocks import BLOCKS

Waveform = NDArray[np.float32]

RATES = (8000, 16000, 22050, 44100, 48000)
COMPARED = [name for name in BLOCKS if name != "zero"]
# Of a block's range in the whole clip: some units in float32's last place.
TOLERANCE = 2e-6


def seconds_of(sample_rate: int, seconds: float = 0.7) -> NDArray[np.float64]:
    return np.arange(int(seconds * sample_rate)) / sample_rate


def tone(sample_rate: int) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * 452.3 * seconds_of(sample_rate))


def chirp(sample_rate: int) -> NDArray[np.float64]:
    time = seconds_of(sample_rate)
    return 0.3 * scipy.signal.chirp(time, 80, time[-1], 0.45 * sample_rate)


def noise(sample_rate: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    return 0.1 * rng.standard_normal(len(seconds_of(sample_rate)))


def vibrato(sample_rate: int) -> NDArray[np.float64]:
    time = seconds_of(sample_rate)
    phase = 2 * np.pi * (233 * time + 0.4 * np.sin(2 * np.pi * 6 * time))
    return 0.2 * sum(np.sin(k * phase) / k for k in range(1, 12))


def clicks(sample_rate: int) -> NDArray[np.float64]:
    wave = np.zeros(len(seconds_of(sample_rate)))
    wave[:: sample_rate // 7] = 0.9
    return wave


def near_silence(sample_rate: int) -> NDArray[np.float64]:
    return 1e-5 * noise(sample_rate)


def silence(sample_rate: int) -> NDArray[np.float64]:
    return np.zeros(len(seconds_of(sample_rate)))


def speech_like(sample_rate: int) -> NDArray[np.float64]:
    """Pulses through two resonances, with a pause of digital silence."""
    time = seconds_of(sample_rate)
    wave = np.zeros(len(time))
    wave[:: sample_rate // 120] = 1.0
    for centre in (600, 1700):
        poles = 0.97 * np.exp(2j * np.pi * centre / sample_rate)
        wave = scipy.signal.lfilter([0.05], np.poly([poles, poles.conj()]).real, wave)
    return wave * (np.sin(2 * np.pi * 2 * time) > 0)


SIGNALS = (tone, chirp, noise, vibrato, clicks, near_silence, silence, speech_like)

SETTINGS: dict[str, dict[str, Any]] = {
    "short_frames": {"n_fft": 512, "hop_length": 160, "n_mels": 40},
    "odd_frames": {"n_fft": 1001, "hop_length": 333, "n_mels": 32},
    "short_window": {"win_length": 1200, "window": "hamming"},
    "blackman": {"window": "blackman"},
    "boxcar": {"window": "boxcar", "n_bands": 4},
    "not_centred": {"center": False},
    "reflect": {"pad_mode": "reflect"},
    "edge": {"pad_mode": "edge"},
    "symmetric": {"pad_mode": "symmetric"},
    "linear_ramp": {"pad_mode": "linear_ramp"},
    "htk": {"htk": True, "fmin": 60.0, "fmax": 3500.0, "n_mels": 60},
    "mel_norm_none": {"mel_norm": None},
    "mel_norm_1": {"mel_norm": 1},
    "mel_norm_inf": {"mel_norm": np.inf},
    "lifter": {"lifter": 22, "n_mfcc": 20},
    "dct_1": {"dct_type": 1},
    "dct_1_plain": {"dct_type": 1, "norm": None},
    "dct_2_plain": {"dct_type": 2, "norm": None},
    "dct_3": {"dct_type": 3},
    "dct_3_plain": {"dct_type": 3, "norm": None},
    "no_top_db": {"top_db": None},
    "top_db_30": {"top_db": 30.0, "ref": "max", "amin": 1e-6},
    "amplitude": {"power": 1.0, "ref": 0.5},
    "power_half": {"power": 0.5},
    "tuned": {"tuning": 0.23},
    "quarter_tones": {"n_chroma": 24},
    "chroma_flat": {"octwidth": None, "base_c": False, "chroma_norm": None},
    "chroma_norm_2": {"chroma_norm": 2, "ctroct": 4.0, "octwidth": 1.5},
    "contrast_linear": {"linear": True, "contrast_fmin": 120.0, "n_bands": 4},
    "contrast_quantile": {"quantile": 0.3},
    "delta_interp": {"delta": 2, "delta_mode": "interp", "delta_width": 5},
    "delta_mirror": {"delta": 2, "delta_mode": "mirror"},
    "delta_constant": {"delta": 1, "delta_mode": "constant"},
    "delta_wrap": {"delta": 2, "delta_mode": "wrap", "n_frames": 7},
    "delta_cut": {"delta": 2, "n_frames": 7},
    "delta_interp_cut": {"delta": 2, "delta_mode": "interp", "n_frames": 2},
    "cut": {"n_frames": 3},
}


@pytest.fixture(scope="session", autouse=True)
def compiled_librosa() -> None:
    """Let numba compile librosa's kernels before any test counts its time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        librosa.feature.chroma_stft(y=noise(8000).astype(np.float32), sr=8000)


def worst_differences(waveform: Waveform, **settings: Any) -> dict[str, float]:
    """Return each block's largest difference, relative to its range in librosa.

    The range is that of the whole clip even where frames are cut off: BLAS rounds a row
    by the number of rows, so columns that are near 1 differ by 1e-7, and so do their
    derivatives, which may stay within 0.01 in the few frames that are kept.
    """
    settings = {"features": COMPARED, "n_frames": None, **settings}
    ours, theirs = (
        MFCCExtractor(backend=backend, **settings).transform([waveform])[0]
        for backend in ("numpy", "librosa")
    )
    assert ours.shape == theirs.shape
    whole = theirs
    if settings["n_frames"] is not None:
        uncut = MFCCExtractor(backend="librosa", **{**settings, "n_frames": None})
        whole = uncut.transform([waveform])[0]
    names = MFCCExtractor(**settings).get_feature_names_out()
    found = {}
    for prefix in sorted({name.rsplit("_", 1)[0] for name in names}):
        columns = [name.rsplit("_", 1)[0] == prefix for name in names]
        reference = whole[:, columns].astype(float)
        # A click's spectrum is flat: its contrast is 0 dB but for rounding.
        least = 1.0 if prefix == "contrast" else 1e-6
        scale = max(np.ptp(reference), np.abs(reference).max(), least)
        difference = ours[:, columns] - theirs[:, columns].astype(float)
        found[prefix] = float(np.abs(difference).max() / scale)
    return found


def assert_parity(waveform: Waveform, **settings: Any) -> None:
    found = worst_differences(waveform, **settings)
    too_far = {name: value for name, value in found.items() if not value < TOLERANCE}
    assert not too_far


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.__name__)
def test_every_block_equals_librosa(
    signal: Callable[[int], NDArray[np.float64]], sample_rate: int
) -> None:
    waveform = signal(sample_rate).astype(np.float32)
    assert_parity(waveform, sample_rate=sample_rate)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("signal", [vibrato, speech_like], ids=["vibrato", "speech"])
def test_every_setting_equals_librosa(
    signal: Callable[[int], NDArray[np.float64]], name: str
) -> None:
    assert_parity(signal(22050).astype(np.float32), **SETTINGS[name])


def test_default_columns_equal_four_plain_calls() -> None:
    y = (vibrato(22050) + noise(22050)).astype(np.float32)
    blocks = [
        librosa.feature.mfcc(y=y, sr=22050, n_mfcc=13),
        librosa.feature.spectral_centroid(y=y, sr=22050),
        librosa.feature.chroma_stft(y=y, sr=22050),
        librosa.feature.spectral_contrast(y=y, sr=22050),
    ]
    ours = extract_sequence(y, FeatureParameters())
    np.testing.assert_allclose(ours, np.concatenate(blocks).T, rtol=1e-5, atol=1e-4)


def test_deltas_equal_a_plain_librosa_call() -> None:
    y = vibrato(22050).astype(np.float32)
    mfcc = librosa.feature.mfcc(y=y, sr=22050, n_mfcc=5)
    second = librosa.feature.delta(mfcc, order=2, mode="nearest")
    parameters = FeatureParameters(features=["mfcc"], n_mfcc=5, delta=2)
    ours = extract_sequence(y, parameters)
    np.testing.assert_allclose(ours[:, 10:], second.T, atol=1e-4)


def test_contrast_at_a_low_rate_equals_librosa_with_that_fmin() -> None:
    y = speech_like(8000).astype(np.float32)
    theirs = librosa.feature.spectral_contrast(y=y, sr=8000, fmin=62.5)
    parameters = FeatureParameters(features=["contrast"], sample_rate=8000)
    ours = extract_sequence(y, parameters)
    np.testing.assert_allclose(ours, theirs.T, atol=1e-4)


def test_mfcc_equals_an_independent_calculation() -> None:
    """Scipy's transforms and a filter bank written out, with none of librosa."""
    rate, n_fft, hop = 16000, 512, 160
    y = noise(rate) + tone(rate)
    padded = np.pad(y, n_fft // 2)
    window = scipy.signal.get_window("hann", n_fft)
    starts = range(0, len(padded) - n_fft + 1, hop)
    frames = np.array([padded[start : start + n_fft] for start in starts])
    power = np.abs(scipy.fft.rfft(frames * window)) ** 2

    highest_mel = 2595 * np.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, highest_mel, 26) / 2595) - 1)
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    bank = np.array(
        [
            np.interp(bins, edges[k : k + 3], [0, 1, 0], left=0, right=0)
            for k in range(24)
        ]
    )
    decibels = 10 * np.log10(power @ bank.T)
    decibels = np.maximum(decibels, decibels.max() - 80)
    expected = scipy.fft.dct(decibels, norm="ortho")[:, :13]

    parameters = FeatureParameters(
        features=["mfcc"],
        sample_rate=rate,
        n_fft=n_fft,
        hop_length=hop,
        n_mels=24,
        htk=True,
        mel_norm=None,
        n_frames=None,
    )
    ours = extract_sequence(y.astype(np.float32), parameters)
    np.testing.assert_allclose(ours, expected, atol=1e-3)


def test_cut_frames_follow_the_whole_clip() -> None:
    """A loud end changes what top_db leaves of a quiet start, and the tuning."""
    y = np.concatenate([1e-4 * noise(22050), vibrato(22050)]).astype(np.float32)
    assert_parity(y, n_frames=10)


def test_contrast_is_cut_by_a_later_loud_valley() -> None:
    """Valleys of digital silence lie more than 80 dB below a later one."""
    y = np.concatenate([silence(22050), 3 * noise(22050)]).astype(np.float32)
    assert_parity(y, features=["contrast"], n_frames=5)
