"""Rows about many files, from files to labels."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.speed.measuring import Work, compare
from benchmarks.speed.rows import Options, Row, at_least

BLOCK = 200
Step = Callable[[], Any]


def librosa_torch(files: list[str]) -> Step:
    """Predict file after file with librosa's four calls and a torch net."""
    import numpy as np
    import torch
    from torch import nn

    from benchmarks.speed.peers.four_calls import librosa_features

    first = nn.LSTM(33, 128, batch_first=True)
    second = nn.LSTM(128, 32, batch_first=True)
    output = nn.Linear(32, 3)

    def label(path: str) -> int:
        sequence = librosa_features(path)
        X = np.zeros((1, 128, 33), np.float32)
        X[0, : len(sequence)] = sequence
        with torch.no_grad():
            last = second(first(torch.from_numpy(X))[0])[0][:, -1]
            return int(output(last).argmax())

    blocks = _blocks(files)
    return lambda: [label(path) for path in next(blocks)]


def ours(files: list[str], model: str) -> Step:
    """Predict as many files with our predictor."""
    from mfccclf import Predictor

    predictor = Predictor(model)
    blocks = _blocks(files)
    return lambda: predictor.predict(next(blocks))


def ours_on_two(files: list[str], model: str) -> Step:
    """Share the files between two processes."""
    import multiprocessing

    pool = multiprocessing.get_context("spawn").Pool(2, _open_predictor, (model,))
    blocks = _blocks(files)

    def predict() -> list[str]:
        block = next(blocks)
        halves = pool.map(_predict, [block[0::2], block[1::2]], chunksize=1)
        return [*halves[0], *halves[1]]

    return predict


_predictors: list[Any] = []


def _open_predictor(model: str) -> None:
    from mfccclf import Predictor

    _predictors.append(Predictor(model))


def _predict(files: list[str]) -> list[str]:
    labels: list[str] = _predictors[0].predict(files)
    return labels


def _blocks(files: list[str]) -> Iterator[list[str]]:
    endless = itertools.cycle(files)
    while True:
        yield list(itertools.islice(endless, BLOCK))


def measure_batch(options: Options) -> dict[str, Any]:
    """Compare on blocks of files, a different block each time."""
    from benchmarks import long_recording

    model = options.folder / "model.mfccclf"
    long_recording.apart(long_recording.make_model, model, "names-lstm")
    files = _digits(options)
    both = {"files": files, "model": str(model)}
    ways = {
        "mfccclf, one core": Work(f"{__name__}:ours", both),
        "mfccclf, two processes": Work(f"{__name__}:ours_on_two", both),
        "librosa + torch": Work(f"{__name__}:librosa_torch", {"files": files}),
    }
    found = compare(ways, runs=options.runs)
    one, two, naive = ways
    shared = found.ratio(naive, two)
    claims = [
        at_least("times as fast on one core", found.ratio(naive, one), 7),
        # By the clock only: the work is done in other processes.
        at_least("times as fast on two", shared.wall if shared else None, 13),
    ]
    return {"ways": found.to_dict(), "claims": claims, "clips_per_run": BLOCK}


def _digits(options: Options) -> list[str]:
    if options.digits is not None:
        return sorted(str(path) for path in options.digits.glob("*.wav"))
    from benchmarks.speed.sounds import write_speech

    folder = options.folder / "clips"
    folder.mkdir()
    for index in range(BLOCK):
        write_speech(folder / f"{index}.wav", 0.2 + index % 20 * 0.025, 8000, 1)
    return [str(path) for path in sorted(Path(folder).iterdir())]


ROWS = [Row("batch", "2,000 short clips, from files to labels", measure_batch)]
