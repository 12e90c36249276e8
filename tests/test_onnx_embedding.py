"""Nets of anybody's own as front ends."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import onnx
import pytest
import soundfile
from onnx import TensorProto, helper, numpy_helper
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mfccclf import (
    AudioFileError,
    ModelFileError,
    OnnxEmbedding,
    Predictor,
    SequenceStandardScaler,
    SequenceStatistics,
    load_model,
    save_model,
)
from mfccclf.persistence.archive import describe_members, pack
from mfccclf.prediction.model_file import CONFIG, ModelFile
from mfccclf.workflows import describe

RATE = 8000
WIDTH = 800  # 0.1 s
FACTS = {"licence": "MIT", "source": "made in a test", "attribution": "nobody"}


def weights():
    rng = np.random.default_rng(0)
    return rng.standard_normal((WIDTH, 5)).astype(np.float32) / 30


def save(path, nodes, *, inputs, outputs, constants=(), **model):
    """Write a graph of few nodes as an ONNX file, and return its path."""

    def infos(shapes):
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        ]

    graph = helper.make_graph(
        nodes, "net", infos(inputs), infos(outputs), list(constants)
    )
    opset = model.pop("opset", [helper.make_opsetid("", 17)])
    made = helper.make_model(graph, opset_imports=opset, ir_version=8, **model)
    onnx.save_model(made, path)
    return path


def dense_net(path, shape=("n", WIDTH), output_shape=("n", 5)):
    """A dense layer and tanh, behind a net that takes windows in any way."""
    constants = [numpy_helper.from_array(weights(), "w")]
    nodes = [
        helper.make_node("MatMul", ["sound", "w"], ["hidden"]),
        helper.make_node("Tanh", ["hidden"], ["vectors"]),
        helper.make_node("Neg", ["vectors"], ["others"]),
    ]
    if len(shape) == 3:
        constants.append(numpy_helper.from_array(np.array([1]), "axes"))
        nodes[0] = helper.make_node("MatMul", ["flat", "w"], ["hidden"])
        nodes.insert(0, helper.make_node("Squeeze", ["sound", "axes"], ["flat"]))
    return save(
        path,
        nodes,
        inputs={"sound": shape},
        outputs={"vectors": output_shape, "others": output_shape},
        constants=constants,
    )


@pytest.fixture
def net(tmp_path):
    return dense_net(tmp_path / "net.onnx")


def front_end(path, **parameters):
    given = {"sample_rate": RATE, "window": 0.1, "output": "vectors", **parameters}
    return OnnxEmbedding(path, **given)


def sound(n_samples, seed=0):
    rng = np.random.default_rng(seed)
    return (0.3 * rng.standard_normal(n_samples)).clip(-1, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("shape", "output_shape"),
    [
        (("n", WIDTH), ("n", 5)),
        (("n", "samples"), ("n", 5)),
        ((1, WIDTH), (1, 5)),
        (("n", 1, WIDTH), ("n", 5)),
        (("samples",), (5,)),
    ],
)
def test_windows_become_vectors_however_the_net_takes_them(
    tmp_path, shape, output_shape
):
    path = dense_net(tmp_path / "net.onnx", shape, output_shape)
    clip = sound(3 * WIDTH)
    (sequence,) = front_end(path).transform([clip])
    expected = np.tanh(clip.reshape(3, WIDTH) @ weights())
    np.testing.assert_allclose(sequence, expected, atol=1e-5)


def test_several_vectors_of_a_window_follow_each_other(tmp_path):
    path = save(
        tmp_path / "net.onnx",
        [helper.make_node("Reshape", ["sound", "shape"], ["vectors"])],
        inputs={"sound": ("n", WIDTH)},
        outputs={"vectors": ("n", 4, WIDTH // 4)},
        constants=[numpy_helper.from_array(np.array([0, 4, -1]), "shape")],
    )
    clip = sound(2 * WIDTH)
    made = front_end(path, output=None)
    (sequence,) = made.transform([clip])
    np.testing.assert_array_equal(sequence, clip.reshape(8, WIDTH // 4))
    assert made.feature_parameters().n_vectors == 4


@pytest.mark.parametrize(
    ("n_samples", "n_windows"),
    [(1, 1), (WIDTH, 1), (WIDTH + 199, 1), (WIDTH + 201, 2), (WIDTH + 400, 2)],
)
def test_a_window_is_left_out_if_it_holds_next_to_nothing(net, n_samples, n_windows):
    clip = sound(n_samples)
    (sequence,) = front_end(net, hop=0.05).transform([clip])
    assert sequence.shape == (n_windows, 5)
    last = (n_windows - 1) * 400
    filled = np.pad(clip, (0, WIDTH))[last : last + WIDTH]
    np.testing.assert_allclose(sequence[-1], np.tanh(filled @ weights()), atol=1e-5)


@pytest.mark.parametrize("n_others", [0, 2])
def test_an_empty_clip_is_named(net, n_others):
    clips = [*[sound(2000)] * n_others, np.zeros(0, np.float32)]
    with pytest.raises(AudioFileError, match=f"Clip {n_others} has no samples"):
        front_end(net).transform(clips)
    with pytest.raises(ValueError, match="X holds no clips"):
        front_end(net).transform([])


def test_clips_of_all_lengths_do_not_depend_on_each_other(net):
    clips = [sound(n, seed) for seed, n in enumerate((500, 4000, 90 * WIDTH))]
    made = front_end(net, hop=0.03)
    together = made.transform(clips)
    for row, clip in enumerate(clips):
        (alone,) = made.transform([clip])
        np.testing.assert_allclose(together[row][: len(alone)], alone, atol=1e-6)
        assert np.isnan(together[row][len(alone) :]).all()


def test_the_level_may_be_taken_away(net):
    clip = sound(2000)
    loud, quiet = front_end(net, peak=0.5).transform([clip, clip / 50])
    np.testing.assert_allclose(quiet, loud, atol=1e-5)
    assert not np.allclose(*front_end(net).transform([clip, clip / 50]), atol=1e-3)


def test_columns_frames_and_steps(net):
    made = front_end(net, hop=0.05, n_frames=3)
    assert made.transform([sound(9000)]).shape == (1, 3, 5)
    names = ["onnx_0", "onnx_1", "onnx_2", "onnx_3", "onnx_4"]
    assert made.get_feature_names_out().tolist() == names


def test_clones_pickles_and_processes_give_the_same(net):
    clips = [sound(2000, seed) for seed in range(3)]
    made = front_end(net)
    expected = made.transform(clips)
    for other in (clone(made), pickle.loads(pickle.dumps(made))):
        np.testing.assert_array_equal(other.transform(clips), expected)
    np.testing.assert_array_equal(
        clone(made).set_params(n_jobs=2).transform(clips), expected
    )


def test_another_net_under_the_same_name_is_not_found_in_the_cache(net, tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, sound(2000), RATE)
    made = front_end(net, cache=tmp_path / "cache")
    before = made.transform([path])
    np.testing.assert_array_equal(made.transform([path]), before)
    other = onnx.load(net)
    other.graph.initializer[0].CopyFrom(numpy_helper.from_array(-weights(), "w"))
    onnx.save_model(other, net)
    np.testing.assert_allclose(made.transform([path]), -before, atol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"output": None},
            "'output' parameter of OnnxEmbedding must be one of the net",
        ),
        ({"output": "vector"}, "must be one of the net's outputs: 'vectors', 'others'"),
        ({"window": 0.2}, "'window' parameter of OnnxEmbedding must be of a length"),
        ({"window": -1}, "'window' parameter of OnnxEmbedding must be"),
        ({"path": None}, "'path' parameter of OnnxEmbedding must be the path of an"),
        ({"attribution": {"author": "x"}}, "must be a mapping of 'licence'"),
    ],
)
def test_what_does_not_fit_is_named(net, parameters, message):
    made = front_end(net).set_params(**parameters)
    with pytest.raises((ValueError, TypeError), match=message):
        made.fit([sound(2000)]).attributions()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFileError, match=r"no\.onnx cannot be read"):
        front_end(tmp_path / "no.onnx").fit([sound(2000)])


def one_node(operator, *inputs, **attributes):
    return [helper.make_node(operator, ["sound", *inputs], ["vectors"], **attributes)]


def branch():
    value = helper.make_tensor_value_info("v", TensorProto.FLOAT, None)
    return helper.make_graph(
        [helper.make_node("Identity", ["sound"], ["v"])], "branch", [], [value]
    )


def elsewhere():
    tensor = numpy_helper.from_array(weights(), "w")
    onnx.external_data_helper.set_external_data(tensor, "/etc/passwd")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    return tensor


FOREIGN = [helper.make_opsetid("", 17), helper.make_opsetid("com.acme", 1)]
FUNCTION = helper.make_function(
    "com.acme",
    "F",
    ["a"],
    ["b"],
    [helper.make_node("Identity", ["a"], ["b"])],
    [helper.make_opsetid("", 17)],
)
ATTACKS = {
    "a loop": (one_node("If", then_branch=branch(), else_branch=branch()), {}, "'If'"),
    "random": (one_node("RandomNormalLike"), {}, "operator 'RandomNormalLike'"),
    "a domain": (
        one_node("Identity", domain="com.acme"),
        {"opset": FOREIGN},
        "operators of 'com.acme'",
    ),
    "a function": (one_node("Identity"), {"functions": [FUNCTION]}, "holds functions"),
    "a file": (
        one_node("MatMul", "w"),
        {"constants": [elsewhere()]},
        "numbers in another file",
    ),
    "a file in a node": (
        [
            helper.make_node("Constant", [], ["w"], value=elsewhere()),
            *one_node("MatMul", "w"),
        ],
        {},
        "numbers in another file",
    ),
}


def attack(path, name):
    nodes, more, _ = ATTACKS[name]
    shapes = {"inputs": {"sound": ("n", WIDTH)}, "outputs": {"vectors": ("n", 5)}}
    return save(path, nodes, **shapes, **more)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_graph_that_could_do_more_than_compute_is_refused(tmp_path, name):
    path = attack(tmp_path / "bad.onnx", name)
    with pytest.raises(ModelFileError, match=ATTACKS[name][2]):
        front_end(path).fit([sound(2000)])


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x08" * 10])
def test_what_is_no_onnx_file_is_refused(tmp_path, content):
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"bad\.onnx is not an ONNX file"):
        front_end(path).fit([sound(2000)])


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    path = save(
        tmp_path / "log.onnx",
        one_node("Log"),
        inputs={"sound": ("n", WIDTH)},
        outputs={"vectors": ("n", WIDTH)},
    )
    with pytest.raises(ModelFileError, match="numbers that are not finite"):
        front_end(path).transform([sound(2000)])


@pytest.fixture
def saved(net, tmp_path):
    """Clips, a pipeline, and its model file; the net's own file is gone."""
    clips, labels = [], []
    for index in range(12):
        hertz = (300, 900, 2000)[index % 3]
        time = np.arange(3000 + 500 * index) / RATE
        wave = 0.3 * np.sin(2 * np.pi * hertz * time) + 0.05 * sound(len(time), index)
        clips.append(tmp_path / f"{hertz}.{index}.wav")
        soundfile.write(clips[-1], wave, RATE)
        labels.append(str(hertz))
    pipeline = Pipeline(
        [
            ("extract", front_end(net, hop=0.02, peak=0.5, attribution=FACTS)),
            ("statistics", SequenceStatistics()),
            ("scale", SequenceStandardScaler()),
            ("linear", LogisticRegression()),
        ]
    )
    pipeline.fit(clips, labels)
    expected = pipeline.predict_proba(clips)
    path = save_model(pipeline, tmp_path / "model.mfccclf")
    net.unlink()
    return clips, expected, path


