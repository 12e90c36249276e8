"""The fuzzers find nothing in a short run, and find what is put in their way."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mfccclf import AudioFileError

FUZZ = Path(__file__).parents[1] / "fuzz"
sys.path.append(str(FUZZ))

from mutation import mutate_bytes, mutate_header  # noqa: E402
from sound_corpus import header_corpus, other_corpus  # noqa: E402
from sound_files import WAYS, SoundAttack, read  # noqa: E402
from watching import FoundError, one_line, watch  # noqa: E402

RUNS = {
    "headers": ("sound_files.py", "--kind", "headers", "--n", "400"),
    "others": ("sound_files.py", "--kind", "others", "--n", "200"),
    "data": ("data_files.py", "--n", "300"),
    "models": ("model_files.py", "--n", "100"),
}


@pytest.mark.parametrize(
    "run",
    [
        "headers",
        pytest.param("others", marks=pytest.mark.slow),
        pytest.param("data", marks=pytest.mark.slow),
        pytest.param("models", marks=pytest.mark.slow),
    ],
)
def test_a_short_run_finds_nothing(run, tmp_path):
    script, *options = RUNS[run]
    command = [sys.executable, str(FUZZ / script), *options, "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 mutants did what they must not" in done.stdout
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::mfccclf.errors.AudioFileWarning")
@pytest.mark.parametrize("corpus", [header_corpus, other_corpus])
def test_the_corpus_itself_is_read_or_refused(corpus, tmp_path):
    path = tmp_path / "clip.wav"
    outcomes = set()
    for content in corpus().values():
        path.write_bytes(content)
        outcomes |= {read(path, way) for way in WAYS}
    assert outcomes == {"read", "refused"}


def test_equal_seeds_make_equal_mutants():
    content = bytes(range(200))
    for mutate in (mutate_bytes, mutate_header):
        mutants = [mutate(content, random.Random(seed)) for seed in (1, 1, 2)]
        assert mutants[0] == mutants[1] != mutants[2]


class Trap(SoundAttack):
    """Does harm now and then."""

    suffix = ".wav"

    def __init__(self, harm: str) -> None:
        self._harm = harm

    def make(self, rng: random.Random) -> bytes:
        return rng.randbytes(8)

    def attempt(self, path: Path, rng: random.Random) -> str:
        if path.read_bytes()[0] < 64:
            exec(self._harm, {"time": time, "error": AudioFileError})
        return "read"


@pytest.mark.parametrize(
    ("harm", "match"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os.abort()", "ends the process with status -6"),
        ("time.sleep(9)", "hangs for more than"),
        ("bytes(range(200)) * 6_000_000", "MiB of memory"),
        ("import warnings; warnings.warn('x', RuntimeWarning)", "RuntimeWarning"),
    ],
)
def test_harm_is_noticed_and_kept(harm, match, tmp_path, monkeypatch):
    if "sleep" in harm:  # the others may be slow on a busy machine
        monkeypatch.setattr("watching.HANGING_S", 0.5)
    report = watch(Trap(harm), n=12, seconds=30, keep=tmp_path)
    assert report.found
    assert all(match in text for text in report.found)
    assert sum(report.outcomes.values()) == 12
    assert len(list(tmp_path.iterdir())) == len(report.found)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a.wav: x\ny", "cannot be printed"),
        ("something is wrong", "does not name the file"),
        ("a.wav needs more memory than there is.", "too much memory"),
    ],
)
def test_bad_messages_are_noticed(text, match):
    with pytest.raises(FoundError, match=match):
        one_line(AudioFileError(text), Path("a.wav"))
