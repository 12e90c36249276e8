"""The page itself: what its script must know, and its HTML."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import mfccclf
from mfccclf._inert import printable
from mfccclf.errors import ExportError
from mfccclf.persistence import ModelParts, describe_waveform_model
from mfccclf.waveform.downmix import SILENT_SWING
from mfccclf.web_page.runtime import WebRuntime

__all__ = ["GRAPH", "describe_page", "read_page_file", "render_page"]

GRAPH = "model.onnx"

# The rates, in Hz, at which every browser can be asked for sound.
_RATES = (8000, 96000)
# Of the live window, in seconds: what it is at first, and what people may choose.
_WINDOW_S, _SHORTEST_S, _LONGEST_S = 1.5, 0.5, 10.0
_MOST_LABELS = 12


def describe_page(parts: ModelParts, runtime: WebRuntime) -> dict[str, Any]:
    """Return what the page's script must know, as plain values.

    Raises
    ------
    ExportError
        If browsers do not give sound at the model's rate.
    """
    facts = describe_waveform_model(parts)
    front_end = facts.pop("front_end")
    rate = facts["sample_rate"]
    if not _RATES[0] <= rate <= _RATES[1]:
        raise ExportError(
            f"The model works at {rate} Hz, but browsers give sound at {_RATES[0]} to "
            f"{_RATES[1]} Hz. Train a model with a sample_rate in between."
        )
    return {
        **facts,
        **_choose_windows(facts),
        "channel": front_end.get("channel"),
        "allow_silence": bool(front_end.get("allow_silence", False)),
        "silent_swing": SILENT_SWING,
        "graph": GRAPH,
        "runtime": {
            "script": runtime.script,
            "wasm": runtime.wasm,
            "integrity": runtime.wasm_integrity,
        },
    }


def _choose_windows(facts: Mapping[str, Any]) -> dict[str, float]:
    fewest = math.ceil(10 * facts["min_samples"] / facts["sample_rate"]) / 10
    shortest = max(_SHORTEST_S, fewest)
    reach = facts["reach_s"] or _WINDOW_S
    return {
        "shortest_window_s": shortest,
        "longest_window_s": max(_LONGEST_S, shortest),
        "window_s": min(max(round(reach, 1), shortest), _LONGEST_S),
    }


def render_page(name: str, facts: Mapping[str, Any], runtime: WebRuntime) -> str:
    """Return the page as HTML; every text in it is escaped.

    Parameters
    ----------
    name : str
        What to call the model.
    facts : mapping
        As `describe_page` returns them.
    runtime : WebRuntime
        Where ONNX Runtime Web lies.
    """
    texts = {
        "name": printable(name),
        "summary": _summarise_labels(facts["classes"]),
        "limits": _summarise_limits(facts["limits"]),
        "facts": json.dumps(facts, allow_nan=False),
        "policy": _content_security_policy(runtime),
        "script": runtime.script,
        "integrity": runtime.script_integrity,
        "version": mfccclf.__version__,
    }
    template = Template(read_page_file("index.html").decode("utf-8"))
    return template.substitute({key: escape(text) for key, text in texts.items()})


def read_page_file(name: str) -> bytes:
    """Return one of the files that every page has."""
    return (files("mfccclf.web_page") / "files" / name).read_bytes()


def _summarise_labels(classes: list[Any]) -> str:
    shown = [printable(label) for label in classes[:_MOST_LABELS]]
    if len(classes) > _MOST_LABELS:
        return f"{', '.join(shown)} and {len(classes) - _MOST_LABELS} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _summarise_limits(limits: Mapping[str, float]) -> str:
    words = {"min_confidence": "score", "min_familiarity": "familiarity"}
    least = [
        f"a {word} of {limits[key]:g}" for key, word in words.items() if limits[key] > 0
    ]
    if not least:
        return "The model gives every clip the label with the highest score."
    return f"The model is not sure below {' or '.join(least)}."


def _content_security_policy(runtime: WebRuntime) -> str:
    """Return what the page may load: its own files and, if pinned, the runtime's."""
    script, wasm = ("",) * 2 if runtime.files else (runtime.script, runtime.wasm)
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' 'wasm-unsafe-eval' {script}",
        "connect-src": f"'self' {wasm}",
        "style-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{rule} {value}".strip() for rule, value in rules.items())
