"""What computes a model's sequences, without scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfccclf.features.protocol import Extraction
from mfccclf.step_kinds import STEP_KINDS, fetch

__all__ = ["FRONT_ENDS", "build_extraction"]

FRONT_ENDS = tuple(n for n, kind in STEP_KINDS.items() if kind.place == "front end")


def build_extraction(
    front_end: Mapping[str, Any], graphs: Mapping[str, bytes]
) -> Extraction:
    """Build what computes a front end's sequences.

    Parameters
    ----------
    front_end : mapping
        A model file's ``front_end``: "class", one of ``FRONT_ENDS``, and "parameters".
    graphs : mapping of str to bytes
        The model file's ``front_end_graphs``.

    Returns
    -------
    extraction : Extraction
        With its settings checked.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        If the parameters are missing or not valid.
    """
    make_extraction = fetch(STEP_KINDS[front_end["class"]].extraction)
    extraction: Extraction = make_extraction(front_end["parameters"], graphs)
    return extraction
