"""Pictures of a report: what they show, and that they can be drawn."""

from __future__ import annotations

import struct
import sys
from itertools import pairwise

import numpy as np
import pytest

from mfccclf.errors import MissingExtraError
from mfccclf.plots import (
    figure_to_png,
    plot_calibration,
    plot_class_scores,
    plot_confusion,
    plot_learning_curves,
    plot_waveform,
    plot_waveforms,
)


def texts_in(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def size_of(figure):
    return struct.unpack(">II", figure_to_png(figure)[16:24])


def test_a_figure_gives_the_same_png_again_without_pyplot():
    first, second = (
        figure_to_png(plot_confusion([[3, 1], [0, 4]], ["no", "yes"])) for _ in "ab"
    )
    assert first == second
    assert first.startswith(b"\x89PNG")
    assert b"Matplotlib" not in first


def test_curves_of_validation_are_drawn_where_there_are_some():
    nothing = [np.nan, np.nan]
    alone = plot_learning_curves([1.0, 0.5], [0.5, 0.9], nothing, nothing)
    assert [line.get_label() for line in alone.axes[0].lines] == ["training"]
    both = plot_learning_curves([1.0, 0.5], [0.5, 0.9], [0.8, 1.1], [0.6, 0.5])
    labels = [line.get_label() for line in both.axes[0].lines]
    assert labels == ["training", "validation", "lowest validation loss: epoch 1"]


@pytest.mark.parametrize(
    ("kept", "marks"),
    [
        (1, ["kept, lowest validation loss: epoch 1"]),
        (2, ["lowest validation loss: epoch 1", "kept: epoch 2"]),
    ],
)
def test_curves_mark_the_epoch_that_was_kept(kept, marks):
    figure = plot_learning_curves(
        [1.0, 0.5], [0.5, 0.9], [0.8, 1.1], [0.6, 0.5], kept_epoch=kept
    )
    labels = [line.get_label() for line in figure.axes[1].lines]
    assert labels == ["training", "validation", *marks]


def test_one_epoch_can_be_drawn():
    assert figure_to_png(plot_learning_curves([1.0], [0.5]))


def test_curves_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="'train_accuracy' parameter of plot_lear"):
        plot_learning_curves([1.0, 0.5], [0.5])


def test_confusion_has_the_accuracy_as_its_title_and_blank_zeros():
    figure = plot_confusion([[3, 1], [0, 4]], ["no", "yes"])
    assert figure.axes[0].get_title() == "Accuracy 0.875 (7 of 8 clips)"
    assert texts_in(figure) == ["3", "1", "4"]


def test_normalised_confusion_shows_per_cent_of_each_row():
    figure = plot_confusion([[3, 1], [0, 4]], ["no", "yes"], normalise=True)
    assert texts_in(figure) == ["75", "25", "100"]


def test_a_row_without_clips_says_so():
    figure = plot_confusion([[0, 0], [1, 1]], ["a", "b"], normalise=True)
    assert texts_in(figure) == ["no clips", "50", "50"]


@pytest.mark.parametrize("n_classes", [2, 11, 50])
def test_confusion_cells_stay_wide_enough_for_their_numbers(n_classes):
    counts = 88 * np.eye(n_classes, dtype=int)
    labels = [f"label number {k}" for k in range(n_classes)]
    figure = plot_confusion(counts, labels)
    figure.canvas.draw()
    axes = figure.axes[0]
    cell = axes.get_window_extent().width / n_classes
    widest = max(text.get_window_extent().width for text in axes.texts)
    assert widest < cell
    assert min(text.get_fontsize() for text in axes.texts) >= 5


def test_labels_of_the_confusion_do_not_overlap():
    labels = [f"a rather long label, number {k}" for k in range(12)]
    figure = plot_confusion(np.eye(12, dtype=int), labels)
    figure.canvas.draw()
    boxes = [
        tick.get_window_extent() for tick in figure.axes[0].get_xticklabels(minor=False)
    ]
    assert all(a.x1 <= b.x0 for a, b in pairwise(boxes))


def test_confusion_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="'counts' parameter of plot_confusion"):
        plot_confusion([[1, 2]], ["a", "b"])


def test_labels_are_shown_as_they_stand_in_one_line_and_not_too_long():
    labels = ["$x_1$", "two\nlines", "long " * 20, r"\frac{$", "二胡", ""]
    scores = np.full(len(labels), 0.5)
    figure = plot_class_scores(labels, scores, scores, scores)
    assert figure_to_png(figure)
    shown = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert shown[0] == r"\$x_1\$"
    assert shown[1] == "two lines"
    assert len(shown[2]) == 24
    assert "…" in shown[2]
    assert shown[4] == "5: 二胡"


