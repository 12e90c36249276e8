"""How the benchmark of speed compares and reports; not what it finds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # benchmarks/ is no part of the package

from benchmarks.speed import measuring, page, rows  # noqa: E402

WAYS = """
def quick():
    return lambda: 1.5

def slow():
    import time
    return lambda: time.sleep(0.05)

def absent():
    import no_such_package
"""


def test_ways_take_turns_in_processes_of_their_own(tmp_path):
    (tmp_path / "made_up.py").write_text(WAYS)
    here = {"PYTHONPATH": str(tmp_path)}
    ways = {
        name: measuring.Work(f"made_up:{name}", {}, environment=here)
        for name in ("quick", "slow", "absent")
    }
    found = measuring.compare(ways, runs=3)
    assert found.ratio("slow", "quick").wall > 10
    assert found.ratio("slow", "absent") is None
    figures = found.to_dict()
    assert figures["slow"]["wall_s"] >= 0.05
    assert figures["slow"]["cpu_s"] < 0.05
    assert figures["quick"]["value"] == 1.5
    assert figures["absent"] == {"missing": "no_such_package"}


def test_a_ratio_is_the_median_of_neighbouring_runs():
    def series(*seconds):
        return [measuring.Sample(s, 2 * s, 10.0) for s in seconds]

    samples = {"slow": series(4, 40, 6), "quick": series(2, 4, 2)}
    found = measuring.Comparison(samples, {})
    assert found.ratio("slow", "quick") == (3.0, 3.0)
    assert found.median("slow").wall_s == 6


def test_a_process_that_fails_is_an_error():
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(SystemExit, match="ended with status 3"):
        measuring.Process(command).run()


@pytest.mark.parametrize(
    ("wall", "cpu", "verdict"),
    [
        (4.0, 4.0, "reached"),
        (2.0, 4.0, "reached in processor time"),
        (2.0, 2.0, "missed"),
        (None, None, "not installed"),
    ],
)
def test_a_row_says_whether_its_goal_is_reached(wall, cpu, verdict):
    ratio = None if wall is None else measuring.Ratio(wall, cpu)
    claim = rows.at_least("times as fast", ratio, 3)
    table = page.make_table({"row": {"title": "Work", "claims": [claim]}})
    assert table.splitlines()[-1].endswith(f"| >= 3 | 1 | {verdict} |")


def test_the_worst_of_the_last_three_measurements_counts():
    row = {}
    for wall in (1.0, 2.0, 5.0, 4.0):
        claim = rows.at_least("times as fast", measuring.Ratio(wall, 6.0), 3)
        row = page.after({"title": "Work", "claims": [claim]}, row)
    end = page.make_table({"row": row}).splitlines()[-1].split(" | ")[2:]
    assert end == ["2 to 5", "6", ">= 3", "3", "reached in processor time |"]
    other = rows.at_least("times as slow", measuring.Ratio(1.0, 1.0), 3)
    assert "earlier" not in page.after({"title": "Work", "claims": [other]}, row)


def test_a_row_that_lacks_its_data_says_what_it_needs():
    table = page.make_table({"row": {"title": "Work", "missing": "--digits"}})
    assert "not measured: needs --digits" in table


def test_the_page_shows_the_figures_that_are_kept():
    figures = json.loads((ROOT / "benchmarks" / "results" / "speed.json").read_text())
    text = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    assert page.make_table(figures) in text
