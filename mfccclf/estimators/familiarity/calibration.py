"""Fit probabilities and familiarity to clips that a net was not trained on."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from mfccclf.estimators.familiarity.cross_calibration import HeldOut
from mfccclf.estimators.familiarity.measure import Familiarity, learn_familiarity
from mfccclf.estimators.familiarity.temperature import best_temperature
from mfccclf.estimators.training.inference import Outputs

__all__ = [
    "CalibrationFit",
    "calibrate_held_out",
    "calibrate_outputs",
]


class CalibrationFit(NamedTuple):
    """What calibration finds.

    Attributes
    ----------
    temperature : float
        Divisor of the logits.
    familiarity : Familiarity or None
        Of the divided logits.
    """

    temperature: float
    familiarity: Familiarity | None


def calibrate_outputs(
    familiarity: Familiarity | None, outputs: Outputs, targets: NDArray[Any]
) -> CalibrationFit:
    """Calibrate a net by its own outputs.

    Parameters
    ----------
    familiarity : Familiarity or None
        What training learned; None to learn it from these clips.
    outputs : Outputs
        For clips that the net was not trained on.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Class of each clip; or 1 where it has a label.

    Returns
    -------
    calibration : CalibrationFit
        Temperature and familiarity.
    """
    temperature = best_temperature(outputs.logits, targets)
    divided = Outputs(outputs.logits / temperature, outputs.embeddings)
    if familiarity is None:
        return CalibrationFit(temperature, learn_familiarity(divided, targets))
    distances = familiarity.gaussians.distances(outputs.embeddings)
    calibrated = familiarity.calibrated(divided.logits, distances, targets)
    return CalibrationFit(temperature, calibrated)


def calibrate_held_out(
    familiarity: Familiarity | None, held_out: HeldOut, targets: NDArray[Any]
) -> CalibrationFit:
    """Calibrate a net by the outputs of copies that were trained on fewer clips.

    Parameters
    ----------
    familiarity : Familiarity or None
        What training learned; None stays None.
    held_out : HeldOut
        For the clips that each copy was not trained on.
    targets : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Of all clips, in their own order.

    Returns
    -------
    calibration : CalibrationFit
        Temperature and familiarity.
    """
    rows, logits, distances = held_out
    temperature = best_temperature(logits, targets[rows])
    if familiarity is not None:
        divided = logits / temperature
        familiarity = familiarity.calibrated(divided, distances, targets[rows])
    return CalibrationFit(temperature, familiarity)
