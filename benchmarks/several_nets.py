"""Compare training several small LSTM nets one after the other with one batched model.

    python benchmarks/several_nets.py [--nets N] [--hidden N] [--repeats N]

Steps of forward, backward and Adam on batches of 32 sequences of 56 frames and 33
features, as in a grid search. The nets have one shape and see the same batches; they
could differ in initial values and learning rate. They are trained

- in turn, each by torch's fused LSTM;
- stacked: one fused LSTM as wide as all together, whose recurrent matrix is masked to
  a block for each net;
- batched: as products of stacked matrices, frame by frame (what ``torch.func.vmap``
  makes of an LSTM written in Python; it cannot batch the fused one).

Prints processor time per step of all nets in ms, medians of runs in turn.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

BATCH, N_FRAMES, N_FEATURES, LABELS = 32, 56, 33, 10
STEPS = 5
Step = Callable[[], None]


def step_of(parameters: Iterable[Any], logits: Callable[[], Tensor]) -> Step:
    """Return a step of training; logits of all nets have the shape (..., LABELS)."""
    optimizer = torch.optim.Adam(parameters, lr=0.001, fused=True)
    targets = torch.arange(BATCH) % LABELS

    def step() -> None:
        optimizer.zero_grad()
        found = logits().reshape(-1, BATCH, LABELS)
        losses = [nn.functional.cross_entropy(one, targets) for one in found]
        total: Any = torch.stack(losses).sum()
        total.backward()
        optimizer.step()

    return step


def in_turn(X: Tensor, n_nets: int, hidden: int) -> Step:
    """Train net after net."""
    steps = []
    for _ in range(n_nets):
        lstm = nn.LSTM(N_FEATURES, hidden, batch_first=True)
        head = nn.Linear(hidden, LABELS)

        def logits(lstm: nn.LSTM = lstm, head: nn.Linear = head) -> Tensor:
            found: Tensor = head(lstm(X)[0][:, -1])
            return found

        steps.append(step_of([*lstm.parameters(), *head.parameters()], logits))

    def all_steps() -> None:
        for step in steps:
            step()

    return all_steps


def stacked(X: Tensor, n_nets: int, hidden: int) -> Step:
    """Train all as one fused LSTM with a block-diagonal recurrent matrix."""
    size = n_nets * hidden
    lstm = nn.LSTM(N_FEATURES, size, batch_first=True)
    heads = nn.Parameter(torch.randn(n_nets, hidden, LABELS) / hidden**0.5)
    blocks = torch.kron(torch.eye(n_nets), torch.ones(hidden, hidden)).repeat(4, 1)
    own: Any = [lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0, lstm.bias_hh_l0]
    zero = torch.zeros(1, BATCH, size)

    def logits() -> Tensor:
        weights = [own[0], own[1] * blocks, own[2], own[3]]
        output = torch.lstm(X, (zero, zero), weights, True, 1, 0.0, True, False, True)
        last = output[0][:, -1].reshape(BATCH, n_nets, hidden).transpose(0, 1)
        return torch.bmm(last, heads)

    return step_of([*lstm.parameters(), heads], logits)


def batched(X: Tensor, n_nets: int, hidden: int) -> Step:
    """Train all by products of stacked matrices, frame by frame."""

    def make(*shape: int) -> nn.Parameter:
        return nn.Parameter(torch.randn(n_nets, *shape) / shape[0] ** 0.5)

    weight_ih, weight_hh = make(N_FEATURES, 4 * hidden), make(hidden, 4 * hidden)
    heads = make(hidden, LABELS)

    def logits() -> Tensor:
        inputs = torch.matmul(X.reshape(1, -1, N_FEATURES), weight_ih)
        inputs = inputs.view(n_nets, BATCH, N_FRAMES, 4 * hidden)
        state = cell = torch.zeros(n_nets, BATCH, hidden)
        for frame in inputs.unbind(2):
            gates = torch.baddbmm(frame, state, weight_hh)
            i, f, g, o = gates.chunk(4, dim=2)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            state = o.sigmoid() * cell.tanh()
        return torch.bmm(state, heads)

    return step_of([weight_ih, weight_hh, heads], logits)


def main() -> None:
    """Print the time of each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nets", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    X = torch.randn(BATCH, N_FRAMES, N_FEATURES)
    ways = {
        make.__name__: make(X, options.nets, options.hidden)
        for make in (in_turn, stacked, batched)
    }
    runs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.repeats + 1):
        for name, step in ways.items():
            started = time.process_time()
            for _ in range(STEPS):
                step()
            runs[name].append(1e3 * (time.process_time() - started) / STEPS)
    found = {name: statistics.median(some[1:]) for name, some in runs.items()}
    for name, milliseconds in found.items():
        times = found["in_turn"] / milliseconds
        print(f"{name:8} {milliseconds:6.1f} ms, {times:.2f} times as fast as in turn")


if __name__ == "__main__":
    main()
