"""The scikit-learn transformers from clips to the vectors of pre-trained nets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from os import PathLike
from typing import Any

from mfccclf._parameters import document
from mfccclf.features.embeddings.extraction import EmbeddingExtraction, shipped_graphs
from mfccclf.features.embeddings.parameters import (
    EmbeddingParameters,
    NetChoice,
    VectorParameters,
)
from mfccclf.features.embeddings.weights import read_attribution
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.features.protocol import Extraction
from mfccclf.features.transformer import ClipTransformer
from mfccclf.waveform import Reading

__all__ = ["MusicEmbedding", "PretrainedEmbedding", "SpeechEmbedding"]


_ATTRIBUTES = """
Attributes
----------
parameters_ : EmbeddingParameters
    What decides the vectors, checked.
n_features_out_ : int
    Values of a vector.
"""


class _EmbeddingTransformer(ClipTransformer):
    """What the transformers with pre-trained nets share."""

    nets: Sequence[str]

    def __init__(
        self,
        *,
        n_frames: int | None = None,
        trim_top_db: float | None = None,
        channel: int | None = None,
        allow_silence: bool = False,
        cache: bool | str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_frames = n_frames
        self.trim_top_db = trim_top_db
        self.channel = channel
        self.allow_silence = allow_silence
        self.cache = cache
        self.n_jobs = n_jobs
        self.verbose = verbose

    def feature_parameters(self) -> EmbeddingParameters:
        """Return what decides the vectors, checked.

        Returns
        -------
        parameters : EmbeddingParameters
            This transformer's parameters but for those of reading and computing.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range or of a wrong type.
        """
        names = [field.name for field in fields(EmbeddingParameters)]
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return EmbeddingParameters(**values).validate(owner=self)

    def graphs(self) -> Mapping[str, bytes]:
        """Return the ONNX graph of each net, for a model file to carry along.

        Returns
        -------
        graphs : mapping of str to bytes
            Those of the model file that this transformer was loaded from, else those
            with the weights that ship with the package.
        """
        kept: Mapping[str, bytes] | None = getattr(self, "graphs_", None)
        return shipped_graphs(self.feature_parameters()) if kept is None else kept

    def attributions(self) -> dict[str, dict[str, str]]:
        """Return licence, source and attribution of each net's weights.

        Returns
        -------
        attributions : dict of str to dict of str to str
            By the net's name; a model card states them.
        """
        return {net: read_attribution(net) for net in self.feature_parameters().nets}

    def _make_extraction(self) -> Extraction:
        return EmbeddingExtraction(self.feature_parameters(), self.graphs())


@document(NetChoice, VectorParameters, Reading, FrontEndRuntime, attributes=_ATTRIBUTES)
class PretrainedEmbedding(_EmbeddingTransformer):
    """Turn clips into sequences of vectors from pre-trained nets.

    The net for speech [1]_ was trained to spot keywords, the net for music [2]_ to tag
    pieces of music. Their inner values describe other sounds well, too, so that a few
    clips per label are enough. Each step of 80 ms gives 96 values of speech, 1,506 of
    music, or both. The level of a clip does not matter. Stateless: `transform` works
    without `fit`.

    Parameters
    ----------
    {parameters}

    {attributes}

    References
    ----------
    .. [1] J. Lin, K. Kilgour, D. Roblek and M. Sharifi, "Training keyword spotters with
       limited and synthesized speech data", ICASSP, 2020.
    .. [2] J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for
       music audio tagging", ISMIR late-breaking session, 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import PretrainedEmbedding
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> PretrainedEmbedding().transform([tone, tone[:8000]]).shape
    (2, 13, 1602)
    """

    def __init__(
        self,
        *,
        nets: Sequence[str] = ("speech", "music"),
        n_frames: int | None = None,
        trim_top_db: float | None = None,
        channel: int | None = None,
        allow_silence: bool = False,
        cache: bool | str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            n_frames=n_frames,
            trim_top_db=trim_top_db,
            channel=channel,
            allow_silence=allow_silence,
            cache=cache,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.nets = nets


@document(VectorParameters, Reading, FrontEndRuntime, attributes=_ATTRIBUTES)
class SpeechEmbedding(_EmbeddingTransformer):
    """Turn clips into sequences of vectors from a net that was pre-trained on speech.

    `PretrainedEmbedding` with ``nets=("speech",)``: 96 values each 80 ms.

    Parameters
    ----------
    {parameters}

    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import SpeechEmbedding
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> SpeechEmbedding().transform([tone]).shape
    (1, 10, 96)
    """

    nets = ("speech",)


@document(VectorParameters, Reading, FrontEndRuntime, attributes=_ATTRIBUTES)
class MusicEmbedding(_EmbeddingTransformer):
    """Turn clips into sequences of vectors from a net that was pre-trained on music.

    `PretrainedEmbedding` with ``nets=("music",)``: 1506 values each 80 ms.

    Parameters
    ----------
    {parameters}

    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import MusicEmbedding
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> MusicEmbedding().transform([tone]).shape
    (1, 13, 1506)
    """

    nets = ("music",)
