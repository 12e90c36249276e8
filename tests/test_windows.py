"""Windows of long recordings: where they are, and what is said of them."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from model_files import rewrite

from mfccclf import AudioFileError, Predictor, load_waveform, save_model
from mfccclf.prediction import WindowPrediction, merge_windows
from mfccclf.prediction.decisions import Decision, Limits
from mfccclf.prediction.formats import FORMATS, Writer, make_writer
from mfccclf.prediction.windows import WindowGrid, cut_windows
from mfccclf.waveform import RawFormat

RATE = 22050


@pytest.fixture
def model_path(fitted_pipeline, tmp_path):
    return save_model(fitted_pipeline, tmp_path / "noise.mfccclf")


@pytest.fixture
def predictor(model_path):
    return Predictor(model_path)


@pytest.fixture
def recording(noise, tmp_path):
    """A function that writes 5.4 s, silent from 2 s to 4 s, at some rate."""

    def write(rate=RATE, n_channels=1, name="long.wav"):
        parts = [noise(2, rate), np.zeros(2 * rate), noise(1.4, rate, seed=1)]
        wave = np.stack([np.concatenate(parts)] * n_channels, axis=1)
        soundfile.write(tmp_path / name, wave, rate)
        return tmp_path / name

    return write


def places(windows):
    return [(window.start_s, window.end_s) for window in windows]


def cut(n_samples, window, hop, *, piece=7, rate=10):
    pieces = np.split(np.arange(n_samples), range(piece, n_samples, piece))
    grid = WindowGrid(window, hop, rate)
    return [window for cuts in cut_windows(pieces, grid) for window in cuts]


# Where windows are


def test_hop_is_rounded_to_whole_frames(predictor, recording):
    hop = predictor.round_hop(0.5)
    step = predictor._scorer.extraction.frame_step_s
    assert abs(hop - 0.5) <= step / 2
    assert hop / step == pytest.approx(round(hop / step))
    assert predictor.round_hop(1e-6) == step
    with pytest.raises(ValueError, match="'hop' parameter"):
        predictor.round_hop(0)
    found = list(predictor.predict_windows(recording(), window=1, hop=hop))
    assert found[1].start_s == pytest.approx(hop, abs=1e-6)


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize(
    ("n_samples", "window", "hop", "expected"),
    [
        (50, 2.0, 1.0, [(0, 2), (1, 3), (2, 4), (3, 5)]),
        (50, 2.0, 2.0, [(0, 2), (2, 4), (4, 5)]),
        (54, 2.0, 1.0, [(0, 2), (1, 3), (2, 4), (3, 5), (4, 5.4)]),
        (50, 1.0, 3.0, [(0, 1), (3, 4)]),
        (34, 1.0, 3.0, [(0, 1), (3, 3.4)]),
        (12, 2.0, 1.0, [(0, 1.2)]),
        (20, 2.0, 0.5, [(0, 2)]),
        (10, 0.3, 0.35, [(0, 0.3), (0.35, 0.65), (0.7, 1.0)]),
    ],
)
def test_windows_go_on_until_one_reaches_the_end(
    n_samples, window, hop, expected, piece
):
    windows = cut(n_samples, window, hop, piece=piece)
    np.testing.assert_allclose(places(windows), expected)
    for window_ in windows:
        start = round(window_.start_s * 10)
        np.testing.assert_array_equal(
            window_.waveform, np.arange(start, start + len(window_.waveform))
        )


def test_starts_do_not_drift():
    grid = WindowGrid(1.0, 0.01, RATE)
    assert grid.start(1_000_000) == round(10_000 * RATE)
    assert grid.place(3, np.zeros(RATE)).start_s == 0.03


def test_window_has_the_scores_of_a_clip_cut_out(predictor, recording):
    path = recording(48000)
    waveform = load_waveform(path, sample_rate=RATE)
    windows = list(predictor.predict_windows(path, window=0.9, hop=0.35))
    assert len(windows) == 14
    for index, window in enumerate(windows):
        if window.is_silent:
            continue
        start = round(index * 0.35 * RATE)
        clip = waveform[start : start + round(0.9 * RATE)]
        alone = predictor.predict_waveform(clip, RATE)
        assert window.label == alone.label
        assert list(window.scores.values()) == pytest.approx(
            list(alone.scores.values()), abs=1e-5
        )


def test_windows_touch_without_a_hop(predictor, recording):
    windows = predictor.predict_windows(recording(), window=2)
    assert places(windows) == [(0, 2), (2, 4), (4, 5.4)]


def test_short_recording_is_one_window(predictor, recording):
    (window,) = predictor.predict_windows(recording(), window=60, hop=1)
    whole = predictor.predict_file(recording())
    assert (window.start_s, window.end_s, window.duration_s) == (0, 5.4, 5.4)
    assert window.scores == pytest.approx(whole.scores)


def test_remainder_too_short_for_the_model_is_left_out(predictor, tone_file):
    path = tone_file(seconds=2.05)
    assert places(predictor.predict_windows(path, window=1)) == [(0, 1), (1, 2)]


def test_recording_too_short_for_the_model_is_an_error(predictor, tone_file):
    path = tone_file("short.wav", seconds=0.05)
    with pytest.raises(AudioFileError, match=r"short\.wav has 1102 samples .*n_fft"):
        list(predictor.predict_windows(path, window=1))


def test_records_have_times_beside_the_contract(predictor, recording):
    window = next(predictor.predict_windows(recording(), window=1))
    record = window.to_dict()
    assert list(record) == [
        *("file", "label", "labels", "scores", "model", "duration_s"),
        *("start_s", "end_s", "familiarity"),
    ]
    assert json.loads(json.dumps(record)) == record
    assert record["file"] == str(recording())
    assert record["duration_s"] == 1


# Silence and damage


def test_silent_windows_get_no_label(predictor, recording):
    windows = list(predictor.predict_windows(recording(), window=1))
    silent = [window for window in windows if window.is_silent]
    assert places(silent) == [(2, 3), (3, 4)]
    for window in silent:
        assert (window.label, window.labels, window.scores) == (None, [], {})


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
def test_silence_beside_sound_stays_silent_when_resampled(rate, predictor, tmp_path):
    loud = np.random.default_rng(0).uniform(-1, 1, rate)
    wave = np.concatenate([loud, np.zeros(rate), loud])
    soundfile.write(tmp_path / "long.wav", wave, rate)
    windows = predictor.predict_windows(tmp_path / "long.wav", window=1)
    assert [window.is_silent for window in windows] == [False, True, False]


def test_model_that_takes_silence_is_asked(model_path, recording):
    rewrite(
        model_path,
        lambda _, config: config["front_end"].update(allow_silence=True),
    )
    windows = Predictor(model_path).predict_windows(recording(), window=1)
    assert not any(window.is_silent for window in windows)


def test_nan_is_an_error_that_names_file_and_time(predictor, tone, tmp_path):
    wave = tone(100.0)
    wave[round(90.5 * RATE) :] = np.nan
    soundfile.write(tmp_path / "broken.wav", wave, RATE, subtype="FLOAT")
    windows = predictor.predict_windows(tmp_path / "broken.wav", window=5)
    seen = []
    with pytest.raises(AudioFileError, match=r"broken\.wav has .*NaN.* at 90\.500 s"):
        seen.extend(windows)
    assert len(seen) >= 9


def test_error_is_handed_out_and_the_next_recording_read(predictor, recording):
    paths = ["none.wav", recording()]
    outcomes = list(predictor.predict_each_window(paths, window=3, merge=True))
    assert isinstance(outcomes[0], AudioFileError)
    assert [type(item) for item in outcomes[1:]] == [WindowPrediction] * 2


def test_opposed_channels_are_warned_of(predictor, tone, tmp_path):
    wave = tone(2.0)
    soundfile.write(tmp_path / "opposed.wav", np.stack([wave, -wave], axis=1), RATE)
    windows = predictor.predict_windows(tmp_path / "opposed.wav", window=1)
    with pytest.warns(UserWarning, match=r"opposed\.wav has channels that cancel"):
        assert all(window.is_silent for window in windows)


# Arguments


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"window": 0}, r"'window' parameter of predict_windows .* > 0. Got 0"),
        ({"window": -1.0}, "'window' parameter"),
        ({"window": float("nan")}, "'window' parameter"),
        ({"window": 1, "hop": 0}, r"'hop' parameter .* > 0. Got 0"),
        ({"window": 1, "hop": 1e-6}, r"'hop' parameter .* at least one sample"),
        ({"window": 0.01}, r"long enough for the model.*has 220 samples .*n_fft=2048"),
    ],
)
def test_bad_windows_are_refused_at_once(arguments, match, predictor):
    with pytest.raises(ValueError, match=match):
        predictor.predict_windows("none.wav", **arguments)
    with pytest.raises(ValueError, match=match):
        predictor.predict_each_window(["none.wav"], **arguments)


def test_wrong_types_are_refused(predictor):
    with pytest.raises(TypeError, match="'window' parameter"):
        predictor.predict_windows("none.wav", window="3")
    with pytest.raises(TypeError, match=r"binary stream.*sys\.stdin\.buffer"):
        predictor.predict_windows(io.StringIO("text"), window=3)
    with pytest.raises(TypeError, match="list of paths.*predict_windows"):
        predictor.predict_each_window("none.wav", window=3)


def test_windows_longer_than_the_model_looks_are_warned_of(
    noise_clips, recording, tmp_path
):
    from mfccclf import make_pipeline

    pipeline = make_pipeline("names-lstm", hidden_sizes=(3,), max_epochs=1)
    pipeline.fit(noise_clips[:2], ["a", "b"])
    predictor = Predictor(save_model(pipeline, tmp_path / "m.mfccclf"))
    with pytest.warns(UserWarning, match=r"uses only the first 2\.97 s of each window"):
        next(predictor.predict_windows(recording(), window=5))
    next(predictor.predict_windows(recording(), window=3))


# Streams


@pytest.mark.parametrize("kind", ["WAV", "AU", "FLAC", "OGG"])
def test_stream_gives_the_windows_of_its_file(kind, predictor, recording, tmp_path):
    path = tmp_path / f"copy.{kind.lower()}"
    soundfile.write(path, *soundfile.read(recording(16000, 2)), format=kind)
    from_file = list(predictor.predict_windows(path, window=1, hop=0.5))
    with open(path, "rb") as stream:
        from_stream = list(predictor.predict_windows(stream, window=1, hop=0.5))
    assert places(from_stream) == places(from_file)
    for one, other in zip(from_stream, from_file, strict=True):
        assert one.file == "-"
        assert one.scores == pytest.approx(other.scores, abs=1e-5)


def test_watcher_gets_the_whole_waveform(predictor, recording):
    pieces = []
    list(predictor.predict_windows(recording(), window=1, watch=pieces.append))
    expected = load_waveform(recording(), sample_rate=RATE)
    np.testing.assert_array_equal(np.concatenate(pieces), expected)


def test_raw_samples_are_read_as_told(predictor, recording):
    samples, rate = soundfile.read(recording(), dtype="int16")
    stream = io.BytesIO(samples.tobytes())
    windows = predictor.predict_windows(stream, window=1, raw=RawFormat(rate))
    expected = predictor.predict_windows(recording(), window=1)
    assert [w.scores for w in windows] == [w.scores for w in expected]


class Recorder(io.RawIOBase):
    """A stream whose reader is told how much it has been given."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step, self.position = data, step, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = self.data[self.position : self.position + min(self.step, len(buffer))]
        buffer[: len(piece)] = piece
        self.position += len(piece)
        return len(piece)


