"""Predict one file as the published recogniser of names does: FILE WEIGHTS.

It has librosa's 33 columns, a Keras net made anew and its weights from a file. Without
FILE, random weights are written.
"""

import sys

import keras
from four_calls import librosa_features

LABELS = ["James", "Jennifer", "Linda", "Maria", "Patricia"]


def make_net():
    """Return two LSTM layers and an output."""
    return keras.Sequential(
        [
            keras.Input((128, 33)),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.LSTM(32),
            keras.layers.Dense(len(LABELS), activation="softmax"),
        ]
    )


def main(path, weights):
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
