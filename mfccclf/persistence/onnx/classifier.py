"""The ONNX graph of a `SequenceClassifier`: its net, scores and familiarity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mfccclf._graph_builder import GraphBuilder
from mfccclf.persistence.onnx.familiarity import add_familiarity
from mfccclf.persistence.onnx.padding import add_zeros_for_nan
from mfccclf.step_kinds import STEP_KINDS, fetch

__all__ = ["add_classifier"]

# Graph, net, name of X and of the lengths to the name of the logits.
_AddNet = Callable[[GraphBuilder, Any, str, str], str]


def add_classifier(builder: GraphBuilder, classifier: Any, X: str, lengths: str) -> str:
    """Add a fitted classifier to a graph, and its familiarity where it knows one.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    classifier : SequenceClassifier
        Fitted.
    X, lengths : str
        Names of float32 sequences (n_clips, n_frames, n_features), NaN past a clip's
        end, and of their int64 lengths (n_clips,).

    Returns
    -------
    scores : str
        Name of the float32 probabilities (n_clips, n_classes).
    """
    add_net: _AddNet = fetch(STEP_KINDS[type(classifier).__name__].net_graph)
    padded = add_zeros_for_nan(builder, X)
    logits = add_net(builder, classifier.net_.module_, padded, lengths)
    if classifier.familiarity_ is not None:
        add_familiarity(
            builder,
            classifier.familiarity_,
            logits,
            multilabel=classifier.multilabel_,
        )
    if classifier.multilabel_:
        return builder.add("Sigmoid", logits)
    return builder.add("Softmax", logits, axis=1)
