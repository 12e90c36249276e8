"""Check the graphs of a model file before anything runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mfccclf._model_graph.checking import Shapes, UnexpectedShapesError, check_graph
from mfccclf.prediction.model_config import ASK_AGAIN, fail
from mfccclf.step_kinds import STEP_KINDS, fetch

if TYPE_CHECKING:
    from mfccclf.features.embeddings.carrying import CarriedNets

__all__ = ["FAMILIARITY", "SCORES", "check_graphs"]

# Outputs of graphs; only the first is in every model file.
SCORES, FAMILIARITY = "scores", "familiarity"


def check_graphs(
    config: Mapping[str, Any], graphs: Mapping[str, bytes], name: str
) -> None:
    """Refuse graphs that are not such as this package builds.

    Parameters
    ----------
    config : mapping
        The content of ``model.json``.
    graphs : mapping of str to bytes
        ONNX models by the name of the pre-trained net; under "" that of the model.
    name : str
        What to call the model file in messages.

    Raises
    ------
    ModelFileError
        If a graph is damaged or could do anything but compute numbers from its inputs.
    """
    for net, content in graphs.items():
        carried = _carried_nets(config, net, name) if net else None
        try:
            if carried is None:
                inputs, outputs = _shapes(config)
                check_graph(content, inputs=inputs, outputs=outputs)
            else:
                carried.check(net, content)
        except UnexpectedShapesError as error:
            fail(name, f"has a graph that {_misfit(config, net)}", ASK_AGAIN, error)
        except ValueError as error:
            problem = f"has a graph that mfccclf does not run: {error}"
            fail(name, problem, ASK_AGAIN, error)


def _shapes(config: Mapping[str, Any]) -> tuple[Shapes, list[Shapes]]:
    scores: Shapes = {SCORES: ("n_clips", len(config["classes"]))}
    inputs = {"X": ("n_clips", "n_frames", config["n_features"])}
    return inputs, [scores, {**scores, FAMILIARITY: ("n_clips",)}]


def _carried_nets(config: Mapping[str, Any], net: str, name: str) -> CarriedNets:
    """Return the rules of the front end that a pre-trained net belongs to."""
    kind = STEP_KINDS.get(str(config["front_end"].get("class")))
    if kind is not None and kind.carried is not None:
        carried: CarriedNets = fetch(kind.carried)
        if net in carried.names:
            return carried
    fail(name, f"holds the graph of an unknown net {net!r}", ASK_AGAIN)


def _misfit(config: Mapping[str, Any], net: str) -> str:
    if net:
        return f"does not fit the pre-trained net {net!r}"
    n_features, n_classes = config["n_features"], len(config["classes"])
    return f"does not fit its {n_features} features and {n_classes} classes"
