"""Model files: what goes in comes out, and nothing else gets in."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import onnx
import onnxruntime
import pytest
from model_files import Members, Tamper, read_members, rewrite
from safetensors.numpy import load, save
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.pipeline import make_pipeline as stack
from sklearn.preprocessing import FunctionTransformer

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    ModelFileError,
    Predictor,
    export_onnx,
    load_model,
    make_pipeline,
    save_model,
)
from mfccclf.persistence.archive import pack
from mfccclf.prediction import ModelFile


@pytest.fixture
def model_path(fitted_pipeline, tmp_path) -> Path:
    return save_model(fitted_pipeline, tmp_path / "noise.mfccclf")


def rewrite_config(path: Path, **values: Any) -> Path:
    return rewrite(path, lambda members, config: config.update(values))


# What comes out


def test_loaded_pipeline_gives_equal_probabilities(
    fitted_pipeline, noise_clips, model_path
):
    expected = fitted_pipeline.predict_proba(noise_clips)
    loaded = load_model(model_path)
    np.testing.assert_array_equal(loaded.predict_proba(noise_clips), expected)
    np.testing.assert_array_equal(loaded.classes_, fitted_pipeline.classes_)


def test_loaded_pipeline_has_the_parameters_of_the_saved_one(
    fitted_pipeline, model_path
):
    saved = fitted_pipeline.get_params()
    loaded = load_model(model_path).get_params()
    plain = [key for key in saved if "__" in key]
    assert {key: as_list(loaded[key]) for key in plain} == {
        key: as_list(saved[key]) for key in plain
    }


def as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_loaded_pipeline_can_be_trained_again(noise_clips, model_path):
    loaded = load_model(model_path)
    loaded.fit(noise_clips, ["a", "b", "c"] * 2)
    assert loaded.classes_.tolist() == ["a", "b", "c"]


def test_scaler_of_each_clip_survives(noise_clips, tmp_path):
    pipeline = make_pipeline(
        "polyphonic-cnn", channels=(4,), max_epochs=1, scope="clip"
    )
    pipeline.fit(noise_clips, ["quiet", "loud"] * 3)
    loaded = load_model(save_model(pipeline, tmp_path / "clip.mfccclf"))
    np.testing.assert_array_equal(
        loaded.predict_proba(noise_clips), pipeline.predict_proba(noise_clips)
    )


@pytest.mark.parametrize(
    "labels",
    [[3, 1], [True, False], [1.0, 0.0], np.array(["x", "y"], dtype=object)],
    ids=["int", "bool", "float", "object"],
)
def test_labels_keep_their_type(labels, noise_clips, tmp_path):
    pipeline = make_pipeline("names-lstm", hidden_sizes=(3,), max_epochs=1)
    pipeline.fit(noise_clips[:2], labels)
    loaded = load_model(save_model(pipeline, tmp_path / "labels.mfccclf"))
    assert loaded.classes_.dtype == pipeline.classes_.dtype
    assert loaded.classes_.tolist() == sorted(labels)


def test_class_weights_of_numbered_labels_survive(noise_clips, tmp_path):
    pipeline = make_pipeline(
        "names-lstm", hidden_sizes=(3,), max_epochs=1, class_weight={1: 2.0, 3: 1.0}
    )
    pipeline.fit(noise_clips[:2], [3, 1])
    loaded = load_model(save_model(pipeline, tmp_path / "weights.mfccclf"))
    assert loaded["lstm"].class_weight == {1: 2.0, 3: 1.0}


def test_step_that_is_left_out_stays_left_out(noise_clips, tmp_path):
    pipeline = make_pipeline(
        "polyphonic-cnn", scale="passthrough", channels=(3,), max_epochs=1
    )
    pipeline.fit(noise_clips[:2], ["a", "b"])
    loaded = load_model(save_model(pipeline, tmp_path / "short.mfccclf"))
    assert list(loaded.named_steps) == ["extract", "scale", "cnn"]
    assert loaded["scale"] == "passthrough"


def test_equal_pipelines_give_equal_bytes(fitted_pipeline, model_path, tmp_path):
    again = save_model(fitted_pipeline, tmp_path / "again.mfccclf")
    reloaded = save_model(load_model(model_path), tmp_path / "reloaded.mfccclf")
    assert again.read_bytes() == model_path.read_bytes()
    assert reloaded.read_bytes() == model_path.read_bytes()


def test_machine_settings_are_not_saved(fitted_pipeline, model_path, tmp_path):
    pipeline = copy.deepcopy(fitted_pipeline)
    pipeline.set_params(extract__n_jobs=2, lstm__verbose=1, lstm__device="cpu")
    other = save_model(pipeline, tmp_path / "other.mfccclf")
    assert other.read_bytes() == model_path.read_bytes()


def test_machine_settings_in_a_file_are_ignored(model_path, tmp_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        folder = str(tmp_path / "elsewhere")
        config["steps"][0]["parameters"].update(n_jobs=99, cache=folder)

    extractor = load_model(rewrite(model_path, change))["extract"]
    assert (extractor.n_jobs, extractor.cache) == (None, None)


def test_metadata_and_card_are_kept(fitted_pipeline, tmp_path):
    metadata = {
        "created": "2026-01-02T03:04:05Z",
        "preset": "default",
        "scores": {"test": {"accuracy": np.float64(0.9), "n_clips": 6}},
        "training": {"fingerprint": "abc", "sizes": (1, 2), "loss": float("inf")},
    }
    path = save_model(fitted_pipeline, tmp_path / "m.mfccclf", metadata=metadata)
    model = ModelFile(path)
    assert model.config["created"] == "2026-01-02T03:04:05Z"
    assert model.config["training"]["sizes"] == [1, 2]
    assert "accuracy 0.900" in model.card
    assert "`loud`" in model.card
    path = save_model(fitted_pipeline, tmp_path / "m.mfccclf", card="# Übung")
    assert ModelFile(path).card == "# Übung"


def test_model_json_says_what_the_format_promises(model_path):
    model = ModelFile(model_path)
    assert model.config["format_version"] == 2
    assert model.config["task"] == "single-label"
    assert model.config["thresholds"] is None
    assert model.config["front_end"]["class"] == "MFCCExtractor"
    assert model.config["front_end"]["parameters"]["n_mfcc"] == 20
    assert [step["name"] for step in model.config["steps"]] == [
        "extract",
        "scale",
        "lstm",
    ]
    assert {"mfccclf", "torch", "numpy"} <= set(model.config["packages"])


def test_joblib_files_predict_the_same_in_a_new_process(
    fitted_pipeline, noise_clips, tmp_path
):
    joblib.dump(fitted_pipeline, tmp_path / "own.joblib")
    np.save(tmp_path / "clip.npy", noise_clips[0])
    code = "import joblib, numpy as np; p = joblib.load('own.joblib'); "
    code += "print(p.predict_proba([np.load('clip.npy')]).tolist())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True
    )
    expected = fitted_pipeline.predict_proba(noise_clips[:1]).tolist()
    assert json.loads(done.stdout) == expected


# What cannot go in


def test_foreign_step_is_refused_with_the_way_to_keep_it(fitted_pipeline, tmp_path):
    steps = fitted_pipeline.steps
    pipeline = Pipeline([steps[0], ("mine", FunctionTransformer()), *steps[1:]])
    with pytest.raises(TypeError, match=r"'mine' is a FunctionTransformer.*joblib"):
        save_model(pipeline, tmp_path / "m.mfccclf")


def test_subclass_of_a_step_is_refused(fitted_pipeline, tmp_path):
    class LSTMClassifier2(LSTMClassifier):
        pass

    own = LSTMClassifier2()
    own.__dict__.update(fitted_pipeline["lstm"].__dict__)
    pipeline = Pipeline([*fitted_pipeline.steps[:-1], ("lstm", own)])
    with pytest.raises(TypeError, match="LSTMClassifier2"):
        save_model(pipeline, tmp_path / "m.mfccclf")


def test_pipeline_without_a_front_end_is_refused(fitted_pipeline, tmp_path):
    with pytest.raises(ValueError, match=r"needs a front end .*joblib"):
        save_model(fitted_pipeline[1:], tmp_path / "m.mfccclf")


def test_what_is_no_pipeline_is_refused(fitted_pipeline, tmp_path):
    with pytest.raises(TypeError, match="must be a fitted sklearn Pipeline"):
        save_model(fitted_pipeline["lstm"], tmp_path / "m.mfccclf")


def test_the_best_pipeline_of_a_search_is_saved(noise_clips, tmp_path):
    clips, labels = noise_clips, ["quiet", "loud"] * 3
    pipeline = make_pipeline("names-lstm", hidden_sizes=(4,), max_epochs=1)
    search = GridSearchCV(pipeline, {"lstm__lr": [0.001, 0.01]}, cv=2)
    with pytest.raises(TypeError, match=r"Fit the search first, with refit=True"):
        save_model(search, tmp_path / "m.mfccclf")
    search.fit(clips, labels)
    loaded = load_model(save_model(search, tmp_path / "m.mfccclf"))
    assert loaded["lstm"].lr == search.best_params_["lstm__lr"]
    np.testing.assert_array_equal(
        loaded.predict_proba(clips), search.predict_proba(clips)
    )


def test_unfitted_pipeline_is_refused(fitted_pipeline, tmp_path):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        save_model(clone(fitted_pipeline), tmp_path / "m.mfccclf")


def test_parameter_that_is_no_plain_data_is_refused(fitted_pipeline, tmp_path):
    pipeline = copy.deepcopy(fitted_pipeline)
    pipeline.set_params(lstm__random_state=np.random.RandomState(0))
    with pytest.raises(TypeError, match=r"'random_state' parameter of step 'lstm'"):
        save_model(pipeline, tmp_path / "m.mfccclf")


def test_unknown_metadata_are_refused_with_a_near_match(fitted_pipeline, tmp_path):
    with pytest.raises(ValueError, match=r"unknown key 'score'. Did you mean 'scores'"):
        save_model(fitted_pipeline, tmp_path / "m.mfccclf", metadata={"score": 1})


def test_metadata_that_json_cannot_hold_are_refused(fitted_pipeline, tmp_path):
    with pytest.raises(TypeError, match="metadata hold a value that JSON cannot"):
        save_model(fitted_pipeline, tmp_path / "m.mfccclf", metadata={"scores": {1j}})


def test_diverged_net_is_refused(fitted_pipeline, tmp_path):
    pipeline = copy.deepcopy(fitted_pipeline)
    pipeline["lstm"].net_.module_.output.bias.data[0] = float("nan")
    with pytest.raises(ValueError, match="'lstm.output.bias' are not finite"):
        save_model(pipeline, tmp_path / "m.mfccclf")


# Written whole or not at all


def test_failed_write_leaves_the_old_file(
    fitted_pipeline, model_path, tmp_path, monkeypatch
):
    before = model_path.read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ModelFileError, match="No space left on device"):
        save_model(fitted_pipeline, model_path, card="new")
    assert model_path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [model_path]


def test_folder_and_missing_folder_are_refused_as_outputs(fitted_pipeline, tmp_path):
    with pytest.raises(ModelFileError, match="is a folder"):
        save_model(fitted_pipeline, tmp_path)
    with pytest.raises(ModelFileError, match="There is no folder .*none"):
        save_model(fitted_pipeline, tmp_path / "none" / "m.mfccclf")


# What is refused when opened


def both_refuse(path: Path, match: str) -> None:
    """Check that the lean reader and the loader give the same one-line answer."""
    for opener in (ModelFile, load_model, Predictor):
        with pytest.raises(ModelFileError, match=match) as caught:
            opener(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_missing_file_is_named_with_a_near_match(model_path):
    both_refuse(model_path.with_name("noisy.mfccclf"), "Did you mean 'noise.mfccclf'")


def test_folder_is_refused(tmp_path):
    both_refuse(tmp_path, "is a folder")


def test_empty_file_is_refused(tmp_path):
    path = tmp_path / "empty.mfccclf"
    path.touch()
    both_refuse(path, "is empty")


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3)])
def test_joblib_file_is_told_apart(compress, tmp_path):
    path = tmp_path / "own.mfccclf"
    joblib.dump({"a": np.arange(5)}, path, compress=compress)
    both_refuse(path, r"is a joblib or pickle file.*joblib\.load")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"\x89HDF\r\n\x1a\n....", "is an HDF5 file, as written by Keras"),
        (b"RIFF....WAVE", "is not a model file"),
        (b"{}", "is not a model file"),
        (b"PK\x03\x04 and no more", "is damaged or cut short"),
    ],
)
def test_other_kinds_of_files_are_refused(content, match, tmp_path):
    path = tmp_path / "other.mfccclf"
    path.write_bytes(content)
    both_refuse(path, match)


@pytest.mark.parametrize(
    ("members", "match"),
    [
        ({"a.txt": b"1"}, "is a zip without model.json"),
        ({"config.json": b"", "model.weights.h5": b""}, "is a Keras file"),
        ({"net/data.pkl": b""}, "is a PyTorch file"),
        ({"model.json": b"{}"}, "lacks its member weights.safetensors"),
    ],
)
def test_foreign_zips_are_told_apart(members, match, tmp_path):
    path = tmp_path / "foreign.mfccclf"
    path.write_bytes(pack(members))
    both_refuse(path, match)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_truncated_file_is_refused(share, model_path):
    content = model_path.read_bytes()
    model_path.write_bytes(content[: int(len(content) * share)])
    both_refuse(model_path, "is damaged or cut short")


def test_flipped_byte_is_noticed_wherever_it_matters(model_path):
    content, intact = model_path.read_bytes(), ModelFile(model_path)
    refused = 0
    for position in range(0, len(content), len(content) // 60):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        model_path.write_bytes(damaged)
        try:
            model = ModelFile(model_path)
        except ModelFileError:
            refused += 1
            continue
        assert (model.config, model.members) == (intact.config, intact.members)
    assert refused > 50


@pytest.mark.parametrize("member", ["weights.safetensors", "model.onnx", "README.md"])
def test_altered_member_is_refused(member, model_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        members[member] += b" "

    rewrite(model_path, change, rehash=False)
    both_refuse(model_path, f"the checksum of {member} differs")


@pytest.mark.parametrize("member", ["weights.safetensors", "model.onnx", "README.md"])
def test_missing_member_is_refused(member, model_path):
    rewrite(model_path, lambda members, config: members.pop(member))
    both_refuse(model_path, f"lacks its member {member}")


@pytest.mark.parametrize("name", ["../evil.py", "/etc/cron.d/x", "code.pkl"])
def test_extra_member_is_refused(name, model_path):
    rewrite(model_path, lambda members, config: members.update({name: b"x"}))
    both_refuse(model_path, "holds a foreign member")


def test_member_that_comes_twice_is_refused(model_path):
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(model_path, "a") as archive,
    ):
        archive.writestr("README.md", "other")
    both_refuse(model_path, "holds a member twice")


def test_zip_bomb_is_refused_unread(model_path):
    members = {**read_members(model_path), "README.md": bytes(5 * 2**20)}
    with zipfile.ZipFile(model_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert model_path.stat().st_size < 2**20
    both_refuse(model_path, r"README.md of 5,242,880 bytes. At most 4,194,304")


def test_compressed_copy_of_a_model_file_is_refused(model_path):
    members = read_members(model_path)
    with zipfile.ZipFile(model_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    both_refuse(model_path, r"has a compressed member model\.json")


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"format_version": 4}, "format version 4; this mfccclf reads 1, 2, 3. Update"),
        ({"format_version": "1"}, "format version '1'"),
        ({"format_version": True}, "format version True"),
        ({"format": "other"}, "written by another program"),
        ({"task": "ranking"}, "unknown task 'ranking'"),
        ({"task": "multi-label"}, "without valid thresholds"),
        ({"task": "multi-label", "thresholds": [0.5, 2]}, "without valid thresholds"),
        ({"task": "multi-label", "thresholds": [0.5]}, "without valid thresholds"),
        ({"thresholds": [0.5, 0.5]}, "without valid thresholds"),
        ({"classes": {}}, "without a valid 'classes'"),
        ({"classes": []}, "without valid classes"),
        ({"classes": ["a", "a"]}, "without valid classes"),
        ({"classes": ["a", ["b"]]}, "without valid classes"),
        ({"n_features": "40"}, "without a valid 'n_features'"),
        ({"steps": None}, "without a valid 'steps'"),
    ],
)
def test_wrong_settings_are_refused(values, match, model_path):
    both_refuse(rewrite_config(model_path, **values), match)


@pytest.mark.parametrize("text", [b"", b"nonsense", b"[" * 100_000, b'{"a": NaN}'])
def test_broken_json_is_refused(text, model_path):
    members = read_members(model_path)
    model_path.write_bytes(pack({**members, "model.json": text}))
    both_refuse(model_path, "not valid JSON")


def test_file_that_may_not_be_read_is_named(model_path, monkeypatch):
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    both_refuse(model_path, r"cannot be read \(Permission denied\)")


def change_step(name: str, **values: Any) -> Tamper:
    def change(members: Members, config: dict[str, Any]) -> None:
        step = next(step for step in config["steps"] if step["name"] == name)
        step.update(values)

    return change


@pytest.mark.parametrize(
    "name", ["os.system", "subprocess.Popen", "FunctionTransformer", "Pipeline", ""]
)
def test_class_that_is_not_ours_is_never_built(name, model_path):
    rewrite(model_path, change_step("scale", **{"class": name}))
    with pytest.raises(ModelFileError, match="which a model file may not hold"):
        load_model(model_path)


@pytest.mark.parametrize(
    "parameters",
    [{"hidden_units": 3}, {"hidden_sizes": [7, 5]}, {"hidden_sizes": "x"}],
)
def test_parameters_that_do_not_fit_are_refused(parameters, model_path):
    rewrite(model_path, change_step("lstm", parameters=parameters))
    with pytest.raises(ModelFileError, match=r"does not fit .* made by version \d"):
        load_model(model_path)


def test_weights_that_do_not_fit_are_refused(model_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        arrays = load(members["weights.safetensors"])
        arrays["scale.mean"] = arrays["scale.mean"][:3]
        members["weights.safetensors"] = save(arrays)

    with pytest.raises(ModelFileError, match="does not fit"):
        load_model(rewrite(model_path, change))


def test_weights_that_are_no_safetensors_are_refused(model_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        members["weights.safetensors"] = pickle.dumps({"a": 1})

    with pytest.raises(ModelFileError, match="weights that cannot be read"):
        load_model(rewrite(model_path, change))


def test_weights_that_are_not_finite_are_refused(model_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        arrays = load(members["weights.safetensors"])
        arrays["lstm.output.bias"] = np.full(2, np.inf, dtype=np.float32)
        members["weights.safetensors"] = save(arrays)

    with pytest.raises(ModelFileError, match="'lstm.output.bias' that are not finite"):
        load_model(rewrite(model_path, change))


@pytest.mark.parametrize("name", ["n_fft", "n_chroma", "n_bands"])
def test_front_end_that_would_fill_the_memory_is_refused(name, model_path):
    def change(members: Members, config: dict[str, Any]) -> None:
        config["steps"][0]["parameters"][name] = 10**12

    both_refuse(rewrite(model_path, change), f"absurd '{name}' parameter")


class Payload:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.marker,))


def test_opening_a_tampered_file_never_runs_code(model_path, tmp_path):
    marker = tmp_path / "ran"
    payload = pickle.dumps(Payload(marker))
    original = model_path.read_bytes()
    places: list[Tamper] = [
        lambda members, config: members.update({"weights.safetensors": payload}),
        lambda members, config: members.update({"model.onnx": payload}),
        lambda members, config: members.update({"README.md": payload}),
        lambda members, config: members.update({"state.pkl": payload}),
        lambda members, config: config.update(classes=[payload.decode("latin-1")] * 2),
        change_step(
            "lstm", **{"class": f"__import__('pathlib').Path({str(marker)!r})"}
        ),
        change_step("lstm", parameters={"hidden_sizes": f"open({str(marker)!r}, 'w')"}),
    ]
    for change in places:
        model_path.write_bytes(original)
        rewrite(model_path, change)
        for opener in (load_model, Predictor):
            try:
                opener(model_path)
            except ModelFileError:
                continue
    model_path.write_bytes(payload)
    for opener in (load_model, Predictor, ModelFile):
        with pytest.raises(ModelFileError, match="joblib or pickle"):
            opener(model_path)
    assert not marker.exists()
    pickle.loads(payload)
    assert marker.exists(), "the payload itself must work for this test to mean much"


# ONNX


def test_exported_graph_explains_itself(fitted_pipeline, model_path, tmp_path):
    path = export_onnx(fitted_pipeline, tmp_path / "net.onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    notes = {entry.key: json.loads(entry.value) for entry in model.metadata_props[:2]}
    assert notes["classes"] == ["loud", "quiet"]
    assert notes["front_end"]["parameters"]["sample_rate"] == 22050
    from_file = export_onnx(model_path, tmp_path / "other.onnx")
    assert from_file.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("scope", ["dataset", "clip"])
@pytest.mark.parametrize(("with_mean", "with_std"), [(True, True), (False, False)])
def test_exported_graph_gives_the_pipelines_scores(
    scope, with_mean, with_std, noise_clips, tmp_path
):
    pipeline = make_pipeline(
        "polyphonic-cnn",
        features=["mfcc", "zero"],
        channels=(4,),
        max_epochs=1,
        scope=scope,
        with_mean=with_mean,
        with_std=with_std,
    ).fit(noise_clips, ["quiet", "loud"] * 3)
    path = export_onnx(pipeline, tmp_path / "net.onnx")
    X = pipeline["extract"].transform(noise_clips)
    assert np.isnan(X).any()
    (scores,) = onnxruntime.InferenceSession(path).run(["scores"], {"X": X})
    np.testing.assert_allclose(scores, pipeline[1:].predict_proba(X), atol=1e-5)


def test_export_of_foreign_steps_is_refused(tmp_path):
    with pytest.raises(TypeError, match="FunctionTransformer"):
        export_onnx(
            stack(MFCCExtractor(), FunctionTransformer()), tmp_path / "net.onnx"
        )
