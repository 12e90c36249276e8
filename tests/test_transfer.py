"""Start a training from the layers of another net."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cli_tools import fail, succeed

from mfccclf import CNNClassifier, LSTMClassifier, load_model

NETS = {
    "cnn": CNNClassifier(channels=(4, 5), dense_sizes=(6,), max_epochs=2),
    "lstm": LSTMClassifier(hidden_sizes=(5,), dense_sizes=(6,), max_epochs=2),
}
TRAIN = ["--epochs", 2, "--preset", "polyphonic-cnn", "--set", "channels=[4]"]


def make_clips(n_labels, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, 9, 6)).astype(np.float32)
    return X, np.arange(30) % n_labels


@pytest.fixture(params=NETS, name="trained")
def trained_classifier(request):
    return NETS[request.param].set_params(random_state=1).fit(*make_clips(3))


def weights(classifier):
    return {
        name: tensor.clone()
        for name, tensor in classifier.net_.module_.state_dict().items()
    }


def again(trained, **options):
    other = type(trained)(**trained.get_params()).set_params(random_state=2)
    return other.fit(*make_clips(2, seed=3), **options)


def test_frozen_layers_stay_and_the_output_is_new(trained):
    before = weights(trained)
    after = weights(again(trained, start_from=before, freeze=True))
    for name, tensor in after.items():
        if not name.startswith("output."):
            torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)
    assert after["output.weight"].shape[0] == 2


def test_layers_that_are_not_frozen_learn_from_where_they_were(trained):
    before = weights(trained)
    after = weights(again(trained, start_from=before))
    name = "dense.0.weight"
    fresh = weights(again(trained))
    assert not torch.equal(after[name], before[name])
    near = (after[name] - before[name]).abs().mean()
    assert near < (fresh[name] - before[name]).abs().mean()


def test_frozen_nets_can_be_trained_again_as_a_whole(trained):
    frozen = again(trained, start_from=weights(trained), freeze=True)
    count = sum(p.requires_grad for p in frozen.net_.module_.parameters())
    assert count == sum(p.requires_grad for p in trained.net_.module_.parameters())


def test_other_layers_are_named(trained):
    other = type(trained)(max_epochs=1)
    message = "cannot start from those weights: .* has shape"
    with pytest.raises(ValueError, match=message):
        other.fit(*make_clips(2), start_from=weights(trained))


def test_freezing_needs_weights(trained):
    with pytest.raises(ValueError, match="freeze=True needs weights to keep"):
        again(trained, freeze=True)


def test_a_checkpoint_knows_where_it_started(trained, tmp_path):
    path = tmp_path / "training.checkpoint"
    again(trained, start_from=weights(trained), checkpoint=path)
    other = {name: tensor + 1 for name, tensor in weights(trained).items()}
    with pytest.raises(ValueError, match="It differs in the weights to start from"):
        again(trained, start_from=other, checkpoint=path)


@pytest.fixture(name="start", scope="module")
def start_model(recordings, tmp_path_factory):
    path = tmp_path_factory.mktemp("start") / "start.mfccclf"
    succeed("train", recordings, "--output", path, *TRAIN)
    return path


@pytest.mark.parametrize("options", [[], ["--freeze"]])
def test_train_starts_from_a_model(recordings, start, tmp_path, options):
    path = tmp_path / "next.mfccclf"
    arguments = ["train", recordings, "--output", path, *TRAIN, "--multi-label"]
    succeed(*arguments, "--from", start, *options)
    first, second = load_model(start), load_model(path)
    np.testing.assert_array_equal(first["scale"].mean_, second["scale"].mean_)
    states = [pipeline[-1].net_.module_.state_dict() for pipeline in (first, second)]
    same = torch.equal(*(state["blocks.0.conv.weight"] for state in states))
    assert same == bool(options)


def test_a_model_with_other_features_is_refused(recordings, start, tmp_path):
    arguments = ["train", recordings, "--output", tmp_path / "m.mfccclf", *TRAIN]
    fail(
        *arguments,
        *("--from", start, "--set", "n_mels=20"),
        code=2,
        message="differ: n_mels is 64 there and 20 here",
    )
    arguments[arguments.index("polyphonic-cnn")] = "default"
    arguments = arguments[: arguments.index("--set")]
    fail(*arguments, "--from", start, code=2, message="The features of")


def test_freeze_alone_is_refused(recordings, tmp_path):
    arguments = ["train", recordings, "--output", tmp_path / "m.mfccclf", "--freeze"]
    fail(*arguments, code=2, message="--freeze needs --from MODEL")