def test_a_file_without_samples_gets_its_line(saved, tmp_path):
    clips, _, model = saved
    empty, text = tmp_path / "empty.wav", tmp_path / "text.wav"
    soundfile.write(empty, np.zeros(0), RATE)
    text.write_text("no sound")
    for batch in ([empty], [text, empty], [clips[0], empty, clips[1]]):
        outcomes = list(Predictor(model).predict_each(batch))
        for path, outcome in zip(batch, outcomes, strict=True):
            if path in clips:
                assert outcome.file == str(path)
            else:
                assert str(outcome).startswith(str(path))


def test_a_model_file_carries_the_net(saved, tmp_path):
    clips, expected, path = saved
    found = [list(Predictor(path).predict_file(clip).scores.values()) for clip in clips]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    again = load_model(path)
    np.testing.assert_allclose(again.predict_proba(clips), expected, atol=1e-6)
    assert save_model(again, tmp_path / "again").read_bytes() == path.read_bytes()
    assert clone(again).fit(clips, [p.name for p in clips]).predict(clips).shape == (
        12,
    )
    assert str(tmp_path).encode() not in ModelFile(path).members["README.md"]
    assert str(tmp_path) not in str(ModelFile(path).config)
    assert "OnnxGraph(" in repr(again)


def test_its_card_states_the_licence(saved):
    card = ModelFile(saved[2]).card
    assert "Net `onnx`: made in a test. Licence: MIT. nobody." in card


