"""Varied copies of clips, and the pipeline that learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from mfccclf import (
    ClipPipeline,
    ClipVariation,
    MFCCExtractor,
    SequenceStandardScaler,
    SequenceStatistics,
    load_model,
    make_pipeline,
    save_model,
)
from mfccclf.errors import DatasetError
from mfccclf.estimators.familiarity import cross_calibration
from mfccclf.prediction.model_file import ModelFile
from mfccclf.search import make_folds, make_plan, search_pipeline
from mfccclf.variation import VariationParameters, vary_waveform
from mfccclf.variation.stretching import warp_waveform
from mfccclf.workflows import (
    RecogniserOptions,
    SearchOptions,
    describe,
    extract_to_disk,
    load_training_data,
    search_recognisers,
    train_recogniser,
)
from mfccclf.workflows.training_sequences import find_sequences

RATE = 16000
NOTHING = {
    "pitch": 0,
    "formant": 0,
    "tempo": 0,
    "colour_db": 0,
    "room": 0,
    "noise_snr_db": None,
    "level_db": 0,
    "shift": 0,
}


def loudest_hz(waveform):
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    return np.argmax(spectrum) * RATE / len(waveform)


def centroid_hz(waveform):
    power = np.abs(np.fft.rfft(waveform)) ** 2
    return np.sum(power * np.fft.rfftfreq(len(waveform), 1 / RATE)) / power.sum()


@pytest.mark.parametrize("semitones", [-5, 3, 12])
def test_pitch_moves_and_duration_stays(tone, semitones):
    wave = tone(frequency=500, sample_rate=RATE)
    moved = warp_waveform(wave, RATE, pitch=semitones)
    assert loudest_hz(moved) == pytest.approx(500 * 2 ** (semitones / 12), rel=0.01)
    assert len(moved) == pytest.approx(RATE, abs=2)


@pytest.mark.parametrize("tempo", [0.8, 1.3])
def test_tempo_changes_and_pitch_and_level_stay(tone, tempo):
    wave = tone(frequency=500, sample_rate=RATE)
    moved = warp_waveform(wave, RATE, tempo=tempo)
    assert len(moved) == pytest.approx(RATE / tempo, abs=2)
    assert loudest_hz(moved) == pytest.approx(500, rel=0.005)
    middle = moved[2000:-2000]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.15)


def voice(pitch=120, resonance=1000):
    """Return a buzz with one resonance."""
    time = np.arange(RATE) / RATE
    harmonics = np.arange(1, 60) * pitch
    gains = 1 / (1 + ((harmonics - resonance) / 250) ** 2)
    waves = np.sin(2 * np.pi * harmonics[:, None] * time) * gains[:, None]
    return (0.1 * waves.sum(axis=0)).astype(np.float32)


def test_formants_move_and_pitch_stays():
    moved = warp_waveform(voice(), RATE, formant=4)
    assert centroid_hz(moved) == pytest.approx(centroid_hz(voice()) * 1.26, rel=0.08)
    harmonics = loudest_hz(moved) / 120
    assert harmonics == pytest.approx(round(harmonics), abs=0.02)


def test_pitch_moves_and_formants_stay():
    moved = warp_waveform(voice(), RATE, pitch=4)
    assert centroid_hz(moved) == pytest.approx(centroid_hz(voice()), rel=0.08)
    harmonics = loudest_hz(moved) / (120 * 2 ** (4 / 12))
    assert harmonics == pytest.approx(round(harmonics), abs=0.02)


def test_a_copy_without_changes_is_the_clip(tone):
    wave = tone(sample_rate=RATE)
    parameters = VariationParameters(**NOTHING)
    copy = vary_waveform(wave, RATE, parameters, np.random.default_rng(0))
    np.testing.assert_allclose(copy, wave, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pitch", 3),
        ("formant", 3),
        ("tempo", 0.3),
        ("colour_db", 10),
        ("room", 1),
        ("noise_snr_db", (0, 10)),
        ("level_db", 20),
        ("shift", 0.3),
    ],
)
def test_each_parameter_changes_a_clip(name, value):
    parameters = VariationParameters(**{**NOTHING, name: value})
    copy = vary_waveform(voice(), RATE, parameters, np.random.default_rng(0))
    assert copy.dtype == np.float32
    assert np.abs(copy).max() <= 1
    assert len(copy) != RATE or np.abs(copy - voice()).max() > 0.01


def test_noise_has_the_ratio_that_was_asked_for():
    parameters = VariationParameters(**{**NOTHING, "noise_snr_db": (20, 20)})
    copy = vary_waveform(voice(), RATE, parameters, np.random.default_rng(0))
    ratio = np.mean(voice() ** 2) / np.mean((copy - voice()) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(20, abs=0.3)


@pytest.mark.parametrize("n_samples", [1, 300, 1200])
def test_short_and_silent_clips_can_be_varied(n_samples):
    for wave in (np.zeros(n_samples, np.float32), voice()[:n_samples]):
        parameters = VariationParameters(room=1)
        copy = vary_waveform(wave, RATE, parameters, np.random.default_rng(1))
        assert np.isfinite(copy).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_variations": -1}, "'n_variations' parameter of ClipVariation must be"),
        ({"room": 1.5}, "'room' parameter of ClipVariation must be"),
        ({"noise_snr_db": (30, 10)}, r"must be a pair \(lowest, highest\)"),
        ({"noise_snr_db": 10}, r"must be a pair \(lowest, highest\)"),
        ({"tempo": "fast"}, "'tempo' parameter of ClipVariation must be"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        ClipVariation(**parameters).parameters()


@pytest.fixture
def clips(tmp_path):
    """Twelve files: low and high buzzes, six of each."""
    paths, labels = [], []
    for number in range(12):
        label = ("low", "high")[number % 2]
        wave = voice(100 + 3 * number, 700 if label == "low" else 2200)[:6000]
        paths.append(str(tmp_path / f"{label}.{number}.wav"))
        soundfile.write(paths[-1], wave, RATE)
        labels.append(label)
    return paths, labels


def linear(n_variations=3, **parameters):
    return ClipPipeline(
        [
            ("extract", MFCCExtractor(sample_rate=RATE, n_frames=None)),
            ("statistics", SequenceStatistics()),
            ("scale", SequenceStandardScaler()),
            ("linear", LogisticRegression()),
        ],
        variation=ClipVariation(n_variations=n_variations, **parameters),
    )


class Counting(LogisticRegression):
    """Remembers what it has learned from."""

    def fit(self, X, y, sample_weight=None):
        self.seen_X_, self.seen_y_, self.seen_weight_ = X, y, sample_weight
        return super().fit(X, y, sample_weight)


def counting(**parameters):
    return linear(**parameters).set_params(linear=Counting())


def test_a_fit_learns_from_each_clip_and_its_copies(clips):
    paths, labels = clips
    weights = np.arange(1.0, 13.0)
    fitted = counting().fit(paths, labels, linear__sample_weight=weights)
    last = fitted[-1]
    assert len(last.seen_X_) == 48
    assert list(last.seen_y_) == [label for label in labels for _ in range(4)]
    np.testing.assert_array_equal(last.seen_weight_, np.repeat(weights, 4))
    assert len(np.unique(last.seen_X_, axis=0)) == 48


def test_predictions_see_no_copies(clips):
    paths, labels = clips
    fitted = counting().fit(paths, labels)
    np.testing.assert_allclose(
        fitted[:-1].transform(paths), fitted[-1].seen_X_[::4], atol=1e-6
    )
    assert fitted.predict(paths).shape == (12,)
    assert fitted.score(paths, labels) == 1


def test_copies_depend_on_clip_number_and_seed_alone(clips):
    paths, labels = clips
    forwards = counting().fit(paths, labels)[-1].seen_X_
    backwards = counting().fit(paths[::-1], labels[::-1])[-1].seen_X_
    assert not np.allclose(
        forwards, counting(seed=1).fit(paths, labels)[-1].seen_X_, atol=1e-3
    )
    more = counting(n_variations=5).fit(paths, labels)
    extract = MFCCExtractor(sample_rate=RATE, n_frames=None)
    first = extract.transform(ClipVariation(n_variations=2).expand(paths))
    second = extract.transform(ClipVariation(n_variations=5).expand(paths[::-1]))
    n_frames = min(first.shape[1], second.shape[1])
    np.testing.assert_array_equal(
        first.reshape(12, 3, *first.shape[1:])[:, :, :n_frames],
        second.reshape(12, 6, *second.shape[1:])[::-1, :3, :n_frames],
    )
    assert len(more[-1].seen_X_) == 72
    assert forwards.shape == backwards.shape


def test_waveforms_and_files_have_equal_copies(clips):
    paths, _ = clips
    waves = [soundfile.read(path, dtype="float32")[0] for path in paths]
    extract, variation = MFCCExtractor(sample_rate=RATE), ClipVariation(n_variations=1)
    np.testing.assert_allclose(
        extract.transform(variation.expand(waves)),
        extract.transform(variation.expand(paths)),
        atol=1e-4,
    )


def test_copies_are_cached_like_their_clips(clips, tmp_path, reads):
    paths, labels = clips
    pipeline = linear().set_params(extract__cache=tmp_path / "cache")
    first = clone(pipeline).fit(paths, labels)
    reads.take()
    again = clone(pipeline).fit(paths[:8], labels[:8])
    assert reads.take() == []
    other = clone(pipeline).set_params(variation__seed=1).fit(paths, labels)
    assert len(reads.take()) == 36
    assert not np.allclose(first[-1].coef_, other[-1].coef_)
    assert again.predict(paths[8:]).tolist() == labels[8:]


def test_searches_and_folds_vary_the_training_part_alone(clips):
    paths, labels = clips
    search = GridSearchCV(
        counting(), {"variation__n_variations": [0, 2], "variation__pitch": [1]}, cv=2
    )
    search.fit(paths, labels)
    assert search.best_score_ == 1
    n_rows = 12 * (1 + search.best_params_["variation__n_variations"])
    assert len(search.best_estimator_[-1].seen_X_) == n_rows
    scores = cross_val_score(linear(), paths, labels, cv=3)
    assert scores.tolist() == [1, 1, 1]


class Grouped(LogisticRegression):
    """Takes groups as classifiers do that split their input."""

    def fit(self, X, y, groups=None):
        self.groups_ = groups
        return super().fit(X, y)


def test_a_classifier_that_splits_gets_groups(clips):
    paths, labels = clips
    pipeline = linear(n_variations=1).set_params(linear=Grouped())
    pipeline.fit(paths, labels)
    assert pipeline[-1].groups_.tolist() == np.repeat(np.arange(12), 2).tolist()
    pipeline.fit(paths, labels, linear__groups=list("aabbccddeeff"))
    assert "".join(pipeline[-1].groups_) == "aaaabbbbccccddddeeeeffff"


def test_fit_transform_has_a_row_per_clip(clips):
    paths, labels = clips
    steps = ClipPipeline(linear().steps[:-1], variation=ClipVariation(n_variations=2))
    assert steps.fit_transform(paths, labels).shape[0] == 12


def test_a_model_file_varies_again_when_it_is_fitted_again(clips, tmp_path):
    paths, labels = clips
    fitted = linear(n_variations=2, pitch=1).fit(paths, labels)
    loaded = load_model(save_model(fitted, tmp_path / "m.mfccclf"))
    np.testing.assert_allclose(
        loaded.predict_proba(paths), fitted.predict_proba(paths), atol=1e-6
    )
    assert loaded.variation.get_params() == fitted.variation.get_params()
    again = clone(loaded).fit(paths, labels)
    np.testing.assert_allclose(again[-1].coef_, fitted[-1].coef_, rtol=1e-3)
    plain = load_model(save_model(linear(0).fit(paths, labels), tmp_path / "p.mfccclf"))
    assert not hasattr(plain, "variation")


def test_unfit_waveforms_are_named_by_their_own_place():
    waves = [voice(), voice()[:100]]
    with pytest.raises(ValueError, match="Clip 1 has 100 samples"):
        linear(n_variations=2).fit(waves, ["a", "b"])


def test_a_copy_that_is_too_short_is_filled_up():
    extract = MFCCExtractor(sample_rate=RATE, n_fft=512, n_frames=None)
    variation = ClipVariation(n_variations=8, tempo=0.5, shift=0)
    assert len(extract.transform(variation.expand([voice()[:512]]))) == 9


def test_a_wrong_variation_is_named(clips):
    paths, labels = clips
    with pytest.raises(TypeError, match="'variation' parameter of ClipPipeline must"):
        linear().set_params(variation=3).fit(paths, labels)


def test_presets_and_overrides_set_a_variation(tmp_path):
    preset = tmp_path / "varied.yaml"
    preset.write_text(
        "variation: {n_variations: 2, pitch: 0}\n"
        "steps:\n"
        "  - {name: extract, estimator: MFCCExtractor}\n"
        "  - {name: lstm, estimator: LSTMClassifier}\n"
    )
    pipeline = make_pipeline(preset, tempo=0.3)
    assert pipeline.variation.n_variations == 2
    assert pipeline.variation.tempo == 0.3
    assert make_pipeline("words").variation.n_variations == 0
    preset.write_text(preset.read_text().replace("pitch", "pich"))
    with pytest.raises(ValueError, match="ClipVariation has no parameter 'pich'"):
        make_pipeline(preset)


SMALL = {
    "sample_rate": RATE,
    "hidden_sizes": (4,),
    "max_epochs": 2,
    "n_variations": 2,
}


@pytest.fixture
def data(clips):
    return load_training_data(Path(clips[0][0]).parent)


def test_training_learns_from_copies_and_scores_clips(data, tmp_path):
    options = RecogniserOptions(preset="names-lstm", overrides=SMALL)
    result = train_recogniser(data, options)
    assert result.n_clips == result.scores["training"]["n_clips"] == 12
    pipeline = make_pipeline("names-lstm", **SMALL, random_state=0)
    pipeline.fit(data.clips.paths, data.clips.labels)
    np.testing.assert_allclose(
        result.pipeline.predict_proba(data.clips.paths),
        pipeline.predict_proba(data.clips.paths),
        atol=1e-5,
    )
    config = ModelFile(result.save(tmp_path / "m.mfccclf")).config
    assert config["variation"]["n_variations"] == 2
    assert "- varied copies of each clip: 2" in ModelFile(tmp_path / "m.mfccclf").card
    described = describe("names-lstm", overrides={"n_variations": 2})
    assert described.facts["training"] == "on each clip and 2 varied copies of it"


def test_copies_stay_with_their_clip_when_training_sets_some_aside(data):
    overrides = {**SMALL, "early_stopping": True, "validation_fraction": 0.34}
    options = RecogniserOptions(preset="names-lstm", overrides=overrides)
    sequences = find_sequences(make_pipeline("names-lstm", **overrides), data, options)
    assert sequences.groups.tolist() == np.repeat(np.arange(12), 3).tolist()
    assert sequences.y.tolist() == np.repeat(data.clips.labels, 3).tolist()
    assert train_recogniser(data, options).n_epochs == 2


def test_a_model_is_calibrated_on_clips_and_not_on_copies(data, monkeypatch):
    seen = []
    run = cross_calibration.run_net
    monkeypatch.setattr(
        cross_calibration,
        "run_net",
        lambda fold, clips: (seen.append(len(clips)), run(fold, clips))[1],
    )
    overrides = {**SMALL, "max_epochs": 1}
    options = RecogniserOptions(
        preset="names-lstm", overrides=overrides, calibrate=True
    )
    train_recogniser(data, options)
    assert seen == [4, 4, 4]


def test_features_on_disk_cannot_be_varied(data, tmp_path):
    written = tmp_path / "features.npz"
    overrides = {**SMALL, "n_variations": 0}
    extract_to_disk(make_pipeline("names-lstm", **overrides)[0], data.clips, written)
    options = RecogniserOptions(preset="names-lstm", overrides=SMALL)
    with pytest.raises(DatasetError, match="no varied copies can be made"):
        train_recogniser(load_training_data(written), options)


def test_a_search_gives_the_scores_of_scikit_learn(clips):
    paths, labels = clips
    pipeline = make_pipeline("names-lstm", **SMALL, random_state=0)
    folds = make_folds(labels, cv=2)
    space = {"variation__n_variations": [0, 2], "variation__shift": [0.2]}
    ours = search_pipeline(pipeline, paths, labels, plan=make_plan(space), folds=folds)
    splits = [(fold.train, fold.test) for fold in folds]
    theirs = GridSearchCV(pipeline, space, cv=splits)
    theirs.fit(paths, np.array(labels))
    scores = [row.mean("accuracy") for row in ours.rows]
    assert scores == pytest.approx(theirs.cv_results_["mean_test_score"])


def test_a_search_varies_from_the_command_line(data, tmp_path):
    options = SearchOptions(preset="names-lstm", overrides={**SMALL, "cache": False})
    outcome = search_recognisers(
        data, {"n_variations": [1]}, options, folder=tmp_path / "search"
    )
    assert outcome.training.pipeline.variation.n_variations == 1
