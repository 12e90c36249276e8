"""Data in memory: data frames, and data sets of Hugging Face and torchaudio."""

from __future__ import annotations

import numpy as np
import pytest
from archive_tools import make_clip_bytes
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline as sklearn_pipeline

from mfccclf import (
    MFCCExtractor,
    SequenceStatistics,
    from_huggingface,
    from_torchaudio,
)
from mfccclf.errors import AudioFileError, DatasetError
from mfccclf.storage.held_clip import HeldClip

SMALL = {"features": 14, "sample_rate": 8000, "n_fft": 256, "hop_length": 128}


@pytest.fixture
def clips(tmp_path):
    """Paths of six clips, and their labels."""
    y = ["low", "high"] * 3
    paths = []
    for index, label in enumerate(y):
        path = tmp_path / f"{index}.wav"
        tone = (200 if label == "low" else 2000) + 9 * index
        path.write_bytes(make_clip_bytes(tone))
        paths.append(str(path))
    return paths, y


def small_pipeline():
    classifier = LogisticRegression(max_iter=500)
    return sklearn_pipeline(MFCCExtractor(**SMALL), SequenceStatistics(), classifier)


def as_table(kind, paths, y):
    """Return a table of paths and labels, and its only columns of each."""
    library = pytest.importorskip(kind)
    table = library.DataFrame({"path": paths, "label": y})
    return table[["path"]], table["path"], table["label"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_columns_of_data_frames_are_lists_of_paths(clips, kind):
    paths, y = clips
    table, column, labels = as_table(kind, paths, y)
    expected = MFCCExtractor(**SMALL).fit_transform(paths)
    for X in (table, column):
        given = MFCCExtractor(**SMALL).fit_transform(X)
        np.testing.assert_array_equal(given, expected)
    model = small_pipeline().fit(column, labels)
    assert model.predict(column).tolist() == y


def test_tools_that_want_two_axes_take_a_column_of_paths(clips):
    paths, y = clips
    X = np.array(paths, dtype=object).reshape(-1, 1)
    model = small_pipeline()
    columns = ColumnTransformer([("sound", model[:2], [0])])
    combined = sklearn_pipeline(columns, LogisticRegression(max_iter=500)).fit(X, y)
    assert combined.predict(X).tolist() == y
    fitted = model.fit(X, y)
    result = permutation_importance(fitted, X, y, n_repeats=2, random_state=0)
    assert result.importances.shape == (1, 2)


def test_bagging_takes_a_column_of_paths(clips):
    paths, y = clips
    X = np.array(paths, dtype=object).reshape(-1, 1)
    bagged = BaggingClassifier(small_pipeline(), n_estimators=2, random_state=3)
    assert set(bagged.fit(X, y).predict(X)) <= {"low", "high"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_imbalanced_learn_resamples_paths(clips):
    over = pytest.importorskip("imblearn.over_sampling")
    pipeline = pytest.importorskip("imblearn.pipeline")
    paths, y = clips
    X = np.array(paths[:5], dtype=object).reshape(-1, 1)
    sampler = over.RandomOverSampler(random_state=0)
    resampled, labels = sampler.fit_resample(X, y[:5])
    assert (len(resampled), labels.count("high")) == (6, 3)
    model = pipeline.make_pipeline(
        sampler, *(step for _, step in small_pipeline().steps)
    )
    assert model.fit(X, y[:5]).predict(X).tolist() == y[:5]


class Column:
    """The type of a column, as Hugging Face's library has it."""

    def __init__(self, names=None, feature=None, decode=True):
        self.names, self.decode = names, decode
        if feature is not None:
            self.feature = feature


class Audio(Column):
    pass


class ClassLabel(Column):
    def int2str(self, value):
        return self.names[value]


class Rows:
    """A data set as Hugging Face's library has it: decoded unless it is told not to."""

    def __init__(self, features, rows):
        self.features, self.rows = features, rows

    def cast_column(self, name, feature):
        return Rows({**self.features, name: feature}, self.rows)

    def select_columns(self, names):
        features = {name: self.features[name] for name in names}
        return Rows(features, [{n: row[n] for n in names} for row in self.rows])

    def __iter__(self):
        undecoded = [f for f in self.features.values() if isinstance(f, Audio)]
        assert not any(feature.decode for feature in undecoded)
        return iter(self.rows)


def make_rows(clips, **columns):
    paths, y = clips
    content = [open(path, "rb").read() for path in paths]  # noqa: SIM115
    rows = [
        {"audio": {"bytes": data, "path": f"{i}.wav"}, "label": int(name == "low")}
        for i, (data, name) in enumerate(zip(content, y, strict=True))
    ]
    rows[0]["audio"] = {"bytes": None, "path": paths[0]}
    features = {"audio": Audio(), "label": ClassLabel(["high", "low"])}
    return Rows({**features, **columns}, rows)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_data_set_of_hugging_face_is_clips_and_labels(clips):
    paths, y = clips
    X, labels = from_huggingface(make_rows(clips))
    assert labels == y
    assert X[0] == paths[0]
    assert X[1].name == "clip 1 (1.wav)"
    expected = MFCCExtractor(**SMALL).fit_transform(paths)
    np.testing.assert_array_equal(MFCCExtractor(**SMALL).fit_transform(X), expected)
    assert small_pipeline().fit(X, labels).predict(X).tolist() == y


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_columns_of_hugging_face_that_cannot_be_used_are_named(clips):
    rows = make_rows(clips)
    with pytest.raises(DatasetError, match=r"has no column 'lable'.*mean 'label'"):
        from_huggingface(rows, label="lable")
    with pytest.raises(DatasetError, match="has 2 columns of type Audio"):
        from_huggingface(make_rows(clips, other=Audio()))
    with pytest.raises(DatasetError, match=r"one of its splits is chosen: train, test"):
        from_huggingface({"train": rows, "test": rows})
    rows.rows[2]["audio"] = {"bytes": None, "path": None}
    with pytest.raises(DatasetError, match="Clip 2 .* neither a file nor bytes"):
        from_huggingface(rows)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_several_labels_of_hugging_face_are_lists(clips):
    rows = make_rows(clips, label=Column(feature=ClassLabel(["a", "b"])))
    for row in rows.rows:
        row["label"] = [0, 1]
    assert from_huggingface(rows, label="label")[1] == [["a", "b"]] * 6


def test_a_clip_in_memory_that_is_no_sound_is_named():
    with pytest.raises(AudioFileError, match=r"clip 0 \(a\.wav\) is not a sound file"):
        MFCCExtractor(**SMALL).fit_transform([HeldClip("clip 0 (a.wav)", b"x" * 99)])


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_hugging_faces_own_library_gives_the_same(clips):
    datasets = pytest.importorskip("datasets")
    paths, y = clips
    content = [open(path, "rb").read() for path in paths]  # noqa: SIM115
    audio = [{"bytes": data, "path": None} for data in content]
    audio[0] = {"bytes": None, "path": paths[0]}
    dataset = datasets.Dataset.from_dict({"audio": audio, "label": y})
    dataset = dataset.cast_column("audio", datasets.Audio())
    dataset = dataset.cast_column("label", datasets.ClassLabel(names=["high", "low"]))
    X, labels = from_huggingface(dataset)
    assert labels == y
    expected = MFCCExtractor(**SMALL).fit_transform(paths)
    np.testing.assert_array_equal(MFCCExtractor(**SMALL).fit_transform(X), expected)


def test_a_data_set_of_torchaudio_is_waveforms_and_labels(tone):
    both = np.stack([tone(sample_rate=16000), np.zeros(16000, np.float32)])
    items = [(both, 16000, "yes", "anna", 0)]
    X, y = from_torchaudio(items, sample_rate=16000)
    np.testing.assert_allclose(X[0], both[0] / 2, atol=1e-7)
    assert y == ["yes"]
    assert from_torchaudio(items, sample_rate=8000, label=3)[1] == ["anna"]
    with pytest.raises(DatasetError, match="Item 0 .* label at place 7"):
        from_torchaudio(items, sample_rate=8000, label=7)
    with pytest.raises(DatasetError, match=r"no tuple of a waveform of shape"):
        from_torchaudio([(both[0], 16000, "yes")], sample_rate=8000)
