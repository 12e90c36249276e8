"""Rows about whole processes, from start to answer."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.speed.measuring import Comparison, Process, Ratio, compare
from benchmarks.speed.rows import Options, Row, at_least, at_most

NUMPY = [sys.executable, "-c", "import numpy"]
PEERS = Path(__file__).parent / "peers"
SCRIPT = PEERS / "predict_librosa_torch.py"
PUBLISHED = PEERS / "predict_keras.py"
# Seconds that the goal allows prediction in addition to a multiple of importing numpy.
ALLOWED_S = 0.1
MOST_MB = 100


def measure_cold(options: Options) -> dict[str, Any]:
    """Compare predictions of one file, each a whole process."""
    clip = str(files("mfccclf.audio") / "James.01.au")
    predict = [sys.executable, "-m", "mfccclf", "predict", clip]
    compiled = options.folder / "compiled"
    here = {"PYTHONPYCACHEPREFIX": str(compiled)}
    nowhere = {**here, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nonexistent"}
    nowhere |= {"XDG_CACHE_HOME": "/nonexistent", "MFCCCLF_CACHE": "/nonexistent"}
    ways = {
        "mfccclf predict": Process(predict),
        "first run after installation": Process(
            predict, here, lambda: _remove_compiled(compiled)
        ),
        "no writable cache folder": Process(
            predict, nowhere, lambda: _remove_compiled(compiled)
        ),
        "import numpy": Process(NUMPY),
        "librosa + torch + skorch": _script(options, clip),
        "librosa + Keras": _published(options, clip),
    }
    found = compare(ways, runs=options.runs)
    ours, first, uncached, numpy, script, published = ways
    peak = found.median(ours)
    assert peak is not None
    claims = [
        at_least("times as fast as the script", found.ratio(script, ours), 15),
        at_least(
            "times as fast as librosa + Keras", found.ratio(published, ours), None
        ),
        at_most("(time - 0.1 s) / `import numpy`", _beyond(found, ours, numpy), 3),
        at_most("MB at most", peak.peak_mb, MOST_MB),
        at_most("first run after installation", found.ratio(first, ours), 1.5),
        at_most("no writable cache folder", found.ratio(uncached, ours), 1.5),
    ]
    return {"ways": found.to_dict(), "claims": claims}


def measure_help(options: Options) -> dict[str, Any]:
    """Compare the help with importing numpy."""
    command = [sys.executable, "-m", "mfccclf", "--help"]
    return _against_numpy(options, "mfccclf --help", command, limit=2.0)


def measure_import(options: Options) -> dict[str, Any]:
    """Compare importing the package with importing numpy."""
    command = [sys.executable, "-c", "import mfccclf"]
    return _against_numpy(options, "import mfccclf", command, limit=1.2)


def _against_numpy(
    options: Options, name: str, command: list[str], *, limit: float
) -> dict[str, Any]:
    ways = {name: Process(command), "import numpy": Process(NUMPY)}
    found = compare(ways, runs=options.runs)
    ratio = found.ratio(name, "import numpy")
    return {
        "ways": found.to_dict(),
        "claims": [at_most("times `import numpy`", ratio, limit)],
    }


def _script(options: Options, clip: str) -> Process:
    state = str(options.folder / "state.pt")
    Process([options.python, str(SCRIPT), state]).run()
    return Process([options.python, str(SCRIPT), clip, state])


def _published(options: Options, clip: str) -> Process:
    weights = str(options.folder / "net.weights.h5")
    command = [options.python, "-c", "import keras, librosa"]
    try:
        Process(command).run()
    except SystemExit:
        return Process(command, missing="keras")
    Process([options.python, str(PUBLISHED), weights]).run()
    return Process([options.python, str(PUBLISHED), clip, weights])


def _remove_compiled(compiled: Path) -> None:
    """Remove our compiled modules, as if the package had just been installed."""
    for name in ("mfccclf", "mfccclf.cli"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        source = Path(spec.origin).parent
        folder = compiled / source.relative_to(source.anchor)
        shutil.rmtree(folder, ignore_errors=True)


def _beyond(found: Comparison, ours: str, numpy: str) -> Ratio:
    pairs = list(zip(found.samples[ours], found.samples[numpy], strict=True))
    middle = len(pairs) // 2
    wall = sorted((a.wall_s - ALLOWED_S) / b.wall_s for a, b in pairs)[middle]
    cpu = sorted((a.cpu_s - ALLOWED_S) / b.cpu_s for a, b in pairs)[middle]
    return Ratio(wall, cpu)


ROWS = [
    Row("cold", "`mfccclf predict James.01.au`, a whole process", measure_cold),
    Row("help", "`mfccclf --help`, a whole process", measure_help),
    Row("import", "`import mfccclf`, a whole process", measure_import),
]
