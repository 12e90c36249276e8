"""Scikit-learn transformers from clips to frames of their waveforms."""

from __future__ import annotations

from dataclasses import fields
from os import PathLike

from mfccclf._parameters import document
from mfccclf.features.frames import FrameParameters
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.features.protocol import Extraction
from mfccclf.features.transformer import ClipTransformer
from mfccclf.waveform import Reading

__all__ = ["PooledWaveformFrames", "WaveformFrames"]


@document(FrameParameters, Reading, FrontEndRuntime)
class WaveformFrames(ClipTransformer):
    """Cut the start of clips, as paths or waveforms, into frames of raw samples.

    The defaults are those of a published net for single notes: the first second at
    16 kHz in 100 frames of 160 samples, 16-bit samples divided by 32767. Stateless:
    `transform` works without `fit`. A clip that ends earlier has NaN in every frame
    past its end, and zeros where its last frame is not full.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    parameters_ : FrameParameters
        What decides the frames, checked.
    n_features_out_ : int
        Values per frame.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import WaveformFrames
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(32000) / 16000)
    >>> X = WaveformFrames().fit_transform([tone, tone[:8000]])
    >>> X.shape
    (2, 100, 160)
    >>> (~np.isnan(X[:, :, 0])).sum(axis=1)
    array([100,  50])
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        duration: float | None = 1.0,
        frame_length: int = 160,
        pooling: int = 1,
        full_scale: int = 32767,
        channel: int | None = None,
        allow_silence: bool = False,
        cache: bool | str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.sample_rate = sample_rate
        self.duration = duration
        self.frame_length = frame_length
        self.pooling = pooling
        self.full_scale = full_scale
        self.channel = channel
        self.allow_silence = allow_silence
        self.cache = cache
        self.n_jobs = n_jobs
        self.verbose = verbose

    def feature_parameters(self) -> FrameParameters:
        """Return what decides the frames, checked; as for `ClipTransformer`."""
        names = [field.name for field in fields(FrameParameters)]
        parameters = FrameParameters(**{name: getattr(self, name) for name in names})
        return parameters.validate(owner=self)

    def _make_extraction(self) -> Extraction:
        return self.feature_parameters()


class PooledWaveformFrames(WaveformFrames):
    """Cut the start of clips into frames of averaged samples.

    `WaveformFrames` with the defaults of other published nets for single notes: the
    first second at 16 kHz, the mean of every 8 samples, in 100 frames of 20 values.

    Parameters
    ----------
    sample_rate, duration, frame_length, pooling, full_scale : int or float
        As for `WaveformFrames`, except that the default of ``pooling`` is 8 and that of
        ``full_scale`` 32768.
    channel, allow_silence, cache, n_jobs, verbose : object
        As for `WaveformFrames`.

    Attributes
    ----------
    parameters_, n_features_out_ : object
        As for `WaveformFrames`.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import PooledWaveformFrames
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(32000) / 16000)
    >>> PooledWaveformFrames().fit_transform([tone]).shape
    (1, 100, 20)
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        duration: float | None = 1.0,
        frame_length: int = 160,
        pooling: int = 8,
        full_scale: int = 32768,
        channel: int | None = None,
        allow_silence: bool = False,
        cache: bool | str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            sample_rate=sample_rate,
            duration=duration,
            frame_length=frame_length,
            pooling=pooling,
            full_scale=full_scale,
            channel=channel,
            allow_silence=allow_silence,
            cache=cache,
            n_jobs=n_jobs,
            verbose=verbose,
        )
