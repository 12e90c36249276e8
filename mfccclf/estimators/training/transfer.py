"""InitialWeights a training from the feature layers of another net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from mfccclf._hashing import hash_pieces
from mfccclf._validation import check_bool
from mfccclf.modules.conv_block import MaskedBatchNorm

__all__ = ["InitialWeights"]

# What names the labels of one task, and is new for another.
_HEAD = "output."


@dataclass(frozen=True)
class InitialWeights:
    """Where the weights of a training come from: chance, or another net.

    Parameters
    ----------
    state : mapping of str to Tensor, or None
        Weights of a net with the same layers; None for chance.
    freeze : bool
        Whether to keep them all but the output's, and train that alone.

    Raises
    ------
    ValueError
        If there are no weights to keep.
    """

    state: Mapping[str, Tensor] | None
    freeze: bool

    def __post_init__(self) -> None:
        """Check that the two go together."""
        if check_bool("freeze", self.freeze, owner="fit") and self.state is None:
            raise ValueError(
                "freeze=True needs weights to keep. Pass start_from to fit as well."
            )

    @property
    def identity(self) -> dict[str, str]:
        """What the weights at the end depend on, as a hash by name."""
        if self.state is None:
            return {}
        return {"the weights to start from": f"{self.freeze} {_hash(self.state)}"}

    def apply(self, module: nn.Module, *, owner: object) -> None:
        """Copy all weights but those of the output layer into a new module.

        Parameters
        ----------
        module : torch.nn.Module
            A net of this package.
        owner : object
            Estimator to name in an error.

        Raises
        ------
        ValueError
            If the layers are not the same.
        """
        if self.state is None:
            return
        wanted, given = (_without_head(s) for s in (module.state_dict(), self.state))
        for name in sorted(wanted.keys() | given.keys()):
            here, there = (_shape(tensors.get(name)) for tensors in (wanted, given))
            if here != there:
                raise ValueError(
                    f"This {type(owner).__name__} cannot start from those weights: "
                    f"{name!r} has shape {here} here and {there} there. Use the same "
                    "features and the same layers."
                )
        module.load_state_dict({**module.state_dict(), **given})

    @contextmanager
    def frozen(self, module: nn.Module) -> Iterator[None]:
        """Keep what was taken as it is for a block, if that is wanted."""
        held = [
            parameter
            for name, parameter in module.named_parameters()
            if self.freeze and parameter.requires_grad and not name.startswith(_HEAD)
        ]
        norms = [part for part in module.modules() if isinstance(part, MaskedBatchNorm)]
        _set_frozen(held, norms, frozen=self.freeze)
        try:
            yield
        finally:
            _set_frozen(held, norms, frozen=False)


def _set_frozen(
    parameters: list[nn.Parameter], norms: list[MaskedBatchNorm], *, frozen: bool
) -> None:
    for parameter in parameters:
        parameter.requires_grad_(not frozen)
    for norm in norms:
        norm.frozen = frozen


def _without_head(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {n: tensor for n, tensor in state.items() if not n.startswith(_HEAD)}


def _shape(tensor: Tensor | None) -> tuple[int, ...] | None:
    return None if tensor is None else tuple(tensor.shape)


def _hash(state: Mapping[str, Tensor]) -> str:
    return hash_pieces(
        piece
        for name, tensor in sorted(state.items())
        for piece in (name.encode(), _content(tensor))
    )


def _content(tensor: Tensor) -> bytes:
    return np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes()
