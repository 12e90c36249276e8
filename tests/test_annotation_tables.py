"""Tables of annotations as other programs, people and `predict` write them."""

from __future__ import annotations

import io
import json

import pytest

from mfccclf.datasets.annotations.annotation import TableProblems
from mfccclf.datasets.annotations.reading import is_annotation_table, read_annotations
from mfccclf.errors import DatasetError
from mfccclf.prediction import WindowPrediction
from mfccclf.prediction.formats.making import make_writer

RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)"
    "\tHigh Freq (Hz)"
)
BIRDNET = f"{RAVEN}\tCommon Name\tSpecies Code\tConfidence\tBegin Path\tFile Offset (s)"
LONG_GRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.3
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "Mary"
        xmin = 0
        xmax = 2.3
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 1.25
            text = "say ""j\u00e4""
again"
        intervals [3]:
            xmin = 1.25
            xmax = 2.3
            text = "no"
    item [2]:
        class = "TextTier"
        name = "bell"
        xmin = 0
        xmax = 2.3
        points: size = 1
        points [1]:
            number = 1.5
            mark = "ding"
"""
SHORT_GRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
2.3
<exists>
1
"IntervalTier"
"Mary"
0
2.3
2
0 ! a remark "with" 7 words
0.5
"yes"
0.5
2.3
"no"
"""


def read(path, content, *, tier=None, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    assert is_annotation_table(path)
    problems = TableProblems(str(path))
    found = read_annotations(path, problems, tier=tier)
    return found, problems


def told(found):
    return [(one.start_s, one.end_s, one.label) for one in found]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_label_track_of_audacity(tmp_path, line_end):
    lines = ["0.500000\t1.500000\tcat", "\\\t100.0\t2000.0", "2\t3,25\ttwo words", ""]
    found, problems = read(tmp_path / "a.txt", line_end.join(lines))
    assert told(found) == [(0.5, 1.5, "cat"), (2.0, 3.25, "two words")]
    assert [one.place for one in found] == ["Line 1", "Line 3"]
    assert problems.faults == []


def test_birdnet_in_the_form_of_audacity_has_scores_behind(tmp_path):
    content = "0.0\t3.0\tTurdus merula, Eurasian Blackbird\t0.8123\n"
    found, _ = read(tmp_path / "a.BirdNET.results.txt", content)
    assert told(found) == [(0.0, 3.0, "Turdus merula, Eurasian Blackbird")]


def test_a_selection_table_of_raven_lists_a_selection_once_whatever_its_views(tmp_path):
    rows = [
        f"{RAVEN}\tAnnotation",
        "1\tWaveform 1\t1\t0.5\t1.5\t0.0\t11025.0\tcat",
        "1\tSpectrogram 1\t1\t0.5\t1.5\t0.0\t11025.0\tcat",
        "2\tSpectrogram 1\t1\t2\t3\t0.0\t11025.0\tdog",
    ]
    found, problems = read(tmp_path / "a.selections.txt", "\n".join(rows))
    assert told(found) == [(0.5, 1.5, "cat"), (2.0, 3.0, "dog")]
    assert (problems.errors, problems.warnings) == ([], [])


def test_birdnet_in_the_form_of_raven_counts_through_a_sequence_of_files(tmp_path):
    rows = [
        BIRDNET,
        "1\tSpectrogram 1\t1\t3.0\t6.0\t0\t15000\tWren\twinwre3\t0.9\t/x/a.wav\t3.0",
        "2\tSpectrogram 1\t1\t63.0\t66.0\t0\t15000\tRobin\teurrob1\t0.8\t/x/b.wav\t3.0",
    ]
    found, problems = read(tmp_path / "table.txt", "\n".join(rows))
    assert told(found) == [(3.0, 6.0, "Wren"), (3.0, 6.0, "Robin")]
    assert [one.recording for one in found] == ["/x/a.wav", "/x/b.wav"]
    assert (problems.errors, problems.warnings) == ([], [])


def test_in_one_file_begin_and_end_count_since_they_are_what_is_corrected(tmp_path):
    row = "1\tSpectrogram 1\t1\t3.5\t6.0\t0\t15000\tWren\twinwre3\t0.9\t/x/a.wav\t3.0"
    found, _ = read(tmp_path / "table.txt", f"{BIRDNET}\n{row}\n")
    assert told(found) == [(3.5, 6.0, "Wren")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "Start (s),End (s),Scientific name,Common name,Confidence,File",
            "3.0,6.0,Troglodytes troglodytes,Wren,0.9,a.wav",
        ),
        (
            "filepath,start,end,scientific_name,common_name,confidence,lat,lon,week,"
            "overlap,sensitivity,min_conf,species_list,model",
            "a.wav,3.0,6.0,Troglodytes troglodytes,Wren,0.9,-1,-1,-1,0,1,0.1,,m.tflite",
        ),
        ("filename\tonset\toffset\tevent_label", "a.wav\t3.0\t6.0\tWren"),
        ("path;start;duration;label", "a.wav;3,0;3,0;Wren"),
        ("tmin\ttier\ttext\ttmax", "3.0\twords\tWren\t6.0"),
        ("file,start_s,end_s,label,Wren,Robin", "a.wav,3.0,6.0,Wren,0.9,0.1"),
    ],
    ids=["birdnet", "birdnet-r", "dcase", "excel", "praat-table", "predict-csv"],
)
def test_tables_with_a_header(tmp_path, header, row):
    found, problems = read(tmp_path / "a.csv", f"{header}\n{row}\n")
    assert told(found) == [(3.0, 6.0, "Wren")]
    assert (problems.errors, problems.warnings) == ([], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_grid_in_the_long_form(tmp_path, encoding):
    found, problems = read(tmp_path / "a.TextGrid", LONG_GRID, encoding=encoding)
    assert told(found) == [(0.5, 1.25, 'say "j\u00e4" again'), (1.25, 2.3, "no")]
    assert [one.place for one in found] == ["Line 22", "Line 27"]
    assert problems.warnings == [
        "Points have no length, so these tiers are not used: 'bell'."
    ]


def test_a_text_grid_in_the_short_form(tmp_path):
    found, _ = read(tmp_path / "a.TextGrid", SHORT_GRID)
    assert told(found) == [(0.0, 0.5, "yes"), (0.5, 2.3, "no")]


def test_a_tier_is_chosen_by_name(tmp_path):
    second = SHORT_GRID.split("<exists>\n1\n")[1].replace("Mary", "John")
    both = SHORT_GRID.replace("<exists>\n1\n", "<exists>\n2\n") + second
    path = tmp_path / "a.TextGrid"
    assert len(read(path, both, tier="John")[0]) == 2
    _, problems = read(path, both)
    (fault,) = problems.faults
    assert fault.what == "Several tiers have labels: 'Mary', 'John'"
    _, problems = read(path, both, tier="Jon")
    assert problems.faults[0].remedy == "It has 'Mary', 'John'."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SHORT_GRID[:120], "is cut short: it ends where a"),
        (SHORT_GRID.replace('"yes"', "7"), "Line 15 has '7' in place of a text"),
        (SHORT_GRID.replace("\n2\n", "\n2.5\n"), "Line 12 has 2.5 where a number of"),
        (SHORT_GRID.replace("\n2\n", "\n" + 5000 * "9" + "\n"), "where a number of ti"),
        (SHORT_GRID.replace("\n2\n", "\n999999999\n"), "is cut short: it ends where"),
    ],
)
def test_a_broken_text_grid_is_named(tmp_path, content, message):
    with pytest.raises(DatasetError, match=message):
        read(tmp_path / "a.TextGrid", content)


