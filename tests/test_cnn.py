"""CNNClassifier: learning, masks, and the graph that gives the same scores."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from mfccclf import CNNClassifier, make_pipeline
from mfccclf._graph_builder import GraphBuilder
from mfccclf.estimators import count_parameters, describe_layers
from mfccclf.modules import ConvNet
from mfccclf.modules.conv_block import MaskedBatchNorm
from mfccclf.modules.conv_net import CONV_POOLINGS
from mfccclf.persistence.onnx.conv_net import add_conv_net

LENGTHS = (7, 1, 12, 3)


def make_classifier(**changes):
    settings = {
        "channels": (6, 8),
        "max_epochs": 15,
        "lr": 0.02,
        "batch_size": 16,
        "random_state": 0,
    }
    return CNNClassifier(**(settings | changes))


def make_clips(n_clips=48, seed=0):
    """Pictures of 5 to 11 frames with a rising, falling or level line."""
    rng = np.random.default_rng(seed)
    y = np.array(["falling", "level", "rising"])[np.arange(n_clips) % 3]
    X = rng.normal(0, 0.2, (n_clips, 11, 12))
    for clip, slope in enumerate(np.arange(n_clips) % 3 - 1):
        rows = (6 + slope * np.linspace(-4, 4, 11)).astype(int)
        X[clip, np.arange(11), rows] += 2
        X[clip, rng.integers(5, 12) :] = np.nan
    return X.astype(np.float32), y


def random_net(**settings):
    torch.manual_seed(0)
    given = {"n_features": 5, "n_outputs": 3, "channels": (4, 6), **settings}
    net = ConvNet(**given)
    for block in net.blocks:
        torch.nn.init.uniform_(block.norm.weight, 0.5, 2)
        torch.nn.init.normal_(block.norm.bias)
        block.norm.running_mean.normal_()
        block.norm.running_var.uniform_(0.5, 2)
    return net.eval()


def padded_pictures(lengths=LENGTHS, n_features=5):
    rng = np.random.default_rng(0)
    X = np.zeros((len(lengths), max(lengths), n_features), np.float32)
    for row, length in zip(X, lengths, strict=True):
        row[:length] = rng.standard_normal((length, n_features))
    return X


def logits_of(net, X, lengths):
    with torch.no_grad():
        return net(torch.from_numpy(X), torch.tensor(lengths)).numpy()


@pytest.fixture(name="clips", scope="module")
def made_up_clips():
    return make_clips()


# Learning


@pytest.mark.parametrize("pooling", CONV_POOLINGS)
def test_a_toy_task_is_learned_with_each_pooling(clips, pooling):
    X_new, y_new = make_clips(seed=1)
    classifier = make_classifier(pooling=pooling, collapse="flatten").fit(*clips)
    assert classifier.score(X_new, y_new) > 0.8


def test_several_labels_are_learned():
    rng = np.random.default_rng(0)
    Y = rng.integers(0, 2, (48, 2))
    X = rng.normal(0, 0.2, (48, 9, 12))
    X[:, :, :6] += Y[:, :1, None]
    X[:, ::2, 6:] += 2 * Y[:, 1:, None]
    classifier = make_classifier(max_epochs=30).fit(X, Y)
    assert classifier.multilabel_
    assert classifier.score(X, Y) > 0.9


def test_dropout_and_dense_layers_go_together(clips):
    classifier = make_classifier(
        block_dropout=(0.1, 0.2), dense_sizes=(8,), dense_dropout=0.1, max_epochs=2
    )
    assert classifier.fit(*clips).predict_proba(clips[0]).shape == (48, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kernel_size": 4}, "'kernel_size' parameter of CNNClassifier must be an odd"),
        ({"channels": ()}, "'channels' parameter of CNNClassifier must be a sequence"),
        ({"pooling": "last"}, "'pooling' parameter of CNNClassifier must be one of"),
        ({"collapse": "max"}, "'collapse' parameter of CNNClassifier must be one of"),
        ({"block_dropout": (0.1,)}, "a sequence of 2 floats"),
    ],
)
def test_unusable_parameters_are_named(clips, changes, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(max_epochs=1, **changes).fit(*clips)


# Masks


@pytest.mark.parametrize("collapse", ["mean", "flatten"])
@pytest.mark.parametrize("pooling", CONV_POOLINGS)
def test_padding_and_the_other_clips_change_nothing(pooling, collapse):
    net = random_net(pooling=pooling, collapse=collapse, channels=(4, 5, 6))
    X = padded_pictures()
    together = logits_of(net, X, LENGTHS)
    longer = np.concatenate([X, np.zeros_like(X)], axis=1)
    np.testing.assert_allclose(logits_of(net, longer, LENGTHS), together, atol=1e-5)
    for clip, length in enumerate(LENGTHS):
        alone = logits_of(net, X[clip : clip + 1, :length], [length])
        np.testing.assert_allclose(alone[0], together[clip], atol=1e-5)


def test_every_true_frame_counts():
    net = random_net()
    X = padded_pictures()
    changed = X.copy()
    changed[0, LENGTHS[0] - 1] += 1
    difference = np.abs(logits_of(net, changed, LENGTHS) - logits_of(net, X, LENGTHS))
    assert difference[0].max() > 1e-3
    assert difference[1:].max() == 0


def test_masked_normalisation_is_torchs_where_all_frames_are_true():
    torch.manual_seed(0)
    ours, theirs = MaskedBatchNorm(3), torch.nn.BatchNorm2d(3)
    mask = torch.ones(4, 1, 7, 1, dtype=torch.bool)
    for _ in range(3):
        values = torch.randn(4, 3, 7, 5) * 2 + 1
        torch.testing.assert_close(ours(values, mask), theirs(values))
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    torch.testing.assert_close(ours.running_mean, theirs.running_mean)


def test_masked_normalisation_does_not_see_the_padding():
    norm, other = MaskedBatchNorm(1), MaskedBatchNorm(1)
    values = torch.randn(2, 1, 6, 4)
    mask = (torch.arange(6) < torch.tensor([[6], [2]]))[:, None, :, None]
    noisy = torch.where(mask, values, 100 * torch.ones(()))
    torch.testing.assert_close(norm(values, mask) * mask, other(noisy, mask) * mask)
    torch.testing.assert_close(norm.running_var, other.running_var)


# The graph


@pytest.mark.parametrize("pooling", CONV_POOLINGS)
@pytest.mark.parametrize("collapse", ["mean", "flatten"])
@pytest.mark.parametrize("lengths", [LENGTHS, (1,), (16, 15)])
def test_the_graph_gives_the_nets_scores(pooling, collapse, lengths):
    net = random_net(
        pooling=pooling, collapse=collapse, dense_sizes=(4,), kernel_size=5
    )
    X = padded_pictures(lengths)
    builder = GraphBuilder()
    logits = add_conv_net(builder, net, "X", builder.constant(lengths, "int64"))
    model = builder.build(
        inputs={"X": ["n_clips", "n_frames", 5]},
        outputs={builder.rename(logits, "logits"): ["n_clips", 3]},
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found = session.run(None, {"X": X})[0]
    np.testing.assert_allclose(found, logits_of(net, X, lengths), atol=1e-5)


# Layers


def test_layers_are_listed_with_shapes_and_parameters(clips):
    classifier = make_classifier(
        dense_sizes=(7,), block_dropout=0.1, pooling="attention", max_epochs=1
    )
    classifier.fit(*clips)
    rows = {row.name: row for row in describe_layers(classifier, n_frames=11)}
    assert rows["conv_1"].output_shape == (None, 11, 12, 6)
    assert rows["conv_1"].n_parameters == 6 * 9
    assert rows["max_1"].output_shape == (None, 6, 6, 6)
    assert rows["max_2"].output_shape == (None, 3, 3, 8)
    assert rows["norm_2"].n_parameters == 16
    assert rows["pooling"].output_shape == (None, 8)
    assert rows["output"].n_parameters == 7 * 3 + 3
    total = sum(row.n_parameters for row in rows.values())
    assert total == count_parameters(classifier.net_.module_)[0]


def test_the_preset_builds_a_cnn_over_log_mel_pictures():
    pipeline = make_pipeline("polyphonic-cnn", max_epochs=1)
    assert isinstance(pipeline["cnn"], CNNClassifier)
    assert pipeline["extract"].features == ["mel"]
