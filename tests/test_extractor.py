"""The transformer from clips to X, and its manners as a scikit-learn citizen."""

from __future__ import annotations

import inspect
import pickle
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
import soundfile
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from mfccclf import (
    AudioFileError,
    AudioFileWarning,
    FeatureParameters,
    MFCCExtractor,
    extract_sequence,
    sequence_lengths,
)
from mfccclf._parameters import declared_defaults
from mfccclf.features.extractor import BackendParameters
from mfccclf.features.front_end_parameters import FrontEndRuntime
from mfccclf.waveform import Reading

Make = Callable[..., Any]


class Column:
    """A data frame's column, as far as the extractor knows one."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)


class Table(Column):
    """A data frame, which iterates over its column names."""

    def __init__(self, columns: list[str], items: list[Any] | None = None) -> None:
        super().__init__(columns)
        self.columns = columns
        self.column = Column(items or [])

    def __getitem__(self, name: str) -> Column:
        return self.column


@pytest.fixture
def paths(tone_file: Make) -> list[Path]:
    return [
        tone_file(f"{index}.wav", seconds=0.5 + index / 4, frequency=300.0 + 90 * index)
        for index in range(3)
    ]


def test_clips_become_one_array_with_nan_past_their_ends(paths: list[Path]) -> None:
    X = MFCCExtractor().fit_transform(paths)
    assert X.shape == (3, 128, 33)
    assert X.dtype == np.float32
    assert sequence_lengths(X).tolist() == [22, 33, 44]


def test_whole_clips_are_filled_up_to_the_longest(paths: list[Path]) -> None:
    X = MFCCExtractor(n_frames=None, features=14).transform(paths)
    assert X.shape == (3, 44, 14)
    assert sequence_lengths(X).tolist() == [22, 33, 44]


def test_long_clips_are_cut(paths: list[Path]) -> None:
    X = MFCCExtractor(n_frames=10).transform(paths)
    assert sequence_lengths(X).tolist() == [10, 10, 10]


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        lambda paths: [str(path) for path in paths],
        lambda paths: np.array([str(path) for path in paths]),
        lambda paths: np.array(paths, dtype=object),
        Column,
    ],
    ids=["list", "tuple", "texts", "str array", "object array", "column"],
)
def test_paths_come_in_many_containers(paths: list[Path], container: Make) -> None:
    expected = MFCCExtractor().transform(paths)
    np.testing.assert_array_equal(MFCCExtractor().transform(container(paths)), expected)


def test_waveforms_give_what_their_files_give(paths: list[Path]) -> None:
    waveforms = [soundfile.read(path, dtype="float32")[0] for path in paths]
    extractor = MFCCExtractor()
    expected = extractor.transform(paths)
    np.testing.assert_array_equal(extractor.transform(waveforms), expected)
    mixed = [paths[0], *waveforms[1:]]
    np.testing.assert_array_equal(extractor.transform(mixed), expected)


def test_rows_of_an_array_are_waveforms(noise: Make) -> None:
    rows = np.stack([noise(seed=seed) for seed in range(2)])
    X = MFCCExtractor(n_frames=None).transform(rows)
    expected = extract_sequence(rows[1], FeatureParameters(n_frames=None))
    np.testing.assert_array_equal(X[1], expected)


def test_a_clip_does_not_depend_on_the_others(paths: list[Path]) -> None:
    extractor = MFCCExtractor()
    together = extractor.transform(paths)
    alone = np.concatenate([extractor.transform([path]) for path in paths[::-1]])
    np.testing.assert_array_equal(together, alone[::-1])


def test_workers_give_the_same(noise: Make) -> None:
    clips = [noise(seconds=0.1, seed=seed) for seed in range(70)]
    one = MFCCExtractor(n_frames=4).transform(clips)
    two = MFCCExtractor(n_frames=4, n_jobs=2).transform(clips)
    np.testing.assert_array_equal(one, two)


def test_backends_agree(noise: Make) -> None:
    settings: dict[str, Any] = {"features": ["mfcc", "zero"], "delta": 1}
    ours = MFCCExtractor(**settings).transform([noise()])
    theirs = MFCCExtractor(backend="librosa", **settings).transform([noise()])
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_librosa_backend_takes_any_window(noise: Make) -> None:
    settings: dict[str, Any] = {"features": ["mfcc"], "backend": "librosa"}
    kaiser = MFCCExtractor(window=("kaiser", 4.0), **settings)
    X = clone(kaiser).transform([noise()])
    assert not np.array_equal(X, MFCCExtractor(**settings).transform([noise()]))


def test_librosa_backend_is_quiet_about_silence() -> None:
    X = MFCCExtractor(backend="librosa").transform([np.zeros(4000, np.float32)])
    assert np.isfinite(X[0, :8]).all()


def test_single_waveform_is_rejected(tone: Make) -> None:
    for method in ("fit", "transform", "fit_transform"):
        with pytest.raises(ValueError, match="list of waveforms"):
            getattr(MFCCExtractor(), method)(tone(seconds=1.0))
    with pytest.raises(ValueError, match="list of waveforms"):
        MFCCExtractor().transform(tone(seconds=1.0).tolist())


def test_single_path_is_rejected(paths: list[Path]) -> None:
    for path in (paths[0], str(paths[0])):
        with pytest.raises(ValueError, match=r"single path .*0\.wav.* list of paths"):
            MFCCExtractor().transform(path)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([], "X holds no clips"),
        (np.empty((0, 9000)), "X holds no clips"),
        (np.zeros((2, 2, 9000)), r"X has shape \(2, 2, 9000\), not \(n_clips, n_samp"),
        (np.array([["a", "b"], ["c", "d"]]), r"X has shape \(2, 2\), not \(n_clips,\)"),
        (Table(["path", "label"]), r"X is a table.*X\['path'\]"),
        ((np.zeros(9000), 22050), "X is a pair of waveform and sample rate"),
        ([(np.zeros(9000), 22050)], r"Clip 0 is a pair .* with sr= the sample_rate"),
        ([np.zeros(9000), np.zeros(180)], "Clip 1 has 180 samples at 22050 Hz"),
        ([np.zeros(9000), np.full(9000, np.nan)], "Clip 1 has the value nan at sample"),
        ([np.zeros((2, 9000))], r"Clip 0 has shape \(2, 9000\)"),
        ([np.zeros(9000, np.int16)], "Clip 0 is an array of int16"),
    ],
)
def test_what_is_no_list_of_clips_is_rejected(X: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MFCCExtractor().transform(X)


@pytest.mark.parametrize("made", [np.array, Column, Table])
def test_one_column_of_paths_is_a_list_of_paths(paths: list[Path], made: Any) -> None:
    names = [str(path) for path in paths]
    column = {
        np.array: lambda: np.array(names, dtype=object)[:, None],
        Column: lambda: Column(names),
        Table: lambda: Table(["path"], names),
    }[made]()
    X = MFCCExtractor().fit(column).transform(column)
    np.testing.assert_array_equal(X, MFCCExtractor().transform(names))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (None, "X is of type NoneType"),
        (3, "X is of type int"),
        ((name for name in ["a.wav"]), "X is of type generator"),
        (["a.wav", None], r"Clip 1 is None \(NoneType\), neither a path nor"),
        (Column(["a.wav", float("nan")]), r"Clip 1 is nan \(float\)"),
        ([b"a.wav"], r"Clip 0 is b'a.wav' \(bytes\)"),
    ],
)
def test_other_types_are_rejected(X: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        MFCCExtractor().transform(X)


def test_a_bad_file_is_named(paths: list[Path], tmp_path: Path) -> None:
    missing = tmp_path / "missing.wav"
    with pytest.raises(AudioFileError, match=r"missing\.wav"):
        MFCCExtractor().transform([*paths, missing])


def test_a_short_file_is_named_also_by_a_worker(tone_file: Make) -> None:
    short = tone_file("short.wav", seconds=0.01)
    with pytest.raises(AudioFileError, match=r"short\.wav has 220 samples.*n_fft=2048"):
        MFCCExtractor(n_jobs=2).transform([short, short])


def test_silent_files_need_permission(tmp_path: Path) -> None:
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(9000), 22050)
    with pytest.raises(AudioFileError, match=r"silent\.wav"):
        MFCCExtractor().transform([path])
    X = MFCCExtractor(allow_silence=True).transform([path])
    assert sequence_lengths(X).tolist() == [18]


def test_channel_is_passed_on(tmp_path: Path, tone: Make, noise: Make) -> None:
    path = tmp_path / "stereo.wav"
    left, right = tone(), noise()
    soundfile.write(path, np.stack([left, right], axis=1), 22050, subtype="FLOAT")
    X = MFCCExtractor(channel=1).transform([path])
    np.testing.assert_array_equal(X, MFCCExtractor().transform([right]))


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_warnings_of_files_reach_the_caller(
    tmp_path: Path, tone: Make, n_jobs: int | None
) -> None:
    path = tmp_path / "opposed.wav"
    soundfile.write(path, np.stack([tone(), -tone()], axis=1), 22050)
    with pytest.warns(AudioFileWarning, match=r"opposed\.wav"):
        MFCCExtractor(n_jobs=n_jobs).transform([path])


def test_fit_sets_what_is_known(paths: list[Path]) -> None:
    extractor = MFCCExtractor(n_mfcc=20, features=["mfcc", "centroid"])
    assert extractor.fit(paths) is extractor
    assert extractor.n_features_out_ == 21
    assert extractor.parameters_ == extractor.feature_parameters()
    assert isinstance(extractor.parameters_, FeatureParameters)


def test_fit_warns_of_empty_mel_filters(noise: Make) -> None:
    extractor = MFCCExtractor(features=["mfcc"], n_fft=256, hop_length=128)
    with pytest.warns(UserWarning, match="of n_mels=128 mel filters lie between two"):
        extractor.fit([noise()])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        extractor.transform([noise()])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_mfcc": 0}, "'n_mfcc' parameter of MFCCExtractor must be an int >= 1"),
        ({"backend": "scipy"}, "'backend' parameter of MFCCExtractor must be one of"),
        ({"channel": -1}, "'channel' parameter of MFCCExtractor must be an int >= 0"),
        ({"features": ["mcc"]}, "'features' .* Did you mean 'mfcc'"),
    ],
)
def test_parameters_are_checked_by_fit_and_transform(
    settings: dict[str, Any], message: str, noise: Make
) -> None:
    extractor = MFCCExtractor(**settings)
    for method in (extractor.fit, extractor.transform):
        with pytest.raises(ValueError, match=message):
            method([noise()])


def test_wrong_types_are_refused(noise: Make) -> None:
    with pytest.raises(TypeError, match="'allow_silence' parameter of MFCCExtractor"):
        MFCCExtractor(allow_silence="yes").fit([noise()])  # type: ignore[arg-type]


def test_the_signature_is_what_the_parameters_declare() -> None:
    signature = inspect.signature(MFCCExtractor).parameters
    declared = declared_defaults(
        FeatureParameters, Reading, BackendParameters, FrontEndRuntime
    )
    found = {name: parameter.default for name, parameter in signature.items()}
    assert list(found.items()) == list(declared.items())
    assert MFCCExtractor().feature_parameters() == FeatureParameters()


def test_feature_names_are_the_columns(noise: Make) -> None:
    extractor = MFCCExtractor(delta=1)
    names = extractor.get_feature_names_out()
    assert names.dtype == object
    assert list(names[:14]) == [f"mfcc_{k}" for k in range(13)] + ["centroid"]
    assert names[33] == "delta_mfcc_0"
    assert len(names) == extractor.transform([noise()]).shape[2]


def test_clone_and_set_params_keep_the_parameters() -> None:
    extractor = MFCCExtractor(features=["mfcc"], n_mfcc=7, top_db=None)
    assert clone(extractor).get_params() == extractor.get_params()
    assert extractor.set_params(n_mfcc=9).feature_parameters().n_mfcc == 9


def test_fit_leaves_parameters_and_clips_alone(noise: Make) -> None:
    blocks = ["mfcc", "zero"]
    wave = noise()
    before = wave.copy()
    extractor = MFCCExtractor(features=blocks)
    extractor.fit_transform([wave])
    assert extractor.features is blocks
    assert blocks == ["mfcc", "zero"]
    np.testing.assert_array_equal(wave, before)


def test_pickled_extractor_gives_the_same(noise: Make) -> None:
    extractor = MFCCExtractor().fit([noise()])
    restored = pickle.loads(pickle.dumps(extractor))
    np.testing.assert_array_equal(
        restored.transform([noise()]), extractor.transform([noise()])
    )


def test_tags_tell_that_no_fit_is_needed() -> None:
    tags = get_tags(MFCCExtractor())
    assert not tags.requires_fit
    assert tags.no_validation
    assert tags.input_tags.string
    check_is_fitted(MFCCExtractor())


def test_output_stays_an_array_under_any_global_setting(noise: Make) -> None:
    with sklearn.config_context(transform_output="pandas"):
        X = MFCCExtractor().fit_transform([noise()])
    assert isinstance(X, np.ndarray)
    assert X.ndim == 3


def test_set_output_accepts_the_default_alone() -> None:
    extractor = MFCCExtractor()
    assert extractor.set_output(transform="default") is extractor
    assert extractor.set_output() is extractor
    with pytest.raises(ValueError, match="three axes .* no data frame holds"):
        extractor.set_output(transform="pandas")
    with pytest.raises(ValueError, match="three axes"):
        make_pipeline(extractor).set_output(transform="pandas")


def test_grid_search_runs_over_paths(tone_file: Make) -> None:
    paths = [
        str(tone_file(f"{label}.{k}.wav", seconds=0.3, frequency=frequency + 5 * k))
        for label, frequency in (("low", 300.0), ("high", 1200.0))
        for k in range(4)
    ]
    labels = [Path(path).name.split(".")[0] for path in paths]
    pipeline = make_pipeline(
        MFCCExtractor(n_frames=8), FunctionTransformer(_flat), KNeighborsClassifier(1)
    )
    search = GridSearchCV(pipeline, {"mfccextractor__n_mfcc": [5, 13]}, cv=2)
    search.fit(paths, labels)
    assert search.best_score_ == 1.0


def _flat(X: np.ndarray) -> np.ndarray:
    return X.reshape(len(X), -1)
