"""Predict one file as most code with librosa, torch and skorch does: FILE STATE.

Without FILE, it writes the state of a net with random weights to STATE.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))

from skorch import NeuralNetClassifier
from torch import Tensor, nn

from benchmarks.speed.peers.four_calls import librosa_features

LABELS = ["James", "Jennifer", "Linda", "Maria", "Patricia"]


class Net(nn.Module):
    """Two LSTM layers and an output."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.LSTM(33, 128, batch_first=True)
        self.second = nn.LSTM(128, 32, batch_first=True)
        self.output = nn.Linear(32, len(LABELS))

    def forward(self, X: Tensor) -> Tensor:
        """Return the probabilities."""
        last = self.second(self.first(X)[0])[0][:, -1]
        probabilities: Tensor = self.output(last).softmax(dim=1)
        return probabilities


def main(path: str, state: str) -> None:
    """Print the label of a file."""
    X = librosa_features(path)
    net = NeuralNetClassifier(Net).initialize()
    net.load_params(f_params=state)
    print(LABELS[int(net.predict(X[None])[0])])


if __name__ == "__main__":
    if len(sys.argv) == 2:
        NeuralNetClassifier(Net).initialize().save_params(f_params=sys.argv[1])
    else:
        main(*sys.argv[1:])