def test_a_binary_text_grid_is_named(tmp_path):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(b"ooBinaryFile\x08TextGrid\x00\x00")
    assert is_annotation_table(path)
    with pytest.raises(DatasetError, match="is a binary file of Praat. Save it with"):
        read_annotations(path, TableProblems("a"))


def jams(*annotations):
    return json.dumps({"annotations": list(annotations), "file_metadata": {}})


def test_jams_documents_sparse_dense_and_of_scaper(tmp_path):
    path = tmp_path / "a.jams"
    one = {"time": 1.0, "duration": 0.5, "value": "cat", "confidence": 1}
    dense = {"time": [1.0], "duration": [0.5], "value": ["cat"], "confidence": [1]}
    scaper = {"time": 1.0, "duration": 0.5, "value": {"label": "cat", "snr": 3}}
    for data in ([one], dense, [scaper]):
        found, problems = read(path, jams({"namespace": "tag_open", "data": data}))
        assert told(found) == [(1.0, 1.5, "cat")]
        assert problems.errors == []


def test_a_namespace_is_chosen_by_name(tmp_path):
    path = tmp_path / "a.jams"
    data = [{"time": 0, "duration": 1, "value": "x"}]
    parts = [{"namespace": name, "data": data} for name in ("beat", "tag_open")]
    assert len(read(path, jams(*parts), tier="tag_open")[0]) == 1
    _, problems = read(path, jams(*parts))
    assert problems.faults[0].what.startswith("There are several annotations: 'beat'")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"annotations": [', "is not JSON"),
        ('{"annotations": 7}', "is no JAMS document: it has no annotations"),
        (jams({"data": {"time": [1]}}), "its data lack columns"),
        (jams({"data": [3]}), "is no JAMS document: 3 in its data"),
    ],
)
def test_a_broken_jams_document_is_named(tmp_path, content, message):
    with pytest.raises(DatasetError, match=message):
        read(tmp_path / "a.jams", content)


