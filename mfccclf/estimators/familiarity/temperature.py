"""Temperature scaling: one number that makes a net's probabilities reliable.

References
----------
C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural
Networks", ICML, 2017.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

__all__ = ["best_temperature", "scale_thresholds"]

_LARGEST = 20.0
# Thresholds of 0 and 1 have no logit.
_EDGE = 1e-12


def best_temperature(logits: NDArray[Any], targets: NDArray[Any]) -> float:
    """Find the divisor of the logits with which their loss is lowest.

    Parameters
    ----------
    logits : ndarray of shape (n_clips, n_outputs)
        For clips that the net was not trained on.
    targets : ndarray of shape (n_clips,) or (n_clips, n_outputs)
        Class of each clip; or 1 where a clip has a label.

    Returns
    -------
    temperature : float
        From 1/20 to 20.
    """
    wide = logits.astype(np.float64)
    wanted = _softened(targets, wide.shape)

    def loss(log_temperature: float) -> float:
        scaled = wide * np.exp(-log_temperature)
        if targets.ndim == 2:
            losses = np.logaddexp(0.0, scaled) - wanted * scaled
        else:
            normal = np.logaddexp.reduce(scaled, axis=1, keepdims=True)
            losses = wanted * (normal - scaled)
        return float(losses.sum())

    limit = float(np.log(_LARGEST))
    found = minimize_scalar(loss, bounds=(-limit, limit), method="bounded")
    return float(np.exp(found.x))


def scale_thresholds(
    thresholds: NDArray[np.float64], temperature: float
) -> NDArray[np.float64]:
    """Return thresholds that leave the labels as they were before the division."""
    inner = np.clip(thresholds, _EDGE, 1 - _EDGE)
    logits = np.log(inner) - np.log1p(-inner)
    scaled: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -logits / temperature))
    ends = (thresholds == 0) | (thresholds == 1)
    scaled[ends] = thresholds[ends]
    return scaled


def _softened(targets: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return targets that allow for one wrong clip more than there are.

    Otherwise a net that is right about all of a few clips would be certain of every
    clip (J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999).
    """
    share = 1 / (len(targets) + 2)
    if targets.ndim == 2:
        softened: NDArray[np.float64] = targets * (1 - share) + share / 2
        return softened
    certain: NDArray[np.float64] = np.eye(shape[1])[targets]
    return certain * (1 - share) + share / shape[1]
