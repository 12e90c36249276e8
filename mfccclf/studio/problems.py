"""What the studio refuses to do."""

from __future__ import annotations

from mfccclf.errors import MfccclfError

__all__ = ["StudioError"]


class StudioError(MfccclfError, ValueError):
    """The studio cannot do this with its folder; the text says why."""