def test_window_is_handed_out_as_soon_as_it_has_arrived(predictor, noise):
    samples = (noise(10) * 32767).astype("<i2").tobytes()
    recorder = Recorder(samples, step=2000)
    windows = predictor.predict_windows(recorder, window=1, raw=RawFormat(RATE))
    for index in range(1, 10):
        next(windows)
        heard = recorder.position / 2 / RATE
        assert index <= heard <= index + 0.1


# Merging


def unsure(window, familiarity=None):
    return replace(window, label=None, labels=[], familiarity=familiarity)


def segment(start, end, labels, **scores):
    best = max(scores, key=scores.get) if scores else None
    return WindowPrediction(
        file="a.wav",
        label=best,
        labels=labels,
        scores=scores,
        model="m",
        duration_s=end - start,
        start_s=start,
        end_s=end,
    )


def test_neighbours_of_equal_labels_are_joined():
    windows = [
        segment(0, 2, ["a"], a=0.9, b=0.1),
        segment(1, 3, ["a"], a=0.7, b=0.3),
        segment(2, 4, ["b"], a=0.2, b=0.8),
        segment(3, 5, []),
        segment(4, 6, []),
        segment(5, 7, ["b"], a=0.4, b=0.6),
    ]
    merged = list(merge_windows(windows))
    assert [(m.start_s, m.end_s, m.labels) for m in merged] == [
        (0, 3, ["a"]),
        (2, 4, ["b"]),
        (3, 6, []),
        (5, 7, ["b"]),
    ]
    assert merged[0].scores == pytest.approx({"a": 0.8, "b": 0.2})
    assert merged[0].duration_s == 3
    assert (merged[2].label, merged[2].is_silent) == (None, True)


