"""Model files made to do harm: each is refused in one line, and no more happens."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import soundfile
from click.testing import CliRunner
from model_files import Members, read_members, rewrite
from onnx import TensorProto, helper, numpy_helper
from typer.main import get_command

from mfccclf import (
    MFCCExtractor,
    ModelFileError,
    Predictor,
    export_onnx,
    load_model,
    make_pipeline,
    save_model,
)
from mfccclf._model_graph.checking import check_graph
from mfccclf._model_graph.operators import OPERATORS
from mfccclf.cli.main import app
from mfccclf.features.embeddings.nets import NETS, shipped_graph
from mfccclf.features.extraction import make_feature_extraction
from mfccclf.persistence.archive import pack
from mfccclf.prediction import ModelFile, shipped_models
from mfccclf.presets import list_presets

SLOW = pytest.mark.slow
Change = Callable[[onnx.ModelProto], Any]


@pytest.fixture(scope="module")
def good_file(fitted_pipeline, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    return save_model(fitted_pipeline, folder / "good.mfccclf")


@pytest.fixture
def model_path(good_file, tmp_path) -> Path:
    path = tmp_path / "m.mfccclf"
    path.write_bytes(good_file.read_bytes())
    return path


def refuse(path: Path, match: str) -> None:
    """Check that prediction, loading and export refuse a file in one line."""

    def export(path: Path) -> None:
        export_onnx(path, path.with_suffix(".onnx"))

    for opener in (Predictor, load_model, export):
        with pytest.raises(ModelFileError, match=match) as caught:
            opener(path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)


# Graphs


def change_graph(path: Path, change: Change) -> Path:
    def tamper(members: Members, config: dict[str, Any]) -> None:
        model = onnx.load_from_string(members["model.onnx"])
        change(model)
        members["model.onnx"] = model.SerializeToString()

    return rewrite(path, tamper)


def add_node(operator: str, inputs: list[str], **attributes: Any) -> Change:
    def change(model: onnx.ModelProto) -> None:
        node = helper.make_node(operator, inputs, ["extra"], **attributes)
        model.graph.node.append(node)

    return change


def store_outside(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=".env")


def loop_for_ever(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    node = helper.make_node("Loop", ["X", "", "X"], ["extra"], body=body)
    model.graph.node.append(node)


def hide_a_graph(model: onnx.ModelProto) -> None:
    graph = helper.make_graph([], "inner", [], [])
    node = model.graph.node[0]
    node.attribute.append(helper.make_attribute("body", graph))


def add_function(model: onnx.ModelProto) -> None:
    opset = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "F", [], [], [], opset))


def add_sparse(model: onnx.ModelProto) -> None:
    values = numpy_helper.from_array(np.ones(1, np.float32), "v")
    indices = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    model.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, indices, [2**40])
    )


def add_constant(array: Any, then: Change = lambda model: None) -> Change:
    def change(model: onnx.ModelProto) -> None:
        tensor = numpy_helper.from_array(np.asarray(array), "own")
        model.graph.initializer.append(tensor)
        then(model)

    return change


def double_often(model: onnx.ModelProto) -> None:
    name = "X"
    for number in range(40):
        node = helper.make_node("Concat", [name, name], [f"twice_{number}"], axis=2)
        model.graph.node.append(node)
        name = node.output[0]


def multiply_out(model: onnx.ModelProto) -> None:
    """Multiply each frame with every other one."""
    axes = numpy_helper.from_array(np.array([1]), "one")
    model.graph.initializer.append(axes)
    model.graph.node.append(
        helper.make_node("ReduceMax", ["X"], ["row"], axes=[2], keepdims=0)
    )
    model.graph.node.append(
        helper.make_node("ReduceMax", ["X"], ["column"], axes=[2], keepdims=1)
    )
    model.graph.node.append(helper.make_node("Unsqueeze", ["row", "one"], ["rows"]))
    model.graph.node.append(helper.make_node("Mul", ["rows", "column"], ["square"]))


def keep_many(model: onnx.ModelProto) -> None:
    """Make many large values first, and use them all at the end."""
    names = []
    for number in range(40):
        name = f"wide_{number}"
        model.graph.node.append(helper.make_node("MatMul", ["X", "own"], [name]))
        names.append(name)
    last = names[0]
    for name in names[1:]:
        model.graph.node.append(helper.make_node("Add", [last, name], [f"{name}_sum"]))
        last = f"{name}_sum"


def work_hard(model: onnx.ModelProto) -> None:
    """Multiply a wide value with a large matrix, again and again."""
    name = "X"
    for number, matrix in enumerate(["first", *["own"] * 300]):
        node = helper.make_node("MatMul", [name, matrix], [f"wide_{number}"])
        model.graph.node.append(node)
        name = node.output[0]


def add_wide(model: onnx.ModelProto) -> None:
    first = numpy_helper.from_array(np.zeros((40, 1000), np.float32), "first")
    model.graph.initializer.append(first)
    work_hard(model)


def add_many(model: onnx.ModelProto) -> None:
    for number in range(10_001):
        model.graph.node.append(helper.make_node("Relu", ["X"], [f"more_{number}"]))


ATTACKS: dict[str, tuple[Change, str]] = {
    "external data": (store_outside, r"part 1[34] of ONNX"),
    "empty input": (add_node("Min", ["X", ""]), "a Min, lacks inputs"),
    "unknown input": (add_node("Min", ["X", "later"]), "a Min, lacks inputs"),
    "one input": (add_node("Min", ["X"]), "a Min, lacks inputs"),
    "loop": (
        loop_for_ever,
        "part 6 of ONNX",
    ),
    "sub-graph": (hide_a_graph, "part 6 of ONNX"),
    "function": (add_function, "part 25 of ONNX"),
    "sparse": (add_sparse, "part 15 of ONNX"),
    "operator": (add_node("NonZero", ["X"]), "unknown operator 'NonZero'"),
    "domain": (add_node("Relu", ["X"], domain="com.microsoft"), "part 7 of ONNX"),
    "attribute": (add_node("Relu", ["X"], alpha=1.0), "other attributes than ours"),
    "attribute's type": (add_node("Elu", ["X"], alpha=1), "alpha of a wrong type"),
    "nan attribute": (add_node("Elu", ["X"], alpha=float("nan")), "not finite"),
    "axis": (add_node("Softmax", ["X"], axis=7), "do not fit"),
    "cast": (add_node("Cast", ["X"], to=TensorProto.STRING), "do not fit"),
    "opset": (
        lambda model: setattr(model.opset_import[0], "version", 18),
        "not those of ONNX, version 17",
    ),
    "second opset": (
        lambda model: model.opset_import.append(helper.make_opsetid("a", 1)),
        "more than 1 parts of one kind",
    ),
    "IR version": (lambda model: setattr(model, "ir_version", 10), "IR version 8"),
    "long list": (add_constant(np.arange(9)), "more integers than a graph needs"),
    "texts": (add_constant(np.array(["a"], object)), "ONNX|kind or shape"),
    "half floats": (add_constant(np.zeros(3, np.float16)), "unknown kind or shape"),
    "constants only": (
        add_constant(np.ones(3, np.float32), add_node("Neg", ["own"])),
        "no input but constants",
    ),
    "division by zero": (
        add_constant(
            np.array(0),
            lambda model: model.graph.node.extend(
                [
                    helper.make_node("Shape", ["X"], ["sizes"]),
                    helper.make_node("Div", ["sizes", "own"], ["extra"]),
                ]
            ),
        ),
        "a Div, its inputs or attributes do not fit",
    ),
    "huge range": (
        add_constant(
            np.array(2**62), add_node("Range", ["constant_3", "own", "constant_4"])
        ),
        "a Range, has no input but constants",
    ),
    "doubling": (double_often, "too many values for each frame"),
    "outer product": (multiply_out, "too many values for each frame"),
    "many values at once": (
        add_constant(np.zeros((40, 8000), np.float32), keep_many),
        "keeps too many values for each frame",
    ),
    "much work": (
        add_constant(np.zeros((1000, 1000), np.float32), add_wide),
        "computes too much for each frame",
    ),
    "many nodes": (add_many, "more than 10,000 parts"),
    "name twice": (
        lambda model: model.graph.node.append(
            helper.make_node("Relu", ["X"], [model.graph.node[0].output[0]])
        ),
        "gives the name .* twice",
    ),
    "long name": (add_node("Relu", ["X" * 129]), "name is too long"),
    "other output": (
        lambda model: setattr(model.graph.output[0], "name", "share"),
        "does not fit its 40 features and 2 classes",
    ),
    "second input": (
        lambda model: model.graph.input.append(
            helper.make_tensor_value_info("Y", TensorProto.FLOAT, [1])
        ),
        "more than 1 parts of one kind",
    ),
    "no nodes": (lambda model: model.graph.ClearField("node"), "does not compute"),
    "comment": (lambda model: setattr(model, "doc_string", "x"), "part 6 of ONNX"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_graph_that_is_not_ours_is_refused(attack, model_path):
    change, match = ATTACKS[attack]
    refuse(change_graph(model_path, change), match)


def test_constant_of_another_size_than_its_shape_is_refused(model_path):
    def change(model: onnx.ModelProto) -> None:
        model.graph.initializer[0].dims[:] = [2**31, 2**31]

    refuse(change_graph(model_path, change), "not the size of its shape")


def test_graph_of_an_unknown_pretrained_net_is_refused(model_path):
    def add(members: Members, config: dict[str, Any]) -> None:
        members["front_end.other.onnx"] = members["model.onnx"]

    refuse(rewrite(model_path, add), "the graph of an unknown net 'other'")


def test_pretrained_graph_is_checked_like_the_model_s(model_path):
    def add(members: Members, config: dict[str, Any]) -> None:
        model = onnx.load_from_string(shipped_graph("speech"))
        store_outside(model)
        members["front_end.speech.onnx"] = model.SerializeToString()
        config["front_end"]["class"] = front_end

    front_end = "SpeechEmbedding"
    refuse(rewrite(model_path, add), r"part 1[34] of ONNX")
    front_end = "MFCCExtractor"
    refuse(rewrite(model_path, add), "the graph of an unknown net 'speech'")


def test_every_operator_of_the_builders_is_known_and_no_other():
    sources = Path(onnx.__file__)  # only to be sure that onnx is there
    assert sources.is_file()
    root = Path(__file__).parents[1] / "mfccclf"
    files = [
        *(root / "persistence" / "onnx").glob("*.py"),
        root / "features" / "embeddings" / "graphs.py",
        root / "_graph_builder.py",
    ]
    text = "\n".join(file.read_text() for file in files)
    used = {name for name in onnx_operators() if f'"{name}"' in text}
    assert used == set(OPERATORS)


def onnx_operators() -> set[str]:
    return {schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}


@pytest.mark.parametrize("net", NETS)
def test_pretrained_graphs_pass(net):
    inputs = {"bands": ("n_clips", "n_frames", NETS[net].n_bands)}
    outputs = [{"vectors": ("n_clips", "n_vectors", NETS[net].n_features)}]
    check_graph(shipped_graph(net), inputs=inputs, outputs=outputs)


def test_shipped_models_pass_quickly():
    for file in shipped_models().values():
        begin = time.process_time()
        ModelFile(file)
        assert time.process_time() - begin < 0.2


@pytest.mark.parametrize(
    "preset",
    [
        name if name in ("notes", "default") else pytest.param(name, marks=SLOW)
        for name in list_presets()
    ],
)
def test_the_graph_of_every_preset_passes(preset, tmp_path):
    """Nets of their true widths, which three short clips have barely trained."""
    rng = np.random.default_rng(0)
    clips = [level * rng.standard_normal(24_000) for level in (0.01, 0.1, 0.3)]
    pipeline = make_pipeline(preset, max_epochs=1)
    pipeline.fit([clip.astype(np.float32) for clip in clips], ["a", "b", "a"])
    ModelFile(save_model(pipeline, tmp_path / "preset.mfccclf"))


# Scores


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.5, -0.5])
def test_scores_that_are_no_shares_are_an_error(value, model_path, noise_clips):
    def change(model: onnx.ModelProto) -> None:
        node = next(node for node in model.graph.node if node.output[0] == "scores")
        tensor = numpy_helper.from_array(np.float32(value).reshape(()), "own")
        model.graph.initializer.append(tensor)
        last = helper.make_node("Max", [node.input[0], "own"], ["scores"])
        if value < 0:
            last = helper.make_node("Min", [node.input[0], "own"], ["scores"])
        node.CopyFrom(last)

    predictor = Predictor(change_graph(model_path, change))
    with pytest.raises(ModelFileError, match="scores that are not numbers from 0 to 1"):
        predictor.predict_waveform(noise_clips[0], 22050)


# model.json

NUMBERS = [2**31, 10**9, 10**400, -1, 0, True, 1e300, 2.5, "1", [1], {"a": 1}, None]


def change_parameter(key: str, value: Any) -> Callable[[Members, Any], None]:
    def change(members: Members, config: dict[str, Any]) -> None:
        config["front_end"]["parameters"][key] = value
        config["steps"][0]["parameters"][key] = value
        config["steps"][-1]["parameters"][key] = value

    return change


@pytest.mark.parametrize("key", ["sample_rate", "n_fft", "hop_length", "n_mels"])
@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: repr(value)[:9])
def test_numbers_out_of_range_are_refused(key, value, model_path):
    path = rewrite(model_path, change_parameter(key, value))
    for opener in (Predictor, load_model):
        with pytest.raises(ModelFileError) as caught:
            opener(path)
        assert "\n" not in str(caught.value)


HUGE_AND_TINY = [1e308, -1e308, 1e15, -1e15, 2000.0, 1e-15, 1e-308, 5e-324, 0.0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", HUGE_AND_TINY)
def test_numbers_of_features_are_refused_or_do_no_harm(value):
    """An error of Python or a warning of NumPy would come in the midst of a batch."""
    blocks = ["mfcc", "centroid", "chroma", "contrast", "mel"]
    extractor = MFCCExtractor(features=blocks, n_frames=None)
    usual = extractor.feature_parameters().to_dict()
    noise = np.random.default_rng(0).uniform(-1, 1, 8000).astype(np.float32)
    reals = ["lifter", "mel_norm", "chroma_norm", "tuning", "octwidth", "fmax"]
    reals += ["contrast_fmin", "top_db", "trim_top_db"]
    reals += [name for name, given in usual.items() if type(given) is float]
    for name in reals:
        assert name in usual
        try:
            made = make_feature_extraction({**usual, name: value}, {})
        except ValueError:
            continue
        if made.problem(noise) is None:
            assert np.isfinite(made.compute_each([noise])[0]).all()


@pytest.mark.parametrize("tuning", [1e308, -1e308])
def test_a_tuning_beyond_all_notes_is_refused(tuning, tmp_path):
    clips = [0.1 * np.random.default_rng(k).standard_normal(8000) for k in range(4)]
    pipeline = make_pipeline("names-lstm", hidden_sizes=(4,), max_epochs=1)
    pipeline.set_params(extract__features=33).fit(clips, ["a", "b"] * 2)
    path = save_model(pipeline, tmp_path / "m.mfccclf")
    changed = rewrite(path, change_parameter("tuning", tuning))
    with pytest.raises(ModelFileError, match="'tuning'") as caught:
        Predictor(changed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"n_features": 2**31}, "absurd 'n_features'"),
        ({"n_features": True}, "absurd 'n_features'"),
        ({"classes": ["a", "b\x1b[2J"]}, r"cannot be printed, 'b\\x1b\[2J'"),
        ({"classes": ["a", "b\nc"]}, "cannot be printed"),
        ({"classes": ["a", " "]}, "cannot be printed"),
        ({"classes": ["a", "\ud800"]}, "not Unicode"),
        ({"classes": ["a", 1e999]}, "not valid JSON|absurd number"),
        ({"description": "\udfff"}, "not Unicode"),
        ({"training": {"\ud800": 1}}, "not Unicode"),
        ({"training": {"a": 10**400}}, "absurd number 1000"),
        ({"limits": {"min_confidence": True}}, "without valid limits"),
        ({"limits": {"min_confidence": 10**400}}, "without valid limits"),
        ({"limits": [1]}, "without valid limits"),
        ({"steps": []}, "has 0 steps"),
        ({"steps": [1, "a", None]}, "a step without a name and a class"),
        ({"steps": [[]]}, "a step without a name and a class"),
        ({"steps": [{"name": "a", "class": "b"}]}, "a step without parameters"),
        ({"steps": [{"name": "a", "class": "b", "parameters": {}}] * 2}, "same name"),
        (
            {"front_end": {"class": "MFCCExtractor", "parameters": [1]}},
            "lacks|features",
        ),
        ({"source": json.loads("[" * 50 + "]" * 50)}, "more than 16 deep"),
    ],
)
def test_odd_settings_are_refused(values, match, model_path):
    path = rewrite(model_path, lambda members, config: config.update(values))
    with pytest.raises(ModelFileError, match=match) as caught:
        Predictor(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("sizes", [[8192] * 32, [10**9], [2.5], [True], [6] * 99])
def test_nets_larger_than_their_weights_are_never_built(sizes, model_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        config["steps"][-1]["parameters"]["hidden_sizes"] = sizes

    with pytest.raises(ModelFileError, match="hidden_sizes|does not fit"):
        load_model(rewrite(model_path, change))


# The zip


def raw(path: Path, change: Callable[[bytes], bytes]) -> Path:
    path.write_bytes(change(path.read_bytes()))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"#!/bin/sh\n" + content,
        lambda content: b"PK\x03\x04" + content,
        lambda content: content + b"\0",
        lambda content: content[:-2] + b"\x02\x00hi",
    ],
    ids=["prefix", "zip prefix", "trailing", "comment"],
)
def test_bytes_around_the_zip_are_refused(change, model_path):
    refuse(raw(model_path, change), "damaged or cut short|not a model file")


def test_bytes_between_members_are_refused(model_path):
    members = read_members(model_path)
    with zipfile.ZipFile(model_path, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HH", 0x6666, 0)
            archive.writestr(info, content)
    refuse(model_path, "not stored plainly")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method, model_path):
    members = read_members(model_path)
    with zipfile.ZipFile(model_path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    refuse(model_path, "has a compressed member")


def test_bomb_is_refused_at_once(model_path):
    """A member that states 3.3 GB, in a file of a few bytes."""
    members = read_members(model_path)
    content = bytearray(pack({**members, "README.md": b"x"}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 20 : place + 28] = struct.pack("<2I", 1000, 3_300_000_000)
    model_path.write_bytes(content)
    begin = time.process_time()
    with pytest.raises(ModelFileError, match=r"README.md of 3,300,000,000 bytes"):
        ModelFile(model_path)
    assert time.process_time() - begin < 0.1


def test_sizes_beyond_the_file_are_refused(model_path):
    content = bytearray(model_path.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 20 : place + 28] = struct.pack("<2I", 10**6, 10**6)
    model_path.write_bytes(content)
    refuse(model_path, "damaged or cut short")


def test_encrypted_member_is_refused(model_path):
    content = bytearray(model_path.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    model_path.write_bytes(content)
    refuse(model_path, "not stored plainly")


def test_local_header_that_tells_another_name_is_refused(model_path):
    content = bytearray(model_path.read_bytes())
    content[30:40] = b"other.json"
    model_path.write_bytes(content)
    refuse(model_path, "not what its directory says")


# Many at once


def mutate(content: bytes, rng: random.Random) -> bytes:
    mutant = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        place = rng.randrange(len(mutant))
        kind = rng.randrange(4)
        if kind == 0:
            mutant[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            mutant[place : place + 4] = rng.choice(ODD)
        elif kind == 2:
            del mutant[place : place + rng.randrange(1, 9)]
        else:
            mutant[place:place] = rng.randbytes(rng.randrange(1, 9))
    return bytes(mutant)


ODD = [b"\xff" * 4, b"\0" * 4, b"\x7f" + b"\xff" * 3, struct.pack("<I", 2**31)]


def mutants(path: Path, count: int) -> Iterator[bytes]:
    """Yield model files of which one member has been changed and the hash mended."""
    rng = random.Random(0)
    members = read_members(path)
    config = json.loads(members.pop("model.json"))
    graph = members["model.onnx"]
    for number in range(count):
        text = json.dumps(config).encode()
        if number % 2:
            yield pack({"model.json": mutate(text, rng), **members})
            continue
        changed = {**members, "model.onnx": mutate(graph, rng)}
        yield pack_hashed(config, changed)


def pack_hashed(config: dict[str, Any], members: Members) -> bytes:
    from mfccclf.persistence.archive import describe_members

    config = {**config, "members": describe_members(members)}
    return pack({"model.json": json.dumps(config).encode(), **members})


@pytest.mark.parametrize("n", [500, pytest.param(5_000, marks=pytest.mark.slow)])
def test_mutants_raise_nothing_of_others(good_file, tmp_path, n):
    path = tmp_path / "mutant.mfccclf"
    messages = []
    for mutant in mutants(good_file, n):
        path.write_bytes(mutant)
        try:
            ModelFile(path)
        except ModelFileError as error:
            messages.append(str(error))
    assert len(messages) > n // 2
    assert all(message.isprintable() for message in messages)


RUN_MUTANTS = """
import sys
from pathlib import Path
import numpy as np
from mfccclf import Predictor, ModelFileError
noise = np.random.default_rng(0).standard_normal(8000).astype("float32")
ran = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        prediction = Predictor(path).predict_waveform(noise, 22050)
        ran += 1
        assert np.isfinite(list(prediction.scores.values())).all()
    except (ModelFileError, ValueError):
        pass
