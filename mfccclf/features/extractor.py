"""The scikit-learn transformer from clips to sequences of features."""

from __future__ import annotations

import math
import warnings
from dataclasses import fields
from os import PathLike
from typing import Any, ClassVar, Self

from mfccclf.features.checks import empty_mel_filters
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.parameters import FeatureParameters
from mfccclf.features.protocol import Extraction
from mfccclf.features.transformer import ClipTransformer


class MFCCExtractor(ClipTransformer):
    """Turn clips, as paths or waveforms, into sequences of features.

    Stateless: `transform` works without `fit`. Equal parameters give librosa's numbers
    within float32's rounding, for the whole clip; frames past ``n_frames`` are left out
    afterwards.

    Parameters
    ----------
    features : {14, 33} or sequence of str, default=33
        Blocks of columns, in this order: "mfcc" (``n_mfcc`` columns), "centroid" (1, in
        Hz), "chroma" (``n_chroma``), "contrast" (``n_bands`` + 1), "mel" (``n_mels``,
        in dB) and "zero" (1, always 0; may repeat). 14 stands for mfcc and centroid,
        33 for mfcc, centroid, chroma and contrast.
    sample_rate : int, default=22050
        Rate in Hz that files are resampled to, and that waveforms already have.
    n_frames : int or None, default=128
        Frames per clip: longer clips are cut, shorter ones filled up with NaN. None
        keeps all, and fills up to the longest clip.
    n_fft, hop_length : int, default=2048, 512
        Length of a frame, and from one frame to the next, in samples.
    win_length : int or None, default=None
        Length of the window in samples; None means ``n_fft``.
    window : str or tuple, default="hann"
        "hann", "hamming", "blackman" or "boxcar"; with ``backend="librosa"`` any window
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
    channel : int or None, default=None
        Channel of the files to use, from 0; None means the mean of all.
    allow_silence : bool, default=False
        Whether a silent file is accepted.
    backend : {"numpy", "librosa"}, default="numpy"
        Who computes: this package, or librosa's own functions (slower, any window).
    cache : None, bool or path-like, default=None
        Where to keep the features of files, so that each is read and extracted once
        per parameter set, whatever the number of fits and processes: True for the
        default folder (see `FeatureCache`), a path for another, None for nowhere.
    n_jobs : int or None, default=None
        Processes to extract with; -1 for all cores, None for one unless inside a
        `joblib.parallel_config`.
    verbose : int, default=0
        How much joblib tells about its progress.

    Attributes
    ----------
    parameters_ : FeatureParameters
        What decides the features, checked.
    n_features_out_ : int
        Number of columns.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import MFCCExtractor
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> X = MFCCExtractor().fit_transform([tone, tone[:8000]])
    >>> X.shape
    (2, 128, 33)
    >>> (~np.isnan(X[:, :, 0])).sum(axis=1)
    array([44, 16])
    """

    described: ClassVar[tuple[str, ...]] = ("backend", "channel", "allow_silence")

    def __init__(
        self,
        *,
        features: Any = 33,
        sample_rate: int = 22050,
        n_frames: int | None = 128,
        n_fft: int = 2048,
        hop_length: int = 512,
        win_length: int | None = None,
        window: Any = "hann",
        center: bool = True,
        pad_mode: str = "constant",
        power: float = 2.0,
        n_mfcc: int = 13,
        dct_type: int = 2,
        norm: str | None = "ortho",
        lifter: float = 0,
        n_mels: int = 128,
        fmin: float = 0.0,
        fmax: float | None = None,
        htk: bool = False,
        mel_norm: str | float | None = "slaney",
        ref: str | float = 1.0,
        amin: float = 1e-10,
        top_db: float | None = 80.0,
        n_chroma: int = 12,
        tuning: float | None = None,
        chroma_norm: float | None = math.inf,
        ctroct: float = 5.0,
        octwidth: float | None = 2.0,
        base_c: bool = True,
        n_bands: int = 6,
        contrast_fmin: float | None = None,
        quantile: float = 0.02,
        linear: bool = False,
        delta: int = 0,
        delta_width: int = 9,
        delta_mode: str = "nearest",
        trim_top_db: float | None = None,
        channel: int | None = None,
        allow_silence: bool = False,
        backend: str = "numpy",
        cache: bool | str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.features = features
        self.sample_rate = sample_rate
        self.n_frames = n_frames
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length
        self.window = window
        self.center = center
        self.pad_mode = pad_mode
        self.power = power
        self.n_mfcc = n_mfcc
        self.dct_type = dct_type
        self.norm = norm
        self.lifter = lifter
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.htk = htk
        self.mel_norm = mel_norm
        self.ref = ref
        self.amin = amin
        self.top_db = top_db
        self.n_chroma = n_chroma
        self.tuning = tuning
        self.chroma_norm = chroma_norm
        self.ctroct = ctroct
        self.octwidth = octwidth
        self.base_c = base_c
        self.n_bands = n_bands
        self.contrast_fmin = contrast_fmin
        self.quantile = quantile
        self.linear = linear
        self.delta = delta
        self.delta_width = delta_width
        self.delta_mode = delta_mode
        self.trim_top_db = trim_top_db
        self.channel = channel
        self.allow_silence = allow_silence
        self.backend = backend
        self.cache = cache
        self.n_jobs = n_jobs
        self.verbose = verbose

    def feature_parameters(self) -> FeatureParameters:
        """Return what decides the features, checked.

        Returns
        -------
        parameters : FeatureParameters
            This extractor's parameters but for those of reading and computing.

        Raises
        ------
        ValueError
            If a value is out of range, or does not go with another.
        TypeError
            If a value is of the wrong type.
        """
        names = [field.name for field in fields(FeatureParameters)]
        parameters = FeatureParameters(**{name: getattr(self, name) for name in names})
        return parameters.validate(owner=self, backend=self.backend)

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; the clips are not read.

        Parameters
        ----------
        X : sequence of path-likes or waveforms, or array of shape (n_clips, n_samples)
            Files that `load_waveform` can read, or one channel each at
            ``sample_rate``, amplitude between -1 and 1.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : MFCCExtractor
            With `parameters_` and `n_features_out_`.
        """
        super().fit(X)
        empty = empty_mel_filters(self.parameters_)
        if empty:
            warnings.warn(
                f"{empty} of n_mels={self.n_mels} mel filters lie between two "
                f"frequency bins of n_fft={self.n_fft} at "
                f"{self.sample_rate} Hz and stay empty. Lower n_mels, or raise "
                "n_fft.",
                stacklevel=2,
            )
        return self

    def _make_extraction(self) -> Extraction:
        parameters = self.feature_parameters()
        if self.backend == "numpy":
            return FeatureExtraction(parameters)
        from mfccclf.features.librosa_backend import LibrosaExtraction

        return LibrosaExtraction(parameters)
