"""Save fitted pipelines as model files, and their nets as ONNX files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from safetensors.numpy import save as pack_arrays
from sklearn.pipeline import Pipeline

import mfccclf
from mfccclf._validation import suggest
from mfccclf.persistence.archive import describe_members, pack, write_whole
from mfccclf.persistence.card import write_card
from mfccclf.persistence.onnx.builder import GraphBuilder
from mfccclf.persistence.onnx.scaler import add_lengths
from mfccclf.persistence.pipeline_steps import (
    PASSTHROUGH,
    PipelineStep,
    check_steps,
    is_passthrough,
)
from mfccclf.persistence.plain_values import labels_to_plain, to_plain
from mfccclf.persistence.steps import RUNTIME_PARAMETERS
from mfccclf.prediction.decisions import Limits
from mfccclf.prediction.model_file import (
    CARD,
    CONFIG,
    FORMAT,
    FORMAT_VERSION,
    GRAPH,
    WEIGHTS,
)
from mfccclf.prediction.session import FAMILIARITY, SCORES
from mfccclf.prediction.shipped import open_model

__all__ = ["METADATA", "export_onnx", "save_model"]

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


def save_model(
    pipeline: Pipeline,
    path: str | PathLike[str],
    *,
    metadata: Mapping[str, Any] | None = None,
    card: str | None = None,
) -> Path:
    """Save a fitted pipeline as one model file that is safe to open.

    The file holds settings as JSON, weights as safetensors, the net as an ONNX graph
    and a model card, and no code. It is written whole or not at all; saving the same
    pipeline again gives the same bytes. For a pipeline with steps of your own, use
    ``joblib.dump``, whose files only you should load again: they can run any code.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted, with the steps of `mfccclf.make_pipeline`: a front end such
        as `MFCCExtractor`, any number of `SequenceStandardScaler`, an `LSTMClassifier`
        or `CNNClassifier`.
    path : path-like
        File to write, by custom ending in ``.mfccclf``.
    metadata : mapping, optional
        Facts to keep as they are: any of "preset" (its name), "description",
        "training" (data, their fingerprint, seed and such), "scores", "history",
        "source" (of a converted net), "licence", "created" (a time; left out unless
        given), and "limits": the "min_confidence" and "min_familiarity" that a clip
        must reach to get a label, for whoever predicts without saying others.
    card : str, optional
        Model card in Markdown, in place of the one made from the facts.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    ValueError, TypeError
        If a step, a parameter or the metadata cannot go into a model file.
    ModelFileError
        If the file cannot be written.
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> from mfccclf import load_model, make_pipeline, save_model
    >>> rng = np.random.default_rng(0)
    >>> clips = [rng.standard_normal(8000).astype("float32") * s for s in (0.01, 0.3)]
    >>> pipeline = make_pipeline("names-lstm", hidden_sizes=(4,), max_epochs=1)
    >>> pipeline = pipeline.fit(clips, ["quiet", "loud"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_model(pipeline, pathlib.Path(folder) / "level.mfccclf")
    ...     again = load_model(path)
    >>> np.array_equal(again.predict_proba(clips), pipeline.predict_proba(clips))
    True
    """
    steps = check_steps(pipeline)
    facts = _check_metadata(metadata or {})
    _check_limits(facts.get("limits") or {}, steps[-1].estimator)
    members = {
        WEIGHTS: pack_arrays(_collect_arrays(steps)),
        GRAPH: _graph_bytes(steps),
    }
    config = _describe(pipeline, steps, facts)
    members[CARD] = (write_card(config) if card is None else card).encode()
    config["members"] = describe_members(members)
    text = json.dumps(config, indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(path, pack({CONFIG: f"{text}\n".encode(), **members}))


def export_onnx(
    model: Pipeline | str | PathLike[str], path: str | PathLike[str]
) -> Path:
    """Write a model's net as an ONNX file, for other programs.

    Its input ``X`` holds features, float32 of shape (n_clips, n_frames, n_features)
    with NaN in every frame past a clip's end; its output ``scores`` the probabilities
    (n_clips, n_classes), and ``familiarity``, where the model tells it, the share of
    known clips that are at least as odd (n_clips,). Scaling is inside. The metadata of
    the file hold the classes and the parameters of the features as JSON.

    Parameters
    ----------
    model : Pipeline, str or path-like
        A fitted pipeline that `save_model` could save, the name of a shipped model, or
        a model file.
    path : path-like
        File to write, by custom ending in ``.onnx``.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    ModelFileError
        If the model cannot be read, or the file cannot be written.
    ValueError, TypeError
        As for `save_model`.
    """
    if isinstance(model, str | PathLike):
        return write_whole(path, open_model(model).members[GRAPH])
    return write_whole(path, _graph_bytes(check_steps(model)))


def _check_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
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
    Limits.checked(plain.get("limits") or {}, owner="save_model")
    return plain


def _check_limits(limits: Mapping[str, Any], classifier: Any) -> None:
    if limits.get("min_familiarity") and classifier.familiarity_ is None:
        raise ValueError(
            "The metadata set min_familiarity, but the classifier does not know how "
            "familiar a clip is. Fit or calibrate it, or leave that limit out."
        )


def _collect_arrays(steps: list[PipelineStep]) -> dict[str, Any]:
    arrays = {
        f"{step.name}.{key}": array
        for step in steps
        for key, array in step.format.get_state(step.estimator).items()
    }
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(
                f"The weights {name!r} are not finite: the training has diverged. "
                "Lower the learning rate, or set gradient_clip, and train again."
            )
    return arrays


def _graph_bytes(steps: list[PipelineStep]) -> bytes:
    content: bytes = _build_graph(steps).SerializeToString(deterministic=True)
    return content


def _build_graph(steps: list[PipelineStep]) -> onnx.ModelProto:
    classifier = steps[-1].estimator
    builder = GraphBuilder()
    lengths = add_lengths(builder, "X")
    value = "X"
    for step in steps[1:]:
        if step.format.add_nodes is not None:
            value = step.format.add_nodes(builder, step.estimator, value, lengths)
    outputs: dict[str, list[str | int]] = {
        builder.rename(value, SCORES): ["n_clips", len(classifier.classes_)]
    }
    if FAMILIARITY in builder.marked:
        share = builder.rename(builder.marked[FAMILIARITY], FAMILIARITY)
        outputs[share] = ["n_clips"]
    return builder.build(
        inputs={"X": ["n_clips", "n_frames", classifier.n_features_in_]},
        outputs=outputs,
        metadata={
            "classes": json.dumps(_plain_classes(classifier)[0]),
            "front_end": json.dumps(_describe_front_end(steps[0])),
            "mfccclf_version": mfccclf.__version__,
        },
    )


def _describe(
    pipeline: Pipeline, steps: list[PipelineStep], facts: dict[str, Any]
) -> dict[str, Any]:
    classifier = steps[-1].estimator
    classes, label_type = _plain_classes(classifier)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "packages": {
            "mfccclf": mfccclf.__version__,
            **{package: version(package) for package in _PACKAGES},
        },
        "preset": None,
        **facts,
        "task": "multi-label" if classifier.multilabel_ else "single-label",
        "classes": classes,
        "label_type": label_type,
        "thresholds": to_plain(classifier.thresholds_),
        "n_features": int(classifier.n_features_in_),
        "front_end": _describe_front_end(steps[0]),
        "steps": [_describe_step(name, step) for name, step in pipeline.steps],
    }


def _describe_front_end(step: PipelineStep) -> dict[str, Any]:
    details = step.format.describe(step.estimator) if step.format.describe else {}
    return {"class": step.class_name, **details}


def _plain_classes(classifier: Any) -> tuple[list[Any], str]:
    try:
        return labels_to_plain(classifier.classes_)
    except TypeError as error:
        raise TypeError(
            f"A model file cannot hold the classes: {error}. Train with texts or "
            "numbers as labels."
        ) from error


def _describe_step(name: str, estimator: Any) -> dict[str, Any]:
    if is_passthrough(estimator):
        return {"name": name, "class": PASSTHROUGH, "parameters": {}}
    class_name = type(estimator).__name__
    parameters = {}
    for key, value in estimator.get_params(deep=False).items():
        if key in RUNTIME_PARAMETERS:
            continue
        try:
            parameters[key] = to_plain(value)
        except TypeError as error:
            raise TypeError(
                f"The {key!r} parameter of step {name!r} ({class_name}) is {value!r}, "
                "which a model file cannot hold. Set it to a plain value with "
                "set_params, or use joblib.dump."
            ) from error
    return {"name": name, "class": class_name, "parameters": parameters}
