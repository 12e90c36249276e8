"""The parameters of a front end that begins with a net of the user's own choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import Any, Self

from mfccclf._parameters import check_each, document, optional, parameter
from mfccclf._validation import argument_error, check_int, check_real
from mfccclf.features.embeddings.foreign_net import OnnxGraph
from mfccclf.features.plain import PlainParameters

__all__ = ["NetSource", "OnnxParameters", "WindowParameters"]

# Of model cards, as the other pre-trained nets have them.
_ATTRIBUTION = ("licence", "source", "attribution")
_RATES = (1, 384_000)
_LONGEST_S = 60.0
_MOST_VALUES = 2**16


def _check_path(name: str, value: Any, *, owner: object) -> Any:
    if isinstance(value, str | PathLike | OnnxGraph):
        return value
    expected = "the path of an ONNX file"
    raise argument_error(name, value, expected, owner=owner, error=TypeError)


def _check_attribution(name: str, value: Any, *, owner: object) -> dict[str, str]:
    """Return all facts that a model card states of a net, as texts."""
    given = {} if value is None else value
    if not isinstance(given, Mapping) or not all(
        key in _ATTRIBUTION and isinstance(text, str) for key, text in given.items()
    ):
        keys = ", ".join(map(repr, _ATTRIBUTION))
        expected = f"a mapping of {keys} to texts, or None"
        raise argument_error(name, value, expected, owner=owner)
    return {key: given.get(key, "not stated") for key in _ATTRIBUTION}


def _check_output(name: str, value: Any, *, owner: object) -> str:
    if isinstance(value, str):
        return value
    raise argument_error(
        name, value, "the name of an output, or None", owner=owner, error=TypeError
    )


@dataclass(frozen=True, kw_only=True)
class NetSource:
    """Which net, and what a model card says about it."""

    path: Any = parameter(
        None,
        "path-like or OnnxGraph",
        "ONNX file of the net: one float32 input of shape (n_windows, n_samples), "
        "(n_windows, 1, n_samples) or (n_samples,).",
        check=_check_path,
        runtime=True,
    )
    attribution: Any = parameter(
        None,
        "mapping or None",
        'Texts for model cards: "licence", "source" and "attribution" of the weights, '
        "which a model file carries along.",
        check=_check_attribution,
    )


@dataclass(frozen=True, kw_only=True)
class WindowParameters:
    """What the net hears, and which of its outputs are the vectors."""

    sample_rate: int = parameter(
        16000,
        "int",
        "Rate that the net expects, in Hz.",
        check=partial(check_int, minimum=_RATES[0], maximum=_RATES[1]),
    )
    window: float = parameter(
        1.0,
        "float",
        "Seconds of sound that the net is given at a time; shorter clips are filled up "
        "with silence.",
        check=partial(check_real, above=0, maximum=_LONGEST_S),
    )
    hop: float | None = parameter(
        None,
        "float or None",
        "Seconds from one window to the next; None for those of a window.",
        check=optional(check_real, above=0, maximum=_LONGEST_S),
    )
    output: str | None = parameter(
        None,
        "str or None",
        "Name of the output with the vectors, of shape (n_windows, n_values) or "
        "(n_windows, n_vectors, n_values); None for the only one.",
        check=optional(_check_output),
    )
    peak: float | None = parameter(
        None,
        "float or None",
        "Amplitude that the loudest sample of each clip is brought to, so that its "
        "level does not matter. None keeps the level.",
        check=optional(check_real, above=0, maximum=2.0**31),
    )
    n_frames: int | None = parameter(
        None,
        "int or None",
        "Vectors per clip: longer clips are cut, shorter ones filled up with NaN. None "
        "keeps all vectors, and fills up to the longest clip.",
        check=optional(check_int, minimum=1),
    )


@document(WindowParameters)
@dataclass(frozen=True, kw_only=True)
class OnnxParameters(WindowParameters, PlainParameters):
    """Everything that decides the vectors of a net of the user's own choice.

    Immutable, comparable and hashable. Nothing is checked before `validate`.

    Parameters
    ----------
    {parameters}
    net : str, default=""
        SHA-256 of the ONNX file.
    n_vectors : int, default=1
        Vectors of one window.
    n_values : int, default=1
        Values of a vector.
    """

    net: str = ""
    n_vectors: int = 1
    n_values: int = 1

    @property
    def window_length(self) -> int:
        """Samples of a window."""
        return max(1, round(self.window * self.sample_rate))

    @property
    def hop_length(self) -> int:
        """Samples from one window to the next."""
        hop = self.window if self.hop is None else self.hop
        return max(1, round(hop * self.sample_rate))

    @property
    def n_features(self) -> int:
        """Values of a vector."""
        return self.n_values

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns: "onnx_0" and so on."""
        return [f"onnx_{index}" for index in range(self.n_values)]

    def validate(self, *, owner: object = None) -> Self:
        """Return the parameters, checked; see `PlainParameters.validate`."""
        owner = self if owner is None else owner
        check_each(WindowParameters, self, owner=owner)
        for name in ("n_vectors", "n_values"):
            check_int(
                name, getattr(self, name), minimum=1, maximum=_MOST_VALUES, owner=owner
            )
        return self
