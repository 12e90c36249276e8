"""What killed runs leave: the next run removes it, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from cli_tools import heed_interrupts
from test_render_notes import write_sound_font

from mfccclf import load_dataset
from mfccclf._files import (
    atomic_folder,
    atomic_path,
    check_writable,
    filled_folder,
    make_empty_folder,
)
from mfccclf.datasets.extracted import check_features_output
from mfccclf.errors import DatasetError
from mfccclf.synthesis.clip_folder import ClipFolder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs locks of files")


def start(code: str, folder: Path) -> subprocess.Popen[bytes]:
    """Run code in a process until it says that it is in the middle of its work."""
    code = textwrap.dedent(code) + "\n    print(flush=True)\n    time.sleep(60)\n"
    head = "import time\nfrom mfccclf._files import *\n"
    process = subprocess.Popen(
        [sys.executable, "-c", head + code], cwd=folder, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def age(folder: Path) -> None:
    """Let what is in a folder look a minute old."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - 60,) * 2)


WAYS = {
    "file": ('with atomic_path("out.csv"):', check_writable, "out.csv"),
    "extracted file": ('with atomic_path("f.npz"):', check_features_output, "f.npz"),
    "extracted folder": (
        'with atomic_folder("f.mfccdata") as p:\n    (p / "X.npy").touch()',
        check_features_output,
        "f.mfccdata",
    ),
    "filled folder": (
        'with filled_folder(".") as p:\n    (p / "a.wav").touch()',
        make_empty_folder,
        ".",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_remains_of_a_killed_run_are_removed_once_it_is_dead(way, tmp_path):
    code, check, name = WAYS[way]
    process = start(code, tmp_path)
    (remains,) = names(tmp_path)
    assert remains.startswith(".")
    age(tmp_path)
    if way == "filled folder":
        with pytest.raises(DatasetError, match="holds .unfinished-"):
            check(tmp_path / name)
    else:
        check(tmp_path / name)
    assert names(tmp_path) == [remains]
    process.kill()
    process.communicate()
    check(tmp_path / name)
    assert names(tmp_path) == []


def test_what_is_not_ours_stays(tmp_path):
    kept = [
        ".out-notes.csv",
        ".out-12345678.txt",
        "out-12345678.csv",
        ".x-12345678.csv",
    ]
    for name in kept:
        (tmp_path / name).touch()
    (tmp_path / ".out-abcd_123.csv").touch()
    (tmp_path / ".out-abcd_124.csv").symlink_to(tmp_path / kept[0])
    age(tmp_path)
    check_writable(tmp_path / "out.csv")
    assert names(tmp_path) == sorted([*kept, ".out-abcd_124.csv"])


def test_what_is_new_may_not_be_locked_yet_and_stays(tmp_path):
    (tmp_path / ".out-abcd_123.csv").touch()
    check_writable(tmp_path / "out.csv")
    assert names(tmp_path) == [".out-abcd_123.csv"]


def test_a_folder_of_clips_is_resumed_without_remains(tmp_path):
    folder = tmp_path / "clips of mine"
    ClipFolder(folder, {"a": 1})
    (folder / "clips" / ".0001-abcdefgh.wav").touch()
    age(folder / "clips")
    ClipFolder(folder, {"a": 1})
    assert names(folder / "clips") == []


def test_outputs_that_work_leave_nothing_hidden(tmp_path):
    with atomic_path(tmp_path / "a.txt") as path:
        path.write_text("a")
    with atomic_folder(tmp_path / "b") as path:
        (path / "x").touch()
    (tmp_path / "c").mkdir()
    with filled_folder(tmp_path / "c") as path:
        (path / "x").touch()
    assert names(tmp_path) == ["a.txt", "b", "c"]
    assert names(tmp_path / "b") == names(tmp_path / "c") == ["x"]


# Commands


def command(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mfccclf.cli.main", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )


def wait_for_work(folder: Path) -> None:
    """Wait until a command has begun to write into a folder."""
    for _ in range(1200):
        if folder.is_dir() and any(folder.glob(".unfinished-*/**/*.wav")):
            return
        time.sleep(0.05)
    raise AssertionError("the command wrote nothing")


NOISE = ("dataset", "noise", "--output", "out", "--rate", "8000")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_work_and_leaves_nothing(number, tmp_path):
    process = command(*NOISE, "--clips", "100000", folder=tmp_path)
    wait_for_work(tmp_path / "out")
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "Error: Interrupted. The output was not written.\n"
    assert names(tmp_path / "out") == []


def kill_and_run_again(long: list[str], short: list[str], folder: Path) -> str:
    """Kill a command in its work, and run another into the same folder.

    Returns what the second printed.
    """
    process = command(*long, folder=folder)
    wait_for_work(folder / "out")
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert names(folder / "out")
    age(folder / "out")
    again = command(*short, folder=folder)
    text, errors = again.communicate(timeout=300)
    assert (again.returncode, errors) == (0, "")
    return text


def test_dataset_noise_killed_and_rerun(tmp_path):
    runs = [[*NOISE, "--clips", n] for n in ("100000", "4")]
    assert "Wrote 4 clips" in kill_and_run_again(*runs, tmp_path)
    assert names(tmp_path / "out") == ["bursts", "noise"]


@pytest.mark.slow
def test_dataset_speak_killed_and_rerun(tmp_path):
    if shutil.which("espeak-ng") is None:
        pytest.skip("needs espeak-ng")
    speak = ["dataset", "speak", "yes", "no", "--output", "out", "--clips"]
    text = kill_and_run_again([*speak, "900"], [*speak, "2"], tmp_path)
    clips = load_dataset(tmp_path / "out")
    assert f"Wrote {len(clips)} clips" in text
    assert clips.classes == ["no", "yes"]
    assert names(tmp_path / "out") == ["no", "voices.csv", "yes"]


@pytest.mark.slow
def test_dataset_render_notes_killed_and_rerun(tmp_path):
    pytest.importorskip("fluidsynth", exc_type=ImportError)
    font = write_sound_font(tmp_path / "TimGM6mb.sf2", [0, 40, 80])
    render = ["dataset", "render-notes", "--soundfont", font.name, "--output", "out"]
    runs = [[*render, "--pitch-step", step] for step in ("1", "24")]
    kill_and_run_again(*runs, tmp_path)
    clips = load_dataset(tmp_path / "out")
    assert len(clips) == len(list((tmp_path / "out").rglob("*.wav"))) > 3
    assert not [name for name in names(tmp_path / "out") if name.startswith(".")]
