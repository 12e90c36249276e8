"""What Windows and macOS lack or do otherwise, as far as Linux can act it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import mfccclf
from mfccclf import _memory, keep_freed_memory
from mfccclf.caching import location
from mfccclf.search import journal

PACKAGES = [Path(mfccclf.__file__).parent, Path(__file__).resolve().parents[1] / "cli"]
# What the modules os and signal hold on POSIX systems only.
POSIX_ONLY = {
    *("fork", "getuid", "geteuid", "mkfifo", "sched_getaffinity", "statvfs"),
    *("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "SIGKILL", "SIGHUP", "SIGPIPE"),
}
GUARDS = ("os.name", "sys.platform", "hasattr(", "getattr(")

# Python for Windows, acted: no fcntl, and locks of bytes in an open file by msvcrt.
WINDOWS = """
import sys, types
locked = set()
def locking(handle, mode, n_bytes):
    import os
    place = (os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR))
    if mode == msvcrt.LK_UNLCK:
        locked.discard(place)
    elif place in locked:
        raise OSError("locked")
    else:
        locked.add(place)
msvcrt = types.ModuleType("msvcrt")
msvcrt.locking, msvcrt.LK_NBLCK, msvcrt.LK_UNLCK = locking, 2, 0
"""
PRETEND = """
sys.modules["msvcrt"], sys.modules["fcntl"] = msvcrt, None
sys.platform = "win32"
"""


def run_on_windows(code):
    """Run code in a Python that takes itself for one on Windows."""
    script = f"import tempfile\n{WINDOWS}\n{PRETEND}\n" + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_claims_of_the_cache_are_locks_of_windows():
    ended = run_on_windows(
        """
        from mfccclf.caching.claims import _offset, _try_lock, _unlock
        import os
        file = tempfile.TemporaryFile()
        handle, place = file.fileno(), _offset(b"abcd")
        assert _try_lock(handle, place)
        assert not _try_lock(handle, place)
        assert _try_lock(handle, place + 1)
        _unlock(handle, place)
        assert _try_lock(handle, place)
        print(len(locked))
        """
    )
    assert ended.stdout == "2\n", ended.stderr


def test_a_search_goes_without_a_lock_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with (tmp_path / "fits").open("wb") as file:
        journal._lock(file, tmp_path)


def test_memory_is_the_systems_own_matter_elsewhere(monkeypatch):
    monkeypatch.setattr(_memory.ctypes, "CDLL", None)  # would fail if it were called
    for system in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        assert keep_freed_memory() is False


@pytest.mark.parametrize(
    ("system", "expected"),
    [("darwin", "Library/Caches"), ("win32", "AppData/Local"), ("linux", ".cache")],
)
def test_caches_lie_where_the_system_keeps_them(
    system, expected, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    assert location._user_caches() == tmp_path / expected
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    if system == "win32":
        assert location._user_caches() == tmp_path / "local"


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_consoles_without_unicode_get_escapes(encoding, tmp_path):
    absent = tmp_path / "größe 日本.wav"
    ended = subprocess.run(
        [sys.executable, "-m", "mfccclf", "predict", str(absent)],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert ended.returncode == 1
    assert rb"\u65e5\u672c.wav does not exist" in ended.stderr
    assert b"Traceback" not in ended.stderr


def functions_with_posix_names():
    for folder in PACKAGES:
        for path in folder.rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef):
                    names = {
                        inner.attr
                        for inner in ast.walk(node)
                        if isinstance(inner, ast.Attribute)
                        and isinstance(inner.value, ast.Name)
                        and inner.value.id in ("os", "signal")
                    }
                    if names & POSIX_ONLY:
                        text = ast.get_source_segment(source, node)
                        yield path, node.name, names & POSIX_ONLY, text


def test_what_only_posix_has_is_asked_for_first():
    unguarded = [
        (path.name, function, name)
        for path, function, names, text in functions_with_posix_names()
        for name in names
        if not any(guard in text for guard in GUARDS)
    ]
    assert unguarded == []


def test_texts_are_opened_with_an_encoding(tmp_path):
    """The default of Windows is another; ``-X warn_default_encoding`` tells."""
    code = """
    import warnings
    warnings.filterwarnings("error", category=EncodingWarning, module="mfccclf")
    import mfccclf
    import sys
    clips = mfccclf.make_example_clips(sys.argv[1], n_groups=1, n_clips=1)
    print(mfccclf.Predictor("names").classes[0], len(clips))
    """
    options = ["-X", "warn_default_encoding", "-c", textwrap.dedent(code)]
    command = [sys.executable, *options, str(tmp_path / "clips")]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.stdout == "James 4\n", ended.stderr
