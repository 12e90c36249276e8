"""Pre-trained nets: equal to the published ones, whatever the batch and the length."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.base import clone

from mfccclf import AudioFileError, MusicEmbedding, PretrainedEmbedding, SpeechEmbedding
from mfccclf.features.embeddings import session
from mfccclf.features.embeddings.graphs import build_music_graph
from mfccclf.features.embeddings.nets import NETS, SPEECH_BANDS, shipped_graph
from mfccclf.features.embeddings.session import Reach, run_graph
from mfccclf.features.embeddings.weights import read_attribution, read_weights
from mfccclf.features.extraction import compute_sequences
from mfccclf.sequences import sequence_lengths

RATE = 16000
ALL = pytest.mark.parametrize(
    "cls", [SpeechEmbedding, MusicEmbedding, PretrainedEmbedding]
)


@pytest.fixture(scope="module")
def originals():
    """What the published nets gave; weights/recipes/embeddings/reference.py."""
    with np.load(Path(__file__).with_name("embeddings.npz")) as arrays:
        return dict(arrays)


def made_up_samples(seed):
    rng = np.random.default_rng(seed)
    time = np.arange(32000) / RATE
    sweep = np.sin(2 * np.pi * (200 + 300 * (seed + 1) * time) * time)
    noise = rng.standard_normal(len(time)) * rng.uniform(0.01, 0.3)
    return ((0.4 * sweep + noise * np.sin(5 * time)) * 8000).astype(np.float32)


def made_up_bands(seed):
    power = np.random.default_rng(seed).gamma(0.3, 0.05, (187, 96))
    return np.log10(1e4 * power + 1).astype(np.float32)


def made_up_waveform(n_samples, seed=0):
    rng = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * 300 * np.arange(n_samples) / RATE)
    return (0.2 * tone + 0.05 * rng.standard_normal(n_samples)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_speech_equals_the_published_net(originals, seed):
    decibels = compute_sequences([made_up_samples(seed)], SPEECH_BANDS)
    bands = [decibels[0] / 10 + 2]
    (vectors,) = run_graph(shipped_graph("speech"), bands, NETS["speech"].reach)
    np.testing.assert_allclose(vectors, originals["speech"][seed], atol=1e-4)


def test_music_equals_the_published_net(originals):
    graph = build_music_graph(read_weights("music"), block=187)
    bands = [made_up_bands(seed) for seed in range(3)]
    pooled = run_graph(graph, bands, Reach(step=187, span=187))
    np.testing.assert_allclose(
        np.concatenate(pooled), originals["music"], rtol=1e-5, atol=1e-4
    )


@pytest.mark.parametrize("net", NETS.values(), ids=list(NETS))
def test_long_sequences_are_run_in_pieces_to_the_same_numbers(net, monkeypatch):
    (bands,) = net.to_bands([made_up_waveform(15 * RATE)])
    (whole,) = run_graph(shipped_graph(net.name), [bands], net.reach)
    monkeypatch.setattr(session, "_MAX_FRAMES", 400)
    (pieces,) = run_graph(shipped_graph(net.name), [bands], net.reach)
    np.testing.assert_allclose(pieces, whole, atol=1e-5)


@ALL
def test_a_clip_does_not_depend_on_the_others(cls):
    clips = [made_up_waveform(n, seed) for seed, n in enumerate((3000, 16000, 16000))]
    together = cls().transform(clips)
    for row, clip in enumerate(clips):
        (alone,) = cls().transform([clip])
        np.testing.assert_allclose(together[row][: len(alone)], alone, atol=1e-5)
        assert np.isnan(together[row][len(alone) :]).all()


@ALL
def test_the_level_of_a_clip_does_not_matter(cls):
    clip = made_up_waveform(16000)
    loud, quiet = cls().transform([clip, clip / 100])
    np.testing.assert_allclose(quiet, loud, atol=2e-3)


@pytest.mark.parametrize(("n_samples", "n_steps"), [(600, 1), (16000, 13), (64000, 51)])
def test_both_nets_have_a_vector_for_every_80_ms(n_samples, n_steps):
    X = PretrainedEmbedding().transform([made_up_waveform(n_samples)])
    assert X.shape[1] in (n_steps, n_steps + 1)
    assert X.shape[2] == 96 + 1506
    assert np.isfinite(X).all()


def test_both_nets_stand_side_by_side():
    clip = made_up_waveform(16000)
    (both,) = PretrainedEmbedding().transform([clip])
    (music,) = MusicEmbedding().transform([clip])
    np.testing.assert_array_equal(both[: len(music), 96:], music)


@ALL
def test_fewer_frames_cut_a_clip(cls):
    X = cls(n_frames=4).transform([made_up_waveform(2000), made_up_waveform(32000)])
    assert X.shape[:2] == (2, 4)
    assert sequence_lengths(X)[1] == 4


def test_silence_around_the_sound_is_trimmed():
    clip = made_up_waveform(16000)
    padded = np.concatenate([np.zeros(8192), clip, np.zeros(16384)]).astype(np.float32)
    (alone,) = MusicEmbedding(trim_top_db=40).transform([clip])
    (trimmed,) = MusicEmbedding(trim_top_db=40).transform([padded])
    assert abs(len(trimmed) - len(alone)) <= 1


@ALL
def test_transformers_clone_and_pickle(cls, tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, made_up_waveform(8000), 8000)
    transformer = cls(cache=tmp_path / "cache")
    expected = clone(transformer).fit_transform([path])
    again = pickle.loads(pickle.dumps(transformer)).transform([path])
    np.testing.assert_array_equal(again, expected)


def test_columns_are_named_after_their_nets():
    names = PretrainedEmbedding().get_feature_names_out()
    assert names[[0, 95, 96, -1]].tolist() == [
        "speech_0",
        "speech_95",
        "music_0",
        "music_1505",
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"nets": ("speach",)}, "Did you mean 'speech'?"),
        ({"nets": ()}, "'nets' parameter of PretrainedEmbedding must be a sequence"),
        ({"nets": ("music", "music")}, "each at most once"),
        ({"n_frames": 0}, "'n_frames' parameter of PretrainedEmbedding"),
        ({"trim_top_db": -1}, "'trim_top_db' parameter of PretrainedEmbedding"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        PretrainedEmbedding(**parameters).fit([])


def test_a_clip_that_is_too_short_is_named(tmp_path):
    path = tmp_path / "blip.wav"
    soundfile.write(path, made_up_waveform(300), RATE)
    with pytest.raises(AudioFileError, match=r"blip.wav has 300 samples.*Pad it"):
        SpeechEmbedding().transform([path])


@pytest.mark.parametrize(
    ("net", "licence"), [("speech", "Apache-2.0"), ("music", "ISC")]
)
def test_weights_name_their_licence_and_authors(net, licence):
    facts = read_attribution(net)
    assert facts["licence"] == licence
    assert facts["source"]
    assert facts["attribution"]
