"""Model files that bring a pre-trained net along, and linear classifiers in them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    ModelFileError,
    MusicEmbedding,
    Predictor,
    PretrainedEmbedding,
    SequenceStandardScaler,
    SequenceStatistics,
    SpeechEmbedding,
    load_model,
    make_pipeline,
    save_model,
)
from mfccclf.prediction.model_file import ModelFile

RATE = 16000


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Twelve clips of three pitches, as files of different lengths."""
    folder = tmp_path_factory.mktemp("pitches")
    rng = np.random.default_rng(0)
    paths, labels = [], []
    for index in range(12):
        label = ("low", "middle", "high")[index % 3]
        hertz = {"low": 200, "middle": 700, "high": 2500}[label]
        time = np.arange(4000 + 1500 * index) / RATE
        sound = 0.3 * np.sin(2 * np.pi * hertz * time)
        path = folder / f"{label}.{index}.wav"
        soundfile.write(path, sound + 0.02 * rng.standard_normal(len(time)), RATE)
        paths.append(path)
        labels.append(label)
    return paths, labels


def linear(front_end):
    return Pipeline(
        [
            ("extract", front_end),
            ("statistics", SequenceStatistics(statistics=("mean", "std", "max"))),
            ("scale", SequenceStandardScaler()),
            ("linear", LogisticRegression(C=0.1)),
        ]
    )


def recurrent(front_end):
    net = LSTMClassifier(
        hidden_sizes=(8,), pooling="attention", max_epochs=10, lr=0.01, random_state=0
    )
    return Pipeline(
        [("extract", front_end), ("scale", SequenceStandardScaler()), ("lstm", net)]
    )


@pytest.fixture(scope="module", params=["speech-linear", "both-lstm"])
def saved(request, clips, tmp_path_factory):
    """A fitted pipeline and its model file."""
    make = {
        "speech-linear": lambda: linear(SpeechEmbedding()),
        "both-lstm": lambda: recurrent(PretrainedEmbedding(n_frames=20)),
    }[request.param]
    pipeline = make().fit(*clips)
    path = tmp_path_factory.mktemp("model") / "pitch.mfccclf"
    return pipeline, save_model(pipeline, path)


def test_prediction_gives_the_scores_of_the_pipeline(saved, clips):
    pipeline, path = saved
    expected = pipeline.predict_proba(clips[0])
    predictor = Predictor(path)
    for clip, scores in zip(clips[0], expected, strict=True):
        found = predictor.predict_file(clip).scores
        np.testing.assert_allclose(list(found.values()), scores, atol=1e-5)


def test_a_loaded_model_predicts_and_saves_the_same(saved, clips, tmp_path):
    pipeline, path = saved
    again = load_model(path)
    np.testing.assert_allclose(
        again.predict_proba(clips[0]), pipeline.predict_proba(clips[0]), atol=1e-7
    )
    assert save_model(again, tmp_path / "again").read_bytes() == path.read_bytes()


def test_the_file_brings_its_nets_and_their_licences_along(saved):
    pipeline, path = saved
    model_file = ModelFile(path)
    nets = pipeline[0].feature_parameters().nets
    assert tuple(model_file.front_end_graphs) == nets
    assert model_file.config["format_version"] == 3
    for net in nets:
        facts = model_file.config["pretrained"][net]
        assert facts["licence"] in model_file.card
        assert facts["attribution"] in model_file.card


def test_prediction_needs_neither_torch_nor_the_shipped_weights(saved, clips):
    _, path = saved
    code = (
        "import sys\n"
        "from mfccclf import Predictor\n"
        "import mfccclf.features.embeddings.nets as nets\n"
        "nets.shipped_graph = None\n"
        f"print(Predictor({str(path)!r}).predict_file({str(clips[0][0])!r}).label)\n"
        "print(sorted({'torch', 'sklearn', 'onnx', 'librosa'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert run.stdout.split("\n")[1] == "[]", run.stdout + run.stderr


def test_a_file_whose_net_is_missing_is_refused(saved, tmp_path):
    from mfccclf.persistence.archive import pack
    from mfccclf.prediction.model_file import CONFIG

    _, path = saved
    model_file = ModelFile(path)
    members = {
        name: content
        for name, content in model_file.members.items()
        if not name.startswith("front_end.")
    }
    import json

    config = json.dumps(model_file.config).encode()
    cut = tmp_path / "cut.mfccclf"
    cut.write_bytes(pack({CONFIG: config, **members}))
    with pytest.raises(ModelFileError, match=r"cut.mfccclf"):
        Predictor(cut)


@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1, 2)])
def test_logistic_regression_follows_any_front_end(labels, tmp_path):
    rng = np.random.default_rng(0)
    y = [labels[index % len(labels)] for index in range(12)]
    waveforms = [
        (0.01 + 0.3 * labels.index(label)) * rng.standard_normal(6000).astype("f4")
        for label in y
    ]
    pipeline = linear(MFCCExtractor(sample_rate=8000)).fit(waveforms, y)
    path = save_model(pipeline, tmp_path / "level.mfccclf")
    expected = pipeline.predict_proba(waveforms)
    predictor = Predictor(path)
    for waveform, scores in zip(waveforms, expected, strict=True):
        found = predictor.predict_waveform(waveform, 8000)
        np.testing.assert_allclose(list(found.scores.values()), scores, atol=1e-5)
    assert load_model(path).predict(waveforms).tolist() == y


def test_music_is_described(clips, tmp_path):
    from mfccclf.workflows import describe

    pipeline = linear(MusicEmbedding(trim_top_db=40)).fit(*clips)
    description = describe(str(save_model(pipeline, tmp_path / "music.mfccclf")))
    assert description.facts["steps"].startswith("MusicEmbedding -> SequenceStatistics")
    assert description.facts["features"].startswith("1506: music_0")
    assert description.net.n_parameters == 3 * (3 * 1506 + 1)


def test_the_words_preset_learns_from_few_clips(clips, tmp_path):
    paths, labels = clips
    pipeline = make_pipeline("words", max_epochs=10, random_state=0)
    path = save_model(pipeline.fit(paths, labels), tmp_path / "words.mfccclf")
    assert Predictor(path).predict(paths) == labels
