"""Made-up audio that the tests share."""

from __future__ import annotations

import os

# Nets this small are slower with several threads, and far slower on a busy machine.
# torch reads this when it is first imported, so it stands before the other imports.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# numba keeps what it compiled of librosa. Two processes that compile it at one time
# can leave a cache that crashes whoever reads it, so each worker has its own.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.environ["NUMBA_CACHE_DIR"] = os.path.join(_ROOT, ".numba", _WORKER)

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cache_tools import Reads
from cli_tools import FAST, succeed, write_clip
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf import LSTMClassifier, MFCCExtractor, SequenceStandardScaler
from mfccclf.waveform import batch_loading

Tone = Callable[..., NDArray[np.float32]]


@pytest.fixture
def tone() -> Tone:
    """A function that makes a sine of some seconds, as a waveform."""

    def make(
        seconds: float = 1.0,
        frequency: float = 440.0,
        sample_rate: int = 22050,
        amplitude: float = 0.5,
    ) -> NDArray[np.float32]:
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        wave = amplitude * np.sin(2 * np.pi * frequency * time)
        return wave.astype(np.float32)

    return make


@pytest.fixture
def noise() -> Tone:
    """A function that makes white noise of some seconds, as a waveform."""

    def make(
        seconds: float = 1.0,
        sample_rate: int = 22050,
        amplitude: float = 0.1,
        seed: int = 0,
    ) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        wave = amplitude * rng.standard_normal(round(seconds * sample_rate))
        return wave.astype(np.float32)

    return make


@pytest.fixture
def tone_file(tmp_path: Path, tone: Tone) -> Callable[..., Path]:
    """A function that writes a sine into a sound file and returns its path."""

    def write(name: str = "tone.wav", *, sample_rate: int = 22050, **kwargs) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(sample_rate=sample_rate, **kwargs), sample_rate)
        return path

    return write


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """A folder of low and high tones, one sub-folder per label."""
    folder = tmp_path_factory.mktemp("recordings")
    for index in range(6):
        write_clip(folder / "low" / f"{index}.wav", frequency=150 + index, seed=index)
        write_clip(folder / "high" / f"{index}.wav", frequency=3000, seed=50 + index)
    return folder


@pytest.fixture(scope="session")
def trained(recordings, tmp_path_factory):
    """A model file trained on those tones, and what the command printed."""
    path = tmp_path_factory.mktemp("models") / "tones model.mfccclf"
    options = ["--preset", "scratch", *FAST]
    return path, succeed("train", recordings, "--output", path, *options)


@pytest.fixture(scope="session")
def noise_clips() -> list[NDArray[np.float32]]:
    """Six waveforms of noise at 22,050 Hz of growing length; every other is loud."""
    rng = np.random.default_rng(0)
    return [
        rng.standard_normal(6000 + 2500 * index).astype(np.float32) * level
        for index, level in enumerate([0.01, 0.3] * 3)
    ]


@pytest.fixture(scope="session")
def fitted_pipeline(noise_clips: list[NDArray[np.float32]]) -> Pipeline:
    """A small pipeline that was trained on ``noise_clips`` for two epochs."""
    steps = [
        (
            "extract",
            MFCCExtractor(features=["mfcc"], n_mfcc=20, delta=1, n_frames=None),
        ),
        ("scale", SequenceStandardScaler()),
        (
            "lstm",
            LSTMClassifier(
                hidden_sizes=(6, 5),
                bidirectional=True,
                pooling="attention",
                max_epochs=2,
                random_state=0,
            ),
        ),
    ]
    pipeline = Pipeline(steps)
    return pipeline.fit(noise_clips, ["quiet", "loud"] * 3)


@pytest.fixture
def reads(monkeypatch, tmp_path) -> Reads:
    """The clips that are decoded, in this process and in forks of it."""
    log = Reads(tmp_path / "reads.log")
    load_native = batch_loading.load_native

    def load(path, reading):
        log.add(path)
        return load_native(path, reading)

    monkeypatch.setattr(batch_loading, "load_native", load)
    return log
