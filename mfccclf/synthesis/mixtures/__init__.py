"""Labelled mixtures of clips that have one label each."""

from mfccclf.synthesis.mixtures.mixing import MixedClips, mix_clips

__all__ = ["MixedClips", "mix_clips"]
