"""How far clips are varied before a front end sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mfccclf._parameters import document, optional, parameter
from mfccclf._validation import argument_error, check_int, check_real
from mfccclf.features.plain import PlainParameters

__all__ = ["VariationParameters"]

_MAX_VARIATIONS = 100


def _check_snr(name: str, value: Any, *, owner: object) -> tuple[float, float]:
    expected = "a pair (lowest, highest) from -20 to 120, or None"
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise argument_error(name, value, expected, owner=owner)
    check = partial(check_real, name, minimum=-20, maximum=120, owner=owner)
    low, high = check(value[0]), check(value[1])
    if low > high:
        raise argument_error(name, value, expected, owner=owner)
    return low, high


@document()
@dataclass(frozen=True, kw_only=True)
class VariationParameters(PlainParameters):
    """How many varied copies of a clip there are, and how far they differ from it.

    Immutable, comparable and hashable. Nothing is checked before `validate`.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> from mfccclf.variation import VariationParameters
    >>> VariationParameters(n_variations=3, pitch=1.0).pitch
    1.0
    """

    n_variations: int = parameter(
        0,
        "int",
        "Varied copies of each training clip, learned from besides the clip itself; 0 "
        "for none.",
        check=partial(check_int, minimum=0, maximum=_MAX_VARIATIONS),
    )
    pitch: float = parameter(
        2.0,
        "float",
        "Largest change of pitch, in semitones, with timbre and tempo kept. Use 0 "
        "where pitch is what the labels tell apart.",
        check=partial(check_real, minimum=0, maximum=12),
    )
    formant: float = parameter(
        2.0,
        "float",
        "Largest shift of the spectrum's envelope, in semitones, with the pitch kept: "
        "longer and shorter vocal tracts, larger and smaller instruments.",
        check=partial(check_real, minimum=0, maximum=12),
    )
    tempo: float = parameter(
        0.15,
        "float",
        "Largest change of tempo, as a share of it, with the pitch kept.",
        check=partial(check_real, minimum=0, maximum=0.5),
    )
    colour_db: float = parameter(
        6.0,
        "float",
        "Largest gain and loss of an equaliser with smooth, random settings, in dB.",
        check=partial(check_real, minimum=0, maximum=30),
    )
    room: float = parameter(
        0.5,
        "float",
        "Share of the copies that are heard in a room, with an echo of 0.08 to 0.7 s.",
        check=partial(check_real, minimum=0, maximum=1),
    )
    noise_snr_db: tuple[float, float] | None = parameter(
        (10.0, 40.0),
        "(float, float) or None",
        "Lowest and highest ratio of clip to noise, in dB. The noise is of any colour "
        "between white and brown. None adds none.",
        check=optional(_check_snr),
    )
    level_db: float = parameter(
        10.0,
        "float",
        "Largest change of level, in dB. Pre-trained nets do not hear it.",
        check=partial(check_real, minimum=0, maximum=60),
    )
    shift: float = parameter(
        0.1,
        "float",
        "Longest pause before and after a copy, in seconds.",
        check=partial(check_real, minimum=0, maximum=10),
    )
    seed: int = parameter(
        0,
        "int",
        "Equal seeds give equal copies of a clip, whatever clips stand beside it.",
        check=partial(check_int, minimum=0),
    )
