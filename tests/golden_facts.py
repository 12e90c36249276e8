"""What must stay as it was, computed anew: for the golden files and their tests."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import onnxruntime
import soxr
import typer
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from mfccclf import Predictor, load_waveform, make_pipeline, save_model
from mfccclf.cli.main import app
from mfccclf.presets import list_presets

GOLDEN = Path(__file__).parent / "golden"
AUDIO = Path(__file__).parents[1] / "audio"
RECORDINGS = sorted(
    path for path in AUDIO.iterdir() if path.suffix not in (".md", ".py")
)
MODELS = ("digits", "instruments", "names", "notes")

# Of each front end, each classifier and each task one, small and quick to train.
PIPELINES: Mapping[str, Mapping[str, Any]] = {
    "default": {"hidden_sizes": (4,), "projection_size": 4, "max_epochs": 1},
    "scratch": {"conv_channels": (4,), "hidden_sizes": (4,), "max_epochs": 1},
    "names-lstm": {"hidden_sizes": (4,), "max_epochs": 1},
    "notes": {"hidden_sizes": (4,), "max_epochs": 1},
    "notes-lstm": {"hidden_sizes": (4,), "max_epochs": 1},
    "notes-pooled-blstm": {"hidden_sizes": (4, 4), "max_epochs": 1},
    "polyphonic-cnn": {"channels": (4,), "dense_sizes": (4,), "max_epochs": 1},
}

Sound = tuple[NDArray[np.float32], int]


def golden(name: str) -> Any:
    """Return the content of a golden file."""
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def describe_environment() -> dict[str, Any]:
    """Return what decides how NumPy's and ONNX Runtime's results are rounded."""
    extensions = np.show_config(mode="dicts")["SIMD Extensions"]
    blas = {
        f"{library['internal_api']} for {library.get('architecture')}, "
        f"{library['num_threads']} threads"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    }
    return {
        "numpy": np.__version__,
        "onnxruntime": onnxruntime.__version__,
        "soxr": soxr.__version__,
        "simd": [*extensions["baseline"], *extensions.get("found", [])],
        "blas": sorted(blas),
    }


def predict_clips(model: str) -> dict[str, dict[str, Any]]:
    """Return what a shipped model says about 50 clips, by their names."""
    predictor = Predictor(model)
    found = {path.name: predictor.predict_file(path) for path in RECORDINGS}
    for name, (waveform, sample_rate) in [*recorded_sounds(), *made_sounds()]:
        found[name] = predictor.predict_waveform(waveform, sample_rate)
    return {name: spell_bits(prediction) for name, prediction in found.items()}


def spell_bits(prediction: Any) -> dict[str, Any]:
    """Return a prediction with every bit of its numbers."""
    familiarity = prediction.familiarity
    return {
        "label": prediction.label,
        "labels": prediction.labels,
        "scores": {str(k): float(v).hex() for k, v in prediction.scores.items()},
        "familiarity": None if familiarity is None else float(familiarity).hex(),
    }


def recorded_sounds() -> Iterator[tuple[str, Sound]]:
    """Yield each recording quieter, cut, and shifted in level and time."""
    for number, path in enumerate(RECORDINGS):
        rate = (16000, 22050, 44100)[number % 3]
        waveform = load_waveform(path, sample_rate=rate)
        start = round((0.3 + 0.1 * number) * rate)
        late = np.concatenate([np.zeros(rate // 4, dtype=np.float32), waveform])
        yield f"{path.name} quieter", (waveform * np.float32(0.02), rate)
        yield f"{path.name} cut", (waveform[start : start + 3 * rate // 2], rate)
        yield f"{path.name} shifted", (late * np.float32(1.5) + np.float32(0.05), rate)


def made_sounds() -> Iterator[tuple[str, Sound]]:
    """Yield tones, chords, noises and sweeps."""
    rates = (8000, 16000, 22050, 44100, 48000)
    for number in range(6):
        rate, frequency = rates[number % 5], 110.0 * 2**number
        yield f"tone {number}", (tone(rate, 0.5 + 0.3 * number, [frequency]), rate)
    for number in range(4):
        rate, lowest = rates[number + 1], 130.8 * 1.5**number
        chord = [lowest, 1.25 * lowest, 1.5 * lowest, 3 * lowest]
        yield f"chord {number}", (tone(rate, 1.5 + 0.4 * number, chord), rate)
    for number in range(6):
        rate = rates[number % 5]
        yield f"noise {number}", (noise(rate, 0.6 + 0.4 * number, number), rate)
    for number in range(6):
        rate = rates[(number + 2) % 5]
        top = 300.0 * 1.8**number
        yield f"sweep {number}", (sweep(rate, 3.4 - 0.4 * number, top), rate)


def tone(sample_rate: int, seconds: float, frequencies: list[float]) -> Any:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    waves = [np.sin(2 * np.pi * frequency * time) for frequency in frequencies]
    fading = np.exp(-2 * time) * 0.6 / len(waves)
    return (fading * np.sum(waves, axis=0)).astype(np.float32)


def noise(sample_rate: int, seconds: float, seed: int) -> Any:
    # random() makes floats straight from the generator's bits, on every machine.
    values = np.random.default_rng(seed).random(round(seconds * sample_rate))
    return ((values - 0.5) * 10.0 ** (-seed / 2)).astype(np.float32)


def sweep(sample_rate: int, seconds: float, top: float) -> Any:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    phase = 2 * np.pi * (80 * time + (top - 80) * time**2 / (2 * seconds))
    return (0.3 * np.sin(phase)).astype(np.float32)


def resolve_presets() -> dict[str, list[dict[str, Any]]]:
    """Return the steps of each preset's pipeline, with all parameters."""
    return {name: describe_steps(name) for name in list_presets()}