def test_labels_that_look_the_same_are_told_apart_by_their_numbers():
    labels = [f"recordings of {k} bees in the garden" for k in range(2)]
    scores = np.full(3, 0.5)
    figure = plot_class_scores([*labels, "flies"], scores, scores, scores)
    shown = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert shown == [
        "1: recordings o… the garden",
        "2: recordings o… the garden",
        "flies",
    ]


def test_class_scores_grow_with_the_number_of_labels():
    heights = []
    for count in (2, 50):
        scores = np.linspace(0, 1, count)
        figure = plot_class_scores([str(k) for k in range(count)], *[scores] * 3)
        heights.append(size_of(figure)[1])
    assert heights[1] > 5 * heights[0]


def test_labels_without_clips_are_named_and_not_counted():
    nan = np.nan
    figure = plot_class_scores(["a", "b"], [nan, 0.5], [nan, 0.7], [nan, 0.6])
    assert texts_in(figure) == ["no clips"]
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert lines["mean F1"].get_xdata()[0] == pytest.approx(0.6)
    given = plot_class_scores(["a"], [0.5], [0.7], [0.6], mean_f1=0.25)
    assert given.axes[0].lines[-1].get_xdata()[0] == 0.25


def test_marks_at_zero_do_not_reach_the_labels():
    figure = plot_class_scores(["a label"], [0.0], [0.0], [0.0])
    figure.canvas.draw()
    axes = figure.axes[0]
    (label,) = axes.get_yticklabels()
    recall = axes.lines[0]
    reach = recall.get_markersize() / 2 * figure.dpi / 72
    left = axes.transData.transform((0, 0))[0] - reach
    assert label.get_window_extent().x1 < left


def test_class_scores_need_one_number_per_label():
    with pytest.raises(ValueError, match="'recall' parameter of plot_class_scores"):
        plot_class_scores(["a", "b"], [1, 1], [1], [1, 1])


def test_calibration_leaves_empty_bins_out():
    figure = plot_calibration([0, 0.5, 1], [np.nan, 0.75], [0, 8], error=0.1)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == [0, 0.75]
    assert figure.axes[0].get_ylabel() == "Share of right answers"
    several = plot_calibration([0, 1], [0.5], [8], error=0.1, multilabel=True)
    assert several.axes[0].get_ylabel() == "Share of clips that have it"
    with pytest.raises(ValueError, match="'edges' parameter of plot_calibration"):
        plot_calibration([0, 1], [0.5, 0.5], [1, 1], error=0)


def test_waveform_is_drawn_whole_and_what_is_not_heard_is_shaded(tone):
    wave = tone(seconds=2.0, sample_rate=16000)
    figure = plot_waveform(wave, 16000, heard_s=0.5)
    assert figure.axes[0].get_xlim() == (0, 2)
    (shade,) = figure.axes[0].patches
    assert shade.get_extents().width > 0
    assert not plot_waveform(wave, 16000, heard_s=2.0).axes[0].patches


@pytest.mark.parametrize("n_samples", [1, 2, 2400, 2401, 100_000])
def test_waveforms_of_any_length_and_silence_can_be_drawn(n_samples):
    assert figure_to_png(plot_waveform(np.zeros(n_samples, np.float32), 16000))


def test_an_outline_keeps_single_peaks():
    wave = np.zeros(50_000, np.float32)
    wave[31_234] = 0.8
    (band,) = plot_waveform(wave, 16000).axes[0].collections
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(0.8)


def test_waveforms_share_the_axis_of_time(tone):
    waves = [tone(seconds=s, sample_rate=8000) for s in (0.1, 0.5, 0.2, 0.3)]
    figure = plot_waveforms(waves, ["a", "b", "c", "d"], 8000)
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c", "d"]
    assert {axes.get_xlim() for axes in figure.axes} == {(0, 0.5)}
    # The lowest panel of each column has the times.
    figure.canvas.draw()
    assert [axes.get_xlabel() for axes in figure.axes] == ["", *["Time (s)"] * 3]
    shown = [
        any(tick.get_visible() for tick in axes.get_xticklabels())
        for axes in figure.axes
    ]
    assert shown == [False, True, True, True]


def test_unusable_waveforms_are_refused():
    with pytest.raises(ValueError, match="'waveform' parameter of plot_waveform"):
        plot_waveform(np.zeros((2, 5)), 8000)
    with pytest.raises(ValueError, match="'titles' parameter of plot_waveforms"):
        plot_waveforms([np.zeros(5)], [], 8000)


def test_missing_matplotlib_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mfccclf\[plots\]'"):
        plot_confusion([[1, 0], [0, 1]], ["a", "b"])
