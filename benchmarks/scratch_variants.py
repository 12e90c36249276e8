"""Try ways of training the preset ``scratch`` in less time.

    python benchmarks/scratch_variants.py DATA [--epochs N] [--folds N] [--clips N]
                                          [--ways NAME,NAME]

- as is: the preset.
- stride: the first convolution takes every second frame, so that all that follows has
  half the frames.
- compile: ``torch.compile`` of the whole net, for any number of frames.
- bf16: convolutions in 16 bits, by ``torch.autocast``.

Each way is trained on the same clips and folds, in turn, with one thread. Speakers, or
other groups, are held out whole where the data name them. Prints processor time of an
epoch (the median but for the first, which is shown, too: it compiles), its ratio to
that of the preset in the same fold, and the accuracy on held-out clips.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.append(str(Path(__file__).resolve().parents[1]))

from mfccclf import LSTMClassifier, load_dataset, make_pipeline
from mfccclf.modules.conv_block import LOWEST_VALUE, ConvBlock, half
from mfccclf.modules.pooling import frame_mask
from mfccclf.search import make_folds

PRESET = "as is"
_MOST_FOLDS = 5


class StridedBlock(ConvBlock):
    """A block whose convolution takes every second frame."""

    def forward(self, picture: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Run the block; as `ConvBlock` otherwise."""
        self.conv.stride = (2, 1)
        values = self.conv(picture.to(memory_format=torch.channels_last))
        lengths = half(lengths)
        true = frame_mask(lengths, values.shape[2])[:, None]
        values = values + torch.where(true, 0.0, LOWEST_VALUE)
        values = functional.max_pool2d(values, 2, ceil_mode=True)
        lengths = half(lengths)
        mask = frame_mask(lengths, values.shape[2])[:, None]
        return functional.relu(self.norm(values, mask)) * mask, lengths


def stride(net: Any) -> None:
    """Let the first convolution take every second frame."""
    net.blocks[0].__class__ = StridedBlock


def compile_net(net: Any) -> None:
    """Compile the whole net."""
    net.forward = torch.compile(net.forward, dynamic=True)


def halve_precision(net: Any) -> None:
    """Compute convolutions in 16 bits."""
    for block in net.blocks:
        block.conv.forward = _in_bf16(block.conv.forward)


def _in_bf16(forward: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def run(picture: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return forward(picture).float()

    return run


WAYS: dict[str, Callable[[Any], None]] = {
    PRESET: lambda net: None,
    "stride": stride,
    "compile": compile_net,
    "bf16": halve_precision,
}


@contextmanager
def changed(change: Callable[[Any], None]) -> Iterator[None]:
    """Change every net that is made in the block."""
    make = LSTMClassifier.make_module

    def make_changed(self: Any, n_features: int, n_outputs: int) -> nn.Module:
        net = make(self, n_features, n_outputs)
        change(net)
        return net

    LSTMClassifier.make_module = make_changed  # type: ignore[method-assign]
    try:
        yield
    finally:
        LSTMClassifier.make_module = make  # type: ignore[method-assign]


def train(
    way: str, data: tuple[Any, Any], fold: Any, epochs: int
) -> tuple[list[float], float]:
    """Return the processor time of each epoch, and the accuracy on held-out clips."""
    X, y = data
    classifier = make_pipeline("scratch", random_state=0, max_epochs=epochs)[-1]
    marks = [time.process_time()]
    with changed(WAYS[way]):
        classifier.fit(
            X[fold.train],
            y[fold.train],
            on_epoch=lambda _: marks.append(time.process_time()),
        )
        accuracy = float(classifier.score(X[fold.test], y[fold.test]))
    return np.diff(marks).tolist(), accuracy


def main() -> None:
    """Train each way on each fold, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", metavar="DATA")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--clips", type=int, default=600)
    parser.add_argument("--ways", default=",".join(WAYS))
    options = parser.parse_args()
    torch.set_num_threads(1)
    clips = load_dataset(options.data)
    rows = np.random.default_rng(0).permutation(len(clips))[: options.clips]
    y = np.array(clips.labels)[rows]
    groups = None if clips.groups is None else [clips.groups[i] for i in rows]
    X = make_pipeline("scratch")[0].fit_transform([clips.paths[i] for i in rows])
    ways = [PRESET, *(way for way in options.ways.split(",") if way != PRESET)]
    found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    n_folds = _MOST_FOLDS if groups is None else min(len(set(groups)), _MOST_FOLDS)
    for fold in make_folds(y, groups=groups, cv=n_folds)[: options.folds]:
        for way in ways:
            times, accuracy = train(way, (X, y), fold, options.epochs)
            found[way].append((times[0], statistics.median(times[1:]), accuracy))
    usual = [epoch for _, epoch, _ in found[PRESET]]
    for way, runs in found.items():
        ratios = [run[1] / one for run, one in zip(runs, usual, strict=True)]
        first, epoch, accuracy = (
            statistics.median(column) for column in zip(*runs, strict=True)
        )
        print(
            f"{way:8} first {first:6.2f} s, epoch {epoch:5.2f} s, "
            f"{statistics.median(ratios):4.2f} times, accuracy "
            + ", ".join(f"{run[2]:.3f}" for run in runs)
        )


if __name__ == "__main__":
    main()
