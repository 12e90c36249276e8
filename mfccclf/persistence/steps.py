"""How each kind of step goes into a model file and comes back.

A step that model files may hold has one entry in ``STEP_FORMATS`` (and its class one
in `mfccclf.pipelines.STEP_CLASSES`); nothing else is ever built from a file.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from mfccclf.persistence.onnx.builder import GraphBuilder
from mfccclf.persistence.onnx.conv import add_conv_net
from mfccclf.persistence.onnx.familiarity import add_familiarity
from mfccclf.persistence.onnx.lstm import add_lstm_net
from mfccclf.persistence.onnx.scaler import add_scaler, add_zeros_for_nan
from mfccclf.pipelines import STEP_CLASSES

__all__ = ["RUNTIME_PARAMETERS", "STEP_FORMATS", "Facts", "StepFormat", "step_class"]

# How and where to compute, not what: a model file does not depend on the machine that
# wrote it, and cannot make another machine write to a folder of its choice.
RUNTIME_PARAMETERS = frozenset(["cache", "device", "n_jobs", "verbose"])

# Arrays of a classifier whose names begin so are no weights of its net.
_FAMILIARITY = "familiarity."

State = Mapping[str, NDArray[Any]]
# Graph, module, name of X and of lengths to the name of the logits.
AddNet = Callable[[GraphBuilder, Any, str, str], str]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a step may need to know of the whole model to be fitted again.

    Thresholds, one per class, are there where clips may have several labels.
    """

    classes: NDArray[Any]
    n_features: int
    thresholds: list[float] | None = None


@dataclass(frozen=True, kw_only=True)
class StepFormat:
    """How one class of steps is stored.

    Attributes
    ----------
    kind : {"front end", "transformer", "classifier"}
        Where in a pipeline it may stand: first, between, last.
    get_state : callable
        Fitted step to its arrays by name.
    set_state : callable
        Unfitted step, arrays and facts to the step, fitted.
    add_nodes : callable or None
        Graph, fitted step, name of X and of lengths to the name of the output: X again
        for a transformer, scores (n_clips, n_classes) for a classifier. None for a
        front end, which comes before the graph.
    describe : callable or None
        Front end to the plain data from which prediction builds its own (see
        `mfccclf.prediction.front_ends.FRONT_ENDS`); None for other steps.
    """

    kind: Literal["front end", "transformer", "classifier"]
    get_state: Callable[[Any], dict[str, NDArray[Any]]]
    set_state: Callable[[Any, State, Facts], Any]
    add_nodes: Callable[[GraphBuilder, Any, str, str], str] | None = None
    describe: Callable[[Any], dict[str, Any]] | None = None


def step_class(name: str) -> type:
    """Return the class that a model file names; KeyError if it is not one of ours."""
    if name not in STEP_FORMATS:
        raise KeyError(name)
    found: type = getattr(importlib.import_module(STEP_CLASSES[name]), name)
    return found


def _extractor_state(extractor: Any) -> dict[str, NDArray[Any]]:
    return {}


def _describe_extractor(extractor: Any) -> dict[str, Any]:
    return {
        "parameters": extractor.feature_parameters().to_dict(),
        "channel": extractor.channel,
        "allow_silence": extractor.allow_silence,
    }


def _restore_extractor(extractor: Any, state: State, facts: Facts) -> Any:
    extractor.parameters_ = extractor.feature_parameters()
    extractor.n_features_out_ = extractor.parameters_.n_features
    return extractor


def _scaler_state(scaler: Any) -> dict[str, NDArray[Any]]:
    if scaler.scope == "clip":
        return {}
    return {"mean": scaler.mean_, "scale": scaler.scale_}


def _restore_scaler(scaler: Any, state: State, facts: Facts) -> Any:
    scaler.n_features_in_ = facts.n_features
    if scaler.scope != "clip":
        shape = (facts.n_features,)
        scaler.mean_ = _vector(state["mean"], shape)
        scaler.scale_ = _vector(state["scale"], shape)
    return scaler


def _vector(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(
            f"a scaler's array of shape {array.shape} does not fit {shape}"
        )
    return array.astype(np.float64)


def _net_state(classifier: Any) -> dict[str, NDArray[Any]]:
    state = classifier.net_.module_.state_dict()
    arrays = {name: tensor.detach().cpu().numpy() for name, tensor in state.items()}
    if classifier.familiarity_ is not None:
        for name, array in classifier.familiarity_.to_arrays().items():
            arrays[f"{_FAMILIARITY}{name}"] = array
    return arrays


def _restore_net(classifier: Any, state: State, facts: Facts) -> Any:
    tensors = {
        name: torch.from_numpy(array.copy())
        for name, array in state.items()
        if not name.startswith(_FAMILIARITY)
    }
    familiarity = {
        name.removeprefix(_FAMILIARITY): array
        for name, array in state.items()
        if name.startswith(_FAMILIARITY)
    }
    return classifier.restore(
        facts.classes,
        facts.n_features,
        tensors,
        thresholds=facts.thresholds,
        familiarity=familiarity,
    )


def _classifier_format(add_net: AddNet) -> StepFormat:
    def add_nodes(builder: GraphBuilder, classifier: Any, X: str, lengths: str) -> str:
        padded = add_zeros_for_nan(builder, X)
        logits = add_net(builder, classifier.net_.module_, padded, lengths)
        if classifier.familiarity_ is not None:
            add_familiarity(
                builder, classifier.familiarity_, logits, several=classifier.multilabel_
            )
        if classifier.multilabel_:
            return builder.add("Sigmoid", logits)
        return builder.add("Softmax", logits, axis=1)

    return StepFormat(
        kind="classifier",
        get_state=_net_state,
        set_state=_restore_net,
        add_nodes=add_nodes,
    )


_FRONT_END = StepFormat(
    kind="front end",
    get_state=_extractor_state,
    set_state=_restore_extractor,
    describe=_describe_extractor,
)

STEP_FORMATS: Mapping[str, StepFormat] = {
    "CNNClassifier": _classifier_format(add_conv_net),
    "LSTMClassifier": _classifier_format(add_lstm_net),
    "MFCCExtractor": _FRONT_END,
    "PooledWaveformFrames": _FRONT_END,
    "SequenceStandardScaler": StepFormat(
        kind="transformer",
        get_state=_scaler_state,
        set_state=_restore_scaler,
        add_nodes=add_scaler,
    ),
    "WaveformFrames": _FRONT_END,
}
