"""Sound files in memory, as columns of data frames and data sets hold them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

__all__ = ["HeldBytes", "HeldClip"]


@dataclass(frozen=True)
class HeldClip:
    """A sound file in memory, which goes wherever a path goes in a list of clips.

    Parameters
    ----------
    name : str
        What to call it in messages.
    content : bytes
        The whole file: WAV, FLAC, MP3 or another that can be read.
    """

    name: str
    content: bytes = field(repr=False)

    def open(self) -> io.BytesIO:
        """Return the content as a stream with the clip's name."""
        return HeldBytes(self.content, self.name)


class HeldBytes(io.BytesIO):
    """The content of a sound file in memory, as a stream with a name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name
