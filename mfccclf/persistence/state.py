"""The arrays of a fitted step, which a model file keeps, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mfccclf.features.embeddings.foreign_net import OnnxGraph
from mfccclf.features.embeddings.onnx_extraction import NET_NAME

__all__ = [
    "CLASSIFIER",
    "FRONT_END",
    "ONNX_FRONT_END",
    "PRETRAINED_FRONT_END",
    "SCALER",
    "SELECTOR",
    "STATISTICS",
    "Arrays",
    "ModelFacts",
    "StepState",
    "check_finite",
]

# Arrays of a classifier whose names begin so are no weights of its net.
_FAMILIARITY = "familiarity."

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What a step may need to know about the whole model to be fitted again.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    n_features : int
        Values that the step is given, per frame or per clip.
    graphs : mapping of str to bytes, default={}
        Of the pre-trained nets that the model file brings along, by name.
    thresholds : list of float or None, default=None
        One per class for multilabel models; None for others.
    """

    classes: NDArray[Any]
    n_features: int
    graphs: Mapping[str, bytes] = field(default_factory=dict)
    thresholds: list[float] | None = None


@dataclass(frozen=True)
class StepState:
    """How the state of one kind of step goes into a model file and comes back.

    Attributes
    ----------
    take : callable
        Fitted step to its arrays by name.
    restore : callable
        Unfitted step, arrays and facts to the same step, fitted.
    """

    take: Callable[[Any], dict[str, NDArray[Any]]]
    restore: Callable[[Any, Arrays, ModelFacts], Any]


def _take_nothing(step: Any) -> dict[str, NDArray[Any]]:
    return {}


def _restore_front_end(front_end: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    front_end.parameters_ = front_end.feature_parameters()
    front_end.n_features_out_ = front_end.parameters_.n_features
    return front_end


def _restore_pretrained(front_end: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    front_end.graphs_ = dict(facts.graphs)
    return _restore_front_end(front_end, arrays, facts)


def _restore_net(front_end: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    front_end.path = OnnxGraph(facts.graphs[NET_NAME])
    return _restore_front_end(front_end, arrays, facts)


def _restore_statistics(statistics: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    statistics.n_features_in_ = facts.n_features
    statistics.n_features_out_ = len(statistics.get_feature_names_out())
    return statistics


def _take_kept(selector: Any) -> dict[str, NDArray[Any]]:
    return {"n_kept": np.array([selector.n_features_out_]), "errors": selector.errors_}


def _restore_selector(selector: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    n_kept, errors = arrays["n_kept"], arrays["errors"]
    n_features = facts.n_features
    if n_kept.tolist() not in ([selector.n_first], [n_features]) or n_kept > n_features:
        raise ValueError(f"a selector cannot keep {n_kept} of {n_features} columns")
    selector.n_features_in_ = n_features
    selector.n_features_out_ = int(n_kept[0])
    selector.errors_ = errors.astype(np.float64)
    return selector


def _take_mean_and_scale(scaler: Any) -> dict[str, NDArray[Any]]:
    if scaler.scope == "clip":
        return {}
    return {"mean": scaler.mean_, "scale": scaler.scale_}


def _restore_scaler(scaler: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    scaler.n_features_in_ = facts.n_features
    if scaler.scope != "clip":
        shape = (facts.n_features,)
        scaler.mean_ = check_finite(arrays["mean"], shape, owner="a scaler's")
        scaler.scale_ = check_finite(arrays["scale"], shape, owner="a scaler's")
    return scaler


def check_finite(
    array: NDArray[Any], shape: tuple[int, ...], *, owner: str
) -> NDArray[np.float64]:
    """Return an array of a step as float64, or raise if its shape or values are off."""
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"{owner} array of shape {array.shape} does not fit {shape}")
    return array.astype(np.float64)


def _take_weights(classifier: Any) -> dict[str, NDArray[Any]]:
    state = classifier.net_.module_.state_dict()
    arrays = {name: tensor.detach().cpu().numpy() for name, tensor in state.items()}
    if classifier.familiarity_ is not None:
        for name, array in classifier.familiarity_.to_arrays().items():
            arrays[f"{_FAMILIARITY}{name}"] = array
    return arrays


def _restore_classifier(classifier: Any, arrays: Arrays, facts: ModelFacts) -> Any:
    weights = {
        name: torch.from_numpy(array.copy())
        for name, array in arrays.items()
        if not name.startswith(_FAMILIARITY)
    }
    familiarity = {
        name.removeprefix(_FAMILIARITY): array
        for name, array in arrays.items()
        if name.startswith(_FAMILIARITY)
    }
    return classifier.restore(
        facts.classes,
        facts.n_features,
        weights,
        thresholds=facts.thresholds,
        familiarity=familiarity,
    )


FRONT_END = StepState(_take_nothing, _restore_front_end)
ONNX_FRONT_END = StepState(_take_nothing, _restore_net)
PRETRAINED_FRONT_END = StepState(_take_nothing, _restore_pretrained)
STATISTICS = StepState(_take_nothing, _restore_statistics)
SCALER = StepState(_take_mean_and_scale, _restore_scaler)
SELECTOR = StepState(_take_kept, _restore_selector)
CLASSIFIER = StepState(_take_weights, _restore_classifier)
