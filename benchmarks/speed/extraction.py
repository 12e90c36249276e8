"""Rows about extracting the features of one sound file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.speed.measuring import Work, compare
from benchmarks.speed.rows import Claim, Options, Row, at_least, at_most

RATE = 22050
_WAYS = "benchmarks.speed.feature_ways"


def measure_clip(options: Options) -> dict[str, Any]:
    """Compare on a short clip."""
    from benchmarks.speed.sounds import write_speech

    path = options.folder / "short.wav"
    write_speech(path, 3.1, 48000, 2)
    return _compare_files(options, {"speech": path}, least=4.5, limit=2.0)


def measure_mono(options: Options) -> dict[str, Any]:
    """Compare on long clips that need no resampling."""
    return _compare_files(options, _long_clips(options, 22050, 1), least=7.0)


def measure_stereo(options: Options) -> dict[str, Any]:
    """Compare on long clips of 48 kHz stereo."""
    return _compare_files(options, _long_clips(options, 48000, 2), least=6.0)


def measure_mfcc(options: Options) -> dict[str, Any]:
    """Compare MFCC alone."""
    from benchmarks.speed.sounds import write_speech

    path = options.folder / "mfcc.wav"
    write_speech(path, 30.0, RATE, 1)
    peers = {
        "librosa": "librosa_mfcc",
        "python_speech_features": "python_speech_features_mfcc",
        "kaldi-native-fbank": "kaldi_mfcc",
        "torch.stft": "torch_mfcc",
    }
    ways = {"mfccclf": _work("our_mfcc", path)}
    ways |= {name: _work(home, path, options.python) for name, home in peers.items()}
    found = compare(ways, runs=options.runs)
    claims = [
        at_least(f"times as fast as {name}", found.ratio(name, "mfccclf"), 1.0)
        for name in peers
    ]
    return {"ways": found.to_dict(), "claims": claims}


def _long_clips(options: Options, rate: int, n_channels: int) -> dict[str, Path]:
    from benchmarks.speed.sounds import write_music, write_speech

    paths = {name: options.folder / f"{name}.wav" for name in ("speech", "music")}
    write_speech(paths["speech"], 30.0, rate, n_channels)
    write_music(paths["music"], 30.0, rate, n_channels)
    return paths


def _compare_files(
    options: Options,
    paths: dict[str, Path],
    *,
    least: float,
    limit: float | None = None,
) -> dict[str, Any]:
    ways: dict[str, Any] = {}
    claims: list[Claim] = []
    for name, path in paths.items():
        file = {"path": str(path)}
        named = {
            "mfccclf": Work(f"{_WAYS}:ours", {**file, "kept": False}),
            "mfccclf, memory kept": Work(f"{_WAYS}:ours", {**file, "kept": True}),
            "librosa's four calls": Work(f"{_WAYS}:librosa_calls", file),
            "floor: decode, resample, FFT": Work(f"{_WAYS}:floor", file),
        }
        found = compare(named, runs=options.runs)
        plain, kept, calls, cheapest = named
        claims += [
            at_least(
                f"{name}: times as fast as four calls", found.ratio(calls, kept), least
            ),
            at_least(
                f"{name}: without `extract`'s memory", found.ratio(calls, plain), None
            ),
            at_most(f"{name}: times the floor", found.ratio(kept, cheapest), limit),
        ]
        ways |= {f"{name}, {way}": figures for way, figures in found.to_dict().items()}
    return {"ways": ways, "claims": claims}


def _work(function: str, path: Path, python: str | None = None) -> Work:
    home = f"{_WAYS}:{function}"
    arguments = {"path": str(path)}
    return Work(home, arguments, python) if python else Work(home, arguments)


ROWS = [
    Row("clip", "33 features of 3.1 s, 48 kHz stereo, one core", measure_clip),
    Row("mono", "33 features of 30 s, 22 kHz mono, one core", measure_mono),
    Row("stereo", "33 features of 30 s, 48 kHz stereo, one core", measure_stereo),
    Row("mfcc", "13 MFCC of a waveform of 30 s at 22,050 Hz, one core", measure_mfcc),
]
