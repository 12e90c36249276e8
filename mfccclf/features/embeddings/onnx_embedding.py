"""The scikit-learn transformer from clips to the vectors of anybody's net."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike

from mfccclf._parameters import check_each, document
from mfccclf._validation import argument_error
from mfccclf.features.embeddings.foreign_net import (
    OnnxGraph,
    UnfitNetError,
    inspect_net,
    read_onnx_net,
)
from mfccclf.features.embeddings.onnx_extraction import NET_NAME, OnnxExtraction
from mfccclf.features.embeddings.onnx_parameters import (
    NetSource,
    OnnxParameters,
    WindowParameters,
)
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.features.protocol import Extraction
from mfccclf.features.transformer import ClipTransformer
from mfccclf.waveform import Reading

__all__ = ["OnnxEmbedding"]


@document(NetSource, WindowParameters, Reading, FrontEndRuntime)
class OnnxEmbedding(ClipTransformer):
    """Turn clips into sequences of vectors from a net in an ONNX file.

    The file may come from any program. Windows are cut from each clip, and the net
    turns each into one vector or more. A window that begins in the last half of a hop
    before a clip's end is left out. A model file carries the net along, so its licence
    must allow that. Stateless: `transform` works without `fit`.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    parameters_ : OnnxParameters
        What decides the vectors, checked.
    n_features_out_ : int
        Values of a vector.

    Examples
    --------
    >>> from mfccclf import OnnxEmbedding
    >>> net = OnnxEmbedding("yamnet.onnx", window=0.975, hop=0.48, output="embeddings")
    >>> net.transform(["dog.wav"]).shape  # doctest: +SKIP
    (1, 10, 1024)
    """

    def __init__(
        self,
        path: str | PathLike[str] | OnnxGraph | None = None,
        *,
        attribution: Mapping[str, str] | None = None,
        sample_rate: int = 16000,
        window: float = 1.0,
        hop: float | None = None,
        output: str | None = None,
        peak: float | None = None,
        n_frames: int | None = None,
        channel: int | None = None,
        allow_silence: bool = False,
        cache: bool | str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.path = path
        self.attribution = attribution
        self.sample_rate = sample_rate
        self.window = window
        self.hop = hop
        self.output = output
        self.peak = peak
        self.n_frames = n_frames
        self.channel = channel
        self.allow_silence = allow_silence
        self.cache = cache
        self.n_jobs = n_jobs
        self.verbose = verbose

    def feature_parameters(self) -> OnnxParameters:
        """Return what decides the vectors, checked; the net is read for it.

        Returns
        -------
        parameters : OnnxParameters
            This transformer's parameters but for those of reading and computing, and
            what the net says about itself.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range or of a wrong type, or does not fit the net.
        ModelFileError
            If the net cannot be read.
        """
        given = OnnxParameters(**asdict(check_each(WindowParameters, self)))
        graph = self._graph()
        try:
            facts = inspect_net(graph, given.window_length, given.output)
        except UnfitNetError as error:
            value = getattr(self, error.parameter)
            raise argument_error(
                error.parameter, value, str(error), owner=self
            ) from error
        return OnnxParameters(
            **{**asdict(given), **asdict(facts), "net": graph.hash}
        ).validate(owner=self)

    def graphs(self) -> Mapping[str, bytes]:
        """Return the net's ONNX graph under "onnx", for a model file to carry along."""
        return {NET_NAME: self._graph().content}

    def attributions(self) -> dict[str, dict[str, str]]:
        """Return licence, source and attribution of the net, as far as they are told.

        Returns
        -------
        attributions : dict of str to dict of str to str
            Under "onnx"; a model card states them.

        Raises
        ------
        ValueError, TypeError
            If a parameter is out of range or of a wrong type.
        """
        return {NET_NAME: check_each(NetSource, self).attribution}

    def _graph(self) -> OnnxGraph:
        return read_onnx_net(check_each(NetSource, self).path)

    def _make_extraction(self) -> Extraction:
        return OnnxExtraction(self.feature_parameters(), self._graph())
