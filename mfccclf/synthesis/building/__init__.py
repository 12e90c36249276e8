"""Data sets of clips cut out of recordings that a JSON file lists."""

from mfccclf.synthesis.building.building import BuiltClips, build_clips
from mfccclf.synthesis.building.sources import sources_schema

__all__ = ["BuiltClips", "build_clips", "sources_schema"]
