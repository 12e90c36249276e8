"""``mfccclf models``: the shipped models and presets."""

from __future__ import annotations

from ._echo import echo

__all__ = ["models"]


def models() -> None:
    """List the models that ship with the package, and the presets for training."""
    from mfccclf.prediction import ModelFile, shipped_models
    from mfccclf.presets import list_presets, load_preset

    echo("Models (mfccclf predict FILE --model NAME):")
    for name, path in shipped_models().items():
        classes = ModelFile(path).classes
        echo(f"  {name:20} {len(classes)} labels: {', '.join(classes)}")
    echo("Presets (mfccclf train DATA --preset NAME --output MODEL):")
    for name in list_presets():
        echo(f"  {name:20} {load_preset(name).description}")
