"""The ONNX graph gives the torch net's scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from mfccclf import SequenceStandardScaler
from mfccclf._graph_builder import INT64, GraphBuilder
from mfccclf.modules import LSTMNet
from mfccclf.persistence.onnx.lstm_net import add_lstm_net
from mfccclf.persistence.onnx.padding import add_lengths
from mfccclf.persistence.onnx.scaler import add_scaler

LENGTHS = (7, 1, 12, 3)


def random_net(**settings: Any) -> LSTMNet:
    torch.manual_seed(0)
    given = {"n_features": 5, "n_outputs": 3, "hidden_sizes": (6, 4), **settings}
    net = LSTMNet(**given)
    for parameter in net.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.5)
    return net.eval()


def sequences(lengths: tuple[int, ...] = LENGTHS) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    X = np.zeros((len(lengths), max(lengths), 5), dtype=np.float32)
    for row, length in zip(X, lengths, strict=True):
        row[:length] = rng.standard_normal((length, 5))
    return X


def graph_logits(
    net: LSTMNet, X: NDArray[np.float32], lengths: tuple[int, ...]
) -> NDArray[np.float32]:
    builder = GraphBuilder()
    given = builder.constant(lengths, "int64")
    logits = add_lstm_net(builder, net, "X", given)
    model = builder.build(
        inputs={"X": ["n_clips", "n_frames", X.shape[2]]},
        outputs={builder.rename(logits, "logits"): ["n_clips", 3]},
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"X": X})[0]


def assert_same_logits(net: LSTMNet, lengths: tuple[int, ...] = LENGTHS) -> None:
    X = sequences(lengths)
    with torch.no_grad():
        expected = net(torch.from_numpy(X), torch.tensor(lengths)).numpy()
    np.testing.assert_allclose(graph_logits(net, X, lengths), expected, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooling", ["last", "last_step", "mean", "max", "attention"])
def test_graph_agrees_with_the_net_for_every_pooling(pooling, bidirectional):
    assert_same_logits(random_net(pooling=pooling, bidirectional=bidirectional))


@pytest.mark.parametrize(
    "activation", ["elu", "gelu", "identity", "relu", "sigmoid", "tanh"]
)
def test_graph_agrees_with_the_net_for_every_activation(activation):
    assert_same_logits(random_net(dense_sizes=(7, 5), dense_activation=activation))


@pytest.mark.parametrize("hidden_sizes", [(3,), (8, 6, 4)])
def test_graph_agrees_with_the_net_for_every_depth(hidden_sizes):
    assert_same_logits(random_net(hidden_sizes=hidden_sizes, bidirectional=True))


@pytest.mark.parametrize("input_norm", [None, "bands", "level", "peak"])
@pytest.mark.parametrize("conv_channels", [(), (3,), (2, 4, 3)])
def test_graph_agrees_with_the_net_behind_every_front(conv_channels, input_norm):
    assert_same_logits(
        random_net(
            conv_channels=conv_channels, input_norm=input_norm, bidirectional=True
        )
    )


@pytest.mark.parametrize("conv_channels", [(), (2,)])
@pytest.mark.parametrize("statistics_size", [None, 4])
@pytest.mark.parametrize("projection_size", [None, 3])
def test_graph_agrees_with_the_net_with_layers_for_wide_frames(
    projection_size, statistics_size, conv_channels
):
    net = random_net(
        projection_size=projection_size,
        statistics_size=statistics_size,
        conv_channels=conv_channels,
    )
    if net.statistics is not None:
        net.statistics.norm.running_mean.normal_()
        net.statistics.norm.running_var.uniform_(0.5, 2)
    assert_same_logits(net)


def test_graph_agrees_with_the_net_on_one_frame():
    assert_same_logits(random_net(bidirectional=True), lengths=(1,))


@pytest.mark.parametrize("scope", ["dataset", "clip"])
@pytest.mark.parametrize(("with_mean", "with_std"), [(True, True), (False, True)])
def test_scaler_graph_agrees_with_the_scaler(scope, with_mean, with_std):
    X = sequences() * [1.0, 1e-6, 3000.0, 0.0, 1.0] + [0.0, 0.0, 3000.0, 7.0, -1e4]
    X = X.astype(np.float32)
    for row, length in zip(X, LENGTHS, strict=True):
        row[length:] = np.nan
    scaler = SequenceStandardScaler(
        scope=scope, with_mean=with_mean, with_std=with_std
    ).fit(X)
    builder = GraphBuilder()
    scaled = add_scaler(builder, scaler, "X", add_lengths(builder, "X"))
    model = builder.build(
        inputs={"X": ["n", "t", 5]},
        outputs={builder.rename(scaled, "scaled"): ["n", "t", 5]},
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"X": X})
    np.testing.assert_allclose(found, scaler.transform(X), rtol=1e-6, atol=1e-6)


def test_equal_nets_give_equal_bytes():
    def content() -> bytes:
        builder = GraphBuilder()
        lengths = builder.add("Cast", "lengths", to=INT64)
        logits = add_lstm_net(builder, random_net(), "X", lengths)
        model = builder.build(
            inputs={"X": ["n", "t", 5], "lengths": ["n"]}, outputs={logits: ["n", 3]}
        )
        return model.SerializeToString()

    assert content() == content()
