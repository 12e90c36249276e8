"""Write a model file anew with other limits, without loading its net."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path

from mfccclf.persistence.archive import describe_members, pack, write_whole
from mfccclf.persistence.card import write_card
from mfccclf.prediction.decisions import Limits
from mfccclf.prediction.model_file import CARD, CONFIG, ModelFile

__all__ = ["write_with_limits"]


def write_with_limits(
    model: str | PathLike[str], path: str | PathLike[str], limits: Limits
) -> Path:
    """Write a model file anew with other limits.

    Parameters
    ----------
    model : path-like
        Model file.
    path : path-like
        File to write; it may be the same.
    limits : Limits
        What a clip must reach to get a label. The model card tells of them.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    ModelFileError
        If the model cannot be read, or the file not be written.
    """
    file = ModelFile(model)
    config = {name: value for name, value in file.config.items() if name != "limits"}
    members = dict(file.members)
    chosen = {name: value for name, value in vars(limits).items() if value}
    if chosen:
        config["limits"] = chosen
    if chosen != (file.config.get("limits") or {}):
        members[CARD] = write_card(config).encode()
    config["members"] = describe_members(members)
    text = json.dumps(config, indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(path, pack({CONFIG: f"{text}\n".encode(), **members}))
