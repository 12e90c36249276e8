"""The scikit-learn transformer from clips to sequences of features."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from os import PathLike
from typing import Any, ClassVar

from mfccclf._parameters import document, parameter
from mfccclf.features.blocks import BLOCKS
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.features.parameters import FeatureParameters, check_backend
from mfccclf.features.protocol import Extraction
from mfccclf.features.transformer import ClipTransformer
from mfccclf.waveform import Reading


@dataclass(frozen=True, kw_only=True)
class BackendParameters:
    """Who computes the features."""

    backend: str = parameter(
        "numpy",
        '{"numpy", "librosa"}',
        "Who computes: this package, or librosa's own functions (slower, any window).",
        check=check_backend,
    )


@document(FeatureParameters, Reading, BackendParameters, FrontEndRuntime)
class MFCCExtractor(ClipTransformer):
    """Turn clips, as paths or waveforms, into sequences of features.

    Stateless: `transform` works without `fit`. The numbers equal librosa's for the
    whole clip, within float32's rounding; frames past ``n_frames`` are cut off
    afterwards.

    Parameters
    ----------
    {parameters}

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

    described: ClassVar[tuple[str, ...]] = ("backend",)

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
        """Return what decides the features, checked; as for `ClipTransformer`."""
        names = [field.name for field in fields(FeatureParameters)]
        parameters = FeatureParameters(**{name: getattr(self, name) for name in names})
        return parameters.validate(owner=self, backend=self.backend)

    def _cautions(self) -> list[str]:
        parameters = self.feature_parameters()
        cautions = [BLOCKS[name].caution(parameters) for name in parameters.blocks]
        return list(dict.fromkeys(filter(None, cautions)))

    def _make_extraction(self) -> Extraction:
        parameters = self.feature_parameters()
        if self.backend == "numpy":
            return FeatureExtraction(parameters)
        from mfccclf.features.librosa_backend import LibrosaExtraction

        return LibrosaExtraction(parameters)
