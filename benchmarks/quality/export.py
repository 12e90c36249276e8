"""Export clips as files for peers, and run each peer in its own interpreter."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.task import Fold, Task, TaskClips
from mfccclf import MFCCExtractor, load_waveform
from mfccclf.sequences import sequence_lengths
from mfccclf.workflows import extract_sequences

__all__ = [
    "PeerFailedError",
    "PeerMissingError",
    "export_clips",
    "run_peer",
    "write_ragged",
]

_SCRIPT = Path(__file__).parent / "peers" / "run.py"
_FRAME_S, _HOP_S, _N_MELS, _N_MFCC = 0.064, 0.016, 64, 20
_EXIT_MISSING = 3
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class PeerMissingError(Exception):
    """A peer's package is not installed in its interpreter."""


class PeerFailedError(Exception):
    """A peer ended with an error."""


def export_clips(task: Task, clips: TaskClips, folder: Path) -> None:
    """Write the clips as waveforms and as 20 MFCC, unless they are there already.

    Frames are about 64 ms long, one every 16 ms: the nearest powers of two in samples.
    """
    facts = {
        "fingerprint": clips.fingerprint(),
        "sample_rate": task.sample_rate,
        "multilabel": task.multilabel,
        "grouped": clips.groups is not None,
        "classes": clips.classes,
    }
    done = folder / "facts.json"
    if done.exists() and json.loads(done.read_text()) == facts:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    waveforms = [_as_16_bits(path, task.sample_rate) for path in clips.paths]
    write_ragged(folder / "waveforms.npz", waveforms)
    groups = np.unique(clips.groups or ["none"], return_inverse=True)[1]
    sequences = mfcc_sequences(clips.paths, task.sample_rate)
    write_ragged(folder / "sequences.npz", sequences, Y=clips.indicator, groups=groups)
    done.write_text(json.dumps(facts))


def mfcc_sequences(paths: Sequence[str], sample_rate: int) -> list[NDArray[np.float32]]:
    """Return librosa's 20 MFCC of each clip, of shape (n_frames, 20)."""
    extractor = MFCCExtractor(
        features=["mfcc"],
        n_mfcc=_N_MFCC,
        n_mels=_N_MELS,
        sample_rate=sample_rate,
        n_frames=None,
        n_fft=_power_of_two(_FRAME_S * sample_rate),
        hop_length=_power_of_two(_HOP_S * sample_rate),
        cache=True,
    )
    X = extract_sequences(extractor, paths)
    lengths = sequence_lengths(X)
    return [rows[:length] for rows, length in zip(X, lengths, strict=True)]


def run_peer(
    system: str, python: str, folder: Path, runs: Sequence[tuple[int, Fold]]
) -> Iterator[dict[str, Any]]:
    """Run a peer in its interpreter on exported clips; yield results as they come.

    Raises
    ------
    PeerMissingError
        If its package is not installed.
    PeerFailedError
        If it fails for another reason.
    """
    asked = [
        {
            "seed": seed,
            "fold": fold.name,
            "train": fold.train.tolist(),
            "test": fold.test.tolist(),
        }
        for seed, fold in runs
    ]
    (folder / "runs.json").write_text(json.dumps(asked))
    environment = os.environ | dict.fromkeys(_ONE_THREAD, "1")
    command = [python, str(_SCRIPT), system, str(folder)]
    errors = folder / f"{system}.log"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        ) as process,
    ):
        for line in process.stdout or ():
            if line.startswith("{"):
                yield json.loads(line)
    if process.returncode == _EXIT_MISSING:
        raise PeerMissingError(_last_line(errors))
    if process.returncode:
        raise PeerFailedError(f"{system} failed: {_last_line(errors)}. See {errors}.")


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"


def _power_of_two(value: float) -> int:
    return int(2 ** round(np.log2(value)))


def _as_16_bits(path: str, sample_rate: int) -> NDArray[np.int16]:
    waveform = load_waveform(path, sample_rate=sample_rate)
    return np.round(np.clip(waveform, -1, 1) * 32767).astype(np.int16)


def write_ragged(path: Path, arrays: Sequence[NDArray[Any]], **more: Any) -> None:
    """Write arrays of different lengths as one, with the row at which each ends."""
    ends = np.cumsum([len(array) for array in arrays])
    np.savez(path, values=np.concatenate(arrays), ends=ends, **more)
