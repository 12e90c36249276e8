"""Every kind of step that a preset or a model file may name, each told once.

An entry says where everything about its kind stands, as "module:name", which is fetched
on first use: reading this module imports nothing, so that prediction stays free of
torch. A name without an entry is refused, so neither a preset nor a model file can make
us import something else.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["STEP_KINDS", "StepKind", "fetch"]

Place = Literal["front end", "transformer", "classifier"]


@dataclass(frozen=True, kw_only=True)
class StepKind:
    """Where everything about one kind of step stands, each as "module:name".

    Attributes
    ----------
    place : {"front end", "transformer", "classifier"}
        Where in a pipeline it may stand: first, between, last.
    estimator : str
        Its class, which gives the kind its name.
    state : str
        A `mfccclf.persistence.state.StepState`: how its arrays are taken and restored.
    graph : str or None, default=None
        What adds it to an ONNX graph. Called with the `GraphBuilder`, the fitted step
        and the names of X and of the lengths; returns the name of the new X or, for a
        classifier, of the scores. None for a front end, which comes before the graph.
    net_graph : str or None, default=None
        What adds the net of a `SequenceClassifier`: called with the net in place of the
        step, it returns the name of the logits. None for others.
    extraction : str or None, default=None
        What makes a front end's `mfccclf.features.protocol.Extraction` without
        scikit-learn: from the parameters that its ``describe`` gives, and from the
        graphs of its own that a model file holds, by name. None for others.
    waveform_graph : str or None, default=None
        What adds a front end to an ONNX graph. Called with the `GraphBuilder`, the
        extraction and the name of a waveform; returns the name of its sequence. None
        for a front end without a graph, and for others.
    carried : str or None, default=None
        A `mfccclf.features.embeddings.carrying.CarriedNets`: the pre-trained nets that
        a model file carries for a front end. None for steps without any.
    summary : str or None, default=None
        What lists a classifier's layers and counts its parameters, as
        `mfccclf.estimators.description.summarise_net` does. None for others.
    """

    place: Place
    estimator: str
    state: str
    graph: str | None = None
    net_graph: str | None = None
    extraction: str | None = None
    waveform_graph: str | None = None
    carried: str | None = None
    summary: str | None = None

    @property
    def name(self) -> str:
        """Name of the class."""
        return self.estimator.partition(":")[2]

    def load_class(self) -> type:
        """Import the class."""
        loaded: type = fetch(self.estimator)
        return loaded


def fetch(place: str | None) -> Any:
    """Import what stands at "module:name"; TypeError where a kind has no such part."""
    if place is None:
        raise TypeError("This kind of step has no such part.")
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _front_end(
    estimator: str,
    *,
    extraction: str,
    waveform_graph: str | None = None,
    state: str = "mfccclf.persistence.state:FRONT_END",
    carried: str | None = None,
) -> StepKind:
    return StepKind(
        place="front end",
        estimator=estimator,
        state=state,
        extraction=extraction,
        waveform_graph=waveform_graph,
        carried=carried,
    )


def _sequence_classifier(estimator: str, *, net_graph: str) -> StepKind:
    return StepKind(
        place="classifier",
        estimator=estimator,
        state="mfccclf.persistence.state:CLASSIFIER",
        graph="mfccclf.persistence.onnx.classifier:add_classifier",
        net_graph=net_graph,
        summary="mfccclf.estimators.description:summarise_net",
    )


_KINDS = (
    _front_end(
        "mfccclf.features.extractor:MFCCExtractor",
        extraction="mfccclf.features.extraction:make_feature_extraction",
        waveform_graph="mfccclf.features.graphs.extraction:add_feature_extraction",
    ),
    *(
        _front_end(
            f"mfccclf.features.waveform_frames:{name}",
            extraction="mfccclf.features.frames:make_frame_extraction",
            waveform_graph="mfccclf.features.graphs.waveform_frames:add_waveform_frames",
        )
        for name in ("PooledWaveformFrames", "WaveformFrames")
    ),
    *(
        _front_end(
            f"mfccclf.features.embeddings.transformers:{name}",
            extraction="mfccclf.features.embeddings.extraction:make_embedding_extraction",
            waveform_graph="mfccclf.features.graphs.embeddings:add_embedding_extraction",
            state="mfccclf.persistence.state:PRETRAINED_FRONT_END",
            carried="mfccclf.features.embeddings.carrying:PUBLISHED_NETS",
        )
        for name in ("MusicEmbedding", "PretrainedEmbedding", "SpeechEmbedding")
    ),
    _front_end(
        "mfccclf.features.embeddings.onnx_embedding:OnnxEmbedding",
        extraction="mfccclf.features.embeddings.onnx_extraction:make_onnx_extraction",
        state="mfccclf.persistence.state:ONNX_FRONT_END",
        carried="mfccclf.features.embeddings.carrying:ANY_NET",
    ),
    StepKind(
        place="transformer",
        estimator="mfccclf.preprocessing:SequenceStandardScaler",
        state="mfccclf.persistence.state:SCALER",
        graph="mfccclf.persistence.onnx.scaler:add_scaler",
    ),
    StepKind(
        place="transformer",
        estimator="mfccclf.embedding_selector:EmbeddingSelector",
        state="mfccclf.persistence.state:SELECTOR",
        graph="mfccclf.persistence.onnx.selector:add_selector",
    ),
    StepKind(
        place="transformer",
        estimator="mfccclf.sequence_statistics:SequenceStatistics",
        state="mfccclf.persistence.state:STATISTICS",
        graph="mfccclf.persistence.onnx.statistics:add_statistics",
    ),
    _sequence_classifier(
        "mfccclf.estimators.cnn:CNNClassifier",
        net_graph="mfccclf.persistence.onnx.conv_net:add_conv_net",
    ),
    _sequence_classifier(
        "mfccclf.estimators.lstm:LSTMClassifier",
        net_graph="mfccclf.persistence.onnx.lstm_net:add_lstm_net",
    ),
    StepKind(
        place="classifier",
        estimator="sklearn.linear_model:LogisticRegression",
        state="mfccclf.persistence.linear:LOGISTIC_REGRESSION",
        graph="mfccclf.persistence.onnx.linear:add_logistic_regression",
        summary="mfccclf.estimators.description:summarise_linear",
    ),
    StepKind(
        place="classifier",
        estimator="sklearn.calibration:CalibratedClassifierCV",
        state="mfccclf.persistence.calibrated:CALIBRATED",
        graph="mfccclf.persistence.onnx.linear:add_calibrated",
        summary="mfccclf.estimators.description:summarise_calibrated",
    ),
)

STEP_KINDS: Mapping[str, StepKind] = {kind.name: kind for kind in _KINDS}
