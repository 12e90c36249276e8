"""Predict one file as the published recogniser of names does: FILE WEIGHTS.

It computes librosa's 33 columns, builds a Keras net and loads its weights from a file.
Without FILE, it writes random weights to WEIGHTS.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras

sys.path.append(str(Path(__file__).resolve().parents[3]))

from benchmarks.speed.peers.four_calls import librosa_features

LABELS = ["James", "Jennifer", "Linda", "Maria", "Patricia"]


def make_net() -> Any:
    """Return two LSTM layers and an output."""
    return keras.Sequential(
        [
            keras.Input((128, 33)),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.LSTM(32),
            keras.layers.Dense(len(LABELS), activation="softmax"),
        ]
    )


def main(path: str, weights: str) -> None:
    """Print the label of a file."""
    X = librosa_features(path)
    net = make_net()
    net.load_weights(weights)
    print(LABELS[int(net.predict(X[None], verbose=0)[0].argmax())])


if __name__ == "__main__":
    if len(sys.argv) == 2:
        make_net().save_weights(sys.argv[1])
    else:
        main(*sys.argv[1:])
