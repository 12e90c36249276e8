"""From a waveform to the vectors of pre-trained nets, in an ONNX graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from mfccclf.errors import ExportError
from mfccclf.features.embeddings.extraction import TRIM_FRAMES, EmbeddingExtraction
from mfccclf.features.embeddings.nets import (
    FRAME_STEP_S,
    INT16_SCALE,
    MUSIC_BANDS,
    MUSIC_BLOCK,
    MUSIC_GAIN,
    PEAK,
    SAMPLE_RATE,
    SPEECH_BANDS,
    SPEECH_SPAN,
)
from mfccclf.features.graphs.extraction import add_features
from mfccclf.features.graphs.places import (
    add_range,
    add_row_length,
)
from mfccclf.features.trimming import add_trimming

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_embedding_extraction"]


class _Vectors(NamedTuple):
    """Vectors of one net, and the step at which the first one stands, (1,)."""

    sequence: str
    first_step: str


def add_embedding_extraction(
    builder: GraphBuilder, extraction: EmbeddingExtraction, waveform: str
) -> str:
    """Add what an `EmbeddingExtraction` does with one waveform to a graph.

    Arguments and result are those of
    `mfccclf.features.graphs.extraction.add_feature_extraction`.

    Raises
    ------
    ExportError
        If the bands that a net is given have no graph.
    """
    top_db = extraction.parameters.trim_top_db
    if top_db is not None:
        waveform = add_trimming(builder, waveform, top_db=top_db, **TRIM_FRAMES)
    sides = [
        _add_vectors(builder, net, extraction.graphs[net], waveform)
        for net in extraction.parameters.nets
    ]
    return sides[0].sequence if len(sides) == 1 else _join(builder, sides)


def _add_vectors(
    builder: GraphBuilder, net: str, graph: bytes, waveform: str
) -> _Vectors:
    if net not in _FRONTS:
        raise ExportError(
            f"The pre-trained net {net!r} has no ONNX graph that begins with samples. "
            "Export the graph that begins with features."
        )
    front = _FRONTS[net](builder, _add_normalised(builder, waveform), waveform)
    axis = builder.constant([0], "int64")
    batch = builder.add("Unsqueeze", front.sequence, axis)
    (vectors,) = builder.inline(graph, {"bands": batch}).values()
    return _Vectors(builder.add("Squeeze", vectors, axis), front.first_step)


def _join(builder: GraphBuilder, sides: list[_Vectors]) -> str:
    """Put vectors side by side in time; the first and last of each net reach out."""
    lengths = [add_row_length(builder, side.sequence) for side in sides]
    stops = [
        builder.add("Add", side.first_step, length)
        for side, length in zip(sides, lengths, strict=True)
    ]
    steps = add_range(builder, 0, builder.add("Max", *stops))
    columns = []
    for side, length in zip(sides, lengths, strict=True):
        places = builder.add("Sub", steps, side.first_step)
        last = builder.add_with("Sub", length, 1, "int64")
        places = builder.add("Min", builder.add_with("Max", places, 0, "int64"), last)
        columns.append(builder.add("Gather", side.sequence, places, axis=0))
    return builder.add("Concat", *columns, axis=1)


def _add_normalised(builder: GraphBuilder, waveform: str) -> str:
    """Bring a waveform to the common peak; silence stays silent."""
    size = builder.add("Abs", builder.cast(waveform, "float64"))
    peak = builder.add("ReduceMax", size, axes=[0], keepdims=1)
    is_sound = builder.add_with("Greater", peak, 0.0)
    full = builder.add("Where", is_sound, peak, builder.constant(PEAK, "float64"))
    scale = builder.cast(
        builder.add("Div", builder.constant(PEAK, "float64"), full), "float32"
    )
    return builder.add("Mul", waveform, scale)


def _add_speech_bands(builder: GraphBuilder, sound: str, waveform: str) -> _Vectors:
    before, total = _add_speech_padding(builder, add_row_length(builder, waveform))
    widths = builder.add("Concat", before, builder.add("Sub", total, before), axis=0)
    loud = builder.add_with("Mul", sound, INT16_SCALE, "float32")
    bands = add_features(builder, builder.add("Pad", loud, widths), SPEECH_BANDS)
    scaled = builder.add_with("Div", bands, 10.0, "float32")
    moved = builder.add_with("Add", scaled, 2.0, "float32")
    return _Vectors(moved, _add_first_speech_step(builder, before))


def _add_speech_padding(builder: GraphBuilder, length: str) -> tuple[str, str]:
    """Add the silence before a clip and that on both sides, in samples."""
    room = builder.add("Sub", builder.constant([2 * SPEECH_SPAN], "int64"), length)
    total = builder.add_with("Max", room, 0, "int64")
    total = builder.add_with("Min", total, SPEECH_SPAN, "int64")
    return builder.add_with("Div", total, 2, "int64"), total


def _add_first_speech_step(builder: GraphBuilder, before: str) -> str:
    middle = builder.constant([SPEECH_SPAN // 2], "int64")
    late = builder.cast(builder.add("Sub", middle, before), "float64")
    steps = builder.add_with("Div", late, FRAME_STEP_S * SAMPLE_RATE)
    return builder.cast(builder.add("Round", steps), "int64")


def _add_music_bands(builder: GraphBuilder, sound: str, waveform: str) -> _Vectors:
    level = builder.cast(add_features(builder, sound, MUSIC_BANDS), "float64")
    power = builder.add(
        "Pow", builder.constant(10.0, "float64"), builder.add_with("Div", level, 10.0)
    )
    raised = builder.add_with("Add", builder.add_with("Mul", power, MUSIC_GAIN), 1.0)
    natural = builder.cast(builder.add("Log", raised), "float32")
    bands = builder.add_with("Div", natural, math.log(10.0), "float32")
    return _Vectors(_repeated(builder, bands), builder.constant([0], "int64"))


def _repeated(builder: GraphBuilder, bands: str) -> str:
    """Fill up the last block by the clip's beginning."""
    length = add_row_length(builder, bands)
    up = builder.add_with("Add", length, MUSIC_BLOCK - 1, "int64")
    n_blocks = builder.add_with("Div", up, MUSIC_BLOCK, "int64")
    stop = builder.add_with("Mul", n_blocks, MUSIC_BLOCK, "int64")
    places = builder.add("Mod", add_range(builder, 0, stop), length)
    return builder.add("Gather", bands, places, axis=0)


_FRONTS: Mapping[str, Callable[[GraphBuilder, str, str], _Vectors]] = {
    "music": _add_music_bands,
    "speech": _add_speech_bands,
}
