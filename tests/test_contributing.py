"""The worked examples of CONTRIBUTING.md, carried out in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[1]
# Folders that install inside the package.
INSIDE = ("cli", "weights", "audio")
CLIP = ROOT / "audio" / "James.01.au"

# What the text says to add: the file, what stands there, and what is put before it.
LINES = {
    "add `Flatness()` to `BLOCKS`": (
        "mfccclf/features/blocks/__init__.py",
        "Zero())",
        "Flatness(), ",
    ),
    'add `"barks"` to `_MODULES`': (
        "mfccclf/datasets/layouts/__init__.py",
        '    "digits",\n',
        '    "barks",\n',
    ),
    'add `"tsv": Format("tsv:TSVWriter")` to `FORMATS`': (
        "mfccclf/prediction/formats/registry.py",
        '    "csv": Format',
        '    "tsv": Format("tsv:TSVWriter"),\n',
    ),
    'add `"loudest": "loudest:loudest"` to `lazy_subcommands`': (
        "cli/main.py",
        '        "models":',
        '        "loudest": "loudest:loudest",\n',
    ),
}
IMPORTS = {
    "mfccclf/features/blocks/__init__.py": (
        "from mfccclf.features.blocks.mel import",
        "from mfccclf.features.blocks.flatness import Flatness\n",
    )
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the checkout with all the contributions."""
    folder = tmp_path_factory.mktemp("checkout")
    unwanted = shutil.ignore_patterns("__pycache__", ".*cache")
    for name in ("mfccclf", "tests", *INSIDE):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in INSIDE:
        (folder / "mfccclf" / name).symlink_to(folder / name)
    shutil.copy(ROOT / "setup.cfg", folder)
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    written = write_files(folder, text)
    assert len(written) == 5, written
    for wanted, (path, before, line) in LINES.items():
        assert wanted in text
        put_before(folder / path, before, line)
    for path, (before, line) in IMPORTS.items():
        put_before(folder / path, before, line)
    return folder


def write_files(folder, text):
    """Write each block of code whose paragraph names a file that is not there."""
    written = []
    examples = text.partition("## Worked examples")[2]
    for before, code in re.findall(r"(.*?)\n```\w+\n(.*?)```", examples, re.DOTALL):
        named = re.findall(r"`(\S+/\S+\.\w+)`", before.rpartition("\n\n")[2])
        for path in named:
            if not (folder / path).exists():
                (folder / path).write_text(code, "utf-8")
                written.append(path)
    return written


def put_before(path, before, line):
    text = path.read_text("utf-8")
    assert text.count(before) == 1, path
    path.write_text(text.replace(before, line + before), "utf-8")


@pytest.fixture(scope="module")
def run(checkout):
    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    return run


def test_the_copy_is_what_runs(run, checkout):
    where = run("-c", "import mfccclf, mfccclf.cli as cli; print(*cli.__path__)")
    assert where.strip() == str(checkout / "mfccclf" / "cli")


def test_a_block_equals_librosa(run):
    parity = "tests/test_features_parity.py"
    assert " passed" in run("-m", "pytest", "-q", "-n", "0", parity)
    program = (
        "from mfccclf import MFCCExtractor\n"
        "extractor = MFCCExtractor(features=['mfcc', 'flatness'])\n"
        f"extractor.fit([{str(CLIP)!r}])\n"
        "print(extractor.get_feature_names_out()[-1])"
    )
    assert run("-c", program).strip() == "flatness"


def test_a_layout_is_recognised(run, tmp_path):
    for name in ("rex-glad-1", "rex-angry-1", "fido-glad-1", "fido-angry-1"):
        noise = 0.1 * np.random.default_rng(0).standard_normal(8000)
        soundfile.write(tmp_path / f"{name}.wav", noise, 16000)
    printed = run("-m", "mfccclf", "dataset", "inspect", tmp_path)
    assert "barks" in printed
    assert "angry" in printed


def test_a_preset_has_its_layers(run):
    assert "BLSTM" in run("-m", "mfccclf", "describe", "barks")


def test_a_format_is_listed_and_written(run):
    assert "tsv" in run("-m", "mfccclf", "predict", "--help")
    line = run("-m", "mfccclf", "predict", CLIP, "--format", "tsv")
    assert re.fullmatch(rf"{re.escape(str(CLIP))}\tJames\t[01]\.\d{{4}}\n", line)


def test_a_command_is_listed_and_runs(run):
    assert "Name the loudest of some sound files." in run("-m", "mfccclf", "--help")
    assert run("-m", "mfccclf", "loudest", CLIP).strip() == str(CLIP)
