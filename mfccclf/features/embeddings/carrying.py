"""Pre-trained nets that a model file carries along for its front end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

from mfccclf._model_graph.checking import check_graph
from mfccclf._model_graph.foreign import check_foreign_graph
from mfccclf.features.embeddings.nets import NETS
from mfccclf.features.embeddings.onnx_extraction import NET_NAME

__all__ = ["ANY_NET", "PUBLISHED_NETS", "CarriedNets"]


@dataclass(frozen=True, kw_only=True)
class CarriedNets:
    """How the nets of one kind of front end go into a model file, and what they may be.

    Attributes
    ----------
    names : collection of str
        Nets that a file may hold.
    check : callable
        Called with a net's name and its graph; raises `ValueError` unless the graph is
        safe to run.
    graphs : callable
        Front end to its ONNX graphs by the nets' names.
    attributions : callable
        Front end to licence, source and attribution of each net.
    """

    names: Collection[str]
    check: Callable[[str, bytes], None]
    graphs: Callable[[Any], Mapping[str, bytes]] = methodcaller("graphs")
    attributions: Callable[[Any], Mapping[str, Mapping[str, str]]] = methodcaller(
        "attributions"
    )


def _check_published(name: str, graph: bytes) -> None:
    net = NETS[name]
    inputs = {"bands": ("n_clips", "n_frames", net.n_bands)}
    outputs = {"vectors": ("n_clips", "n_vectors", net.n_features)}
    check_graph(graph, inputs=inputs, outputs=[outputs])


def _check_any(name: str, graph: bytes) -> None:
    check_foreign_graph(graph)


PUBLISHED_NETS = CarriedNets(names=tuple(NETS), check=_check_published)
ANY_NET = CarriedNets(names=(NET_NAME,), check=_check_any)
