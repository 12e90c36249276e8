"""The versions of a project's model, and what can be taken away of them."""

from __future__ import annotations

import json
import shlex
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from mfccclf.prediction import Predictor
from mfccclf.prediction.decisions import Limits
from mfccclf.studio.journal import write_json
from mfccclf.studio.problems import StudioError

__all__ = ["Models"]

# Predictors that are kept open.
_MOST_OPEN = 3


class Models:
    """The versions of a model, one folder each, with growing numbers.

    Parameters
    ----------
    home : Path
        Folder that holds them.
    root : Path
        Folder of the clips, for the commands that do the same.
    """

    def __init__(self, home: Path, root: Path) -> None:
        self.home = home
        self._root = root
        self._open: OrderedDict[int, Predictor] = OrderedDict()
        self._lock = threading.Lock()
        home.mkdir(exist_ok=True)

    def numbers(self) -> list[int]:
        """Return the numbers of the versions, the newest first."""
        found = [path.parent.name for path in self.home.glob("[0-9]*/facts.json")]
        return sorted((int(name) for name in found if name.isdecimal()), reverse=True)

    def next_number(self) -> int:
        """Return the number of the next version."""
        return max(self.numbers(), default=0) + 1

    def path(self, number: int) -> Path:
        """Return the model file of a version.

        Raises
        ------
        StudioError
            If there is no such version.
        """
        if number not in self.numbers():
            raise StudioError(f"There is no model {number}. Train one.")
        return self.home / f"{number:04d}" / "model.mfccclf"

    def facts(self, number: int) -> dict[str, Any]:
        """Return all that is known of a version, in types of JSON."""
        home = self.path(number).parent
        facts: dict[str, Any] = json.loads((home / "facts.json").read_text("utf-8"))
        return {**facts, "limits": self.limits(number)}

    def list_all(self) -> list[dict[str, Any]]:
        """Return the versions in short, the newest first."""
        return [_short(self.facts(number)) for number in self.numbers()]

    def limits(self, number: int) -> dict[str, float]:
        """Return the limits that were chosen for a version."""
        try:
            text = (self.path(number).parent / "limits.json").read_text("utf-8")
        except OSError:
            return vars(Limits())
        return vars(Limits(**json.loads(text)))

    def set_limits(self, number: int, values: dict[str, Any]) -> None:
        """Choose the limits of a version.

        Raises
        ------
        ValueError, TypeError
            If one is unknown or out of range.
        """
        limits = Limits.checked(values, owner="the studio")
        write_json(self.path(number).parent / "limits.json", vars(limits))

    def find(self, name: str | None) -> Predictor:
        """Return the predictor of a version, without limits; the newest for None.

        Raises
        ------
        StudioError
            If there is no such version.
        """
        text = name or str(max(self.numbers(), default=0))
        number = int(text) if text.isdecimal() and len(text) < 9 else 0
        path = self.path(number)
        with self._lock:
            if number not in self._open:
                predictor = Predictor(path, min_confidence=0, min_familiarity=0)
                predictor.name = str(number)
                self._open[number] = predictor
                while len(self._open) > _MOST_OPEN:
                    self._open.popitem(last=False)
            self._open.move_to_end(number)
            return self._open[number]

    def commands(self, number: int) -> dict[str, str]:
        """Return the commands that do in a shell what the studio has done."""
        facts = self.facts(number)
        file = f"{take_name(self._root)}.mfccclf"
        graph = f"{take_name(self._root)}.onnx"
        train = ["mfccclf", "train", str(self._root), "--layout", "folders"]
        train += ["--preset", facts["preset"], "--seed", str(facts["seed"])]
        if facts["calibrate"]:
            train.append("--calibrate")
        for name, value in facts["limits"].items():
            if value:
                train += [f"--{name.replace('_', '-')}", f"{value:g}"]
        lines = {
            "train": [*train, "--output", file],
            "predict": ["mfccclf", "predict", "CLIP.wav", "--model", file],
            "onnx": ["mfccclf", "export", file, "--from", "samples", "--onnx", graph],
            "page": ["mfccclf", "export", file, "--web", "page"],
            "serve": ["mfccclf", "serve", file],
        }
        return {name: shlex.join(parts) for name, parts in lines.items()}


def take_name(root: Path) -> str:
    """Return what to call files that are taken away."""
    from mfccclf.studio.names import clean_stem

    return clean_stem(f"{root.name}.").replace(" ", "-")


def _short(facts: dict[str, Any]) -> dict[str, Any]:
    held_out = facts["held_out"]
    names = ("number", "preset", "started", "n_clips", "classes", "limits")
    return {
        **{name: facts[name] for name in names},
        "accuracy": None if held_out is None else held_out["accuracy"],
    }
