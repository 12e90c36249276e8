"""The script that shows how few lines a prediction takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "audio" / "Maria.01.au"
BY_PATH = [str(ROOT / "cli" / "predict_example.py")]
BY_NAME = ["-m", "mfccclf.cli.predict_example"]
NAMES = ["James", "Jennifer", "Linda", "Maria", "Patricia"]


def run(*arguments):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", [BY_PATH, BY_NAME], ids=["path", "name"])
def test_example_prints_scores_categories_and_winner(script):
    done = run(*script, SAMPLE)
    assert done.returncode == 0, done.stderr
    *scores, categories, winner = done.stdout.splitlines()
    assert [line.split()[0] for line in scores] == NAMES
    assert sum(float(line.split()[1]) for line in scores) == pytest.approx(1, abs=1e-3)
    assert categories == f"categories: {', '.join(NAMES)}"
    assert winner == "winner: Maria"


def test_example_takes_a_shipped_sample_by_itself():
    assert run(*BY_NAME).stdout.endswith("winner: James\n")


def test_example_answers_for_the_file_that_is_named(tmp_path):
    missing = tmp_path / "none.au"
    done = run(*BY_PATH, missing)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: {missing} does not exist")


def test_no_file_of_the_command_line_hides_a_standard_module():
    # Run by its path, the example finds the files beside it before the standard ones.
    names = {path.stem for path in (ROOT / "cli").glob("*.py")}
    assert names & sys.stdlib_module_names == set()
