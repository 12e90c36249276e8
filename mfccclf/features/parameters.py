"""The full set of feature parameters, by librosa's names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from mfccclf.features.checks import check_parameters
from mfccclf.features.filters import default_contrast_fmin
from mfccclf.features.plain import PlainParameters

# Goes up whenever equal parameters give other numbers: a cache of features keys on it.
FEATURES_VERSION = 1

NAMED_SETS = {
    14: ("mfcc", "centroid"),
    33: ("mfcc", "centroid", "chroma", "contrast"),
}


@dataclass(frozen=True, kw_only=True)
class FeatureParameters(PlainParameters):
    """Everything that decides which numbers a waveform turns into.

    Immutable, comparable and hashable; ``to_dict`` and JSON carry it between processes
    and model files. Nothing is checked before `validate`.

    Parameters
    ----------
    features : {14, 33} or sequence of str, default=33
        Blocks of columns, in this order: "mfcc" (``n_mfcc`` columns), "centroid" (1, in
        Hz), "chroma" (``n_chroma``), "contrast" (``n_bands`` + 1), "mel" (``n_mels``,
        in dB) and "zero" (1, always 0; may repeat). 14 stands for mfcc and centroid,
        33 for mfcc, centroid, chroma and contrast.
    sample_rate : int, default=22050
        Rate of the waveforms in Hz.
    n_frames : int or None, default=128
        Frames to keep from the start of a clip; None keeps all.
    n_fft, hop_length : int, default=2048, 512
        Length of a frame, and from one frame to the next, in samples.
    win_length : int or None, default=None
        Length of the window in samples; None means ``n_fft``.
    window : str or tuple, default="hann"
        "hann", "hamming", "blackman" or "boxcar"; with librosa's backend, any window
        that scipy knows.
    center : bool, default=True
        Whether frames are centred on multiples of ``hop_length``, with padding at both
        ends; otherwise they begin there.
    pad_mode : str, default="constant"
        Padding for ``center``: "constant" (zeros), "edge", "linear_ramp", "reflect" or
        "symmetric".
    power : float, default=2.0
        Exponent of the magnitude in the mel bands: 1 for amplitude, 2 for power.
    n_mfcc : int, default=13
        Number of cepstral coefficients, at most ``n_mels``.
    dct_type : {1, 2, 3}, default=2
        Type of the cosine transform.
    norm : {"ortho", None}, default="ortho"
        Scaling of the cosine transform.
    lifter : float, default=0
        Liftering of the coefficients; 0 for none.
    n_mels : int, default=128
        Number of mel bands.
    fmin : float, default=0.0
        Lowest frequency of the mel bands in Hz.
    fmax : float or None, default=None
        Highest frequency of the mel bands in Hz; None means half the rate.
    htk : bool, default=False
        Whether the mel scale is HTK's instead of Slaney's.
    mel_norm : {"slaney"}, float or None, default="slaney"
        Scaling of the mel filters: equal area, a vector norm (inf allowed), or none.
    ref : float or "max", default=1.0
        Power of 0 dB for the mel bands and MFCC; "max" is the clip's own maximum.
    amin : float, default=1e-10
        Smallest power told apart from 0, for the mel bands and MFCC.
    top_db : float or None, default=80.0
        Mel bands are cut at this many dB below the clip's maximum; None for no cut.
    n_chroma : int, default=12
        Pitch classes per octave.
    tuning : float or None, default=None
        Deviation from A = 440 Hz in fractions of a chroma step; None estimates it from
        the whole clip.
    chroma_norm : float or None, default=inf
        Norm that each frame's chroma is divided by; None for none.
    ctroct, octwidth : float, default=5.0, 2.0
        Centre and width, in octaves, of the weight on the spectrum for chroma; an
        ``octwidth`` of None weighs all octaves equally.
    base_c : bool, default=True
        Whether the first pitch class is C, otherwise A.
    n_bands : int, default=6
        Number of octaves of the spectral contrast; one more column holds what lies
        below.
    contrast_fmin : float or None, default=None
        Lower edge of the first octave in Hz. None means librosa's 200 Hz where
        ``n_bands`` octaves fit under half the rate, else half the rate divided by
        ``2 ** n_bands`` (62.5 Hz at 8 kHz), so the number of columns is the same at
        any rate.
    quantile : float, default=0.02
        Fraction of an octave's bins that make its peak, and its valley.
    linear : bool, default=False
        Whether contrast is a difference of magnitudes instead of one of dB.
    delta : {0, 1, 2}, default=0
        Highest order of time derivatives; the derivatives of all columns follow
        the columns.
    delta_width : int, default=9
        Frames that a derivative is estimated from; odd.
    delta_mode : {"nearest", "interp", "mirror", "constant", "wrap"}, default="nearest"
        What derivatives take for the frames past the clip's ends; "interp" (librosa's
        default) needs at least ``delta_width`` frames.
    trim_top_db : float or None, default=None
        Leave out what comes before the first and after the last frame that is less
        than this many dB below the clip's loudest, as `librosa.effects.trim` does with
        frames of ``n_fft`` and ``hop_length``; at least ``n_fft`` samples are kept.
        None keeps all.

    Examples
    --------
    >>> from mfccclf import FeatureParameters
    >>> parameters = FeatureParameters(features=["mfcc", "centroid"], n_mfcc=2, delta=1)
    >>> parameters.feature_names
    ['mfcc_0', 'mfcc_1', 'centroid', 'delta_mfcc_0', 'delta_mfcc_1', 'delta_centroid']
    >>> FeatureParameters.from_dict(parameters.to_dict()) == parameters
    True
    """

    features: Any = 33
    sample_rate: int = 22050
    n_frames: int | None = 128
    n_fft: int = 2048
    hop_length: int = 512
    win_length: int | None = None
    window: Any = "hann"
    center: bool = True
    pad_mode: str = "constant"
    power: float = 2.0
    n_mfcc: int = 13
    dct_type: int = 2
    norm: str | None = "ortho"
    lifter: float = 0
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    htk: bool = False
    mel_norm: str | float | None = "slaney"
    ref: str | float = 1.0
    amin: float = 1e-10
    top_db: float | None = 80.0
    n_chroma: int = 12
    tuning: float | None = None
    chroma_norm: float | None = math.inf
    ctroct: float = 5.0
    octwidth: float | None = 2.0
    base_c: bool = True
    n_bands: int = 6
    contrast_fmin: float | None = None
    quantile: float = 0.02
    linear: bool = False
    delta: int = 0
    delta_width: int = 9
    delta_mode: str = "nearest"
    trim_top_db: float | None = None

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks of columns, in order."""
        if isinstance(self.features, str):
            return (self.features,)
        if isinstance(self.features, int):
            return NAMED_SETS[self.features]
        return tuple(self.features)

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns, such as "mfcc_0", "centroid" and "delta_mfcc_0"."""
        names: list[str] = []
        for place, block in enumerate(self.blocks):
            repeats = self.blocks[:place].count(block)  # only "zero" may come again
            names += [f"{block}_{repeats}"] if repeats else self._block_names(block)
        prefixes = ("", "delta_", "delta2_")[: self.delta + 1]
        return [prefix + name for prefix in prefixes for name in names]

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return len(self.feature_names)

    @property
    def effective_fmax(self) -> float:
        """Highest frequency of the mel bands in Hz, with None resolved."""
        return self.sample_rate / 2 if self.fmax is None else self.fmax

    @property
    def effective_contrast_fmin(self) -> float:
        """Lower edge of the first contrast octave in Hz, with None resolved."""
        if self.contrast_fmin is not None:
            return self.contrast_fmin
        return default_contrast_fmin(self.sample_rate, self.n_bands)

    @property
    def mel_arguments(self) -> tuple[Any, ...]:
        """What the mel filters depend on, in the order that they take it."""
        return (
            self.sample_rate,
            self.n_fft,
            self.n_mels,
            self.fmin,
            self.effective_fmax,
            self.htk,
            self.mel_norm,
        )

    def validate(
        self, *, owner: object = None, backend: str = "numpy"
    ) -> FeatureParameters:
        """Check every parameter, alone and against the others.

        Parameters
        ----------
        owner : object, default=None
            What an error says the parameter belongs to; None means this object.
        backend : {"numpy", "librosa"}, default="numpy"
            What is going to compute the features.

        Returns
        -------
        self : FeatureParameters
            Unchanged.

        Raises
        ------
        ValueError
            If a value is out of range, or does not go with another.
        TypeError
            If a value is of the wrong type.
        """
        check_parameters(self, owner=self if owner is None else owner, backend=backend)
        return self

    def _block_names(self, block: str) -> list[str]:
        sizes = {
            "mfcc": self.n_mfcc,
            "chroma": self.n_chroma,
            "contrast": self.n_bands + 1,
            "mel": self.n_mels,
        }
        if block not in sizes:
            return [block]
        return [f"{block}_{index}" for index in range(sizes[block])]
