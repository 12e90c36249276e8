"""A model's front end without scikit-learn: its extraction, and how it reads files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mfccclf._inert import first_line
from mfccclf.errors import ModelFileError
from mfccclf.features.protocol import Extraction
from mfccclf.step_kinds import STEP_KINDS, fetch
from mfccclf.waveform import Reading

__all__ = ["FRONT_ENDS", "DescribedModel", "build_extraction", "restore_front_end"]

FRONT_ENDS = tuple(n for n, kind in STEP_KINDS.items() if kind.place == "front end")


class DescribedModel(Protocol):
    """A model file, or what stands for one."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def config(self) -> dict[str, Any]:
        """The content of ``model.json``."""

    @property
    def front_end_graphs(self) -> Mapping[str, bytes]:
        """The graphs of a front end's pre-trained nets, by name."""


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


def restore_front_end(model_file: DescribedModel) -> tuple[Extraction, Reading]:
    """Build what computes a model's sequences, and take how it reads files.

    Raises
    ------
    ModelFileError
        If its front end is unknown or not valid, or does not fit its net.
    """
    front_end = model_file.config["front_end"]
    name = front_end.get("class")
    if not isinstance(name, str) or name not in FRONT_ENDS:
        raise ModelFileError(
            f"{model_file.name} has an unknown front end {name!r}. Known: "
            f"{', '.join(FRONT_ENDS)}. Update the package, or train the model again."
        )
    try:
        extraction = build_extraction(front_end, model_file.front_end_graphs)
        reading = Reading.from_config(front_end, owner=name)
        n_features = extraction.n_features
    except Exception as error:  # a stranger's values may make a step raise anything
        raise ModelFileError(
            f"{model_file.name} has features that cannot be computed here: "
            f"{first_line(error)}"
        ) from error
    _check_width(n_features, model_file)
    return extraction, reading


def _check_width(n_features: int, model_file: DescribedModel) -> None:
    if n_features != model_file.config["n_features"]:
        raise ModelFileError(
            f"{model_file.name} gives {n_features} features per frame, but its net "
            f"expects {model_file.config['n_features']}. Copy or download it again."
        )
