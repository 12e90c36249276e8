"""State dicts of PyTorch give the same scores as the nets they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from cli_tools import fail, succeed
from torch import nn

from mfccclf import ModelFileError, Predictor, WaveformFrames, load_model
from mfccclf.persistence import convert_torch

FAMILIES = ["bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ"]
FAMILIES += ["reed", "string", "vocal"]


class NoteNet(nn.Module):
    """A recurrent module and a linear layer on its output at the last time step."""

    def __init__(self, *, n_inputs=160, hidden=128, n_layers=3, both=False, **kwargs):
        super().__init__()
        self.rnn = kwargs.pop("kind", nn.LSTM)(
            n_inputs, hidden, n_layers, batch_first=True, bidirectional=both, **kwargs
        )
        self.out = nn.Linear(hidden * (1 + both), len(FAMILIES))

    def forward(self, X):
        return self.out(self.rnn(X)[0][:, -1])


def make_net(**kwargs) -> NoteNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = NoteNet(**kwargs)
        for parameter in net.parameters():  # larger than PyTorch's, to tell them apart
            nn.init.normal_(parameter, std=0.1)
    return net.eval()


def save(net: nn.Module, folder: Path, name: str = "net.pth") -> Path:
    torch.save(net.state_dict(), folder / name)
    return folder / name


@pytest.fixture
def clips() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, 20000).astype(np.float32) for _ in range(4)]


def scores_of(net: nn.Module, clips: list[np.ndarray]) -> np.ndarray:
    X = torch.from_numpy(WaveformFrames().transform(clips))
    with torch.no_grad():
        return torch.softmax(net(X), dim=1).numpy()


@pytest.mark.parametrize(
    ("both", "preset", "count"),
    [(False, "notes-lstm", 413_962), (True, "notes-blstm", 1_090_058)],
)
def test_published_nets_give_the_same_scores(both, preset, count, clips, tmp_path):
    net = make_net(both=both)
    assert sum(parameter.numel() for parameter in net.parameters()) == count
    path = save(net, tmp_path)
    pipeline = convert_torch(path, labels=FAMILIES, preset=preset)
    expected = scores_of(net, clips)
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(pipeline.predict_proba(clips), expected, atol=1e-6)


def test_labels_are_sorted_and_scores_with_them(clips, tmp_path):
    net = make_net(hidden=8)
    path = save(net, tmp_path)
    backwards = FAMILIES[::-1]
    pipeline = convert_torch(path, labels=backwards)
    assert pipeline.classes_.tolist() == FAMILIES
    expected = scores_of(net, clips)[:, ::-1]
    np.testing.assert_allclose(pipeline.predict_proba(clips), expected, atol=1e-6)


def test_the_command_makes_a_model_file_with_the_same_scores(clips, tmp_path):
    import soundfile

    net = make_net(hidden=8, both=True)
    path = save(net, tmp_path, "best.pt")
    model = tmp_path / "notes.mfccclf"
    labels = ("--labels", ",".join(FAMILIES))
    arguments = ("convert", path, *labels, "--preset", "notes-blstm", "-o", model)
    assert "Saved" in succeed(*arguments)
    clip = tmp_path / "note.wav"
    soundfile.write(clip, clips[0], 16000, subtype="FLOAT")
    expected = scores_of(net, clips[:1])
    np.testing.assert_allclose(Predictor(model).predict_proba([clip]), expected, 1e-4)
    np.testing.assert_allclose(load_model(model).predict_proba([clip]), expected, 1e-4)
    fail(*arguments, "--features", "14", code=2, message="are for Keras models")


@pytest.mark.parametrize(
    "variant",
    [
        {"n_layers": 1},
        {"bias": False},
        {"both": True, "n_layers": 2, "dropout": 0.5},
    ],
)
def test_other_sizes_are_converted_too(variant, clips, tmp_path):
    net = make_net(hidden=6, **variant)
    pipeline = convert_torch(save(net, tmp_path), labels=FAMILIES)
    expected = scores_of(net, clips)
    np.testing.assert_allclose(pipeline.predict_proba(clips), expected, atol=1e-6)


def test_checkpoints_and_wrapped_modules_are_read(clips, tmp_path):
    net = make_net(hidden=6)
    path = tmp_path / "checkpoint.pth"
    state = nn.DataParallel(net).state_dict()
    torch.save({"epoch": 3, "state_dict": state}, path)
    pipeline = convert_torch(path, labels=FAMILIES)
    expected = scores_of(net, clips)
    np.testing.assert_allclose(pipeline.predict_proba(clips), expected, atol=1e-6)


class Evil:
    def __reduce__(self):
        return (print, ("code was run",))


def test_files_that_would_run_code_are_refused(tmp_path, capsys):
    path = tmp_path / "evil.pth"
    torch.save({"rnn.weight_ih_l0": Evil()}, path)
    with pytest.raises(ModelFileError, match=r"evil\.pth is damaged, or holds more"):
        convert_torch(path, labels=FAMILIES)
    assert "code was run" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"PK\x03\x04 cut", "is damaged"),
        (b"plain text", "is damaged"),
    ],
)
def test_damaged_files_are_refused(content, message, tmp_path):
    path = tmp_path / "net.pth"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=rf"net\.pth {message}"):
        convert_torch(path, labels=FAMILIES)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ModelFileError, match=r"There is no file .*gone\.pth"):
        convert_torch(tmp_path / "gone.pth", labels=FAMILIES)
    with pytest.raises(ModelFileError, match="cannot be read"):
        convert_torch(tmp_path, labels=FAMILIES)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (nn.Linear(3, 4), "holds 0 recurrent modules"),
        (NoteNet(hidden=4, kind=nn.GRU), "is not a plain LSTM"),
        (NoteNet(hidden=4, proj_size=2), r"holds rnn\.weight_hr_l0.* as well"),
        (nn.ModuleList([NoteNet(hidden=4), NoteNet(hidden=4)]), "holds 2 recurrent"),
    ],
)
def test_other_nets_are_refused(net, message, tmp_path):
    with pytest.raises(ModelFileError, match=message):
        convert_torch(save(net, tmp_path), labels=FAMILIES)


def test_incomplete_state_dicts_are_refused(tmp_path):
    path = tmp_path / "net.pth"
    state = make_net(hidden=4).state_dict()
    cases = {
        "lacks weights of some layers": "rnn.weight_hh_l0",
        "in addition to its recurrent module": "out.weight",
    }
    for message, key in cases.items():
        torch.save({k: v for k, v in state.items() if k != key}, path)
        with pytest.raises(ModelFileError, match=message):
            convert_torch(path, labels=FAMILIES)
    torch.save({**state, "rnn.bias_ih_l1": torch.zeros(3)}, path)
    with pytest.raises(ModelFileError, match=r"bias_ih of shape \(3,\)"):
        convert_torch(path, labels=FAMILIES)
    torch.save({"rnn": 3}, path)
    with pytest.raises(ModelFileError, match="holds other things than weights"):
        convert_torch(path, labels=FAMILIES)


def test_labels_and_presets_that_do_not_fit_are_refused(tmp_path):
    path = save(make_net(hidden=4), tmp_path)
    with pytest.raises(ValueError, match="has 10 outputs, but 2 different labels"):
        convert_torch(path, labels=["a", "b"])
    with pytest.raises(TypeError, match="'labels' .* must be a list of texts"):
        convert_torch(path, labels="bass,brass")
    with pytest.raises(ValueError, match="wants 160 values .* gives 20"):
        convert_torch(path, labels=FAMILIES, preset="notes-pooled-lstm")
