"""Display objects as scikit-learn has them."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
import soundfile
from matplotlib import pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay

from mfccclf import MFCCExtractor, Predictor, make_pipeline
from mfccclf.plots import FeatureDisplay, LearningCurveDisplay, TimelineDisplay


@pytest.fixture(autouse=True)
def no_windows():
    mpl.use("agg")
    yield
    plt.close("all")


def test_features_are_drawn_block_by_block_over_seconds(tone_file):
    display = FeatureDisplay.from_clip(tone_file(seconds=1.0))
    blocks = ["mfcc", "centroid", "chroma", "contrast"]
    assert [axes.get_ylabel() for axes in display.axes_] == blocks
    assert display.axes_[0].get_title(loc="left") == "tone.wav"
    assert display.axes_[-1].get_xlabel() == "Time (s)"
    times = display.axes_[1].lines[0].get_xdata()
    assert times[1] == pytest.approx(512 / 22050)
    assert display.figure_ is plt.gcf()


def test_frames_past_the_end_are_not_drawn(tone):
    sequence = MFCCExtractor(n_frames=128).fit_transform([tone(seconds=0.5)])[0]
    names = MFCCExtractor().fit([tone()]).get_feature_names_out()
    display = FeatureDisplay(sequence, feature_names=names)
    assert len(display.sequence) == 22
    assert display.plot().axes_[-1].get_xlabel() == "Frame"


@pytest.mark.parametrize(
    ("sequence", "names", "message"),
    [
        (np.zeros(4), ["a"], "'sequence' parameter of FeatureDisplay"),
        (np.full((2, 1), np.nan), ["a"], "at least one frame"),
        (np.zeros((2, 3)), ["a"], "3 names, one per column"),
    ],
)
def test_features_that_cannot_be_drawn_are_refused(sequence, names, message):
    with pytest.raises(ValueError, match=message):
        FeatureDisplay(sequence, feature_names=names)


def test_learning_curves_of_a_pipeline(fitted_pipeline):
    display = LearningCurveDisplay.from_estimator(fitted_pipeline)
    assert [axes.get_ylabel() for axes in display.axes_] == ["Loss (nats)", "Accuracy"]
    curve = display.axes_[0].lines[0].get_ydata()
    history = fitted_pipeline[-1].history_
    np.testing.assert_allclose(curve, [row["train_loss"] for row in history])
    assert LearningCurveDisplay.from_estimator(fitted_pipeline[-1]).figure_


def test_what_has_no_learning_curves_says_so():
    with pytest.raises(ValueError, match="LogisticRegression has no learning curves"):
        LearningCurveDisplay.from_estimator(LogisticRegression())
    with pytest.raises(ValueError, match="'history' parameter of LearningCurveD"):
        LearningCurveDisplay([])


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "long.wav"
    time = np.arange(3 * 16000) / 16000
    hertz = np.where(time < 1.5, 150, 3000)
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * hertz * time), 16000)
    return path


def test_time_line_of_a_recording(trained, recording):
    model, _ = trained
    display = TimelineDisplay.from_recording(model, recording, window=0.5)
    assert display.classes == ["high", "low"]
    wave, scores = display.axes_[:2]
    assert wave.get_title(loc="left") == "long.wav"
    assert [tick.get_text() for tick in scores.get_yticklabels()] == ["high", "low"]
    assert wave.get_xlim() == (0, 3)
    assert display.figure_ is plt.gcf()


def test_time_line_of_predictions_without_sound(trained, recording):
    model, _ = trained
    windows = Predictor(model).predict_windows(recording, window=0.5)
    display = TimelineDisplay(windows).plot()
    assert len(display.windows) == 6
    with pytest.raises(ValueError, match="'windows' parameter of TimelineDisplay"):
        TimelineDisplay([])
    with pytest.raises(ValueError, match="'waveform' parameter of TimelineDisplay"):
        TimelineDisplay(display.windows, waveform=np.zeros((2, 2)))


def test_confusion_display_of_scikit_learn_takes_clips(fitted_pipeline, noise_clips):
    labels = ["quiet", "loud"] * 3
    display = ConfusionMatrixDisplay.from_estimator(
        fitted_pipeline, noise_clips, labels
    )
    assert display.confusion_matrix.sum() == len(labels)
    assert list(display.display_labels) == ["loud", "quiet"]


def test_pipelines_show_scikit_learns_diagram():
    html = make_pipeline("default")._repr_html_()
    for step in ("PretrainedEmbedding", "SequenceStandardScaler", "LSTMClassifier"):
        assert step in html
    assert "sk-estimator" in html