def test_it_is_described_and_predicts_windows(saved):
    clips, _, path = saved
    assert describe(path).facts["rate"] == "8000 Hz"
    windows = list(Predictor(path).predict_windows(clips[-1], window=0.5, hop=0.25))
    assert len(windows) > 2


def test_prediction_with_it_imports_nothing_heavy(saved):
    clips, _, path = saved
    code = (
        "import sys\nfrom mfccclf import Predictor\n"
        f"print(Predictor({str(path)!r}).predict_file({str(clips[0])!r}).label)\n"
        "print(sorted({'torch', 'sklearn', 'onnx', 'librosa'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert run.stdout == "300\n[]\n", run.stdout + run.stderr


def forged(path, target, change):
    """Write a model file of which something is changed, with the right hashes."""
    model = ModelFile(path)
    members, config = dict(model.members), dict(model.config)
    change(members, config)
    config["members"] = describe_members(members)
    import json

    target.write_bytes(pack({CONFIG: json.dumps(config).encode(), **members}))
    return target


@pytest.mark.parametrize("name", ATTACKS)
def test_a_strangers_model_file_with_such_a_graph_is_refused(saved, tmp_path, name):
    graph = attack(tmp_path / "bad.onnx", name).read_bytes()
    bad = forged(
        saved[2],
        tmp_path / "bad.mfccclf",
        lambda members, _: members.update({"front_end.onnx.onnx": graph}),
    )
    with pytest.raises(ModelFileError, match=ATTACKS[name][2]):
        Predictor(bad)


@pytest.mark.parametrize(
    "values", [{"n_values": 10**9}, {"window": 1e9}, {"net": "0"}, {"n_vectors": 7}]
)
def test_a_strangers_numbers_are_refused(saved, tmp_path, values):
    bad = forged(
        saved[2],
        tmp_path / "bad.mfccclf",
        lambda _, config: config["front_end"]["parameters"].update(values),
    )
    with pytest.raises(ModelFileError, match=r"bad\.mfccclf|not .* as in training"):
        Predictor(bad).predict_file(saved[0][0])
