"""Pictures of recordings: what is collected, and that it is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from mfccclf.plots import Timeline
from mfccclf.plots._cells import Cells, shrink
from mfccclf.plots._envelope import Envelope
from mfccclf.plots._time_axis import clock_formatter, tick_step
from mfccclf.prediction import WindowPrediction


def window(start, end, labels, scores, file="a $1_000$ take.wav"):
    return WindowPrediction(
        file=file,
        label=labels[0] if labels else None,
        labels=labels,
        scores=scores,
        model="names",
        duration_s=end - start,
        start_s=start,
        end_s=end,
    )


@pytest.mark.parametrize("piece", [100, 4_321, 900_000])
def test_envelope_holds_the_extremes_of_its_stretches(piece):
    rng = np.random.default_rng(0)
    wave = rng.standard_normal(700_001).astype(np.float32)
    envelope = Envelope()
    for start in range(0, len(wave), piece):
        envelope.add(wave[start : start + piece])
    low, high = envelope.limits()
    size = envelope.bin_size
    assert len(low) == -(-len(wave) // size) <= 4097
    starts = np.arange(0, len(wave), size)
    np.testing.assert_array_equal(low, np.minimum.reduceat(wave, starts))
    np.testing.assert_array_equal(high, np.maximum.reduceat(wave, starts))


def test_overlapping_windows_share_the_time_by_their_middles():
    cells = Cells(1)
    for start in (0, 1, 2):
        cells.add(start, start + 3, [0.5], [True])
    columns = cells.columns()
    assert columns.edges.tolist() == [0, 2, 3, 5]
    assert columns.given.tolist() == [[True, True, True]]


def test_gaps_between_windows_stay_empty():
    cells = Cells(2)
    cells.add(0, 1, [0.5, 0.1], [True, False])
    cells.add(4, 5, [np.nan, np.nan], [False, False])
    columns = cells.columns()
    assert columns.edges.tolist() == [0, 1, 4, 5]
    np.testing.assert_allclose(columns.scores[0], [0.5, np.nan, np.nan])
    assert columns.is_silent.tolist() == [False, False, True]
    np.testing.assert_allclose(cells.peaks(), [0.5, 0.1])


def test_many_columns_are_averaged():
    edges = np.arange(8.0)
    scores = np.array([[1, 3, 5, np.nan, 7, np.nan, np.nan]], np.float32)
    few, means = shrink(edges, scores, 4)
    assert few.tolist() == [0, 2, 4, 6, 7]
    np.testing.assert_allclose(means, [[2, 5, 7, np.nan]])


@pytest.mark.parametrize(
    ("duration", "step", "at", "text"),
    [
        (3, 0.5, 1.5, "1.5 s"),
        (50, 5, 35, "35 s"),
        (600, 60, 180, "3:00"),
        (7200, 600, 4200, "1:10:00"),
        (10 * 86400, 86400, 86400, "24:00:00"),
    ],
)
def test_times_are_written_as_long_as_they_need(duration, step, at, text):
    assert tick_step(duration) == step
    assert clock_formatter(duration, step)(at) == text


@pytest.mark.parametrize(
    "n_windows", [1, 3, 300, pytest.param(5000, marks=pytest.mark.slow)]
)
def test_picture_is_drawn_for_any_number_of_windows(n_windows, tmp_path):
    classes = ["erhu $x$", "a\tvery long name of an instrument that goes on", 3]
    timeline = Timeline(classes, 8000)
    timeline.watch(np.linspace(-1, 1, 8000 * (n_windows + 2)).astype(np.float32))
    for index in range(n_windows):
        scores = dict(zip(classes, [0.7, 0.9, 0.1], strict=True))
        if index % 3 == 1:
            timeline.write(window(index, index + 3, [], {}))
        else:
            timeline.write(window(index, index + 3, classes[:2], scores))
    path = timeline.save(tmp_path / "picture.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_only_the_highest_of_many_labels_are_drawn(tmp_path):
    classes = [f"label {index}" for index in range(60)]
    timeline = Timeline(classes, 8000)
    scores = {label: index / 60 for index, label in enumerate(classes)}
    timeline.write(window(0, 1, ["label 59"], scores, file="-"))
    assert timeline.save(tmp_path / "picture.png").is_file()


def test_silence_alone_is_drawn(tmp_path):
    timeline = Timeline(["a", "b"], 8000)
    timeline.watch(np.zeros(8000, np.float32))
    timeline.write(window(0, 1, [], {}))
    assert timeline.save(tmp_path / "picture.png").is_file()


def test_nothing_cannot_be_drawn(tmp_path):
    with pytest.raises(ValueError, match="no windows to draw"):
        Timeline(["a"], 8000).save(tmp_path / "picture.png")
