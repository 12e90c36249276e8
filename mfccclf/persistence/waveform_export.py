"""A model as one graph from samples to scores, and what its users must know."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import mfccclf
from mfccclf.features.protocol import Extraction, reach_s
from mfccclf.persistence.model_parts import ModelParts
from mfccclf.persistence.onnx.waveform_graph import build_waveform_graph
from mfccclf.prediction.decisions import Limits
from mfccclf.prediction.front_end import restore_front_end
from mfccclf.step_kinds import STEP_KINDS

__all__ = ["describe_waveform_model", "encode_waveform_model"]

# More than any model asks for.
_MOST_SAMPLES = 2**22


def describe_waveform_model(parts: ModelParts) -> dict[str, Any]:
    """Return what a program needs to use a graph that begins with samples.

    Returns
    -------
    facts : dict
        Plain values: "classes", "task", "thresholds" (None unless multilabel),
        "limits", "front_end", "sample_rate" in Hz, "min_samples", "reach_s" (seconds
        from a clip's start that are used; None for all) and "mfccclf_version".

    Examples
    --------
    >>> from mfccclf.persistence import ModelParts, describe_waveform_model
    >>> describe_waveform_model(ModelParts.of("names"))["sample_rate"]
    16000
    """
    config, extraction = parts.config, _make_extraction(parts)
    limits = Limits.from_config(config)
    return {
        "classes": config["classes"],
        "task": config.get("task", "single-label"),
        "thresholds": config.get("thresholds"),
        "limits": vars(limits),
        "sample_rate": extraction.sample_rate,
        "reach_s": reach_s(extraction),
        "min_samples": _count_fewest_samples(extraction),
        "front_end": config["front_end"],
        "mfccclf_version": mfccclf.__version__,
    }


def encode_waveform_model(parts: ModelParts) -> bytes:
    """Return the graph from samples to scores, as bytes.

    Its metadata hold what `describe_waveform_model` returns, each value as JSON.

    Raises
    ------
    ExportError
        If the front end, or a part of it, has no graph.
    ModelFileError
        If the front end is unknown or not valid.

    Examples
    --------
    >>> from mfccclf.persistence import ModelParts, encode_waveform_model
    >>> graph = encode_waveform_model(ModelParts.of("names"))  # doctest: +SKIP
    """
    facts = describe_waveform_model(parts)
    model = build_waveform_graph(
        STEP_KINDS[parts.config["front_end"]["class"]],
        _make_extraction(parts),
        parts.net,
        n_classes=len(facts["classes"]),
        metadata={name: json.dumps(value) for name, value in facts.items()},
    )
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _make_extraction(parts: ModelParts) -> Extraction:
    extraction, _ = restore_front_end(parts)
    return extraction


def _count_fewest_samples(extraction: Extraction) -> int:
    """Return how long a waveform must be; longer ones are fit, too."""
    unfit, fit = 0, _MOST_SAMPLES
    while fit - unfit > 1:
        middle = (unfit + fit) // 2
        if extraction.problem(np.zeros(middle, np.float32)):
            unfit = middle
        else:
            fit = middle
    return fit
