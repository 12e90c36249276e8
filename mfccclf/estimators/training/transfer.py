"""Start a training from the weights of another net."""

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

# These layers belong to the labels, which may differ.
_HEAD = ("output.", "linear.")


@dataclass(frozen=True)
class InitialWeights:
    """Weights that a training starts from: random ones, or those of another net.

    Parameters
    ----------
    state : mapping of str to Tensor, or None
        Weights of a net with the same layers; None for random ones.
    freeze : bool
        Whether to train only the output layer and leave the other weights unchanged.

    Raises
    ------
    ValueError
        If there are no weights to freeze.
    """

    state: Mapping[str, Tensor] | None
    freeze: bool

    def __post_init__(self) -> None:
        """Check that there is something to freeze."""
        if check_bool("freeze", self.freeze, owner="fit") and self.state is None:
            raise ValueError(
                "freeze=True needs weights to keep. Pass start_from to fit as well."
            )

    @property
    def identity(self) -> dict[str, str]:
        """A hash of the weights, by the name that `training_identity` gives it."""
        if self.state is None:
            return {}
        return {"the weights to start from": f"{self.freeze} {_hash(self.state)}"}

    def apply(self, module: nn.Module, *, owner: object) -> None:
        """Copy the weights into a new module, except those of its output layer.

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
        """Freeze all layers but the output during the block, if ``freeze`` says so."""
        frozen = [
            parameter
            for name, parameter in module.named_parameters()
            if self.freeze and parameter.requires_grad and not name.startswith(_HEAD)
        ]
        norms = [part for part in module.modules() if isinstance(part, MaskedBatchNorm)]
        _set_frozen(frozen, norms, frozen=self.freeze)
        try:
            yield
        finally:
            _set_frozen(frozen, norms, frozen=False)


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
