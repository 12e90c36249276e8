"""The net that openWakeWord and livekit-wakeword put behind the same speech embedding.

Both teach it a single word against thousands of hours of other sound and of speech from
a synthesiser. Here it has the clips of the task alone, and one output for each label
with softmax, as openWakeWord has it for several classes. So it is their net and their
way to train it, not what their programs make of a word.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.quality.peers.clips import Answers, Clips, Rows

__all__ = ["WakeWordNet"]

_N_WINDOWS = 16
_WIDTH = 128
_N_STEPS, _BATCH_SIZE, _LR = 2000, 64, 1e-3
_WARM_UP, _HOLD = 1 / 5, 1 / 3


class WakeWordNet:
    """16 vectors, flat, to 128 values twice, with layer norm, and to the labels.

    A longer clip is looked at from each vector on. In training, one place is drawn anew
    each time; for an answer, the highest score of a label counts.
    """

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        self.vectors = clips.vectors("windows")

    def fit(self, rows: Rows, seed: int) -> None:
        """Learn from rows: Adam, with a warm-up, a hold and a cosine."""
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        rows = np.asarray(rows)
        y = torch.as_tensor(self.clips.targets(rows))
        self.net = _make_net(self.vectors[0].shape[1], self.clips.Y.shape[1])
        optimiser = torch.optim.Adam(self.net.parameters())
        for step in range(_N_STEPS):
            for group in optimiser.param_groups:
                group["lr"] = _LR * _share(step / _N_STEPS)
            some = rng.integers(len(rows), size=_BATCH_SIZE)
            X = np.stack([self._draw(rows[place], rng) for place in some])
            loss = nn.functional.cross_entropy(self.net(torch.as_tensor(X)), y[some])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1."""
        with torch.no_grad():
            best = [self._score(row).argmax() for row in rows]
        return self.clips.as_matrix(best), None

    def count(self) -> int:
        """Count the net's parameters."""
        return sum(parameter.numel() for parameter in self.net.parameters())

    def _draw(self, row: int, rng: np.random.Generator) -> NDArray[np.float32]:
        vectors = self.vectors[row]
        start = rng.integers(len(vectors) - _N_WINDOWS + 1)
        return vectors[start : start + _N_WINDOWS]

    def _score(self, row: int) -> NDArray[np.float32]:
        shape = (_N_WINDOWS, self.vectors[row].shape[1])
        places = np.lib.stride_tricks.sliding_window_view(self.vectors[row], shape)
        scores = self.net(torch.as_tensor(places[:, 0].copy())).softmax(dim=1)
        return np.asarray(scores.max(dim=0).values)


def _make_net(n_values: int, n_labels: int) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        *(nn.Linear(_N_WINDOWS * n_values, _WIDTH), nn.LayerNorm(_WIDTH), nn.ReLU()),
        *(nn.Linear(_WIDTH, _WIDTH), nn.LayerNorm(_WIDTH), nn.ReLU()),
        nn.Linear(_WIDTH, n_labels),
    )


def _share(progress: float) -> float:
    """Return which share of the highest learning rate a step has."""
    if progress < _WARM_UP:
        return progress / _WARM_UP
    falling = (progress - _WARM_UP - _HOLD) / (1 - _WARM_UP - _HOLD)
    return 0.5 * (1 + math.cos(math.pi * max(0.0, falling)))