def test_windows_with_a_gap_between_are_not_joined():
    windows = [segment(0, 1, ["a"], a=1.0), segment(3, 4, ["a"], a=1.0)]
    assert list(merge_windows(windows)) == windows


def test_silence_is_not_joined_with_sound_of_no_label():
    windows = [segment(0, 1, []), segment(1, 2, [], a=0.2, b=0.1)]
    assert len(list(merge_windows(windows))) == 2


def test_label_of_joined_windows_has_the_highest_mean():
    windows = [segment(0, 1, [], a=0.45, b=0.4), segment(1, 2, [], a=0.1, b=0.3)]
    (merged,) = merge_windows(windows)
    assert (merged.label, merged.labels) == ("b", [])


def test_windows_that_the_model_is_not_sure_of_are_joined_with_each_other_alone():
    windows = [
        segment(0, 1, ["a"], a=0.9, b=0.1),
        unsure(segment(1, 2, ["a"], a=0.6, b=0.4), 0.02),
        unsure(segment(2, 3, ["b"], a=0.4, b=0.6), 0.04),
        segment(3, 4, []),
    ]
    first, merged, silent = merge_windows(windows)
    assert (first.label, silent.is_silent) == ("a", True)
    assert (merged.start_s, merged.end_s, merged.labels) == (1, 3, [])
    assert merged.is_unsure
    assert merged.scores == {"a": 0.5, "b": 0.5}
    assert merged.familiarity == pytest.approx(0.03)


