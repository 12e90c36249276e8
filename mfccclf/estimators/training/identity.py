"""What the weights at the end of a training depend on, as hashes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import torch

from mfccclf._hashing import hash_pieces, hash_text
from mfccclf._parameters import runtime_parameters
from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.estimators.training.clips import TrainingClips
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.estimators.training.outlier_exposure import Outliers
from mfccclf.estimators.training.transfer import InitialWeights

__all__ = ["training_identity"]


def training_identity(
    parameters: Mapping[str, Any],
    clips: TrainingClips,
    initial: InitialWeights,
    *,
    classes: list[Any],
    device: torch.device,
) -> dict[str, str]:
    """Return hashes of what the weights at the end depend on.

    Parameters
    ----------
    parameters : mapping
        The estimator's parameters.
    clips : TrainingClips
        All clips that take part.
    initial : InitialWeights
        Weights to start from.
    classes : list
        The labels.
    device : torch.device
        Where the net is trained.

    Returns
    -------
    identity : dict of str to str
        One hash per parameter and part of the data. Names end the sentence "It differs
        in ...", and are kept in checkpoints.
    """
    runtime = runtime_parameters(TrainingOptions)
    identity = {
        name: hash_text(json.dumps(_plain(value), default=repr))
        for name, value in parameters.items()
        if name not in runtime
    }
    identity["the labels"] = hash_text(repr([str(label) for label in classes]))
    identity["the training clips or their features"] = _hash_data(clips.train)
    identity["the validation clips"] = (
        "" if clips.valid is None else _hash_data(clips.valid)
    )
    identity["device"] = device.type
    identity |= initial.identity
    identity["the other clips"] = _hash_outliers(clips.outliers)
    return identity


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _hash_outliers(outliers: Outliers | None) -> str:
    if outliers is None:
        return ""
    return hash_text(f"{outliers.weight!r} {_hash_data(outliers.clips)}")


def _hash_data(data: SequenceDataset) -> str:
    shape = [repr(data.shape).encode()]
    arrays = chain(data.blocks(), (data.lengths, data.targets, data.weights))
    contents = (np.ascontiguousarray(array).tobytes() for array in arrays)
    return hash_pieces(chain(shape, contents))
