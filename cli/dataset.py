"""``mfccclf dataset ...``: make and look into data sets."""

from __future__ import annotations

from ._app import Group

__all__ = ["dataset"]

dataset = Group(
    "Make and look into data sets.",
    {
        "mix": "mix:mix",
        "cut": "cut:cut",
        "build": "build:build",
        "schema": "build:schema",
        "render-notes": "render_notes:render_notes",
        "unpack": "unpack:unpack",
        "inspect": "inspect_data:inspect",
    },
)