# Labels and formats


def test_limits_withhold_every_label():
    config = {"task": "multi-label", "classes": ["a", "b"], "thresholds": [0.2, 0.3]}
    limits = Limits(min_confidence=0.5, min_familiarity=0.1)
    decision = Decision.from_config(config, limits)
    assert decision.decide([0.5, 0.4], 0.1)["labels"] == ["a", "b"]
    for scores, familiarity in (([0.49, 0.4], 0.1), ([0.9, 0.4], 0.09)):
        decided = decision.decide(scores, familiarity)
        assert (decided["label"], decided["labels"]) == (None, [])
        assert decided["scores"] == {"a": scores[0], "b": scores[1]}


@pytest.mark.parametrize("format", ["audacity", "raven", "jams"])
def test_annotations_leave_out_what_the_model_is_not_sure_of(format):
    known = segment(0, 1.5, ["a"], a=0.9, b=0.1)
    doubtful = unsure(segment(1.5, 3, ["a"], a=0.6, b=0.4))
    silent = segment(1.5, 3, [])
    assert written(format, [known, doubtful]) == written(format, [known, silent])


def test_text_says_where_the_model_is_not_sure():
    doubtful = segment(0, 1.5, ["a"], a=0.41, b=0.39)
    assert written("text", [unsure(doubtful)]).endswith(": not sure (a 0.41)\n")
    assert written("text", [unsure(doubtful, 0.0012)], top=2).endswith(
        ": not sure (a 0.41, b 0.39; familiarity 0.001)\n"
    )
    rows = written("csv", [unsure(doubtful)], with_times=True).splitlines()
    assert rows[1] == "a.wav,0,1.5,,0.410000,0.390000"


def test_labels_at_or_above_their_thresholds_are_given():
    config = {"task": "multi-label", "classes": ["a", "b", "c"]}
    decision = Decision.from_config({**config, "thresholds": [0.5, 0.3, 0.9]})
    assert decision.decide([0.6, 0.3, 0.8]) == {
        "label": "c",
        "labels": ["a", "b"],
        "scores": {"a": 0.6, "b": 0.3, "c": 0.8},
        "familiarity": None,
    }
    assert decision.decide([0.1, 0.2, 0.3])["labels"] == []


def written(format, predictions, *, classes=("a", "b"), **settings):
    class Model:
        sample_rate = RATE

    Model.classes = list(classes)
    stream = io.StringIO()
    writer = make_writer(format, stream, Model(), **settings)
    for prediction in predictions:
        writer.write(prediction)
    writer.close()
    return stream.getvalue()