@pytest.mark.parametrize("time", [10**400, None, "x", [1], float("nan")])
def test_odd_times_of_an_observation_are_faults(tmp_path, time):
    data = [{"time": time, "duration": 0.5, "value": "cat"}]
    _, problems = read(tmp_path / "a.jams", jams({"namespace": "a", "data": data}))
    assert problems.faults[0].place == "Observation 1"


class _Predictor:
    classes = ("cat", "dog")
    sample_rate = 16000


@pytest.mark.parametrize("form", ["raven", "audacity", "jams", "csv"])
def test_what_predict_writes_is_read_again(tmp_path, form):
    stream = io.StringIO()
    writer = make_writer(form, stream, _Predictor(), with_times=True)
    for start_s, label in ((0.0, "cat"), (1.5, "dog")):
        writer.write(
            WindowPrediction(
                file="song.wav",
                label=label,
                labels=[label],
                scores={"cat": 0.4, "dog": 0.6},
                model="m",
                duration_s=1.5,
                start_s=start_s,
                end_s=start_s + 1.5,
            )
        )
    writer.close()
    found, problems = read(tmp_path / f"song.{form}.txt", stream.getvalue())
    assert told(found) == [(0.0, 1.5, "cat"), (1.5, 3.0, "dog")]
    assert (problems.errors, problems.warnings) == ([], [])


def test_faults_are_values_with_file_place_and_remedy(tmp_path):
    content = "0\t1\t\nx\t2\tcat\n3\t2\tcat\n-1\t2\tcat\nnan\t2\tcat\n2\t2\tcat\n4\n"
    path = tmp_path / "a.txt"
    found, problems = read(path, content)
    assert found == []
    assert all(fault.table == str(path) and fault.remedy for fault in problems.faults)
    assert [(fault.place, fault.what) for fault in problems.faults] == [
        ("Line 1", "has no label"),
        ("Line 2", "has the start 'x'"),
        ("Line 3", "ends at 2 s, before its start at 3 s"),
        ("Line 4", "starts at -1 s"),
        ("Line 5", "has the start 'nan'"),
        ("Line 6", "starts and ends at 2 s, so it has no length"),
        ("Line 7", "has no end"),
        ("Line 7", "has no label"),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("start,end,what", "Line 1 names no column of labels: start, end, what. Name"),
        ("start,end,label,label", "Line 1 names the column 'label' twice. Keep one"),
        (
            "start,end,species,class",
            "Line 1 names 'species' and 'class', which could each be the label. Rename",
        ),
        (
            "start,end,label,file,audio file",
            "Line 1 names 'file' and 'audio file', which could each be the recording. "
            "Rename the one that is to 'path'.",
        ),
    ],
)
def test_a_header_that_leaves_doubt_is_named(tmp_path, header, message):
    row = ",".join("1234567"[: header.count(",") + 1])
    _, problems = read(tmp_path / "a.csv", f"{header}\n{row}\n")
    assert problems.errors[0].startswith(message)


def test_unused_columns_are_named_once(tmp_path):
    content = "start,end,label,weather,observer\n0,1,cat,rain,me\n"
    _, problems = read(tmp_path / "a.csv", content)
    assert problems.warnings == ["Columns that are not used: 'weather', 'observer'."]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "Take 3\tof the song"),
        ("a.txt", ""),
        ("a.csv", "path,label\na.wav,x"),
        ("a.csv", "file,start,label\na.wav,1,x"),
        ("a.txt", "1 2 cat"),
        ("a.json", '{"annotations": []}'),
        ("a.wav", "0\t1\tcat"),
    ],
)
def test_other_files_are_no_tables_of_annotations(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    assert not is_annotation_table(path)


def test_a_table_that_was_asked_for_but_is_none_says_what_is_accepted(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Take 3")
    with pytest.raises(
        DatasetError, match="is no table of annotations: it has neither"
    ):
        read_annotations(path, TableProblems("a"))
