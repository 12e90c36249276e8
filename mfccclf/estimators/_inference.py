"""Run a trained module on many sequences."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mfccclf.estimators._batches import SequenceBatches, SequenceDataset

__all__ = ["compute_logits"]


def compute_logits(
    module: nn.Module,
    dataset: SequenceDataset,
    *,
    batch_size: int,
    device: torch.device,
) -> NDArray[np.float32]:
    """Run a module on sequences, without learning.

    Parameters
    ----------
    module : torch.nn.Module
        Called with ``X`` and ``lengths``; moved to the device.
    dataset : SequenceDataset
        What to predict.
    batch_size : int
        Sequences at a time.
    device : torch.device
        Where to compute.

    Returns
    -------
    logits : float32 ndarray of shape (n_clips, n_outputs)
        In the order of the data set.
    """
    module.to(device).eval()
    batches = SequenceBatches(dataset, batch_size=batch_size, bucketing=True)
    indices = batches.index_batches()
    logits: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for batch in indices:
            inputs, _ = dataset.batch(batch)
            moved = {name: value.to(device) for name, value in inputs.items()}
            logits.append(module(**moved).cpu().numpy())
    in_order = np.empty_like(np.concatenate(logits))
    in_order[np.concatenate(indices)] = np.concatenate(logits)
    return in_order
