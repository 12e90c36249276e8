"""The commands and programs of docs/deploy.md, run as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import succeed

from mfccclf import Predictor, load_waveform
from mfccclf.web_page.runtime import RUNTIME_VERSION

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "deploy.md").read_text()


def blocks(language):
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", PAGE)


def exports():
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    given = [shlex.split(line, comments=True) for line in lines]
    return [words[1:] for words in given if words[:2] == ["mfccclf", "export"]]


@pytest.fixture
def clip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sound = load_waveform(ROOT / "audio" / "James.01.au", sample_rate=16000)
    soundfile.write("clip.wav", sound, 16000)
    return Path("clip.wav")


def test_the_python_program_prints_what_predict_says(clip, capsys):
    export, *_ = exports()
    succeed(*export)
    program = blocks("python")[0]
    exec(compile(program, "deploy.md", "exec"), {})
    label, score = capsys.readouterr().out.split()
    prediction = Predictor("names").predict_file(clip)
    assert label == prediction.label == "James"
    np.testing.assert_allclose(float(score), max(prediction.scores.values()), atol=1e-4)


def test_the_page_is_written_with_and_without_the_runtime(clip):
    pinned, copied = exports()[1:]
    assert "index.html" in succeed(*pinned)
    dist = Path("package", "dist")
    dist.mkdir(parents=True)
    for name in ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"):
        (dist / name).write_bytes(b"")
    succeed(*copied)
    assert Path("site", "runtime", "ort.wasm.bundle.min.mjs").is_file()
    shutil.rmtree("site")


def test_the_pinned_version_is_told():
    assert set(re.findall(r"onnxruntime-web[@-](\d[\d.]+\d)", PAGE)) == {
        RUNTIME_VERSION
    }
