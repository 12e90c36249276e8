"""From a waveform to its sequence of features, in an ONNX graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf.features.blocks import BLOCKS
from mfccclf.features.derivatives import add_derivatives
from mfccclf.features.extraction import FeatureExtraction
from mfccclf.features.graphs.spectrum import add_spectrum
from mfccclf.features.parameters import FeatureParameters
from mfccclf.features.trimming import add_trimming

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_feature_extraction", "add_features"]


def add_feature_extraction(
    builder: GraphBuilder, extraction: FeatureExtraction, waveform: str
) -> str:
    """Add what a `FeatureExtraction` does with one waveform to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    extraction : FeatureExtraction
        Which features.
    waveform : str
        Name of a float32 waveform (n_samples,) that is long enough for them.

    Returns
    -------
    sequence : str
        Name of the float32 features (n_frames, n_features) of all frames.

    Raises
    ------
    ExportError
        If a block of features has no graph.
    """
    return add_features(builder, waveform, extraction.parameters)


def add_features(
    builder: GraphBuilder, waveform: str, parameters: FeatureParameters
) -> str:
    """Add the features of a waveform; as `add_feature_extraction` otherwise."""
    if parameters.trim_top_db is not None:
        waveform = add_trimming(
            builder,
            waveform,
            top_db=parameters.trim_top_db,
            frame_length=parameters.n_fft,
            hop_length=parameters.hop_length,
            shortest=parameters.n_fft,
        )
    spectrum = add_spectrum(builder, waveform, parameters)
    blocks = [
        BLOCKS[name].add_to_graph(spectrum, parameters) for name in parameters.blocks
    ]
    columns = blocks[0] if len(blocks) == 1 else builder.add("Concat", *blocks, axis=1)
    return builder.cast(add_derivatives(builder, columns, parameters), "float32")
