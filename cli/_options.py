"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Data",
    "Epochs",
    "Exclude",
    "Jobs",
    "Layout",
    "Log",
    "ModelOrPreset",
    "ModelOutput",
    "MultiLabel",
    "Preset",
    "PrintedAs",
    "Scheduler",
    "Seed",
    "Set",
    "SkipBad",
    "Target",
    "TextOrJson",
    "TrainedModel",
    "Validation",
]


def _check_jobs(jobs: int | None) -> int | None:
    if jobs == 0:
        raise typer.BadParameter("--jobs 0 would do nothing. Give 1 or more, or -1.")
    return jobs


class TextOrJson(StrEnum):
    """How results are printed."""

    text = "text"
    json = "json"


Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="Folder of clips (one sub-folder per label, or label.anything.ext); CSV "
        "file (path,label[,split][,group]); or recordings with tables of annotations "
        "(Raven, Audacity, Praat, JAMS, BirdNET, CSV), or one such table. Folder and "
        "CSV also in an archive (.zip, .tar), in many (train-{000..099}.tar), or at an "
        "address (s3://bucket/clips).",
    ),
]
TrainedModel = Annotated[
    str, typer.Argument(metavar="MODEL", help="Shipped model or model file.")
]
ModelOrPreset = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|PRESET",
        help="Shipped model, model file, preset or preset file (.yaml).",
    ),
]
ModelOutput = Annotated[
    Path, typer.Option("--output", "-o", help="Model file to write (.mfccclf).")
]
Preset = Annotated[
    str, typer.Option(help="Preset, or preset file (.yaml) of your own.")
]
Epochs = Annotated[
    int | None, typer.Option(min=1, help="Epochs, in place of the preset's.")
]
Seed = Annotated[int, typer.Option(min=0, help="Equal seeds give equal results.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a parameter of the preset, such as hidden_sizes=[64,32] or "
        "lstm__lr=0.003. May be repeated.",
    ),
]
Validation = Annotated[
    str | None,
    typer.Option(
        metavar="DATA",
        help="Validation clips, in place of the official validation split.",
    ),
]
MultiLabel = Annotated[
    bool,
    typer.Option(
        "--multi-label",
        help="Learn labels that do not exclude each other although each clip has one. "
        "Not needed if clips have several, such as 'flute;piano'.",
    ),
]
Layout = Annotated[
    str, typer.Option(help="Layout of DATA; auto recognises it by its files.")
]
Target = Annotated[
    str | None,
    typer.Option(
        help="Labels of data in NSynth's layout: instrument_family or "
        "instrument_source. Default: those of the preset or model.",
    ),
]
Exclude = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,...",
        help="Labels, or instrument families, to leave out; '' for none. Default: "
        "those that the preset or model leaves out.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        callback=_check_jobs,
        help="Processes for feature extraction; -1 uses all cores.",
    ),
]
Log = Annotated[
    list[str] | None,
    typer.Option(
        metavar="tensorboard=DIR|mlflow=URI",
        help="Write parameters, curves, scores and the model down for TensorBoard or "
        "MLflow. May be repeated.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="local|tcp://HOST:PORT", help="Dask cluster to run on."),
]
SkipBad = Annotated[
    bool,
    typer.Option(
        "--skip-bad",
        help="Go on without clips that cannot be used. A warning names them; where "
        "there is an output, NAME.skipped.csv beside it lists them.",
    ),
]
PrintedAs = Annotated[TextOrJson, typer.Option(help="How to print.")]
