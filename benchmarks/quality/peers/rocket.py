"""sktime's MiniRocket on padded MFCC, and a ridge classifier."""

from __future__ import annotations

import numpy as np
from choosing import decide
from clips import Clips, pad, standardise
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.transformations.panel.rocket import MiniRocketMultivariate


class MiniRocket:
    """10,000 kernels at their defaults; the ridge chooses its penalty itself."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        noise = np.random.default_rng(0).standard_normal((4, 20, 32))
        MiniRocketMultivariate().fit_transform(
            noise
        )  # compiles it, which is no training

    def fit(self, rows, seed: int) -> None:
        """Learn from rows."""
        self.X = pad(standardise(self.clips.sequences, rows))
        self.kernels = MiniRocketMultivariate(random_state=seed)
        values = np.asarray(self.kernels.fit_transform(self.X[rows]))
        ridge = RidgeClassifierCV(alphas=np.logspace(-3, 3, 10))
        self.model = make_pipeline(StandardScaler(), ridge)
        self.model.fit(values, self.clips.targets(rows))

    def predict(self, rows) -> tuple:
        """Return decisions as 0 and 1, and scores where there are several labels."""
        values = np.asarray(self.kernels.transform(self.X[rows]))
        return decide(self.clips, self.model, values)

    def count(self) -> int:
        """Count the ridge's weights."""
        ridge = self.model[-1]
        return int(ridge.coef_.size + ridge.intercept_.size)
