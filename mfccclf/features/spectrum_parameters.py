"""Parameters of the short-time spectrum, which all blocks of features share."""

from __future__ import annotations

from functools import partial
from typing import Any

from mfccclf._parameters import choice, optional, parameter, parameter_group
from mfccclf._validation import (
    argument_error,
    check_bool,
    check_int,
    check_real,
)
from mfccclf.features.arrays import WINDOWS

__all__ = ["BACKENDS", "SpectrumParameters", "check_window"]

BACKENDS = ("numpy", "librosa")

_at_least_one = partial(check_int, minimum=1)


@parameter_group
class SpectrumParameters:
    """How a waveform is cut into frames, and each frame turned into a spectrum."""

    sample_rate: int = parameter(
        22050,
        "int",
        "Rate of the waveforms in Hz; files are resampled to it.",
        check=_at_least_one,
    )
    n_frames: int | None = parameter(
        128,
        "int or None",
        "Frames to keep from the start of a clip; None keeps all. A transformer fills "
        "shorter clips up with NaN, to this number or else to the longest clip.",
        check=optional(_at_least_one),
    )
    n_fft: int = parameter(
        2048,
        "int",
        "Length of a frame in samples.",
        check=partial(check_int, minimum=4),
    )
    hop_length: int = parameter(
        512,
        "int",
        "Samples from the start of a frame to the start of the next.",
        check=_at_least_one,
    )
    win_length: int | None = parameter(
        None,
        "int or None",
        "Length of the window in samples; None means ``n_fft``.",
        check=optional(_at_least_one),
    )
    window: Any = parameter(
        "hann",
        "str or tuple",
        '"hann", "hamming", "blackman" or "boxcar"; with librosa as the backend, any '
        "window that SciPy knows.",
    )
    center: bool = parameter(
        True,
        "bool",
        "Whether frames are centred on multiples of ``hop_length``, with padding at "
        "both ends; otherwise they begin there.",
        check=check_bool,
    )
    pad_mode: str = choice(
        "constant",
        ("constant", "edge", "linear_ramp", "reflect", "symmetric"),
        'Padding for ``center``; "constant" pads with zeros.',
    )
    power: float = parameter(
        2.0,
        "float",
        "Exponent of the magnitude in the mel bands: 1 for amplitude, 2 for power.",
        check=partial(check_real, above=0, maximum=8),
    )

    def count_frames(self, n_samples: int) -> int:
        """Return how many frames a waveform of ``n_samples`` has before any cut."""
        padding = 2 * (self.n_fft // 2) if self.center else 0
        return 1 + (n_samples + padding - self.n_fft) // self.hop_length

    def librosa_frames(self) -> dict[str, Any]:
        """Return librosa's arguments for the same frames."""
        return {
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
            "win_length": self.win_length,
            "window": self.window,
            "center": self.center,
            "pad_mode": self.pad_mode,
        }


def check_window(
    parameters: SpectrumParameters, *, owner: object, backend: str
) -> None:
    """Raise if the window is longer than a frame, or unknown to the backend."""
    n_fft, win_length = parameters.n_fft, parameters.win_length
    if win_length is not None and win_length > n_fft:
        expected = f"an int <= n_fft={n_fft}, or None"
        raise argument_error("win_length", win_length, expected, owner=owner)
    window = parameters.window
    if window in WINDOWS or (backend == "librosa" and isinstance(window, str | tuple)):
        return
    expected = "one of " + ", ".join(map(repr, WINDOWS))
    hint = "backend='librosa' takes every window that scipy knows."
    raise argument_error("window", window, expected, owner=owner, hint=hint)
