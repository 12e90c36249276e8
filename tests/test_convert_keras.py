"""Nets of Keras give Keras's own scores, or a reason why not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_files import FakeKeras

from mfccclf import (
    MissingExtraError,
    ModelFileError,
    Predictor,
    load_model,
    save_model,
)
from mfccclf.persistence import convert_keras

NAMES = ["James", "Jennifer", "Linda", "Maria", "Patricia"]
LABELS = ["a", "b", "c"]
# Columns without a common set: n_mfcc=4 and the centroid.
FIVE: dict[str, Any] = {"features": ["mfcc", "centroid"], "n_mfcc": 4}


def small() -> FakeKeras:
    net = FakeKeras(9, 5)
    net.lstm(6, return_sequences=True, dropout=0.05, recurrent_dropout=0.35)
    return net.lstm(4).dense(3, "softmax")


def sequences(n_frames: int = 9, n_features: int = 5) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.normal(0, 2, (6, n_frames, n_features)).astype(np.float32)


def convert(net: FakeKeras, tmp_path: Path, labels: Any = LABELS, **kwargs: Any) -> Any:
    path = net.write_keras(tmp_path / "net.keras")
    return convert_keras(path, labels=labels, **{**FIVE, **kwargs})


def assert_same_scores(pipeline: Any, net: FakeKeras) -> None:
    X = sequences()
    scores = pipeline[-1].predict_proba(X)
    np.testing.assert_allclose(scores, net.predict(X), atol=1e-5)


# Layouts of files


def json_and_h5(net: FakeKeras, folder: Path) -> list[Path]:
    return [net.write_json(folder / "n.json"), net.write_h5(folder / "n.h5")]


def json_and_whole_h5(net: FakeKeras, folder: Path) -> list[Path]:
    return [
        net.write_json(folder / "n.json"),
        net.write_h5(folder / "n.h5", whole=True),
    ]


def json_and_weights_h5(net: FakeKeras, folder: Path) -> list[Path]:
    weights = folder / "n.weights.h5"
    net.write_weights_h5(weights)
    return [net.write_json(folder / "n.json"), weights]


def whole_h5(net: FakeKeras, folder: Path) -> list[Path]:
    return [net.write_h5(folder / "n.h5", whole=True)]


def keras_zip(net: FakeKeras, folder: Path) -> list[Path]:
    return [net.write_keras(folder / "n.keras")]


LAYOUTS = [json_and_h5, json_and_whole_h5, json_and_weights_h5, whole_h5, keras_zip]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_every_layout_gives_keras_scores(layout, bidirectional, tmp_path):
    net = FakeKeras(9, 5)
    net.lstm(6, return_sequences=True, bidirectional=bidirectional)
    net.add("Dropout", {"rate": 0.2}, [])
    net.lstm(4, bidirectional=bidirectional)
    net.dense(7, "relu").dense(3, "softmax")
    pipeline = convert_keras(*layout(net, tmp_path), labels=LABELS, **FIVE)
    assert_same_scores(pipeline, net)


@pytest.mark.parametrize(
    ("sizes", "n_features", "count"),
    [((128, 32), 33, 103_717), ((128, 33, 33), 33, 113_342), ((128, 14), 14, 81_299)],
)
def test_published_nets_have_keras_number_of_parameters(
    sizes, n_features, count, tmp_path
):
    net = FakeKeras(128, n_features)
    for size in sizes:
        net.lstm(size, return_sequences=size is not sizes[-1] or size == 33)
    net.layers[-1]["config"]["return_sequences"] = False
    net.dense(5, "softmax")
    pipeline = convert_keras(*json_and_h5(net, tmp_path), labels=NAMES)
    X = sequences(128, n_features)
    scores = pipeline[-1].predict_proba(X)
    np.testing.assert_allclose(scores, net.predict(X), atol=1e-5)
    parameters = pipeline[-1].net_.module_.parameters()
    assert sum(p.numel() for p in parameters if p.requires_grad) == count
    assert pipeline[0].n_frames == 128
    assert pipeline[0].features == n_features


# Kinds of nets


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "elu", "linear"])
def test_activations_of_dense_layers_are_kept(activation, tmp_path):
    net = FakeKeras(9, 5).lstm(4).dense(6, activation).dense(5, activation)
    assert_same_scores(convert(net.dense(3, "softmax"), tmp_path), net)


def test_layers_without_biases_are_converted(tmp_path):
    net = FakeKeras(9, 5).lstm(4, use_bias=False, return_sequences=True)
    net.lstm(4, use_bias=False, bidirectional=False).dense(3, "softmax", use_bias=False)
    assert_same_scores(convert(net, tmp_path), net)


@pytest.mark.parametrize("kind", ["Activation", "Softmax"])
def test_softmax_may_be_a_layer_of_its_own(kind, tmp_path):
    net = FakeKeras(9, 5).lstm(4).dense(3)
    net.add(kind, {"activation": "softmax"} if kind == "Activation" else {}, [])
    assert_same_scores(convert(net, tmp_path), net)


def keras_2_nodes(source: str) -> list[Any]:
    return [[[source, 0, 0, {}]]]


def keras_3_nodes(source: str) -> list[Any]:
    tensor = {"class_name": "__keras_tensor__", "config": {}}
    tensor["config"] = {"shape": [None, 9, 5], "keras_history": [source, 0, 0]}
    return [{"args": [tensor], "kwargs": {"training": False, "mask": None}}]


@pytest.mark.parametrize("nodes", [keras_2_nodes, keras_3_nodes])
def test_functional_stack_is_converted(nodes, tmp_path):
    net = small()
    before = ""
    for layer in net.layers:
        layer["inbound_nodes"] = nodes(before) if before else []
        before = layer["config"]["name"]
    path = net.write_json(tmp_path / "net.json")
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "class_name": "Functional"}))
    weights = net.write_h5(tmp_path / "n.h5")
    pipeline = convert_keras(path, weights, labels=LABELS, **FIVE)
    assert_same_scores(pipeline, net)


def test_activation_may_be_spelled_as_an_object(tmp_path):
    net = small()
    expected = net.predict(sequences())
    softmax = {"module": "builtins", "class_name": "function", "config": "softmax"}
    net.layers[-1]["config"]["activation"] = softmax
    scores = convert(net, tmp_path)[-1].predict_proba(sequences())
    np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_dropout_of_the_input_is_kept(tmp_path):
    net = FakeKeras(9, 5).add("Dropout", {"rate": 0.1}, [])
    net.lstm(4).dense(3, "softmax")
    assert convert(net, tmp_path)["lstm"].input_dropout == 0.1


def test_settings_for_training_on_are_kept(tmp_path):
    net = FakeKeras(9, 5)
    net.lstm(6, return_sequences=True, dropout=0.05, recurrent_dropout=0.35)
    net.add("Dropout", {"rate": 0.2}, []).lstm(4).dense(8, "relu")
    net.add("Dropout", {"rate": 0.3}, []).dense(3, "softmax")
    classifier = convert(net, tmp_path)["lstm"]
    assert classifier.hidden_sizes == (6, 4)
    assert (classifier.input_dropout, classifier.recurrent_dropout) == (0.05, 0.35)
    assert classifier.dropout == (0.2, 0.0)
    assert (classifier.dense_sizes, classifier.dense_dropout) == ((8,), (0.3,))


def test_labels_keep_their_outputs_when_they_are_sorted(tmp_path):
    net = small()
    pipeline = convert(net, tmp_path, labels=["z", "m", "a"])
    assert pipeline.classes_.tolist() == ["a", "m", "z"]
    X = sequences()
    scores = pipeline[-1].predict_proba(X)
    np.testing.assert_allclose(scores, net.predict(X)[:, ::-1], atol=1e-5)


def test_converted_net_goes_through_a_model_file(tmp_path, noise):
    pipeline = convert(small(), tmp_path)
    path = save_model(pipeline, tmp_path / "net.mfccclf")
    clip = noise(1.0)
    expected = pipeline.predict_proba([clip])[0]
    assert load_model(path).predict_proba([clip])[0] == pytest.approx(expected)
    scores = Predictor(path).predict_waveform(clip, 22050).scores
    assert list(scores.values()) == pytest.approx(expected, abs=1e-5)


# Columns


def test_columns_come_from_the_preset(tmp_path):
    net = FakeKeras(128, 14).lstm(3).dense(2, "softmax")
    path = net.write_keras(tmp_path / "n.keras")
    pipeline = convert_keras(path, labels=["a", "b"], preset="names-lstm-14")
    assert pipeline[0].get_feature_names_out()[-1] == "centroid"


@pytest.mark.parametrize(("pad_to", "n_zeros"), [(14, 1), (16, 3)])
def test_zero_columns_fill_up(pad_to, n_zeros, tmp_path, noise):
    net = FakeKeras(20, pad_to).lstm(3).dense(2, "softmax")
    path = net.write_keras(tmp_path / "n.keras")
    pipeline = convert_keras(path, labels=["a", "b"], features=["mfcc"], pad_to=pad_to)
    X = pipeline[0].transform([noise(1.0)])
    assert X.shape == (1, 20, pad_to)
    assert not X[..., -n_zeros:].any()
    assert X[..., :-n_zeros].all()
    saved = save_model(pipeline, tmp_path / "n.mfccclf")
    scores = Predictor(saved).predict_waveform(noise(1.0), 22050).scores
    expected = net.predict(X)[0]
    assert list(scores.values()) == pytest.approx(expected, abs=1e-5)


def test_any_number_of_frames_is_kept_open(tmp_path):
    net = FakeKeras(None, 5).lstm(3).dense(3, "softmax")
    assert convert(net, tmp_path)[0].n_frames is None


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"features": ["mfcc"], "n_mfcc": 13}, r"wants 5 columns .* gives 13\."),
        ({"features": None}, r"wants 5 columns .* no named set has that many"),
        ({"features": ["mfcc"], "pad_to": 3}, "'pad_to' .* int >= 4"),
        ({"features": ["mfcc"], "n_mfcc": 2, "pad_to": 5, "delta": 1}, "delta=1"),
    ],
)
def test_columns_that_do_not_fit_are_refused(kwargs, match, tmp_path):
    with pytest.raises(ValueError, match=match):
        convert(small(), tmp_path, **kwargs)


@pytest.mark.parametrize("labels", [["a", "b"], ["a", "b", "c", "d"], ["a", "b", "b"]])
def test_number_of_labels_must_fit(labels, tmp_path):
    with pytest.raises(ValueError, match="has 3 outputs, but .* different labels"):
        convert(small(), tmp_path, labels=labels)


def test_labels_in_one_text_are_refused(tmp_path):
    with pytest.raises(TypeError, match="'labels' parameter .* list of texts"):
        convert(small(), tmp_path, labels="abc")


# Nets that cannot be converted


def foreign(net: FakeKeras) -> None:
    net.add("Masking", {"name": "skip"}, []).add("Lambda", {"name": "code"}, [])


def no_lstm(net: FakeKeras) -> None:
    del net.layers[1:3], net.weights[1:3]
    net.layers[1]["config"]["return_sequences"] = False


def set_config(index: int, **values: Any) -> Callable[[FakeKeras], None]:
    return lambda net: net.layers[index]["config"].update(values)


def set_layer(index: int, **values: Any) -> Callable[[FakeKeras], None]:
    return lambda net: net.layers[index].update(values)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (foreign, r"cannot be converted: skip \(Masking\), code \(Lambda\)\."),
        (set_layer(2, registered_name="mine>LSTM"), r"cannot be converted: lstm_5"),
        (set_layer(2, module="evil"), r"cannot be converted: lstm_5 \(LSTM\)"),
        (set_config(1, recurrent_activation="hard_sigmoid"), "'hard_sigmoid'.*'sigm"),
        (set_config(1, activation="relu"), "activation='relu'. It must be 'tanh'"),
        (set_config(2, go_backwards=True), "lstm_5 has go_backwards=True"),
        (set_config(2, return_sequences=True), "the dense layer dense_6 on each frame"),
        (set_config(1, return_sequences=False), "the LSTM lstm_5 after a final state"),
        (set_config(3, activation="sigmoid"), "ends in 3 units with sigmoid"),
        (set_config(0, batch_input_shape=[None, 5]), r"an input of shape \(5,\)"),
        (set_config(0, batch_input_shape=None), "does not say the shape of its input"),
        (set_config(1, units=0), "0 is no number of units"),
        (set_config(1, recurrent_dropout=1.5), "1.5 is no dropout rate"),
        (set_config(1, units=None), "in a way that cannot be read"),
        (no_lstm, "on each frame"),
    ],
)
def test_nets_of_other_kinds_are_refused(change, match, tmp_path):
    net = small()
    change(net)
    with pytest.raises(ModelFileError, match=match) as caught:
        convert_keras(*json_and_h5(net, tmp_path), labels=LABELS, **FIVE)
    assert "n.json" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"merge_mode": "sum"}, "merge_mode 'sum'. It must be 'concat'"),
        ({"layer": {"class_name": "GRU", "config": {}}}, "wraps a GRU"),
        (
            {"backward_layer": {"config": {"units": 5, "go_backwards": True}}},
            "a backward layer of another kind",
        ),
    ],
)
def test_bidirectional_layers_of_other_kinds_are_refused(change, match, tmp_path):
    net = FakeKeras(9, 5).lstm(4, bidirectional=True).dense(3, "softmax")
    net.layers[1]["config"].update(change)
    with pytest.raises(ModelFileError, match=match):
        convert(net, tmp_path)


def test_mixed_directions_and_activations_are_refused(tmp_path):
    net = FakeKeras(9, 5).lstm(4, return_sequences=True).lstm(4, bidirectional=True)
    with pytest.raises(ModelFileError, match="mixes LSTM layers"):
        convert(net.dense(3, "softmax"), tmp_path)
    net = FakeKeras(9, 5).lstm(4).dense(4, "relu").dense(4, "tanh").dense(3, "softmax")
    with pytest.raises(ModelFileError, match="activations relu, tanh"):
        convert(net, tmp_path)


def test_activation_without_a_dense_layer_is_refused(tmp_path):
    net = FakeKeras(9, 5).lstm(4).add("Activation", {"activation": "relu"}, [])
    with pytest.raises(ModelFileError, match="but no linear layer before"):
        convert(net.dense(3, "softmax"), tmp_path)


def test_net_without_dense_layers_is_refused(tmp_path):
    net = FakeKeras(9, 5).lstm(3)
    with pytest.raises(ModelFileError, match="with a dense layer at the end"):
        convert(net, tmp_path)


def test_net_with_branches_is_refused(tmp_path):
    net = small()
    names = [layer["config"]["name"] for layer in net.layers]
    for index, layer in enumerate(net.layers):
        sources = names[max(index - 2, 0) : index]
        layer["inbound_nodes"] = [[[name, 0, 0, {}] for name in sources]]
    path = net.write_json(tmp_path / "net.json")
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "class_name": "Functional"}))
    with pytest.raises(ModelFileError, match="not a plain stack of layers: see lstm_5"):
        convert_keras(path, net.write_h5(tmp_path / "n.h5"), labels=LABELS, **FIVE)


# Files that cannot be read


def test_weights_of_another_net_are_refused(tmp_path):
    architecture = small().write_json(tmp_path / "net.json")
    other = FakeKeras(9, 5).lstm(7, return_sequences=True).lstm(4).dense(3, "softmax")
    other.write_h5(tmp_path / "other.h5")
    match = r"layer lstm_4 has an array of shape \(5, 28\) instead of \(5, 24\)"
    with pytest.raises(ModelFileError, match=match):
        convert_keras(architecture, tmp_path / "other.h5", labels=LABELS, **FIVE)
    fewer = FakeKeras(9, 5).lstm(6, return_sequences=True).lstm(4)
    fewer.write_h5(tmp_path / "fewer.h5")
    with pytest.raises(ModelFileError, match="layer dense_6 has 0 arrays instead of 2"):
        convert_keras(architecture, tmp_path / "fewer.h5", labels=LABELS, **FIVE)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is empty"),
        (b"{}", "not the architecture of a Keras net"),
        (b"[1]", "not the architecture of a Keras net"),
        (b"\xff\xfe", "not the architecture of a Keras net"),
        (b'{"class_name": "Sequential"}', "not the architecture of a Keras net"),
        (b"PK\x03\x04", "is damaged"),
        (b"\x89HDF\r\n\x1a\n", "is not a valid HDF5 file"),
    ],
)
def test_other_files_are_refused_as_architecture(content, match, tmp_path):
    path = tmp_path / "net.json"
    path.write_bytes(content)
    weights = small().write_h5(tmp_path / "n.h5")
    with pytest.raises(ModelFileError, match=match) as caught:
        convert_keras(path, weights, labels=LABELS)
    assert "net.json" in str(caught.value)


def test_other_files_are_refused_as_weights(tmp_path):
    architecture = small().write_json(tmp_path / "net.json")
    with pytest.raises(ModelFileError, match="net.json holds no weights"):
        convert_keras(architecture, labels=LABELS)
    with pytest.raises(ModelFileError, match=r"There is no file .*none\.h5"):
        convert_keras(architecture, tmp_path / "none.h5", labels=LABELS)
    with pytest.raises(ModelFileError, match="cannot be read"):
        convert_keras(architecture, tmp_path, labels=LABELS)
    with pytest.raises(ModelFileError, match="net.json is not a valid HDF5 file"):
        convert_keras(architecture, architecture, labels=LABELS)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(ModelFileError, match="in a layout that Keras uses"):
        convert_keras(architecture, tmp_path / "other.h5", labels=LABELS)


def test_array_that_would_fill_the_memory_is_not_read(tmp_path):
    architecture, weights = json_and_h5(small(), tmp_path)
    with h5py.File(weights, "a") as file:
        del file["lstm_4/lstm_4/part_0/kernel:0"]
        file["lstm_4"].create_dataset(
            "lstm_4/part_0/kernel:0", (10**6, 10**6), "f4", chunks=(100, 100)
        )
    with pytest.raises(ModelFileError, match=r"absurd shape \(1000000, 1000000\)"):
        convert_keras(architecture, weights, labels=LABELS, **FIVE)


def test_weights_without_architecture_say_what_is_missing(tmp_path):
    weights = small().write_h5(tmp_path / "n.h5")
    with pytest.raises(ModelFileError, match=r"no architecture\. Name the \.json"):
        convert_keras(weights, labels=LABELS)


def test_zip_of_another_program_is_refused(fitted_pipeline, tmp_path):
    path = save_model(fitted_pipeline, tmp_path / "m.mfccclf")
    with pytest.raises(ModelFileError, match="a zip file, but not one that Keras"):
        convert_keras(path, labels=LABELS)


def test_missing_h5py_names_the_extra(tmp_path, monkeypatch):
    files = json_and_h5(small(), tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mfccclf\[keras\]'"):
        convert_keras(*files, labels=LABELS)


# The real Keras


def keras_net(keras: Any, sizes: tuple[int, ...], n_features: int) -> Any:
    layers = [keras.Input((128, n_features))]
    for index, size in enumerate(sizes):
        more = index < len(sizes) - 1
        layer = keras.layers.LSTM(
            size, return_sequences=more, dropout=0.05, recurrent_dropout=0.35
        )
        layers.append(layer)
    net = keras.Sequential([*layers, keras.layers.Dense(5, activation="softmax")])
    rng = np.random.default_rng(0)
    shapes = [array.shape for array in net.get_weights()]
    net.set_weights([rng.normal(0, 0.25, shape) for shape in shapes])
    return net


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("sizes", "n_features"), [((128, 32), 33), ((128, 33, 33), 33), ((128, 14), 14)]
)
def test_real_keras_gives_the_same_probabilities(
    sizes, n_features, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    net = keras_net(keras, sizes, n_features)
    X = sequences(128, n_features)
    expected = net.predict(X, verbose=0)
    architecture, weights = tmp_path / "n.json", tmp_path / "n.weights.h5"
    whole, archive = tmp_path / "whole.h5", tmp_path / "n.keras"
    architecture.write_text(net.to_json())
    net.save_weights(weights)
    net.save(whole)
    net.save(archive)
    for files in [(architecture, weights), (architecture, whole), (whole,), (archive,)]:
        pipeline = convert_keras(*files, labels=NAMES)
        scores = pipeline[-1].predict_proba(X)
        np.testing.assert_allclose(scores, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("preset", "units", "bidirectional", "dense", "count"),
    [
        ("notes-pooled-lstm", 256, False, (128, 64, 10), 850_762),
        ("notes-pooled-blstm", 128, True, (128, 64, 10), 588_618),
        ("notes-source-blstm", 128, True, (256, 64, 3), 629_251),
    ],
)
def test_published_nets_for_notes_convert(
    preset, units, bidirectional, dense, count, tmp_path
):
    net = FakeKeras(100, 20)
    net.lstm(units, return_sequences=True, bidirectional=bidirectional)
    net.add("Dropout", {"rate": 0.2}, [])
    net.lstm(units, bidirectional=bidirectional)
    net.dense(dense[0], "relu").add("Dropout", {"rate": 0.2}, [])
    net.dense(dense[1], "relu").dense(dense[2], "softmax")
    # Wide layers with large weights are chaotic: rounding would grow over the frames.
    net.weights = [[array / 8 for array in arrays] for arrays in net.weights]
    path = net.write_keras(tmp_path / "net.keras")
    labels = [f"label {index}" for index in range(dense[2])]
    pipeline = convert_keras(path, labels=labels, preset=preset)
    X = sequences(100, 20)
    scores = pipeline[-1].predict_proba(X)
    np.testing.assert_allclose(scores, net.predict(X), atol=1e-5)
    parameters = pipeline[-1].net_.module_.parameters()
    assert sum(p.numel() for p in parameters if p.requires_grad) == count
    again = load_model(save_model(pipeline, tmp_path / "notes.mfccclf"))
    clip = np.random.default_rng(0).uniform(-1, 1, 16000).astype(np.float32)
    np.testing.assert_allclose(
        again.predict_proba([clip]), pipeline.predict_proba([clip])
    )
    with pytest.raises(ValueError, match=r"wants sequences of shape \(100, 20\)"):
        convert_keras(path, labels=labels, preset="notes-lstm")
    with pytest.raises(ValueError, match="has no features to choose"):
        convert_keras(path, labels=labels, preset=preset, features=14)
