"""The ONNX graph of a whole model: samples in, scores out."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from mfccclf._graph_builder import GraphBuilder
from mfccclf.errors import ExportError
from mfccclf.features.graphs.places import add_slice
from mfccclf.features.protocol import Extraction
from mfccclf.prediction.graph_limits import FAMILIARITY, SCORES
from mfccclf.step_kinds import StepKind, fetch

__all__ = ["WAVEFORM", "build_waveform_graph"]

WAVEFORM = "waveform"


def build_waveform_graph(
    kind: StepKind,
    extraction: Extraction,
    net: bytes,
    *,
    n_classes: int,
    metadata: Mapping[str, str],
) -> onnx.ModelProto:
    """Build the graph from one clip's waveform to its scores and familiarity.

    Parameters
    ----------
    kind : StepKind
        The kind of front end.
    extraction : Extraction
        What computes its sequences.
    net : bytes
        The graph that `mfccclf.persistence.onnx.graph.build_graph` makes.
    n_classes : int
        Number of labels.
    metadata : mapping of str to str
        What to store beside the graph.

    Returns
    -------
    model : onnx.ModelProto
        Input "waveform" of shape (n_samples,); outputs "scores" (1, n_classes) and, if
        the net's graph gives it, "familiarity" (1,).

    Raises
    ------
    ExportError
        If the front end, or a part of it, has no graph.
    """
    if kind.waveform_graph is None:
        raise ExportError(
            f"The front end {kind.name} has no ONNX graph. Export the graph that "
            "begins with features."
        )
    builder = GraphBuilder()
    sequence = fetch(kind.waveform_graph)(builder, extraction, WAVEFORM)
    if extraction.n_frames is not None:
        sequence = add_slice(builder, sequence, 0, extraction.n_frames)
    X = builder.add("Unsqueeze", sequence, builder.constant([0], "int64"))
    found = builder.inline(net, {"X": X})
    shapes: dict[str, list[str | int]] = {SCORES: [1, n_classes], FAMILIARITY: [1]}
    return builder.build(
        inputs={WAVEFORM: ["n_samples"]},
        outputs={builder.rename(found[name], name): shapes[name] for name in found},
        metadata=metadata,
    )
