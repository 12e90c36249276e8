"""A row about training convolutions and a BLSTM: an epoch of the preset ``scratch``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.speed.measuring import Work, compare
from benchmarks.speed.rows import Options, Row, at_most

N_CLIPS, LABELS, BATCH = 1000, 10, 16
# Frames and mel bands of clips of a second, as the preset extracts them.
SHAPE = (63, 64)
CHANNELS, KERNEL, UNITS = (16, 32, 48), 5, 64
Step = Callable[[], Any]


def ours(epochs: int, equal_lengths: bool, plain: bool = False) -> Step:
    """Train the preset's classifier; if plain, without augmentation."""
    from mfccclf import keep_freed_memory, make_pipeline
    from mfccclf.estimators.familiarity.measure import leave_out_familiarity

    keep_freed_memory()
    X, y = _data(equal_lengths)
    classifier = make_pipeline("scratch", random_state=0, device="cpu")[-1]
    classifier.set_params(max_epochs=epochs)
    if plain:
        classifier.set_params(augmentation=None)

    def train() -> None:
        with leave_out_familiarity():  # it is no part of an epoch
            classifier.fit(X, y)

    return train


def plain_net(epochs: int, channels_last: bool = False) -> Step:
    """Train torch's own layers in a plain loop, on clips of one length."""
    import torch
    from torch import nn

    from mfccclf import keep_freed_memory

    keep_freed_memory()

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            for n_in, n_out in zip((1, *CHANNELS), CHANNELS, strict=False):
                conv = nn.Conv2d(n_in, n_out, KERNEL, padding=KERNEL // 2, bias=False)
                pool = nn.MaxPool2d(2, ceil_mode=True)
                layers += [conv, pool, nn.BatchNorm2d(n_out), nn.ReLU()]
            self.front = nn.Sequential(*layers)
            size = CHANNELS[-1] * SHAPE[1] // 2 ** len(CHANNELS)
            self.lstm = nn.LSTM(size, UNITS, batch_first=True, bidirectional=True)
            self.head = nn.Linear(2 * UNITS, LABELS)

        def forward(self, X: Any) -> Any:
            picture = X[:, None]
            if channels_last:
                picture = picture.to(memory_format=torch.channels_last)
            frames = self.front(picture).transpose(1, 2).flatten(2)
            return self.head(self.lstm(frames)[0].mean(dim=1))

    X, y = (torch.from_numpy(array) for array in _data(equal_lengths=True))

    def train() -> None:
        torch.manual_seed(0)
        net = Net()
        optimizer = torch.optim.AdamW(net.parameters(), lr=0.003, fused=True)
        loss_of = nn.CrossEntropyLoss()
        for _ in range(epochs):
            for rows in torch.split(torch.randperm(N_CLIPS), BATCH):
                optimizer.zero_grad()
                loss_of(net(X[rows]), y[rows]).backward()
                optimizer.step()

    return train


def _data(equal_lengths: bool) -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_CLIPS, *SHAPE), np.float32) * 10 - 40
    if not equal_lengths:
        lengths = rng.integers(SHAPE[0] // 2, SHAPE[0] + 1, N_CLIPS)
        X[np.arange(SHAPE[0]) >= lengths[:, None]] = np.nan
    return X, rng.integers(0, LABELS, N_CLIPS)


def measure_scratch(options: Options) -> dict[str, Any]:
    """Compare an epoch with torch's own layers alone."""
    size: dict[str, Any] = {"epochs": 1}
    ways = {
        "fit": Work(f"{__name__}:ours", {**size, "equal_lengths": True}),
        "fit, without augmentation": Work(
            f"{__name__}:ours", {**size, "equal_lengths": True, "plain": True}
        ),
        "torch's layers": Work(f"{__name__}:plain_net", size),
        "torch's layers, channels last": Work(
            f"{__name__}:plain_net", {**size, "channels_last": True}
        ),
    }
    found = compare(ways, runs=options.runs)
    fit, plain, layers, last = ways
    claims = [
        at_most("times torch's own layers", found.ratio(fit, layers), 1.1),
        at_most("the same without augmentation", found.ratio(plain, layers), None),
        at_most("times those with channels last", found.ratio(fit, last), None),
        at_most(
            "the same without augmentation, channels last",
            found.ratio(plain, last),
            None,
        ),
    ]
    return {"ways": found.to_dict(), "claims": claims, "epochs_per_run": size["epochs"]}


ROWS = [
    Row(
        "scratch",
        "an epoch of 1,000 clips of (63, 64), convolutions and BLSTM of `scratch`",
        measure_scratch,
    )
]
