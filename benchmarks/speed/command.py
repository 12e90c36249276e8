"""Time mfccclf against its peers, in one run.

    python benchmarks/speed [--rows cold,help,...] [--digits FOLDER]
                            [--peers-python PYTHON] [--runs N]

The ways of doing a piece of work take turns, each in a process of its own with one
thread, after a run to warm up. A figure is the median of the ratios of neighbouring
runs, by the clock and in processor time. Ratios carry over to other machines; seconds
do not.

Peers other than librosa, torch and skorch are listed in ``requirements.txt`` here.
Install them in this environment, or in another one and give its interpreter with
--peers-python. Without them their figures are left out.

Prints the rows, saves all figures in ``benchmarks/results/speed.json`` and puts the
table into ``docs/speed.md``. A figure there is the range of a row's last three
measurements; the worst of them counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.speed import (
    batch,
    extraction,
    large,
    pretrained,
    scratch,
    start,
    training,
)
from benchmarks.speed.page import after, make_table, put_table
from benchmarks.speed.rows import Options, Row

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
PAGE = ROOT / "docs" / "speed.md"
ROWS = {
    row.key: row
    for module in (start, extraction, batch, training, scratch, pretrained, large)
    for row in module.ROWS
}


def main() -> int:
    """Measure the chosen rows; print them, and save them with those measured before."""
    arguments = _parse()
    for key in arguments.rows:
        print(f"{key}: {ROWS[key].title}", file=sys.stderr)
        row = _measure(ROWS[key], arguments)
        print(make_table({key: row}))
        _keep({key: row})
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python benchmarks/speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rows",
        type=_read_rows,
        default=list(ROWS),
        metavar="A,B,...",
        help=f"rows to measure, of {', '.join(ROWS)}",
    )
    parser.add_argument("--runs", type=int, default=9, help="runs of each way (9)")
    parser.add_argument(
        "--digits", type=Path, help="recordings of the Free Spoken Digit Dataset"
    )
    parser.add_argument("--peers-python", default=sys.executable, metavar="PYTHON")
    return parser.parse_args()


def _read_rows(text: str) -> list[str]:
    keys = text.split(",")
    for key in keys:
        if key not in ROWS:
            raise argparse.ArgumentTypeError(
                f"There is no row {key!r}. Choose from {', '.join(ROWS)}."
            )
    return keys


def _measure(row: Row, arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        found = row.measure(
            Options(
                folder=Path(folder),
                runs=arguments.runs,
                python=arguments.peers_python,
                digits=arguments.digits,
            )
        )
    return {
        "title": row.title,
        **found,
        "runs": arguments.runs,
        "threads": 1,
        "n_cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _keep(measured: dict[str, Any]) -> None:
    """Add rows to the results, and update the table in the documentation."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    rows = {key: {"title": row.title, "missing": "a run"} for key, row in ROWS.items()}
    rows |= {key: row for key, row in kept.items() if key in ROWS}
    rows |= {key: after(row, rows[key]) for key, row in measured.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    put_table(PAGE, rows)
