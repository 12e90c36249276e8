"""sktime's LSTM-FCN in torch, on padded MFCC."""

from __future__ import annotations

import numpy as np
import torch
from sktime.classification.deep_learning.lstmfcn import LSTMFCNClassifierTorch

from benchmarks.quality.peers.clips import Answers, Clips, Rows, pad, standardise

__all__ = ["LSTMFCN"]

# Its default of 2,000 epochs would take days for all tables; this many steps instead.
BATCH_SIZE, STEPS, LEAST_EPOCHS = 32, 300, 10


class LSTMFCN:
    """Default layers and rate; batches of 32, about 300 steps."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        torch.set_num_threads(1)

    def fit(self, rows: Rows, seed: int) -> None:
        """Learn from rows."""
        self.X = pad(standardise(self.clips.sequences, rows))
        batches = int(np.ceil(len(rows) / BATCH_SIZE))
        self.model = LSTMFCNClassifierTorch(
            num_epochs=max(LEAST_EPOCHS, round(STEPS / batches)),
            batch_size=BATCH_SIZE,
            random_state=seed,
        )
        self.model.fit(self.X[np.asarray(rows)], self.clips.targets(rows))

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1."""
        predicted = self.model.predict(self.X[np.asarray(rows)])
        return self.clips.as_matrix(predicted), None

    def count(self) -> int:
        """Count the net's parameters."""
        return sum(p.numel() for p in self.model.network.parameters())
