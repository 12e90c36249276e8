"""``predict`` on every odd and broken file: a label or one clear line."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from cli_tools import run
from odd_files import ODD_FILES


@pytest.fixture(scope="module")
def model(trained):
    path, _ = trained
    return path


@pytest.mark.parametrize("odd", ODD_FILES, ids=lambda odd: odd.name)
def test_predict_gives_the_defined_answer(odd, model, tmp_path):
    path = tmp_path / odd.name
    odd.build(path)
    result = run("predict", path, "--model", model)
    lines = result.stderr.strip().splitlines()
    assert "Traceback" not in result.output
    if odd.expected == "error":
        assert result.exit_code == 1
        assert result.stdout == ""
        assert len(lines) == 1
        assert lines[0].startswith("Error: ")
    else:
        assert result.exit_code == 0, result.output
        assert re.search(r": (low|high) \(\d\.\d\d\)$", result.stdout.strip())
        assert len(lines) == (1 if odd.expected == "warning" else 0)
    if lines:
        assert re.search(odd.match, lines[0])
        assert odd.name in lines[0]


def test_decoders_do_not_print_past_us(model, tmp_path):
    (odd,) = (odd for odd in ODD_FILES if odd.name == "cut.mp3")
    path = tmp_path / odd.name
    odd.build(path)
    command = [sys.executable, "-m", "mfccclf", "predict", path, "--model", model]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Warning: ")
