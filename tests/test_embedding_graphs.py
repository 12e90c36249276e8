"""Front ends that begin with a pre-trained net, as ONNX graphs from samples."""

from __future__ import annotations

import numpy as np
import pytest
from graph_tools import make_sound, run_on_waveform
from numpy.testing import assert_allclose

from mfccclf.errors import ExportError
from mfccclf.features.embeddings.extraction import EmbeddingExtraction, shipped_graphs
from mfccclf.features.embeddings.parameters import EmbeddingParameters
from mfccclf.features.graphs import embeddings
from mfccclf.features.graphs.embeddings import add_embedding_extraction


def assert_same_vectors(waveform, **parameters):
    given = EmbeddingParameters(**parameters).validate()
    extraction = EmbeddingExtraction(given, shipped_graphs(given))
    found = run_on_waveform(
        lambda builder, name: add_embedding_extraction(builder, extraction, name),
        waveform,
    )
    (expected,) = extraction.compute_each([waveform])
    size = np.abs(expected).max()
    assert_allclose(found, expected, atol=2e-5 * size)


@pytest.mark.parametrize(
    ("nets", "n_samples"),
    [
        (("speech",), 512),
        (("music",), 1500),
        (("speech", "music"), 13999),
        pytest.param(("speech", "music"), 30000, marks=pytest.mark.slow),
        pytest.param(("speech", "music"), 512, marks=pytest.mark.slow),
    ],
)
def test_vectors_are_those_of_prediction(nets, n_samples):
    assert_same_vectors(make_sound(n_samples), nets=nets)


@pytest.mark.slow
def test_silence_is_left_out_as_in_prediction():
    waveform = np.concatenate([np.zeros(9000, np.float32), make_sound(12000)])
    assert_same_vectors(waveform, nets=("speech", "music"), trim_top_db=30.0)


def test_silence_alone_gives_the_vectors_of_prediction():
    assert_same_vectors(np.zeros(6000, np.float32), nets=("speech",))


def test_a_net_whose_bands_have_no_graph_is_refused_by_name(monkeypatch):
    monkeypatch.delitem(embeddings._FRONTS, "speech")
    with pytest.raises(ExportError, match="pre-trained net 'speech' has no ONNX graph"):
        assert_same_vectors(make_sound(6000), nets=("speech",))
