"""Read presets: those that ship with the package, and YAML files of the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from mfccclf._inert import shown
from mfccclf._safe_yaml import parse_yaml
from mfccclf._validation import suggest

__all__ = ["Preset", "Step", "list_presets", "load_preset"]

_SUFFIXES = (".yaml", ".yml")
_KEYS = ("description", "system", "classes", "data", "variation", "steps")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a pipeline: its name, its class and that class's parameters.

    Examples
    --------
    >>> from mfccclf.presets import Step
    >>> Step(name="scale", estimator="SequenceStandardScaler").parameters
    {}
    """

    name: str
    estimator: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Named settings of a whole pipeline, from clip to label.

    Attributes
    ----------
    name : str
        What to ask for.
    description : str
        What it is for and what it consists of, in one line.
    steps : tuple of Step
        From the front end to the classifier.
    classes : tuple of str
        Labels of the published system that it follows; empty for a general preset.
    system : str
        Letter of that published system; an empty text for others.
    data : dict
        Arguments of `mfccclf.load_dataset` for NSynth's data: "target" and "exclude".
    variation : dict
        Parameters of `mfccclf.ClipVariation`: how training clips are varied.
    """

    name: str
    description: str
    steps: tuple[Step, ...]
    classes: tuple[str, ...] = ()
    system: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    variation: dict[str, Any] = field(default_factory=dict)


def list_presets() -> list[str]:
    """Return the names of the presets that ship with the package, sorted.

    Examples
    --------
    >>> from mfccclf.presets import list_presets
    >>> "names-lstm" in list_presets()
    True
    """
    folder = files("mfccclf.presets")
    names = (entry.name for entry in folder.iterdir())
    return sorted(Path(name).stem for name in names if name.endswith(".yaml"))


def load_preset(preset: str | PathLike[str]) -> Preset:
    """Read a preset by its name, or from a YAML file of your own.

    Parameters
    ----------
    preset : str or path-like
        A name from `list_presets`, or a path that ends in ``.yaml`` or ``.yml``.

    Returns
    -------
    preset : Preset
        Its settings. Their form is checked; ``fit`` checks the values.

    Raises
    ------
    ValueError
        If there is no such preset, or the file does not describe one.

    Examples
    --------
    >>> from mfccclf.presets import load_preset
    >>> [step.name for step in load_preset("names-lstm").steps]
    ['extract', 'lstm']
    """
    name = str(preset)
    if Path(name).suffix.lower() in _SUFFIXES:
        return _parse(Path(name).stem, _read_text(Path(name)), source=name)
    if name not in list_presets():
        raise ValueError(_unknown_preset(name))
    text = (files("mfccclf.presets") / f"{name}.yaml").read_text(encoding="utf-8")
    return _parse(name, text, source=name)


def _unknown_preset(name: str) -> str:
    known = list_presets()
    text = f"There is no preset {name!r}. Known presets: {', '.join(known)}. "
    text += suggest(name, known) or "A preset of your own is a path to a .yaml file."
    return text


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"Preset file {path} cannot be read ({error}). Check the path."
        ) from error


def _parse(name: str, text: str, *, source: str) -> Preset:
    content = _parse_yaml(text, source)
    _check_keys(content, _KEYS, source)
    data = _parse_mapping(content, "data", source)
    _check_keys(data, ("target", "exclude"), source)
    return Preset(
        name=name,
        description=str(content.get("description", "")),
        system=str(content.get("system", "")),
        classes=tuple(str(label) for label in content.get("classes") or ()),
        data=data,
        variation=_parse_mapping(content, "variation", source),
        steps=tuple(_parse_step(step, source) for step in content["steps"]),
    )


def _parse_yaml(text: str, source: str) -> Mapping[str, Any]:
    try:
        content = parse_yaml(text)
    except ValueError as error:
        raise ValueError(f"Preset {source} is not valid YAML: {error}.") from error
    if not isinstance(content, Mapping) or not isinstance(content.get("steps"), list):
        raise ValueError(
            f"Preset {source} has no list of 'steps'. Give each step a 'name', an "
            "'estimator' and its 'parameters'."
        )
    return content


def _parse_mapping(content: Mapping[str, Any], key: str, source: str) -> dict[str, Any]:
    value = content.get(key) or {}
    if not isinstance(value, Mapping):
        raise ValueError(
            f"Preset {source}: {key!r} must be a mapping. Got {shown(value)}."
        )
    return dict(value)


def _parse_step(step: Any, source: str) -> Step:
    if not isinstance(step, Mapping):
        raise ValueError(
            f"Preset {source}: a step must be a mapping. Got {shown(step)}."
        )
    _check_keys(step, ("name", "estimator", "parameters"), source)
    missing = [key for key in ("name", "estimator") if key not in step]
    if missing:
        raise ValueError(
            f"Preset {source}: a step has no {missing[0]!r}: {shown(step)}."
        )
    parameters = step.get("parameters") or {}
    if not isinstance(parameters, Mapping):
        raise ValueError(
            f"Preset {source}: 'parameters' of step {shown(step['name'])} must be a "
            f"mapping. Got {shown(parameters)}."
        )
    return Step(
        name=str(step["name"]),
        estimator=str(step["estimator"]),
        parameters=dict(parameters),
    )


def _check_keys(
    content: Mapping[str, Any], known: tuple[str, ...], source: str
) -> None:
    unknown = [key for key in content if key not in known]
    if unknown:
        text = f"Preset {source} has an unknown key {shown(unknown[0])}. "
        text += f"Known keys: {', '.join(known)}. {suggest(unknown[0], known)}"
        raise ValueError(text.rstrip())
