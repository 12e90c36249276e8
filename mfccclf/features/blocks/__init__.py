"""Blocks of features: each in a file of its own, all of them listed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfccclf._parameters import parameter_group
from mfccclf.features.blocks.block import FeatureBlock
from mfccclf.features.blocks.centroid import Centroid
from mfccclf.features.blocks.chroma import Chroma, ChromaParameters
from mfccclf.features.blocks.contrast import Contrast, ContrastParameters
from mfccclf.features.blocks.mel import Mel, MelParameters
from mfccclf.features.blocks.mfcc import MFCC, MFCCParameters
from mfccclf.features.blocks.zero import Zero

__all__ = ["BLOCKS", "NAMED_SETS", "BlockParameters", "FeatureBlock"]

BLOCKS: Mapping[str, FeatureBlock[Any]] = {
    block.name: block
    for block in (MFCC(), Centroid(), Chroma(), Contrast(), Mel(), Zero())
}

NAMED_SETS: Mapping[int, tuple[str, ...]] = {
    14: ("mfcc", "centroid"),
    33: ("mfcc", "centroid", "chroma", "contrast"),
}


@parameter_group
class BlockParameters(
    ContrastParameters,
    ChromaParameters,
    MFCCParameters,
    MelParameters,
):
    """Parameters of all blocks, whose fields run from the last base to the first."""
