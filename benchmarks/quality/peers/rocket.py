"""sktime's MiniRocket on padded MFCC, and a ridge classifier."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.transformations.panel.rocket import MiniRocketMultivariate

from benchmarks.quality.peers.choosing import decide
from benchmarks.quality.peers.clips import Answers, Clips, Rows, pad, standardise

__all__ = ["MiniRocket"]


class MiniRocket:
    """10,000 kernels at their defaults; the ridge chooses its own penalty."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        noise = np.random.default_rng(0).standard_normal((4, 20, 32))
        # Compiles the kernels, which does not count as training.
        MiniRocketMultivariate().fit_transform(noise)

    def fit(self, rows: Rows, seed: int) -> None:
        """Learn from rows."""
        self.X = pad(standardise(self.clips.sequences, rows))
        self.kernels = MiniRocketMultivariate(random_state=seed)
        values = np.asarray(self.kernels.fit_transform(self.X[np.asarray(rows)]))
        ridge = RidgeClassifierCV(alphas=np.logspace(-3, 3, 10))
        self.model = make_pipeline(StandardScaler(), ridge)
        self.model.fit(values, self.clips.targets(rows))

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1, and scores in a multilabel task."""
        values = np.asarray(self.kernels.transform(self.X[np.asarray(rows)]))
        return decide(self.clips, self.model, values)

    def count(self) -> int:
        """Count the ridge's weights."""
        ridge = self.model[-1]
        return int(ridge.coef_.size + ridge.intercept_.size)
