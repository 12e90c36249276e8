"""Where only what predicting needs is installed, other commands say what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "module", "message"),
    [
        (
            ["describe", "names"],
            "sklearn",
            "needs scikit-learn, which is not installed",
        ),
        (["serve", "names"], "uvicorn", 'Install it with `pip install "mfccclf[web]"`'),
    ],
)
def test_a_command_names_the_package_that_it_lacks(words, module, message):
    code = f"import sys; sys.modules[{module!r}] = None\n"
    code += "from mfccclf.cli.main import main; main()"
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
