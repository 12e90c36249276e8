"""Data files to change: features, tables, presets, grids and settings, good and odd."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import soundfile

__all__ = [
    "annotation_corpus",
    "grid_corpus",
    "make_clips",
    "make_features",
    "preset_corpus",
    "table_corpus",
]

LABELS = ("no", "yes")


def laughs(n_levels: int = 9, width: int = 9) -> str:
    """Return YAML of a few lines that stands for billions of values."""
    lines = ["a0: &a0 [lol]"]
    for level in range(1, n_levels):
        inner = ", ".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} [{inner}]")
    return "\n".join(lines)


def make_clips(folder: Path) -> list[str]:
    """Write a few clips; return their names."""
    rng = np.random.default_rng(0)
    names = []
    for number in range(6):
        name = f"{LABELS[number % 2]}.{number:02}.wav"
        soundfile.write(folder / name, 0.1 * rng.standard_normal(900), 8000)
        names.append(name)
    return names


def make_features(folder: Path) -> None:
    """Write features of the clips as a file and as a folder."""
    from mfccclf.datasets import load_dataset
    from mfccclf.workflows import extract_to_disk, make_extractor

    clips = load_dataset(folder)
    for ending in (".npz", ".mfccdata"):
        extractor = make_extractor(n_fft=256, hop_length=128)
        extract_to_disk(extractor, clips, folder / f"features{ending}")


def table_corpus(names: list[str]) -> list[bytes]:
    """Return tables of clips: as people and spreadsheets write them, and odd ones."""
    rows = [(name, LABELS[i % 2], str(i // 2), "train") for i, name in enumerate(names)]
    tables = [
        "\n".join(
            [mark.join(("path", "label", "group", "split"))]
            + [mark.join(row) for row in rows]
        )
        for mark in (",", ";", "\t", "|")
    ]
    plain = tables[0]
    odd = [
        "sep=;\r\n" + tables[1].replace("\n", "\r\n"),
        plain.replace("train", "").replace(",0,", ","),
        plain + '\n"unclosed,no,1,train\n',
        plain.replace("no", '"a ""quoted"" label"'),
        plain + "\n" + "x" * 200_000 + ",no,1,train",
        "path,label\n" + '"' + "y" * 200_000,
        plain.replace("yes", "=HYPERLINK(1)").replace("no", "\u202eno"),
        "path,label" + ",extra" * 2000 + "\n",
        "\n".join(["path,label", "../../../etc/passwd,a", "/dev/zero,b", "a\\b.wav,c"]),
        "\n" * 2000 + plain,
        "path,label,label,Label\n" + names[0] + ",a,b,c",
    ]
    texts = [text.encode() for text in tables + odd]
    return [
        *texts,
        plain.encode("utf-16"),
        plain.replace("no", "nö").encode("cp1252"),
        b"\xff\xfe\x00",
        b"",
    ]


def preset_corpus() -> list[bytes]:
    """Return presets: those of the package, and odd ones."""
    from importlib.resources import files

    from mfccclf.presets import list_presets

    shipped = [
        (files("mfccclf.presets") / f"{name}.yaml").read_bytes()
        for name in list_presets()
    ]
    odd = [
        laughs() + "\nsteps: [*a8]",
        "steps: " + "[" * 500 + "]" * 500,
        "steps: " + "{a: " * 500 + "1" + "}" * 500,
        "steps: &s [*s]",
        "steps: [!!python/object/apply:os.system [true]]",
        "steps:\n  - {name: extract, estimator: MFCCExtractor, parameters: "
        "{n_mfcc: 0x7fffffffffffffffff, features: [mfcc], ? [a]: 1}}",
        "steps: [{name: x, estimator: os.system}]",
        "steps: 2020-99-99",
        "description: \x07\nsteps: []",
        "a: &a {<<: *a}\nsteps: []",
    ]
    return shipped + [text.encode() for text in odd]


def annotation_corpus(names: list[str]) -> list[bytes]:
    """Return tables of annotations of every kind, good and odd.

    Parameters
    ----------
    names : list of str
        Sound files in the same folder.
    """
    raven = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tBegin File"
    grid = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n'
    tier = '"IntervalTier"\n"words"\n0\n1\n2\n0\n0.1\n"a ""b"""\n0.1\n1\n""\n'
    observation = {"time": 0.0, "duration": 0.1, "value": "a", "confidence": 1}
    dense = {key: [value] for key, value in observation.items()}
    texts = [
        f"{raven}\tAnnotation\n1\tWaveform 1\t1\t0\t0.1\t{names[0]}\ta\n",
        f"path,start,end,label\n{names[0]},0,0.1,a\n{names[-1]},0.05,0.1,b;c\n",
        "path;start;duration;label\n" + f"{names[0]};0,0;0,1;a\n",
        "0.0\t0.1\ta\n\\\t100\t200\n0.05\t0.1\tb\t0.9\n",
        f"{grid}1\n{tier}",
        f"{grid}2\n{tier}{tier}",
        f"{grid}{'9' * 5000}\n{tier}",
        *(
            json.dumps({"annotations": [{"namespace": "tag", "data": data}]})
            for data in ([observation], dense, [{**observation, "time": 10**400}])
        ),
        '{"annotations": ' + "[" * 5000,
    ]
    return [text.encode() for text in texts] + [texts[4].encode("utf-16")]


def grid_corpus() -> list[bytes]:
    """Return search spaces and settings, good and odd."""
    texts = [
        "hidden_sizes: [[128, 32], [64]]\nlr: {low: 0.0001, high: 0.01, log: true}",
        "lr: [1e-3, 3e-3]\nbidirectional: [true, false]\npooling: [max, mean]",
        "lr: {low: 1, high: .inf}\nx: {low: .nan, high: 2}",
        "lr: {low: 0, high: 1, log: true}\n",
        laughs(),
        "lr: " + "[" * 500 + "]" * 500,
        "lr: &a [*a]",
        "lr: &a {low: *a, high: 1}",
        "? [1, 2]\n: [3]\n",
        "1: [2]\nnull: [3]\n",
        "lr: [0b" + "1" * 5000 + "]",
        "lr: [" + "9" * 5000 + "]",
        "lr: [1:" + ":".join(["59"] * 500) + "]",
        "lr: [2020-99-99, 2001-12-14t21:59:43.10-05:00]",
        "lr: [!!binary aGVsbG8=, !!set {a, b}, !!omap [a: 1]]",
        "lr: [!!python/name:os.system ]",
        'lr: [\'\\e[31m\', "\\x1b[31m", "a\\nb"]',
        "lr: {low: 1, high: 2, log: [1]}",
        "lr: {low: true, high: 2}",
        "",
    ]
    return [text.encode() for text in texts]


def members_of(path: Path) -> dict[str, bytes]:
    """Return the members of an archive of features."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(members: dict[str, bytes]) -> bytes:
    """Return an archive of features."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def odd_facts(content: bytes) -> list[bytes]:
    """Return facts with odd values."""
    facts = json.loads(content)
    odd: list[object] = [None, [], {}, "x", -1, 10**400, [[]], {"a": {"b": 1}}]
    return [
        json.dumps({**facts, key: value}).encode() for key in facts for value in odd
    ] + [b"[" * 5000, b"[]", b"1", b'"x"', b"null", b"NaN"]
