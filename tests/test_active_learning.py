"""The commands of docs/active-learning.md, run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, succeed

PAGE = Path(__file__).parents[1] / "docs" / "active-learning.md"
RATE = 16000
PITCHES = {"wren": 2500, "robin": 400}
HAND_ANNOTATED = ("field/monday", "test/sunday")
OTHERS = ("new/tuesday", "new/wednesday", "new/thursday", "new/friday")


def commands():
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", PAGE.read_text())
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def sing(path, seed):
    """Write a recording of eight songs, each a second long; return them."""
    rng = np.random.default_rng(seed)
    time = np.arange(RATE) / RATE
    songs, pieces = [], []
    for second in range(17):
        piece = 0.003 * rng.standard_normal(RATE)
        if second % 2:
            name = ("wren", "robin")[int(rng.integers(2))]
            pitch = PITCHES[name] * rng.uniform(0.95, 1.05)
            piece += 0.3 * np.sin(2 * np.pi * pitch * time)
            songs.append((second, second + 1, name))
        pieces.append(piece)
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.concatenate(pieces), RATE)
    return songs


def correct(table, right):
    """Write the right label into each row, as a person would; drop all others."""
    header, *rows = table.read_text().splitlines()
    kept = [header]
    for row in rows:
        file, start, end, _, *rest = row.split(",")
        label = right.get((Path(file).stem, float(start)))
        if label is not None:
            kept.append(",".join([file, start, end, label, *rest]))
    table.write_text("\n".join(kept) + "\n")
    return len(kept) - 1


def test_the_page_has_all_commands_that_the_test_needs():
    verbs = " ".join(command[1] for command in commands())
    round_trip = "train predict predict"
    assert verbs == f"dataset {round_trip} {round_trip} train evaluate"


@pytest.mark.slow
def test_commands_lead_from_a_few_labels_to_a_good_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    right = {}
    for seed, name in enumerate(HAND_ANNOTATED + OTHERS):
        songs = sing(Path(f"{name}.wav"), seed)
        right |= {(Path(name).name, start): label for start, _, label in songs}
        if name in HAND_ANNOTATED:
            lines = ["\t".join(map(str, song)) for song in songs]
            Path(f"{name}.txt").write_text("\n".join(lines) + "\n")
    for _, *command in commands():
        options = [*FAST[2:], "--epochs", 15] if command[0] == "train" else []
        printed = succeed(*command, *options)
        if "next.csv" in command and command[0] == "predict":
            assert correct(Path("next.csv"), right) > 8
    assert re.search(r"^accuracy +1\.000$", printed, re.MULTILINE)
