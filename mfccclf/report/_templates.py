"""The templates of a report's page, with Jinja2 (extra ``[plots]``)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from mfccclf.errors import MissingExtraError
from mfccclf.plots import check_matplotlib

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["check_report_packages", "load_templates"]


def check_report_packages() -> None:
    """Raise `MissingExtraError` if Matplotlib or Jinja2 is not installed.

    Examples
    --------
    >>> from mfccclf.report import check_report_packages
    >>> check_report_packages()
    """
    check_matplotlib()
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "Reports need Jinja2, which is not installed. Install it with pip install "
            "'mfccclf[plots]'."
        ) from error


def load_templates() -> Environment:
    """Return templates that escape what they are given, and fail at an unknown name."""
    check_report_packages()
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mfccclf.report"),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["data_uri"] = _data_uri
    return environment


def _printable(value: Any) -> Any:
    """Write what cannot be printed, or is not UTF-8, as Python's escapes."""
    if hasattr(value, "__html__"):
        return value
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _data_uri(content: bytes, media_type: str) -> str:
    """Return bytes as an address that holds them."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
