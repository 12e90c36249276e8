"""Named settings for whole pipelines: data in YAML files, one file per preset."""

from mfccclf.presets.loading import Preset, Step, list_presets, load_preset

__all__ = ["Preset", "Step", "list_presets", "load_preset"]
