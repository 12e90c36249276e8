"""The published weights that ship with the package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._hashing import hash_bytes

__all__ = ["Weights", "read_attribution", "read_weights", "weights_hash"]

Weights = Mapping[str, NDArray[np.float32]]


def read_weights(name: str) -> Weights:
    """Read the weights of a pre-trained net.

    Parameters
    ----------
    name : {"speech", "music"}
        Which net.

    Returns
    -------
    weights : mapping of str to float32 ndarray
        By name; ``weights/recipes/embeddings/`` says where they come from.
    """
    from safetensors.numpy import load

    weights: Weights = load(_content(name))
    return weights


def read_attribution(name: str) -> dict[str, str]:
    """Return licence, source and attribution of a net's weights."""
    import json

    content = _content(name)
    size = int.from_bytes(content[:8], "little")
    facts: dict[str, Any] = json.loads(content[8 : 8 + size])["__metadata__"]
    return {key: facts[key] for key in ("licence", "source", "attribution")}


@lru_cache
def weights_hash(name: str) -> str:
    """Return the SHA-256 of a net's file of weights, which stands for its version."""
    return hash_bytes(_content(name))


def _content(name: str) -> bytes:
    return (
        files("mfccclf.weights") / "embeddings" / f"{name}.safetensors"
    ).read_bytes()
