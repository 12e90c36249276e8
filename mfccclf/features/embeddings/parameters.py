"""The parameters of front ends that begin with a pre-trained net."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mfccclf._parameters import document, optional, parameter
from mfccclf._validation import argument_error, check_int, check_real, suggest
from mfccclf.features.embeddings.nets import NETS, SAMPLE_RATE
from mfccclf.features.plain import PlainParameters

__all__ = ["EmbeddingParameters", "NetChoice", "VectorParameters"]


def _check_nets(name: str, value: Any, *, owner: object) -> tuple[str, ...]:
    """Return the names of one net or more, each once."""
    expected = "a sequence of " + ", ".join(map(repr, NETS)) + ", each at most once"
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names or len(set(names)) < len(names):
        raise argument_error(name, value, expected, owner=owner)
    for net in names:
        if net not in NETS:
            hint = suggest(net, NETS)
            raise argument_error(name, value, expected, owner=owner, hint=hint)
    return tuple(names)


@dataclass(frozen=True, kw_only=True)
class NetChoice:
    """Which pre-trained nets."""

    nets: tuple[str, ...] = parameter(
        ("speech", "music"),
        'sequence of {"speech", "music"}',
        "Pre-trained nets whose vectors stand side by side.",
        check=_check_nets,
    )


@dataclass(frozen=True, kw_only=True)
class VectorParameters:
    """Which vectors of a clip."""

    n_frames: int | None = parameter(
        None,
        "int or None",
        "Vectors per clip: longer clips are cut, shorter ones filled up with NaN. None "
        "keeps all vectors, and fills up to the longest clip.",
        check=optional(check_int, minimum=1),
    )
    trim_top_db: float | None = parameter(
        None,
        "float or None",
        "Leaves out what comes before the first and after the last stretch of 32 ms "
        "that is less than this many dB below the loudest one. None keeps all.",
        check=optional(check_real, above=0),
    )


@document(NetChoice, VectorParameters)
@dataclass(frozen=True, kw_only=True)
class EmbeddingParameters(VectorParameters, NetChoice, PlainParameters):
    """Everything that decides the vectors of pre-trained nets.

    Immutable, comparable and hashable. Nothing is checked before `validate`.

    Parameters
    ----------
    {parameters}
    """

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return SAMPLE_RATE

    @property
    def n_features(self) -> int:
        """Values of a vector."""
        return sum(NETS[net].n_features for net in self.nets)

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns: "speech_0" and so on."""
        return [
            f"{net}_{index}"
            for net in self.nets
            for index in range(NETS[net].n_features)
        ]
