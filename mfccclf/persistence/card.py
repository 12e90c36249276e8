"""Write the model card of a file for which the user gives none.

The cards of shipped models come from templates of their own, in ``weights/recipes/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mfccclf.evaluation.folds import MEASURES

__all__ = ["write_card"]

_USE = """\
## How to use

```
mfccclf predict FILE... --model THIS_FILE.mfccclf
```

```python
from mfccclf import Predictor

Predictor("THIS_FILE.mfccclf").predict_file("clip.wav").label
```

The file holds settings, weights and an ONNX graph, and no code: opening it is safe.
"""

_LIMITS = """\
## Limits

{limits} Expect less on clips unlike those it was trained on: other rooms, microphones,
voices or levels. Test it on your own clips with `mfccclf evaluate`.
"""

_MULTILABEL_LIMITS = """\
## Limits

It names every label whose score reaches its threshold, perhaps none, and knows no other
labels. {limits} Expect less on clips unlike those it was trained on: other players,
rooms, microphones or mixtures. Test it on your own clips with `mfccclf evaluate`.
"""

_ANSWERS_ALWAYS = """\
Unless it is given limits, it answers for every clip, also for one that belongs to none
of its labels.\
"""


def write_card(config: Mapping[str, Any]) -> str:
    """Return a model card in Markdown.

    Parameters
    ----------
    config : mapping
        The content of ``model.json``.
    """
    sections = [
        _headline(config),
        _section("Classes", (f"`{label}`" for label in config["classes"])),
        _section("How it works", _steps(config)),
        *_pretrained(config.get("pretrained") or {}),
        _section("Training", _training(config)),
        _section("Scores", _scores(config.get("scores") or {})),
        _USE,
        _limits(config),
    ]
    return "\n".join(sections)


def _limits(config: Mapping[str, Any]) -> str:
    text = _MULTILABEL_LIMITS if config["task"] == "multi-label" else _LIMITS
    own = {name: value for name, value in (config.get("limits") or {}).items() if value}
    if not own:
        return text.format(limits=_ANSWERS_ALWAYS)
    listed = " or ".join(
        f"{name.removeprefix('min_')} is below {value:g}" for name, value in own.items()
    )
    return text.format(limits=f"It gives no label to a clip whose {listed}.")


def _headline(config: Mapping[str, Any]) -> str:
    description = config.get("description") or (
        f"Tells {len(config['classes'])} kinds of short audio clips apart."
    )
    made_by = f"Made with mfccclf {config['packages']['mfccclf']}"
    if config.get("preset"):
        made_by += f" from the preset `{config['preset']}`"
    if config.get("created"):
        made_by += f" on {config['created']}"
    licence = f"\nLicence: {config['licence']}.\n" if config.get("licence") else ""
    return f"# Model card\n\n{description}\n\n{made_by}.\n{licence}"


def _section(title: str, lines: Iterable[str]) -> str:
    text = "\n".join(f"- {line}" for line in lines)
    return f"## {title}\n\n{text or '- Not recorded.'}\n"


def _steps(config: Mapping[str, Any]) -> Iterable[str]:
    parameters = config["front_end"]["parameters"]
    rate = parameters.get("sample_rate")
    yield f"Input: a sound file, resampled to {rate} Hz, one channel"
    yield f"Features: {config['n_features']} per frame"
    for step in config["steps"]:
        if step["class"] != "passthrough":
            yield f"Step `{step['name']}`: {step['class']}"
    yield "Output: a probability per class"
    if config["thresholds"]:
        pairs = zip(config["classes"], config["thresholds"], strict=True)
        listed = ", ".join(f"{label} {threshold:.2f}" for label, threshold in pairs)
        yield f"Thresholds: {listed}"


def _pretrained(nets: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """Yield the section about the pre-trained nets inside, if there are any."""
    lines = [
        f"Net `{name}`: {facts['source']}. Licence: {facts['licence']}. "
        f"{facts['attribution']}."
        for name, facts in nets.items()
    ]
    if lines:
        yield _section("Pre-trained nets inside", lines)


def _training(config: Mapping[str, Any]) -> Iterable[str]:
    if config.get("variation"):
        n_variations = config["variation"]["n_variations"]
        yield f"varied copies of each clip: {n_variations}"
    for key, value in (config.get("training") or {}).items():
        yield f"{key.replace('_', ' ')}: {value}"


def _scores(scores: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    """Yield a line per measure; scores may come by the name of a split."""
    for key, value in scores.items():
        if isinstance(value, Mapping) and not prefix:
            yield from _scores(value, f"{key}: ")
        elif key in MEASURES and isinstance(value, int | float):
            yield f"{prefix}{key.replace('_', ' ')} {value:.3f}"
        elif key == "n_clips":
            yield f"{prefix}{value} clips"