print(ran)
"""


def test_mutants_that_pass_can_be_run(good_file, tmp_path):
    for number, mutant in enumerate(mutants(good_file, 150)):
        (tmp_path / f"{number}.mfccclf").write_bytes(mutant)
    run = subprocess.run(
        [sys.executable, "-c", RUN_MUTANTS, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 10


def test_a_pipeline_whose_file_would_not_open_is_not_saved(tmp_path):
    rng = np.random.default_rng(0)
    clips = [level * rng.standard_normal(8000) for level in (0.01, 0.3)]
    pipeline = make_pipeline("names-lstm", hidden_sizes=(4,), max_epochs=1)
    pipeline.fit(clips, ["quiet", "lo\x1bud"])
    path = tmp_path / "level.mfccclf"
    with pytest.raises(ValueError, match="makes a model file that would not open"):
        save_model(pipeline, path)
    assert not path.exists()


@pytest.fixture
def failing_on_loud(model_path, fitted_pipeline, noise_clips):
    """A model whose scores are above 1 for loud clips, or NaN beside longer ones."""
    X = fitted_pipeline[0].transform(noise_clips[:2])
    bound = np.float32(np.nanmax(X, axis=(1, 2)).mean())

    def change(model: onnx.ModelProto) -> None:
        nodes = model.graph.node
        node = next(node for node in nodes if node.output[0] == "scores")
        node.output[0] = "true_scores"
        nodes.extend(
            [
                helper.make_node("ReduceMax", ["X"], ["top"], axes=[1, 2], keepdims=0),
                helper.make_node("Sub", ["top", "own_bound"], ["excess"]),
                helper.make_node("Relu", ["excess"], ["over"]),
                helper.make_node("Unsqueeze", ["over", "own_axis"], ["column"]),
                helper.make_node("Add", ["true_scores", "column"], ["scores"]),
            ]
        )
        for name, value in {"own_axis": np.array([1]), "own_bound": bound}.items():
            tensor = numpy_helper.from_array(np.asarray(value), name)
            model.graph.initializer.append(tensor)

    return change_graph(model_path, change)


def predict(*arguments: object) -> tuple[int, list[str], list[str]]:
    outcome = CliRunner().invoke(get_command(app), ["predict", *map(str, arguments)])
    return outcome.exit_code, outcome.stdout.splitlines(), outcome.stderr.splitlines()


def test_a_clip_that_a_model_fails_on_does_not_end_the_batch(
    failing_on_loud, noise_clips, tmp_path
):
    names = [tmp_path / f"{name}.wav" for name in ("quiet", "loud", "soft", "last")]
    for path, clip in zip(names, [0, 1, 2, 0], strict=True):
        soundfile.write(path, noise_clips[clip], 22050, subtype="FLOAT")
    code, answers, errors = predict(*names, "none.wav", "--model", failing_on_loud)
    assert code == 1
    assert [line.split(": ")[0] for line in answers] == [
        str(names[k]) for k in (0, 2, 3)
    ]
    loud, missing = errors
    assert loud.startswith(f"Error: {names[1]} cannot be predicted: ")
    assert "scores that are not numbers from 0 to 1" in loud
    assert "none.wav" in missing


def test_windows_before_one_that_a_model_fails_on_are_answered(
    failing_on_loud, noise_clips, tmp_path
):
    path, other = tmp_path / "a.wav", tmp_path / "b.wav"
    quiet, loud = (np.resize(noise_clips[clip], 8820) for clip in (0, 1))
    soundfile.write(path, np.concatenate([quiet, quiet, loud]), 22050, subtype="FLOAT")
    soundfile.write(other, quiet, 22050, subtype="FLOAT")
    options = ["--window", "0.4", "--model", failing_on_loud]
    code, answers, errors = predict(path, other, *options)
    assert code == 1
    assert [line.split(" ")[0] for line in answers] == [str(path)] * 2 + [str(other)]
    (line,) = errors
    assert line.startswith(f"Error: {path} cannot be predicted: ")
