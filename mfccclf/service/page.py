"""The page that shows what the service offers: made here, without files from others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["read_asset", "render_api_page"]


def render_api_page(document: Mapping[str, Any]) -> str:
    """Return a document of OpenAPI as a page; every text in it is escaped."""
    environment = Environment(
        loader=PackageLoader("mfccclf.service", "files"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=2)
    return environment.get_template("page.html").render(api=document)


def read_asset(name: str) -> bytes:
    """Return a file of the page."""
    return (files("mfccclf.service") / "files" / name).read_bytes()
