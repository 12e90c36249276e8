"""Checks of feature parameters, each alone and then together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mfccclf._validation import (
    argument_error,
    check_bool,
    check_choice,
    check_int,
    check_real,
    suggest,
)
from mfccclf.features.filters import WINDOWS, contrast_bands, mel_matrix

if TYPE_CHECKING:
    from mfccclf.features.parameters import FeatureParameters

BLOCKS = ("mfcc", "centroid", "chroma", "contrast", "mel", "zero")
PAD_MODES = ("constant", "edge", "linear_ramp", "reflect", "symmetric")
DELTA_MODES = ("nearest", "interp", "mirror", "constant", "wrap")
BACKENDS = ("numpy", "librosa")

_INTS = {
    "sample_rate": 1,
    "n_fft": 4,
    "hop_length": 1,
    "n_mfcc": 1,
    "n_mels": 1,
    "n_chroma": 1,
    "n_bands": 1,
    "delta_width": 3,
}
_OPTIONAL_INTS = {"n_frames": 1, "win_length": 1}
_REALS: dict[str, dict[str, float]] = {
    "power": {"above": 0},
    "lifter": {"minimum": 0},
    "fmin": {"minimum": 0},
    "amin": {"above": 0},
    "ctroct": {},
    "quantile": {"above": 0, "below": 1},
}
_OPTIONAL_REALS: dict[str, dict[str, float]] = {
    "fmax": {"above": 0},
    "top_db": {"minimum": 0},
    "trim_top_db": {"above": 0},
    "tuning": {},
    "octwidth": {"above": 0},
    "contrast_fmin": {"above": 0},
}
_BOOLS = ("center", "htk", "base_c", "linear")
_CHOICES: dict[str, tuple[Any, ...]] = {
    "pad_mode": PAD_MODES,
    "dct_type": (1, 2, 3),
    "norm": ("ortho", None),
    "delta": (0, 1, 2),
    "delta_mode": DELTA_MODES,
}


def check_parameters(
    parameters: FeatureParameters, *, owner: object, backend: str
) -> None:
    """Raise the first error there is; see `FeatureParameters.validate`."""
    check_choice("backend", backend, BACKENDS, owner=owner)
    _check_features(parameters.features, owner)
    _check_values(parameters, owner)
    _check_norm("mel_norm", parameters.mel_norm, owner, also="slaney")
    _check_norm("chroma_norm", parameters.chroma_norm, owner)
    _check_ref(parameters.ref, owner)
    _check_window(parameters, owner, backend)
    _check_mel(parameters, owner)
    if "contrast" in parameters.blocks:
        _check_contrast(parameters, owner)
    if parameters.trim_top_db is not None and parameters.delta_mode == "interp":
        hint = "What is left of a clip could be shorter than delta_width."
        raise argument_error(
            "trim_top_db",
            parameters.trim_top_db,
            "None for delta_mode='interp'",
            owner=owner,
            hint=hint,
        )
    if parameters.delta_width % 2 == 0:
        raise argument_error(
            "delta_width", parameters.delta_width, "an odd int >= 3", owner=owner
        )


def empty_mel_filters(parameters: FeatureParameters) -> int:
    """Return how many mel filters fall between two frequency bins and hold none."""
    if not {"mfcc", "mel"} & set(parameters.blocks):
        return 0
    matrix = mel_matrix(*parameters.mel_arguments)
    return int(np.count_nonzero(~matrix.any(axis=1)))


def _check_features(features: Any, owner: object) -> None:
    if not isinstance(features, bool) and features in (14, 33):
        return
    blocks = (features,) if isinstance(features, str) else features
    expected = "14, 33 or a list of blocks of " + ", ".join(map(repr, BLOCKS))
    if not isinstance(blocks, tuple) or not blocks:
        raise argument_error("features", features, expected, owner=owner)
    for block in blocks:
        if block not in BLOCKS:
            hint = suggest(block, BLOCKS)
            raise argument_error("features", features, expected, owner=owner, hint=hint)
    once = [block for block in blocks if block != "zero"]
    if len(set(once)) < len(once):
        hint = "Name each block but 'zero' once."
        raise argument_error("features", features, expected, owner=owner, hint=hint)


def _check_values(parameters: FeatureParameters, owner: object) -> None:
    def value(name: str) -> Any:
        return getattr(parameters, name)

    for name, minimum in _INTS.items():
        check_int(name, value(name), minimum=minimum, owner=owner)
    for name, minimum in _OPTIONAL_INTS.items():
        if value(name) is not None:
            check_int(name, value(name), minimum=minimum, owner=owner)
    for name, limits in _REALS.items():
        check_real(name, value(name), owner=owner, **limits)
    for name, limits in _OPTIONAL_REALS.items():
        if value(name) is not None:
            check_real(name, value(name), owner=owner, **limits)
    for name in _BOOLS:
        check_bool(name, value(name), owner=owner)
    for name, choices in _CHOICES.items():
        check_choice(name, value(name), choices, owner=owner)


def _check_norm(name: str, value: Any, owner: object, also: str | None = None) -> None:
    if value is None or (also is not None and value == also) or value == math.inf:
        return
    expected = "None, a float > 0 or inf"
    if also is not None:
        expected = f"{also!r}, {expected}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise argument_error(name, value, expected, owner=owner)


def _check_ref(value: Any, owner: object) -> None:
    if value == "max":
        return
    if isinstance(value, str):
        raise argument_error("ref", value, "a float > 0 or 'max'", owner=owner)
    check_real("ref", value, above=0, owner=owner)


def _check_window(parameters: FeatureParameters, owner: object, backend: str) -> None:
    n_fft, win_length = parameters.n_fft, parameters.win_length
    if win_length is not None and win_length > n_fft:
        expected = f"an int <= n_fft={n_fft}, or None"
        raise argument_error("win_length", win_length, expected, owner=owner)
    window = parameters.window
    if window in WINDOWS:
        return
    if backend == "librosa" and isinstance(window, str | tuple):
        return
    expected = "one of " + ", ".join(map(repr, WINDOWS))
    hint = "backend='librosa' takes every window that scipy knows."
    raise argument_error("window", window, expected, owner=owner, hint=hint)


def _check_mel(parameters: FeatureParameters, owner: object) -> None:
    nyquist = parameters.sample_rate / 2
    if parameters.effective_fmax > nyquist:
        expected = f"a float <= half the sample rate, {nyquist:g} Hz, or None"
        raise argument_error("fmax", parameters.fmax, expected, owner=owner)
    if parameters.fmin >= parameters.effective_fmax:
        expected = f"a float < fmax={parameters.effective_fmax:g}"
        raise argument_error("fmin", parameters.fmin, expected, owner=owner)
    if "mfcc" not in parameters.blocks:
        return
    if parameters.n_mfcc > parameters.n_mels:
        expected = f"an int <= n_mels={parameters.n_mels}"
        raise argument_error("n_mfcc", parameters.n_mfcc, expected, owner=owner)
    if parameters.dct_type == 1 and parameters.n_mels < 2:
        raise argument_error(
            "n_mels", parameters.n_mels, "an int >= 2 for dct_type=1", owner=owner
        )


def _check_contrast(parameters: FeatureParameters, owner: object) -> None:
    fmin, n_bands = parameters.effective_contrast_fmin, parameters.n_bands
    nyquist = parameters.sample_rate / 2
    if fmin * 2 ** (n_bands - 1) >= nyquist:
        expected = f"a float < {nyquist / 2 ** (n_bands - 1):g} Hz, or None"
        hint = (
            f"The lowest edge of octave {n_bands} must be under half the sample rate, "
            f"{nyquist:g} Hz. Lower contrast_fmin or n_bands."
        )
        raise argument_error("contrast_fmin", fmin, expected, owner=owner, hint=hint)
    try:
        contrast_bands(
            parameters.sample_rate,
            parameters.n_fft,
            fmin,
            n_bands,
            parameters.quantile,
        )
    except ValueError as exc:
        expected = f"larger: {exc} with contrast_fmin={fmin:g} and n_bands={n_bands}"
        hint = "Raise n_fft or contrast_fmin, or lower n_bands."
        raise argument_error(
            "n_fft", parameters.n_fft, expected, owner=owner, hint=hint
        ) from exc
