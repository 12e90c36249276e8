"""What is known of each clip of a folder, read again only where a file has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mfccclf.errors import AudioFileError
from mfccclf.studio.names import group_of
from mfccclf.studio.sound import outline, read_sound

__all__ = ["ClipFacts", "Shelf"]

# A clip with a higher peak has lost its loudest parts; with a lower one, most of it.
_CLIPPED, _FAINT = 0.999, 0.01


@dataclass(frozen=True)
class ClipFacts:
    """What is known of a clip.

    Attributes
    ----------
    id : str
        Its file, relative to the folder.
    label : str
        Its label.
    seconds : float
        Its length; 0 if it cannot be read.
    outline : list of int
        As `mfccclf.studio.sound.outline` returns it.
    group : str or None
        Who or what was recorded, if its name tells.
    version : str
        Changes with the content of the file.
    hint : str, default=""
        What is wrong with it, for people.
    """

    id: str
    label: str
    seconds: float
    outline: list[int]
    group: str | None
    version: str
    hint: str = ""


class Shelf:
    """Facts of the clips of a folder.

    Parameters
    ----------
    root : Path
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, ClipFacts] = {}

    def facts(self, paths: Iterable[Path]) -> list[ClipFacts]:
        """Return the facts of some clips, whose paths are relative to the folder."""
        found = []
        for path in paths:
            try:
                status = (self._root / path).stat()
            except OSError:
                continue  # moved meanwhile
            version = f"{status.st_mtime_ns:x}-{status.st_size:x}"
            known = self._known.get(path.as_posix())
            if known is None or known.version != version:
                known = self._read(path, version)
            found.append(known)
        self._known = {one.id: one for one in found}
        return found

    def _read(self, path: Path, version: str) -> ClipFacts:
        seconds, shape, hint = 0.0, [0], ""
        try:
            sound = read_sound(self._root / path)
        except AudioFileError as error:
            hint = str(error).replace(f"{self._root}/", "")
        else:
            mono = sound.mono
            peak = float(abs(mono).max())
            seconds, shape = sound.seconds, outline(mono)
            hint = _hint(peak)
        return ClipFacts(
            id=path.as_posix(),
            label=path.parts[0],
            seconds=round(seconds, 3),
            outline=shape,
            group=group_of(path.name),
            version=version,
            hint=hint,
        )


def _hint(peak: float) -> str:
    if peak >= _CLIPPED:
        return "Too loud: its peaks are cut off."
    return "Very quiet." if peak < _FAINT else ""
