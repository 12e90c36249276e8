"""sktime's LSTM-FCN in torch, on padded MFCC."""

from __future__ import annotations

import numpy as np
import torch
from clips import Clips, pad, standardise
from sktime.classification.deep_learning.lstmfcn import LSTMFCNClassifierTorch

# Its default of 2,000 epochs would take days for all tables: so many steps instead.
BATCH_SIZE, STEPS, LEAST_EPOCHS = 32, 300, 10


class LSTMFCN:
    """Default layers and rate; batches of 32, about 300 steps."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        torch.set_num_threads(1)

    def fit(self, rows, seed: int) -> None:
        """Learn from rows."""
        self.X = pad(standardise(self.clips.sequences, rows))
        batches = int(np.ceil(len(rows) / BATCH_SIZE))
        self.model = LSTMFCNClassifierTorch(
            num_epochs=max(LEAST_EPOCHS, round(STEPS / batches)),
            batch_size=BATCH_SIZE,
            random_state=seed,
        )
        self.model.fit(self.X[rows], self.clips.targets(rows))

    def predict(self, rows) -> tuple:
        """Return decisions as 0 and 1."""
        return self.clips.as_matrix(self.model.predict(self.X[rows])), None

    def count(self) -> int:
        """Count the net's parameters."""
        return sum(p.numel() for p in self.model.network.parameters())