def describe_steps(preset: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "class": type(step).__name__,
            "parameters": as_json(step.get_params(deep=False)),
        }
        for name, step in make_pipeline(preset).steps
    ]


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def describe_saved(preset: str, folder: Path) -> dict[str, Any]:
    """Return the model.json of a pipeline trained on noise.

    Versions of packages and what depends on trained weights are left out.
    """
    pipeline = make_pipeline(preset, random_state=0, **PIPELINES[preset])
    clips = [noise(16000, 1.2, seed) for seed in range(6)]
    labels: Any = ["a", "b", "c"] * 2
    if preset == "polyphonic-cnn":
        labels = [("a",), ("b",), ("a", "c")] * 2
    path = save_model(pipeline.fit(clips, labels), folder / "model.mfccclf")
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        config: dict[str, Any] = json.loads(archive.read("model.json"))
    config["packages"] = sorted(config["packages"])
    config["members"] = {
        name: sorted(facts) for name, facts in config["members"].items()
    }
    return config


def list_options() -> dict[str, dict[str, Any]]:
    """Return the parameters of each command, by its full name."""
    group = typer.main.get_command(app)
    return dict(walk_commands(group, "mfccclf", typer.Context(group)))


def walk_commands(
    command: Any, name: str, ctx: Any
) -> Iterator[tuple[str, dict[str, Any]]]:
    hints = get_type_hints(command.callback) if command.callback else {}
    # Typer's own options for shells depend on what is installed.
    params = [param for param in command.params if "completion" not in param.name]
    yield name, {spell(param): describe(param, hints) for param in params}
    for child in getattr(command, "list_commands", no_commands)(ctx):
        found = command.get_command(ctx, child)
        yield from walk_commands(found, f"{name} {child}", ctx)


def no_commands(ctx: Any) -> list[str]:
    return []


def spell(param: Any) -> str:
    return ", ".join([*param.opts, *param.secondary_opts])


def describe(param: Any, hints: Mapping[str, Any]) -> dict[str, Any]:
    default = getattr(param.default, "value", param.default)
    return {
        "required": param.required,
        "several": getattr(param, "multiple", False) or param.nargs != 1,
        "choices": find_choices(hints.get(param.name)),
        "default": None if default is None else str(default),
    }


def find_choices(hint: Any) -> list[str]:
    """Return the values of an option that is an enumeration, or a list of one."""
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return [item.value for item in kind]
    return []
