"""The torch net against slow references written out gate by gate."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mfccclf.modules import LSTMNet, SequenceLSTM, count_parameters
from mfccclf.modules.lstm_net import POOLINGS
from mfccclf.modules.sequence_lstm import (
    recurrent_mask,
    reverse_within_length,
)

LENGTHS = torch.tensor([7, 1, 4])


@pytest.fixture(name="X")
def made_up_sequences():
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(3, 7, 5, generator=generator)
    for clip, length in enumerate(LENGTHS):
        X[clip, length:] = 0.0
    return X


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def reference_lstm(cell, sequence, mask=None):
    """Run one cell over one sequence (n_frames, n_in) in float64; return all states."""
    kernel, recurrent, bias, _ = (
        p.detach().double().numpy() for p in cell.parameters()
    )
    n_units = cell.hidden_size
    mask = np.ones((4, n_units)) if mask is None else mask.double().numpy()
    h = c = np.zeros(n_units)
    states = []
    for frame in sequence.double().numpy():
        blocks = recurrent.reshape(4, n_units, n_units)
        gates = (kernel @ frame + bias).reshape(4, n_units)
        gates = gates + np.stack([blocks[k] @ (h * mask[k]) for k in range(4)])
        i, f, g, o = sigmoid(gates[0]), sigmoid(gates[1]), np.tanh(gates[2]), gates[3]
        c = f * c + i * g
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.stack(states)


def make_net(**changes):
    torch.manual_seed(0)
    settings = {"n_features": 5, "n_outputs": 3, "hidden_sizes": (6, 4)} | changes
    return LSTMNet(**settings).eval()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_layer_equals_a_reference_loop(X, bidirectional):
    torch.manual_seed(0)
    layer = SequenceLSTM(5, 4, bidirectional=bidirectional).eval()
    with torch.no_grad():
        output, state = layer(X, LENGTHS)
    for clip, length in enumerate(LENGTHS.tolist()):
        sequence = X[clip, :length]
        expected = reference_lstm(layer.forward_cell, sequence)
        final = expected[-1]
        if bidirectional:
            backward = reference_lstm(layer.backward_cell, sequence.flip(0))
            expected = np.hstack([expected, backward[::-1]])
            final = np.concatenate([final, backward[-1]])
        np.testing.assert_allclose(output[clip, :length], expected, atol=1e-6)
        np.testing.assert_allclose(state[clip], final, atol=1e-6)


def test_recurrent_dropout_equals_a_reference_loop_with_the_same_masks(X):
    torch.manual_seed(0)
    layer = SequenceLSTM(5, 4, recurrent_dropout=0.5).train()
    torch.manual_seed(1)
    output, _ = layer(X, LENGTHS)
    torch.manual_seed(1)
    mask = recurrent_mask(layer.forward_cell, 0.5)
    assert set(mask.flatten().tolist()) == {0.0, 2.0}
    for clip in range(len(X)):
        expected = reference_lstm(layer.forward_cell, X[clip], mask)
        np.testing.assert_allclose(output[clip].detach(), expected, atol=1e-6)


def test_recurrent_dropout_sends_gradients_to_kept_units_only(X):
    torch.manual_seed(0)
    layer = SequenceLSTM(5, 4, recurrent_dropout=0.5).train()
    torch.manual_seed(1)
    layer(X, LENGTHS)[1].sum().backward()
    torch.manual_seed(1)
    mask = recurrent_mask(layer.forward_cell, 0.5)
    gradient = layer.forward_cell.weight_hh_l0.grad.view(4, 4, 4).abs().sum(dim=1)
    assert torch.equal(gradient > 0, mask > 0)


def test_input_dropout_is_fixed_over_the_frames_of_a_clip():
    layer = SequenceLSTM(5, 4, input_dropout=0.5).train()
    seen = []
    layer.forward_cell.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    layer(torch.ones(8, 6, 5), torch.full((8,), 6))
    assert torch.equal(seen[0], seen[0][:, :1].expand(8, 6, 5))
    assert len(seen[0][:, 0].unique(dim=0)) > 1


def test_dropout_does_nothing_in_evaluation(X):
    dropping = make_net(
        input_dropout=0.5,
        recurrent_dropout=0.5,
        dropout=0.5,
        dense_sizes=(4,),
        dense_dropout=0.5,
    )
    plain = make_net(dense_sizes=(4,))
    assert torch.equal(dropping(X, LENGTHS), plain(X, LENGTHS))


def test_reversal_leaves_padding_in_place(X):
    reversed_once = reverse_within_length(X, LENGTHS)
    assert torch.equal(reversed_once[2, :4], X[2, :4].flip(0))
    assert torch.equal(reversed_once[2, 4:], X[2, 4:])
    assert torch.equal(reverse_within_length(reversed_once, LENGTHS), X)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_and_other_clips_do_not_change_the_logits(X, pooling, bidirectional):
    net = make_net(pooling=pooling, bidirectional=bidirectional)
    with torch.no_grad():
        together = net(X, LENGTHS)
        garbage = X.clone()
        for clip, length in enumerate(LENGTHS):
            garbage[clip, length:] = 1e3
        torch.testing.assert_close(net(garbage, LENGTHS), together)
        for clip, length in enumerate(LENGTHS):
            alone = net(X[clip : clip + 1, :length], LENGTHS[clip : clip + 1])
            torch.testing.assert_close(alone[0], together[clip])


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_equals_a_reference(X, pooling):
    net = make_net(hidden_sizes=(4,), bidirectional=True, pooling=pooling)
    with torch.no_grad():
        output, state = net.layers[0](X, LENGTHS)
        logits = net(X, LENGTHS)
        for clip, length in enumerate(LENGTHS):
            frames = output[clip, :length]
            if pooling == "attention":
                shares = torch.softmax(net.attention.score(frames), dim=0)
                pooled = (shares * frames).sum(dim=0)
            else:
                pooled = {
                    "last": state[clip],
                    "last_step": frames[-1],
                    "mean": frames.mean(dim=0),
                    "max": frames.amax(dim=0),
                }[pooling]
            torch.testing.assert_close(logits[clip], net.output(pooled))


@pytest.mark.parametrize(
    ("settings", "n_features", "n_outputs", "expected"),
    [
        ({"hidden_sizes": (128, 32)}, 33, 5, 103_717),
        ({"hidden_sizes": (128, 33, 33)}, 33, 5, 113_342),
        ({"hidden_sizes": (128, 33, 33)}, 14, 5, 103_614),
        ({"hidden_sizes": (128, 14)}, 14, 5, 81_299),
        ({"hidden_sizes": (256, 256), "dense_sizes": (128, 64)}, 20, 10, 850_762),
        (
            {
                "hidden_sizes": (128, 128),
                "bidirectional": True,
                "dense_sizes": (128, 64),
            },
            20,
            10,
            588_618,
        ),
        (
            {
                "hidden_sizes": (128, 128),
                "bidirectional": True,
                "dense_sizes": (256, 64),
            },
            20,
            3,
            629_251,
        ),
    ],
)
def test_parameters_are_counted_as_keras_does(
    settings, n_features, n_outputs, expected
):
    net = LSTMNet(n_features=n_features, n_outputs=n_outputs, **settings)
    keras_count, torch_count = count_parameters(net)
    assert keras_count == expected
    units = sum(settings["hidden_sizes"]) * (2 if settings.get("bidirectional") else 1)
    assert torch_count == expected + 4 * units


def test_initial_values_are_those_of_keras():
    torch.manual_seed(0)
    cell = SequenceLSTM(20, 8).forward_cell
    assert cell.weight_ih_l0.abs().max() <= np.sqrt(6 / (20 + 4 * 8))
    recurrent = cell.weight_hh_l0.detach()
    torch.testing.assert_close(recurrent.T @ recurrent, torch.eye(8))
    assert cell.bias_ih_l0.tolist() == [0.0] * 8 + [1.0] * 8 + [0.0] * 16
    assert not cell.bias_hh_l0.any()
    assert not cell.bias_hh_l0.requires_grad


def test_layer_table_names_shapes_and_counts():
    net = LSTMNet(
        n_features=20,
        n_outputs=3,
        hidden_sizes=(8, 4),
        bidirectional=True,
        dropout=(0.2,),
        pooling="attention",
        dense_sizes=(6,),
        dense_dropout=0.1,
    )
    assert [tuple(row) for row in net.describe_layers(n_frames=50)] == [
        ("lstm_1", "Bidirectional(LSTM)", (None, 50, 16), 2 * 4 * 8 * (20 + 8 + 1)),
        ("dropout_1", "Dropout(0.2)", (None, 50, 16), 0),
        ("lstm_2", "Bidirectional(LSTM)", (None, 50, 8), 2 * 4 * 4 * (16 + 4 + 1)),
        ("pooling", "Pooling(attention)", (None, 8), 9),
        ("dense_1", "Dense", (None, 6), 54),
        ("dense_dropout_1", "Dropout(0.1)", (None, 6), 0),
        ("output", "Dense", (None, 3), 21),
    ]


def test_last_layer_without_pooling_has_one_state_per_clip():
    rows = make_net().describe_layers(n_frames=None)
    assert [row.output_shape for row in rows] == [(None, None, 6), (None, 4), (None, 3)]
