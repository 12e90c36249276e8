"""Run a trained net on many sequences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mfccclf.estimators.training.batches import SequenceBatches, SequenceDataset
from mfccclf.estimators.training.device import resolve_device
from mfccclf.estimators.training.threads import sensible_threads

__all__ = ["Outputs", "compute_outputs", "run_net"]

# Without gradients, more sequences fit into memory at a time than in training.
_LEAST_BATCH_SIZE = 256


class Outputs(NamedTuple):
    """What a net computes for clips.

    Attributes
    ----------
    logits : float32 ndarray of shape (n_clips, n_outputs)
        Output of the output layer.
    embeddings : float32 ndarray of shape (n_clips, n_values)
        Input of the output layer.
    """

    logits: NDArray[np.float32]
    embeddings: NDArray[np.float32]


def run_net(classifier: Any, dataset: SequenceDataset) -> Outputs:
    """Run the net of a fitted classifier on the device that it names.

    Parameters
    ----------
    classifier : SequenceClassifier
        Fitted.
    dataset : SequenceDataset
        Clips to predict.

    Returns
    -------
    outputs : Outputs
        In the order of the data set.

    Raises
    ------
    ValueError
        If there is no such device.
    """
    return compute_outputs(
        classifier.net_.module_,
        dataset,
        batch_size=max(_LEAST_BATCH_SIZE, classifier.batch_size),
        device=resolve_device(classifier.device, owner=classifier),
    )


def compute_outputs(
    module: nn.Module,
    dataset: SequenceDataset,
    *,
    batch_size: int,
    device: torch.device,
    recorded: nn.Module | None = None,
) -> Outputs:
    """Run a module on sequences, without learning.

    Parameters
    ----------
    module : torch.nn.Module
        Called with ``X`` and ``lengths``; its last layer is called ``output``. It is
        moved to the device, and afterwards to the CPU.
    dataset : SequenceDataset
        Clips to predict.
    batch_size : int
        Sequences at a time.
    device : torch.device
        Where to compute.
    recorded : torch.nn.Module or None, default=None
        A part of the module whose input is returned as the embeddings; None for its
        output layer.

    Returns
    -------
    outputs : Outputs
        In the order of the data set.
    """
    module.to(device).eval()
    batches = SequenceBatches(dataset, batch_size=batch_size, bucketing=True)
    indices = batches.index_batches()
    logits: list[NDArray[np.float32]] = []
    n_together = min(batch_size, len(dataset))
    try:
        with (
            torch.inference_mode(),
            sensible_threads(module, n_together, device=device),
            _recorded_inputs(recorded or module.output) as embeddings,
        ):
            for batch in indices:
                inputs, _ = dataset.batch(batch)
                moved = {name: value.to(device) for name, value in inputs.items()}
                logits.append(module(**moved).cpu().numpy())
    finally:
        module.to("cpu")  # where it is pickled and saved, for machines without a GPU
    order = np.argsort(np.concatenate(indices))
    return Outputs(np.concatenate(logits)[order], np.concatenate(embeddings)[order])


@contextmanager
def _recorded_inputs(layer: Any) -> Iterator[list[NDArray[np.float32]]]:
    """Collect what a layer is given during the block."""
    inputs: list[NDArray[np.float32]] = []

    def record(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        inputs.append(given[0].cpu().numpy())

    handle = layer.register_forward_pre_hook(record)
    try:
        yield inputs
    finally:
        handle.remove()
