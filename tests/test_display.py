"""What notebooks show: reprs, players, data frames, bars."""

from __future__ import annotations

import base64
import io
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from mfccclf import MissingExtraError, Predictor, load_dataset
from mfccclf.display import encode_flac, html_table, play_clip, progress_bar
from mfccclf.search.fitting import FitOutcome
from mfccclf.search.results import SearchResults, SearchRow


def heard(html):
    """Return the waveforms that the players in some HTML hold."""
    found = re.findall(r'src="data:audio/flac;base64,([^"]+)"', html)
    return [soundfile.read(io.BytesIO(base64.b64decode(data)))[0] for data in found]


def test_a_player_holds_the_clip_itself(tone_file):
    path = tone_file(seconds=0.5, sample_rate=16000)
    html = play_clip(path)
    (wave,) = heard(html)
    np.testing.assert_allclose(wave, soundfile.read(path)[0], atol=2e-4)
    assert "<svg" in html
    assert "http" not in html


def test_a_player_holds_no_more_than_the_beginning(tone_file):
    (wave,) = heard(play_clip(tone_file(seconds=3.0), longest_s=1.0, picture=False))
    assert len(wave) == 16000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing <b>.wav", "not played: .*missing &lt;b&gt;.wav"),
        ("s3://bucket/a.wav", "it is not stored here"),
    ],
)
def test_a_clip_that_cannot_be_read_is_a_line(name, message):
    html = play_clip(name)
    assert re.search(message, html)
    assert not heard(html)


def test_loud_samples_are_clipped():
    wave, rate = soundfile.read(io.BytesIO(encode_flac(np.array([2.0, -3.0]), 8000)))
    assert rate == 8000
    np.testing.assert_allclose(wave, [1, -1], atol=1e-4)


def test_cells_cannot_hold_markup():
    html = html_table(["<i>"], [["<script>alert(1)</script>"], [0.12345], [None]])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert ">0.123<" in html


def test_a_prediction_shows_scores_and_sound(trained, recordings):
    predictor = Predictor(trained[0])
    prediction = predictor.predict_file(recordings / "low" / "0.wav")
    html = prediction._repr_html_()
    assert html.index(">low<") < html.index(">high<")
    assert len(heard(html)) == 1
    unnamed = replace(prediction, file=None, labels=[])
    assert "no label" in unnamed._repr_html_()
    assert not heard(unnamed._repr_html_())


def test_a_window_plays_its_own_part(trained, tone_file):
    path = tone_file("long.wav", seconds=2.0, sample_rate=16000)
    windows = list(Predictor(trained[0]).predict_windows(path, window=0.5))
    html = windows[1]._repr_html_()
    assert "0.50 to 1.00 s" in html
    assert [len(wave) for wave in heard(html)] == [8000]


def test_a_data_set_shows_its_labels_and_a_clip_of_each(recordings):
    clips = load_dataset(recordings)
    html = clips._repr_html_()
    assert "12 clips, 2 labels" in html
    assert len(heard(html)) == 2
    split = replace(clips, splits=["train", "test"] * 6, groups=clips.labels)
    assert ">train</th>" in split._repr_html_()
    assert "2 groups" in split._repr_html_()


def test_a_data_set_of_many_labels_stays_short(recordings):
    clips = load_dataset(recordings)
    many = replace(
        clips, paths=clips.paths[:1] * 40, labels=[f"label {k}" for k in range(40)]
    )
    html = many._repr_html_()
    assert "and 10 more labels" in html
    assert len(heard(html)) == 8


def test_a_data_set_as_a_frame(recordings):
    clips = load_dataset(recordings)
    frame = clips.to_frame()
    assert list(frame.columns) == ["path", "label"]
    assert frame["label"].value_counts().to_dict() == {"low": 6, "high": 6}
    grouped = replace(clips, groups=clips.labels, splits=["train"] * 12)
    assert list(grouped.to_frame().columns) == ["path", "label", "group", "split"]


def test_missing_pandas_is_named_with_the_command_that_installs_it(
    recordings, monkeypatch
):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mfccclf\[notebook\]'"):
        load_dataset(recordings).to_frame()


def make_results(n_rows):
    fields = {
        "key": "k",
        "fit_s": 1.0,
        "score_s": 0.1,
        "error": None,
        "thresholds": None,
    }
    rows = [
        SearchRow(
            parameters={"lstm__hidden_sizes": (8 * k,)},
            n_epochs=3,
            n_parameters=100 * k,
            outcomes=[FitOutcome(scores={"accuracy": k / 40}, **fields)],
        )
        for k in range(1, n_rows + 1)
    ]
    return SearchResults(rows=rows, fold_names=("all",))


def test_a_search_shows_the_best_first():
    html = make_results(25)._repr_html_()
    assert html.index("(200,)") < html.index("(192,)")
    assert "0.625 ± 0.000" in html
    assert "and 5 more" in html
    assert "more" not in make_results(2)._repr_html_()


def test_a_search_as_a_frame():
    frame = make_results(3).to_frame()
    assert frame["rank"].tolist() == [3, 2, 1]
    assert "param_lstm__hidden_sizes" in frame
    assert frame["mean_test_accuracy"].max() == pytest.approx(3 / 40)


@pytest.fixture
def notebook(monkeypatch):
    """The kernel of a notebook, and what its outputs came to show."""
    import IPython
    import IPython.display

    outputs = []

    class Handle:
        def update(self, html):
            outputs[-1].append(html.data)

    def show(html, display_id):
        outputs.append([html.data])
        return Handle()

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=1))
    monkeypatch.setattr(IPython.display, "display", show)
    return outputs


def test_a_bar_in_a_notebook_is_kept_up_to_date(notebook, capsys):
    with progress_bar("<Mixing>") as update:
        update(1, 4)
        update(4, 4)
    ((first, last),) = notebook
    assert 'value="1" max="4"' in first
    assert "&lt;Mixing&gt; 4/4" in last
    assert not capsys.readouterr().err


def test_training_shows_a_bar_in_a_notebook(notebook, capsys):
    from mfccclf import LSTMClassifier

    X = np.random.default_rng(0).normal(size=(8, 4, 3)).astype(np.float32)
    net = LSTMClassifier(hidden_sizes=(3,), max_epochs=2, verbose=1, random_state=0)
    net.fit(X, [0, 1] * 4)
    ((first, last),) = notebook
    assert 'value="1" max="2"' in first
    assert "[002/2] train" in last
    assert not capsys.readouterr().err


def test_nothing_is_shown_where_nobody_looks(capsys):
    with progress_bar("Mixing") as update:
        update(1, 1)
    assert capsys.readouterr() == ("", "")
