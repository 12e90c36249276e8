"""Checkpoints: an interrupted training is resumed."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from mfccclf import LSTMClassifier, ModelFileError
from mfccclf.estimators.training import checkpoint as _checkpoint


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(24, 8, 3)).astype(np.float32)
    X[::3, 6:] = np.nan
    return X, np.repeat(["a", "b"], 12)


def make(**parameters) -> LSTMClassifier:
    usual = {"hidden_sizes": (3, 2), "max_epochs": 6, "batch_size": 8}
    rates = {"dropout": 0.2, "recurrent_dropout": 0.2, "random_state": 3}
    return LSTMClassifier(**{**usual, **rates, **parameters})


def fit_until(n_epochs: int, classifier, data, path, monkeypatch) -> None:
    """Fit with a checkpoint after every epoch, and end after some epochs."""
    write = _checkpoint.Checkpoint.on_epoch_end

    def write_and_end(self, net, **arguments):
        write(self, net, **arguments)
        if len(self._recorder.rows) == n_epochs:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(_checkpoint, "_PAUSE", 0)
        patch.setattr(_checkpoint.Checkpoint, "on_epoch_end", write_and_end)
        with pytest.raises(KilledError):
            classifier.fit(*data, checkpoint=path)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"optimizer": "sgd", "lr_schedule": "cosine"},
        {"lr_schedule": "onecycle", "gradient_clip": 1.0},
        {"lr_schedule": "plateau", "bucketing": True},
        {"lr_schedule": "step", "early_stopping": True, "validation_fraction": 0.25},
    ],
)
def test_weights_are_those_of_an_uninterrupted_training(
    data, tmp_path, monkeypatch, parameters
):
    whole = make(**parameters).fit(*data)
    path = tmp_path / "net.checkpoint"
    fit_until(2, make(**parameters), data, path, monkeypatch)
    fit_until(4, make(**parameters), data, path, monkeypatch)
    resumed = make(**parameters).fit(*data, checkpoint=path)
    theirs = resumed.net_.module_.state_dict()
    for name, value in whole.net_.module_.state_dict().items():
        assert torch.equal(value, theirs[name]), name
    assert resumed.n_epochs_ == whole.n_epochs_
    assert resumed.best_epoch_ == whole.best_epoch_
    losses = [[row["train_loss"] for row in c.history_] for c in (whole, resumed)]
    assert losses[0] == losses[1]


def test_a_finished_training_is_not_repeated(data, tmp_path, monkeypatch):
    path = tmp_path / "net.checkpoint"
    monkeypatch.setattr(_checkpoint, "_PAUSE", 0)
    first = make().fit(*data, checkpoint=path)
    again = make().fit(*data, checkpoint=path)
    assert first.history_ == again.history_


@pytest.mark.parametrize(
    ("parameters", "name"),
    [({"lr": 0.5}, "lr"), ({"random_state": 4}, "random_state")],
)
def test_another_training_is_not_resumed(data, tmp_path, monkeypatch, parameters, name):
    path = tmp_path / "net.checkpoint"
    fit_until(1, make(), data, path, monkeypatch)
    with pytest.raises(ValueError, match=f"another training. It differs in {name}."):
        make(**parameters).fit(*data, checkpoint=path)


def test_a_training_on_other_clips_is_not_resumed(data, tmp_path, monkeypatch):
    path = tmp_path / "net.checkpoint"
    fit_until(1, make(), data, path, monkeypatch)
    with pytest.raises(ValueError, match="differs in the training clips"):
        make().fit(data[0] + 1, data[1], checkpoint=path)


def test_a_checkpoint_needs_a_seed(data, tmp_path):
    with pytest.raises(TypeError, match="'random_state' .* must be an int >= 0"):
        make(random_state=None).fit(*data, checkpoint=tmp_path / "net.checkpoint")


def test_a_file_that_is_no_checkpoint_is_refused(data, tmp_path):
    path = tmp_path / "net.checkpoint"
    path.write_bytes(b"something else")
    with pytest.raises(ModelFileError, match="cannot be read as a checkpoint"):
        make().fit(*data, checkpoint=path)
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(ModelFileError, match="no checkpoint that this version knows"):
        make().fit(*data, checkpoint=path)


def test_a_checkpoint_runs_no_code_when_read(data, tmp_path):
    path = tmp_path / "net.checkpoint"
    torch.save({"format": 1, "code": KilledError}, path)
    with pytest.raises(ModelFileError, match="cannot be read as a checkpoint"):
        make().fit(*data, checkpoint=path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_as_such(data, tmp_path, monkeypatch):
    @contextmanager
    def full_disk(path):
        yield Path("/dev/full")

    monkeypatch.setattr(_checkpoint, "atomic_path", full_disk)
    with pytest.raises(OSError, match="No space left on device"):
        make().fit(*data, checkpoint=tmp_path / "x.checkpoint")
