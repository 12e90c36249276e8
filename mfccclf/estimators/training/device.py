"""Where to compute, and random numbers that leave torch's generators unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from mfccclf._validation import argument_error

__all__ = ["resolve_device", "seeded"]


def resolve_device(device: str, *, owner: object) -> torch.device:
    """Turn the ``device`` parameter into a device that this machine has.

    Parameters
    ----------
    device : str
        "auto" for CUDA, else Apple's MPS, else the CPU; or any name torch knows.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    device : torch.device
        Where to compute.

    Raises
    ------
    ValueError
        If there is no such device.
    """
    if isinstance(device, str) and device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        has_mps = torch.backends.mps.is_available()
        return torch.device("mps" if has_mps else "cpu")
    try:
        resolved = torch.device(device)
        torch.empty(0, device=resolved)
    except (AssertionError, RuntimeError, TypeError) as exc:
        expected = "'auto', 'cpu' or a device that torch finds here"
        raise argument_error("device", device, expected, owner=owner) from exc
    return resolved


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch during a block, and restore its generators afterwards.

    Parameters
    ----------
    seed : int
        Seed of the CPU's generator and the device's.
    device : torch.device
        Where the block computes.
    """
    with torch.random.fork_rng(devices=[]), _seeded_accelerator(seed, device):
        # torch.manual_seed would reseed every device.
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def _seeded_accelerator(seed: int, device: torch.device) -> Iterator[None]:
    if device.type == "cpu":
        yield
        return
    accelerator = getattr(torch, device.type)
    current = torch.cuda.device(device) if device.type == "cuda" else nullcontext()
    with current:
        state = accelerator.get_rng_state()
        accelerator.manual_seed(seed)
        try:
            yield
        finally:
            accelerator.set_rng_state(state)