SEVERAL = [
    segment(0, 1.5, ["a", "b"], a=0.9, b=0.6),
    segment(1.5, 3, []),
    segment(3600, 3661.25, [], a=0.2, b=0.1),
]


def test_text_shows_every_label_given_and_a_dash_for_none():
    assert written("text", SEVERAL).splitlines() == [
        "a.wav 0:00:00.00-0:00:01.50: a (0.90), b (0.60)",
        "a.wav 0:00:01.50-0:00:03.00: -",
        "a.wav 1:00:00.00-1:01:01.25: -",
    ]
    assert written("text", SEVERAL[2:], top=2).endswith(": a (0.20), b (0.10)\n")


def test_csv_parts_several_labels_by_semicolons():
    assert written("csv", SEVERAL, with_times=True).splitlines() == [
        "file,start_s,end_s,label,a,b",
        "a.wav,0,1.5,a;b,0.900000,0.600000",
        "a.wav,1.5,3,,,",
        "a.wav,3600,3661.25,,0.200000,0.100000",
    ]


def test_audacity_has_a_line_per_label():
    assert written("audacity", SEVERAL) == (
        "0.000000\t1.500000\ta\n0.000000\t1.500000\tb\n"
    )


def test_raven_has_a_row_per_label():
    header, *rows = written("raven", SEVERAL).splitlines()
    assert header.split("\t")[:5] == [
        *("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)"),
    ]
    assert rows[1].split("\t") == [
        *("2", "Spectrogram 1", "1", "0.000000", "1.500000", "0.0", "11025.0"),
        *("a.wav", "b", "0.600000"),
    ]
    assert len(rows) == 2


def test_jams_has_an_observation_per_label():
    document = json.loads(written("jams", SEVERAL))
    (annotation,) = document["annotations"]
    assert annotation["namespace"] == "tag_open"
    assert annotation["data"][1] == {
        "time": 0,
        "duration": 1.5,
        "value": "b",
        "confidence": 0.6,
    }
    assert len(annotation["data"]) == 2
    assert annotation["duration"] == document["file_metadata"]["duration"] == 3661.25
    assert document["file_metadata"]["title"] == "a.wav"


def test_jams_without_a_label_is_whole():
    for predictions in ([], SEVERAL[1:2]):
        document = json.loads(written("jams", predictions))
        assert document["annotations"][0]["data"] == []


def test_labels_with_tabs_and_line_ends_keep_to_their_column():
    odd = replace(SEVERAL[0], labels=["a\tb\n"], scores={"a\tb\n": 1.0})
    assert written("audacity", [odd]) == "0.000000\t1.500000\ta b\n"


def test_numbers_are_labels_too():
    window = replace(SEVERAL[0], label=3, labels=[3], scores={3: 0.75, 4: 0.25})
    for format in FORMATS:
        text = written(format, [window], classes=[3, 4], with_times=True)
        assert "3" in text


def test_unknown_format_is_refused(predictor):
    with pytest.raises(ValueError, match=r"'format' .*Did you mean 'raven'"):
        make_writer("ravn", sys.stdout, predictor)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_names_a_writer_that_is_there(name, predictor):
    writer = make_writer(name, io.StringIO(), predictor)
    assert isinstance(writer, Writer)
    assert FORMATS[name].writer.endswith(f":{type(writer).__name__}")


def test_model_of_several_labels_lists_those_above_threshold(
    noise_clips, recording, tmp_path
):
    from mfccclf import make_pipeline

    pipeline = make_pipeline("scratch", hidden_sizes=(4,), max_epochs=2, random_state=0)
    pipeline.fit(noise_clips, [["quiet"], ["loud", "rough"]] * 3)
    path = save_model(pipeline, tmp_path / "several.mfccclf")
    thresholds = [0.0, 0.0, 1.0]
    rewrite(path, lambda _, config: config.update(thresholds=thresholds))
    predictor = Predictor(path)
    windows = list(predictor.predict_windows(recording(), window=1))
    heard = [window for window in windows if not window.is_silent]
    assert [window.labels for window in heard] == [["loud", "quiet"]] * 4
    assert {window.label for window in heard} <= {"loud", "quiet", "rough"}
    text = written("audacity", windows, classes=predictor.classes)
    assert len(text.splitlines()) == 8
