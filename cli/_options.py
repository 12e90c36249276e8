"""Arguments that several commands share, and how their texts are read."""

from __future__ import annotations

from typing import Annotated, Any

import typer

__all__ = [
    "Data",
    "Exclude",
    "Jobs",
    "Layout",
    "ModelOrPreset",
    "MultiLabel",
    "Scheduler",
    "Set",
    "Target",
    "Validation",
    "parse_exclude",
    "parse_features",
    "parse_settings",
    "split_commas",
]

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="Folder of clips (one sub-folder per label, or label.anything.ext) "
        "or CSV file (path,label[,split][,group]).",
    ),
]
Layout = Annotated[
    str,
    typer.Option(help="Force the layout of DATA, where it is not recognised."),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", help="Processes for feature extraction; -1: all."),
]
Target = Annotated[
    str | None,
    typer.Option(
        help="What to tell apart in NSynth's layout: instrument_family or "
        "instrument_source. Without it: as the preset or model does.",
    ),
]
Exclude = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,...",
        help="Labels, or instrument families, to leave out; '' for none. Without it: "
        "as the preset or model does.",
    ),
]
MultiLabel = Annotated[
    bool,
    typer.Option(
        "--multi-label",
        help="Learn labels that do not exclude each other, though each clip has one. "
        "Clips with several, as 'flute;piano', need no such option.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="local|tcp://HOST:PORT", help="Dask cluster to run on."),
]
Validation = Annotated[
    str | None,
    typer.Option(
        metavar="DATA",
        help="Validation clips, in place of the official validation split.",
    ),
]
ModelOrPreset = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|PRESET",
        help="Shipped model, model file, preset or preset file (.yaml).",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a parameter of the preset, say hidden_sizes=[64,32] or "
        "lstm__lr=0.003. May be repeated.",
    ),
]


def parse_exclude(text: str | None) -> list[str] | None:
    """Read ``A,B,...``; None for what was not given, none of them for nothing."""
    return None if text is None else [name for name in split_commas(text) if name]


def parse_features(text: str) -> int | list[str]:
    """Read ``14``, ``33`` or names of feature blocks with commas between."""
    return int(text) if text.strip().isdigit() else split_commas(text)


def parse_settings(texts: list[str] | None) -> dict[str, Any]:
    """Read ``KEY=VALUE`` texts; a value is written as in YAML.

    Raises
    ------
    typer.BadParameter
        If a text has no key, no "=", or a value that is not YAML.
    """
    return dict(_parse_setting(text) for text in texts or ())


def split_commas(text: str) -> list[str]:
    """Split ``A,B,...`` at its commas, without the blanks around."""
    return [part.strip() for part in text.split(",")]


def _parse_setting(text: str) -> tuple[str, Any]:
    import yaml

    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise typer.BadParameter(
            f"{text!r} is not KEY=VALUE. Write, say, --set max_epochs=50."
        )
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError:
        raise typer.BadParameter(
            f"{text!r}: the value is not YAML. Write, say, --set hidden_sizes=[64,32]."
        ) from None
    return key.strip(), _plain_number(parsed)


def _plain_number(value: Any) -> Any:
    """Return the number of a text such as ``1e-3``, which YAML 1.1 leaves a text."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
