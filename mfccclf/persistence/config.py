"""Make the content of ``model.json``, which says what a model file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from sklearn.pipeline import Pipeline

import mfccclf
from mfccclf._validation import suggest
from mfccclf.clip_pipeline import variation_of
from mfccclf.persistence.classifier_facts import ClassifierFacts
from mfccclf.persistence.plain_values import labels_to_plain, to_plain
from mfccclf.persistence.steps import PipelineStep, describe_step
from mfccclf.prediction.decisions import Limits
from mfccclf.prediction.model_config import FORMAT_VERSION_PRETRAINED
from mfccclf.prediction.model_file import FORMAT, FORMAT_VERSION

__all__ = [
    "METADATA",
    "check_metadata",
    "count_features",
    "describe_front_end",
    "describe_model",
    "describe_pretrained",
    "plain_classes",
]

METADATA = (
    "created",
    "description",
    "history",
    "licence",
    "limits",
    "preset",
    "scores",
    "source",
    "training",
)
_PACKAGES = ("numpy", "onnx", "scikit-learn", "torch")


def check_metadata(metadata: Mapping[str, Any], classifier: Any) -> dict[str, Any]:
    """Check the facts that a user adds to a model file.

    Parameters
    ----------
    metadata : mapping
        As for `mfccclf.save_model`.
    classifier : SequenceClassifier
        Fitted; its limits must be ones that it can apply.

    Returns
    -------
    metadata : dict
        Plain values.

    Raises
    ------
    ValueError, TypeError
        If a key is unknown, JSON cannot hold a value, or a limit is out of range.
    """
    for key in metadata:
        if key not in METADATA:
            hint = suggest(key, METADATA) or f"Known: {', '.join(METADATA)}."
            raise ValueError(f"The metadata have an unknown key {key!r}. {hint}")
    try:
        plain: dict[str, Any] = to_plain(dict(metadata))
    except TypeError as error:
        raise TypeError(
            f"The metadata hold a value that JSON cannot: {error}. Use texts, numbers, "
            "lists and dicts."
        ) from error
    limits = Limits.checked(plain.get("limits") or {}, owner="save_model")
    known = ClassifierFacts.of(classifier).familiarity is not None
    if limits.min_familiarity and not known:
        raise ValueError(
            "The metadata set min_familiarity, but the classifier does not know how "
            "familiar a clip is. Fit or calibrate it, or leave that limit out."
        )
    return plain


def describe_model(
    pipeline: Pipeline, steps: Sequence[PipelineStep], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content of ``model.json``, except "members".

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        To be saved.
    steps : sequence of PipelineStep
        Its steps, as `mfccclf.persistence.steps.check_steps` returns them.
    metadata : mapping
        Checked facts to keep.

    Returns
    -------
    config : dict
        Plain values.
    """
    front_end, classifier = steps[0].estimator, steps[-1].estimator
    facts = ClassifierFacts.of(classifier)
    classes, label_type = plain_classes(classifier)
    pretrained = describe_pretrained(steps[0])
    version_of_file = FORMAT_VERSION_PRETRAINED if pretrained else FORMAT_VERSION
    return {
        "format": FORMAT,
        "format_version": version_of_file,
        "packages": {
            "mfccclf": mfccclf.__version__,
            **{package: version(package) for package in _PACKAGES},
        },
        "preset": None,
        **metadata,
        "task": "multi-label" if facts.multilabel else "single-label",
        "classes": classes,
        "label_type": label_type,
        "thresholds": to_plain(facts.thresholds),
        "n_features": count_features(front_end),
        "front_end": describe_front_end(front_end),
        **({"pretrained": pretrained} if pretrained else {}),
        "steps": [describe_step(name, step) for name, step in pipeline.steps],
        **_describe_variation(pipeline),
    }


def _describe_variation(pipeline: Pipeline) -> dict[str, Any]:
    """Return how training clips were varied, where they were."""
    parameters = variation_of(pipeline).parameters()
    return {"variation": parameters.to_dict()} if parameters.n_variations else {}


def describe_front_end(front_end: Any) -> dict[str, Any]:
    """Return what prediction needs to know to compute the same sequences.

    Prediction has one way to compute, so the backend that training used is left out.
    """
    description: dict[str, Any] = front_end.describe()
    return {key: value for key, value in description.items() if key != "backend"}


def describe_pretrained(front_end: PipelineStep) -> dict[str, Mapping[str, str]]:
    """Return licence, source and attribution of a front end's pre-trained nets."""
    if front_end.carried is None:
        return {}
    return dict(front_end.carried.attributions(front_end.estimator))


def count_features(front_end: Any) -> int:
    """Return how many values per frame a front end gives."""
    return int(front_end.feature_parameters().n_features)


def plain_classes(classifier: Any) -> tuple[list[Any], str]:
    """Return a classifier's labels as plain values, and the name of their type.

    Raises
    ------
    TypeError
        If they are neither texts nor numbers.
    """
    try:
        return labels_to_plain(classifier.classes_)
    except TypeError as error:
        raise TypeError(
            f"A model file cannot hold the classes: {error}. Train with texts or "
            "numbers as labels."
        ) from error
