"""Threads and memory of a training."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from mfccclf import LSTMClassifier, keep_freed_memory
from mfccclf.estimators.training.optimizers import OPTIMIZERS
from mfccclf.estimators.training.threads import sensible_threads

CPU = torch.device("cpu")


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("module", "batch_size", "expected"),
    [
        (nn.LSTM(33, 128), 25, 1),
        (nn.LSTM(33, 512), 64, 2),
        (nn.Sequential(nn.Conv1d(33, 64, 3), nn.LSTM(64, 16)), 25, 2),
        (nn.Linear(33, 5), 25, 2),
    ],
)
def test_small_recurrent_nets_have_one_thread(
    two_threads, module, batch_size, expected
):
    with sensible_threads(module, batch_size, device=CPU):
        assert torch.get_num_threads() == expected
    assert torch.get_num_threads() == 2


def test_threads_are_given_back_after_an_error(two_threads):
    with (
        pytest.raises(ZeroDivisionError, match="division"),
        sensible_threads(nn.LSTM(3, 4), 8, device=CPU),
    ):
        1 / 0  # noqa: B018
    assert torch.get_num_threads() == 2


def test_training_leaves_the_threads_as_they_were(two_threads):
    X = np.random.default_rng(0).standard_normal((8, 5, 3)).astype(np.float32)
    LSTMClassifier(hidden_sizes=(4,), max_epochs=1).fit(X, list("abababab"))
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_needs_no_compiler_of_torch(optimizer, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # an import would fail
    X = np.random.default_rng(0).standard_normal((8, 5, 3)).astype(np.float32)
    settings = {"hidden_sizes": (4,), "optimizer": optimizer, "random_state": 0}
    options = {"lr_schedule": "onecycle", "gradient_clip": 1.0}
    for _ in range(2):  # the second one is resumed from the state of the first
        classifier = LSTMClassifier(max_epochs=2, **settings, **options)
        classifier.fit(X, list("abababab"), checkpoint=tmp_path / "state")
    assert len(classifier.history_) == 2


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("adam", torch.optim.Adam),
        ("adamw", torch.optim.AdamW),
        ("rmsprop", torch.optim.RMSprop),
        ("sgd", torch.optim.SGD),
    ],
)
def test_optimisers_step_as_those_of_torch(name, theirs):
    weights = []
    for optimizer in (OPTIMIZERS[name], theirs):
        torch.manual_seed(0)
        layer = nn.Linear(3, 2)
        optimizer = optimizer(layer.parameters(), lr=0.1, weight_decay=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            layer(torch.ones(1, 3)).square().sum().backward()
            optimizer.step()
        weights.append(layer.weight.detach())
    assert torch.equal(*weights)


PAGES = """
import resource
import numpy as np
from mfccclf import keep_freed_memory
done = {call}
np.ones(2**22)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(2**22)
print(done, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def count_faults(call, **environment):
    done, faults = subprocess.run(
        [sys.executable, "-c", PAGES.format(call=call)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return done == "True", int(faults)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a matter of glibc")
def test_freed_memory_is_kept_on_request():
    done, faults = count_faults("keep_freed_memory()")
    if not done:
        pytest.skip("another C library")
    assert faults < count_faults("None")[1] / 5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a matter of glibc")
def test_the_users_choice_of_memory_settings_is_kept(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    assert keep_freed_memory() is False
