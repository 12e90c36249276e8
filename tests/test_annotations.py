"""Annotated recordings as data sets: stretches, groups, overlaps, unlabelled time."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline

from mfccclf import MFCCExtractor, SequenceStatistics
from mfccclf.datasets import Cutting, load_dataset, load_unlabelled
from mfccclf.datasets.loading import find_layout
from mfccclf.errors import DatasetError

RATE = 8000


@pytest.fixture
def field(tmp_path):
    """A folder with two recordings of ten seconds: low and high tones, and noise."""
    rng = np.random.default_rng(0)
    for name, tones in (("a", (300, 1500)), ("b", (320, 1600))):
        time = np.arange(10 * RATE) / RATE
        wave = 0.01 * rng.standard_normal(len(time))
        for start, frequency in ((1, tones[0]), (3, tones[1]), (5, tones[0])):
            part = slice(start * RATE, (start + 1) * RATE)
            wave[part] += 0.4 * np.sin(2 * np.pi * frequency * time[part])
        soundfile.write(tmp_path / f"{name}.wav", wave, RATE)
    track = "1\t2\tlow\n3\t4\thigh\n5\t6\tlow\n"
    (tmp_path / "a.txt").write_text(track)
    (tmp_path / "b.wav.txt").write_text(track)
    return tmp_path


def clips_of(data, **options):
    dataset = load_dataset(data, **options)
    times = [path.rpartition("/")[2] for path in dataset.paths]
    return dict(zip(times, dataset.labels, strict=True))


def write_track(folder, *rows, name="a.txt"):
    (folder / name).write_text("".join(f"{row}\n".replace(" ", "\t") for row in rows))
    return folder / name


def test_a_folder_of_recordings_and_tables_gives_a_clip_per_annotation(field):
    dataset = load_dataset(field)
    assert dataset.layout == find_layout(field) == "annotations"
    assert dataset.paths[:2] == [f"{field}/a.wav#t=1,2", f"{field}/a.wav#t=3,4"]
    assert dataset.labels == ["low", "high", "low"] * 2
    assert dataset.groups == ["a.wav"] * 3 + ["b.wav"] * 3
    assert dataset.splits is None
    assert [path.name for path in field.iterdir() if "#" in path.name] == []


def test_one_table_gives_its_recording_without_a_group_to_keep_together(field):
    dataset = load_dataset(field / "a.txt")
    assert (dataset.layout, dataset.name, len(dataset)) == ("annotations", "a.txt", 3)
    assert dataset.groups is None


def test_a_table_with_paths_groups_and_splits(field):
    table = field / "table.csv"
    table.write_text(
        "path,start,end,label,speaker,split\n"
        "a.wav,1,2,low,anna,train\na.wav,3,4,high,anna,train\n"
        "C:\\field\\b.wav,1,2,low,ben,test\n"
    )
    dataset = load_dataset(table)
    assert dataset.groups == ["anna", "anna", "ben"]
    assert dataset.splits == ["train", "train", "test"]
    assert dataset.paths[2] == f"{field}/b.wav#t=1,2"
    assert load_dataset(table, split="test").labels == ["low"]


def test_folders_named_like_splits_are_splits_and_tables_may_lie_elsewhere(field):
    for name, split in (("a", "train"), ("b", "test")):
        (field / "audio" / split).mkdir(parents=True)
        (field / f"{name}.wav").rename(field / "audio" / split / f"{name}.wav")
    (field / "tables").mkdir()
    for name in ("a.txt", "b.wav.txt"):
        (field / name).rename(field / "tables" / name)
    dataset = load_dataset(field)
    assert dataset.layout == "annotations"
    assert dataset.splits == ["train"] * 3 + ["test"] * 3
    assert dataset.groups[0] == "audio/train/a.wav"


def test_windows_have_the_labels_that_cover_enough_of_them(field):
    cutting = Cutting(window=1.5, hop=0.75, overlap=0.5)
    found = clips_of(field / "a.txt", cutting=cutting)
    assert found == {
        "a.wav#t=0.75,2.25": "low",
        "a.wav#t=2.25,3.75": "high",
        "a.wav#t=3,4.5": "high",
        "a.wav#t=4.5,6": "low",
        "a.wav#t=5.25,6.75": "low",
    }
    rest = clips_of(
        field / "a.txt", cutting=Cutting(window=1.5, hop=0.75, unlabelled="noise")
    )
    assert len(rest) == 12
    assert {label for time, label in rest.items() if time not in found} == {"noise"}


def test_annotations_of_one_time_join_their_labels(field):
    table = write_track(field, "1 2 low", "1 2 high", "3 4 low")
    assert clips_of(table) == {"a.wav#t=1,2": "high;low", "a.wav#t=3,4": "low"}


def test_annotations_that_others_cover_get_several_labels_with_a_warning(field):
    table = write_track(field, "1 2 low", "1.5 3 high", "0 9 music", "8.9 9.5 low")
    with pytest.warns(
        UserWarning, match=r"overlap by 0\.5 of a clip or more, so 2 of 4"
    ):
        found = clips_of(table)
    assert found == {
        "a.wav#t=0,9": "music",
        "a.wav#t=1,2": "high;low;music",
        "a.wav#t=1.5,3": "high;music",
        "a.wav#t=8.9,9.5": "low",
    }
    with pytest.warns(
        UserWarning, match=r"a\.wav, line 1 \(high;low;music\), a\.wav, line 2"
    ):
        clips_of(table)
    with pytest.warns(UserWarning, match="overlap by 1 of a clip"):
        found = clips_of(table, cutting=Cutting(overlap=1.0))
    assert found["a.wav#t=1,2"] == "low;music"


def test_unlabelled_time_becomes_clips_as_long_as_the_median_annotation(field):
    table = write_track(field, "1 2 low", "3 4 high", "5 6 low", "5.6 9.5 high")
    unlabelled = load_unlabelled(table)
    assert [path.rpartition("#t=")[2] for path in unlabelled.paths] == [
        "0,1",
        "2,3",
        "4,5",
    ]
    assert set(unlabelled.labels) == {"other"}
    labelled = clips_of(table, cutting=Cutting(unlabelled="noise"))
    assert [t for t, label in labelled.items() if label == "noise"] == [
        "a.wav#t=0,1",
        "a.wav#t=2,3",
        "a.wav#t=4,5",
    ]


def test_data_without_annotations_cannot_be_cut(field, tmp_path):
    table = tmp_path / "plain.csv"
    table.write_text("path,label\na.wav,low\nb.wav,high\n")
    with pytest.raises(DatasetError, match="has no annotations with times, so it cann"):
        load_dataset(table, cutting=Cutting(window=1))
    with pytest.raises(
        DatasetError, match="so no time in it is known to have no label"
    ):
        load_unlabelled(table)


def test_columns_of_times_are_passed_over_where_the_layout_is_csv(field):
    table = field / "table.csv"
    table.write_text("path,start,end,label\na.wav,1,2,low\nb.wav,50,60,high\n")
    with pytest.warns(UserWarning, match="not used: 'start', 'end'"):
        dataset = load_dataset(table, layout="csv")
    assert dataset.paths == [f"{field}/a.wav", f"{field}/b.wav"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "The 'window' parameter of load_dataset must be"),
        ({"hop": 1}, "The 'hop' parameter of load_dataset must be None without"),
        ({"overlap": 1.5}, "The 'overlap' parameter of load_dataset must be"),
        (
            {"unlabelled": " "},
            "The 'unlabelled' parameter of load_dataset must be a te",
        ),
    ],
)
def test_cutting_is_checked(field, options, message):
    with pytest.raises(ValueError, match=message):
        load_dataset(field, cutting=Cutting(**options))


def test_all_faults_of_all_tables_are_told_at_once(field):
    write_track(field, "1 2 low", "2 1 low", "9 11 high", "1 2 low", "12 13 low")
    (field / "b.wav.txt").write_text("start,end,label,path\n0,1,low,none.wav\n")
    (field / "b.wav.txt").rename(field / "b.csv")
    with pytest.raises(DatasetError) as caught:
        load_dataset(field)
    assert str(caught.value).splitlines() == [
        f"{field} has 5 problems:",
        f"  - {field}/a.txt: Line 2 ends at 1 s, before its start at 2 s. Correct its "
        "times.",
        f"  - {field}/a.txt: Line 3 ends at 11 s, but {field}/a.wav lasts 10.000 s. "
        "Correct its times or its recording.",
        f"  - {field}/a.txt: Line 4 repeats line 1. Keep one of the two.",
        f"  - {field}/a.txt: Line 5 ends at 13 s, but {field}/a.wav lasts 10.000 s. "
        "Correct its times or its recording.",
        f"  - {field}/b.csv: Line 2 names {field}/none.wav, which does not exist. "
        "Correct the name, or put the recording beside the table.",
    ]


def test_a_recording_without_table_is_named(field):
    (field / "b.wav.txt").unlink()
    with pytest.warns(UserWarning, match=r"1 of 2 recordings are left out.*: b\.wav"):
        load_dataset(field)


def test_tables_without_annotations_are_named(field):
    write_track(field, name="b.wav.txt")
    (field / "b.wav.txt").write_text("start,end,label\n")
    (field / "b.wav.txt").rename(field / "b.csv")
    with pytest.warns(UserWarning, match=r"1 tables have no annotation: b\.csv"):
        assert len(load_dataset(field)) == 3
    with pytest.warns(UserWarning, match="no annotation"):
        found = clips_of(field, cutting=Cutting(window=5, unlabelled="none"))
    assert found["b.wav#t=5,10"] == "none"
    with pytest.raises(DatasetError, match="It has no annotation. Annotate the rec"):
        load_dataset(field / "b.csv")


def test_a_recording_with_two_tables_is_an_error(field):
    write_track(field, "1 2 low", name="a.Table.1.selections.txt")
    with pytest.raises(DatasetError, match=r"annotate the same recording: .*a\.wav"):
        load_dataset(field)


def test_a_table_of_no_recording_is_an_error(field):
    table = write_track(field, "1 2 low", name="labels.txt")
    with pytest.raises(DatasetError, match="does not say which recording it is of"):
        load_dataset(table)


def test_a_table_in_a_folder_may_name_a_recording_elsewhere(field, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "c.wav"
    (field / "b.wav").rename(elsewhere)
    (field / "b.wav.txt").unlink()
    (field / "empty").mkdir()
    (field / "a.txt").unlink()
    (field / "a.csv").write_text(f"path,start,end,label\n{elsewhere},1,2,low\n")
    with pytest.warns(UserWarning, match=r"1 of 1 recordings are left out.*: a\.wav"):
        assert load_dataset(field).paths == [f"{elsewhere}#t=1,2"]


def test_an_unreadable_recording_is_named_with_its_line(field):
    (field / "a.wav").write_bytes(b"no sound")
    with pytest.raises(
        DatasetError, match=r"Line 1 is about .*a\.wav, which cannot be"
    ):
        load_dataset(field / "a.txt")


def test_tables_beside_labelled_folders_are_named_but_not_used(field):
    for label in ("low", "high"):
        (field / label).mkdir()
        soundfile.write(field / label / "1.wav", np.sin(np.arange(4000)), RATE)
        (field / label / "1.txt").write_text("0\t0.2\tx\n")
    for path in [*field.glob("*.wav"), *field.glob("*.txt")]:
        path.unlink()
    with pytest.warns(
        UserWarning, match="2 tables of annotations beside the clips are"
    ):
        dataset = load_dataset(field)
    assert (dataset.layout, dataset.classes) == ("folders", ["high", "low"])
    assert load_dataset(field, layout="annotations").classes == ["x"]


def test_names_that_tell_labels_apart_go_before_tables(field):
    for path in list(field.iterdir()):
        path.rename(path.with_name(f"{path.name[0]}.1{path.name[1:]}"))
    with pytest.warns(UserWarning, match="choose the layout 'annotations'"):
        assert load_dataset(field).layout == "names"


def test_a_recording_longer_than_its_header_rounds_is_used_to_its_end(field):
    table = write_track(field, "9 10.04 low")
    assert clips_of(table) == {"a.wav#t=9,10": "low"}


def test_stretches_go_through_a_grid_search_with_groups(field):
    dataset = load_dataset(field)
    pipeline = make_pipeline(
        MFCCExtractor(sample_rate=RATE), SequenceStatistics(), LogisticRegression()
    )
    grid = {"logisticregression__C": [0.1, 10.0]}
    search = GridSearchCV(pipeline, grid, cv=GroupKFold(2))
    search.fit(np.array(dataset.paths), dataset.labels, groups=dataset.groups)
    assert search.best_score_ == 1.0
