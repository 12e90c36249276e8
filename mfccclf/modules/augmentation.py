"""How far training varies clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

from mfccclf._parameters import check_each, declared_defaults, document, parameter
from mfccclf._validation import argument_error, check_int, check_real, suggest

__all__ = ["Augmentation", "check_augmentation"]


def _check_range(name: str, value: Any, *, owner: object) -> tuple[float, float]:
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    if not is_pair or not all(isinstance(number, (int, float)) for number in value):
        expected = "two floats, the lowest and the highest"
        raise argument_error(name, value, expected, owner=owner)
    low, high = (check_real(name, number, owner=owner) for number in value)
    if low > high:
        raise argument_error(name, value, "two floats, the lower first", owner=owner)
    return low, high


_CHECK_SHARE = partial(check_real, minimum=0, maximum=1.0)
_CHECK_DB = partial(check_real, minimum=0, maximum=100.0)


@document()
@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far training varies clips; all zero for not at all.

    Parameters
    ----------
    {parameters}

    References
    ----------
    .. [1] N. Jaitly and G. E. Hinton, "Vocal Tract Length Perturbation (VTLP) Improves
       Speech Recognition", ICML workshop, 2013.
    .. [2] D. S. Park and others, "SpecAugment: A Simple Data Augmentation Method for
       Automatic Speech Recognition", Interspeech, 2019.

    Examples
    --------
    >>> from mfccclf.modules import Augmentation
    >>> Augmentation(time_mask=0.1, mix=0.5).mix
    0.5
    """

    time_stretch: float = parameter(
        0.0,
        "float",
        "Largest change of the tempo: a clip becomes ``exp(u)`` times as long, with u "
        "drawn uniformly between minus and plus this value.",
        check=_CHECK_SHARE,
    )
    band_warp: float = parameter(
        0.0,
        "float",
        "The same for the position of the bands, which a longer or shorter vocal "
        "tract, or a larger or smaller instrument, would shift [1]_.",
        check=_CHECK_SHARE,
    )
    colour_db: float = parameter(
        0.0,
        "float",
        "Standard deviation of a smooth random response over the bands, in dB.",
        check=_CHECK_DB,
    )
    band_limit: float = parameter(
        0.0,
        "float",
        "Share of the clips that lose all bands above a random one.",
        check=_CHECK_SHARE,
    )
    reverberation: float = parameter(
        0.0, "float", "Share of the clips that get an echo.", check=_CHECK_SHARE
    )
    noise: float = parameter(
        0.0,
        "float",
        "Share of the clips that get noise of a random colour.",
        check=_CHECK_SHARE,
    )
    noise_snr_db: tuple[float, float] = parameter(
        (0.0, 40.0),
        "sequence of two float",
        "Lowest and highest level of a clip above its noise, in dB.",
        check=_check_range,
    )
    time_mask: float = parameter(
        0.0,
        "float",
        "Largest share of a clip's frames that is hidden [2]_.",
        check=_CHECK_SHARE,
    )
    band_mask: float = parameter(
        0.0, "float", "The same for the bands.", check=_CHECK_SHARE
    )
    n_masks: int = parameter(
        1,
        "int",
        "How many stretches of frames, and of bands, are hidden.",
        check=partial(check_int, minimum=1),
    )
    mix: float = parameter(
        0.0,
        "float",
        "Share of the clips that are mixed with another clip of the batch, and get "
        "its labels too (mixup). Multilabel data only; other clips are never mixed. "
        "No mixture has more labels than any training clip.",
        check=_CHECK_SHARE,
    )
    mix_db: float = parameter(
        6.0,
        "float",
        "Largest difference between the peaks of the two clips, in dB.",
        check=_CHECK_DB,
    )


def check_augmentation(name: str, value: Any, *, owner: object) -> Augmentation | None:
    """Return a mapping as an `Augmentation`; None stays None.

    Parameters
    ----------
    name : str
        The parameter's name.
    value : mapping of str to float, or None
        What the caller passed.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    augmentation : Augmentation or None
        The same, checked.

    Raises
    ------
    ValueError, TypeError
        If a key is unknown or a value out of range.
    """
    if value is None:
        return None
    defaults = declared_defaults(Augmentation)
    if not isinstance(value, Mapping):
        expected = f"None, or a mapping with any of {', '.join(defaults)}"
        raise argument_error(name, value, expected, owner=owner, error=TypeError)
    for key in value:
        if key not in defaults:
            expected = f"a mapping with any of {', '.join(defaults)}"
            hint = suggest(key, defaults)
            raise argument_error(name, value, expected, owner=owner, hint=hint)
    given = {key: number for key, number in value.items() if number is not None}
    source = SimpleNamespace(**{**defaults, **given})
    return check_each(Augmentation, source, owner=owner, called=f"{name}[{{!r}}]")
