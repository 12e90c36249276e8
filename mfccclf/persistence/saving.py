"""Save fitted pipelines as model files."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as pack_arrays
from sklearn.pipeline import Pipeline

from mfccclf.errors import ModelFileError
from mfccclf.persistence.archive import describe_members, pack, write_whole
from mfccclf.persistence.card import write_card
from mfccclf.persistence.config import check_metadata, describe_model
from mfccclf.persistence.model_parts import encode_net, take_front_end_graphs
from mfccclf.persistence.steps import PipelineStep, best_pipeline, check_steps
from mfccclf.prediction.model_file import (
    CARD,
    CONFIG,
    GRAPH,
    WEIGHTS,
    ModelFile,
    front_end_graph_member,
)

__all__ = ["save_model"]


def save_model(
    pipeline: Pipeline,
    path: str | PathLike[str],
    *,
    metadata: Mapping[str, Any] | None = None,
    card: str | None = None,
) -> Path:
    """Save a fitted pipeline as one model file that is safe to open.

    The file holds settings as JSON, weights as safetensors, the net as an ONNX graph
    and a model card, but no code. It is written whole or not at all, and saving the
    same pipeline again gives the same bytes. Keep a pipeline with steps of your own
    with ``joblib.dump``, and load such a file only if you made it: it can run any code.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted, with the steps of `mfccclf.make_pipeline`: a front end such as
        `MFCCExtractor`, any number of `SequenceStandardScaler`, and a classifier such
        as `LSTMClassifier`. Of a fitted search, such as scikit-learn's
        `GridSearchCV`, the best pipeline is saved.
    path : path-like
        File to write, usually ending in ``.mfccclf``.
    metadata : mapping, optional
        Facts to keep unchanged: any of "preset" (its name), "description", "training"
        (data, their fingerprint, seed and the like), "scores", "history", "source" (of
        a converted net), "licence", "created" (a time; left out unless given), and
        "limits": the "min_confidence" and "min_familiarity" that a clip must reach to
        get a label, unless others are given for a prediction.
    card : str, optional
        Model card in Markdown, in place of the one made from these facts.

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
    pipeline = best_pipeline(pipeline)
    steps = check_steps(pipeline)
    facts = check_metadata(metadata or {}, steps[-1].estimator)
    members = {
        WEIGHTS: pack_arrays(_collect_arrays(steps)),
        GRAPH: encode_net(steps),
        **_front_end_members(steps[0]),
    }
    config = describe_model(pipeline, steps, facts)
    members[CARD] = (write_card(config) if card is None else card).encode()
    config["members"] = describe_members(members)
    text = json.dumps(config, indent=1, ensure_ascii=False, allow_nan=False)
    content = pack({CONFIG: f"{text}\n".encode(), **members})
    _check_opens(content, path)
    return write_whole(path, content)


class _InMemory:
    """Bytes that `ModelFile` opens as it opens a file."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, mode: str) -> io.BytesIO:
        """Return a stream of the bytes."""
        return io.BytesIO(self._content)


def _check_opens(content: bytes, path: str | PathLike[str]) -> None:
    """Raise ValueError where a file would be refused when it is opened."""
    in_memory: Any = _InMemory(content)
    try:
        ModelFile(in_memory, name=str(path))
    except ModelFileError as error:
        raise ValueError(
            f"The pipeline makes a model file that would not open: {error}"
        ) from error


def _collect_arrays(steps: Sequence[PipelineStep]) -> dict[str, Any]:
    arrays = {
        f"{step.name}.{key}": array
        for step in steps
        for key, array in step.state.take(step.estimator).items()
    }
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(
                f"The weights {name!r} are not finite: the training has diverged. "
                "Lower the learning rate, or set gradient_clip, and train again."
            )
    return arrays


def _front_end_members(front_end: PipelineStep) -> dict[str, bytes]:
    """Return the graphs of a front end's pre-trained nets, by the members' names."""
    graphs = take_front_end_graphs(front_end)
    return {front_end_graph_member(net): graph for net, graph in graphs.items()}
