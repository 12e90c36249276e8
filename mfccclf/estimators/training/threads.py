"""Choose the number of threads that suits a net."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["one_thread", "sensible_threads"]

# Operations per time step below which a second thread costs more than it gains: a step
# must take about 0.2 ms for the synchronisation after it not to matter.
LEAST_WORK = 2**24


@contextmanager
def sensible_threads(
    module: nn.Module, batch_size: int, *, device: torch.device
) -> Iterator[None]:
    """Run small recurrent nets on one thread while the block lasts.

    The threads of a recurrent net are synchronised after every time step. For small
    nets that takes longer than the step itself, and many times longer on a busy
    machine, where a thread may have to wait for a core.

    Parameters
    ----------
    module : torch.nn.Module
        The net.
    batch_size : int
        Sequences at a time.
    device : torch.device
        Where it runs.
    """
    if device.type == "cpu" and _is_small(module, batch_size):
        with one_thread():
            yield
    else:
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread of torch while the block lasts.

    The orthogonal matrices of an untrained LSTM take longest on several threads, too.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_small(module: nn.Module, batch_size: int) -> bool:
    modules = list(module.modules())
    if any(isinstance(part, nn.Conv1d | nn.Conv2d) for part in modules):
        return False  # convolutions take all frames at once, which suits threads
    sizes = [part.hidden_size for part in modules if isinstance(part, nn.RNNBase)]
    work = 8 * batch_size * max(sizes, default=0) ** 2
    return bool(sizes) and work < LEAST_WORK
