"""A folder of labelled clips, and what can be done with it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import IO, Any

from mfccclf.datasets.files import is_hidden, scan_folder
from mfccclf.datasets.splits import canonical_split
from mfccclf.studio.cutting import cut_at_pauses
from mfccclf.studio.journal import Change, ChangeJournal
from mfccclf.studio.names import check_label, clean_stem, free_path, join_group
from mfccclf.studio.problems import StudioError
from mfccclf.studio.shelf import ClipFacts, Shelf
from mfccclf.studio.sound import KeptSound, read_sound

__all__ = ["HIDDEN", "Project"]

HIDDEN = ".studio"
_SHORTEST_S = 0.05


class Project:
    """A folder of labelled clips: plain sound files, one folder per label.

    What the commands read is what the studio works on. Beside the clips, the hidden
    folder ``.studio`` keeps the bin, the history, unfinished recordings and models.
    Every change is made whole or not at all, and can be undone.

    Parameters
    ----------
    folder : path-like
        It is made if it does not exist.

    Raises
    ------
    StudioError
        If it cannot be used, or another process has it open.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from mfccclf.studio import Project
    >>> from mfccclf.studio.sound import KeptSound
    >>> tone = 0.3 * np.sin(np.arange(8000) / 5)[:, None]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = Project(folder)
    ...     (clip,) = project.add("yes", "first.au", KeptSound(tone, 8000))
    ...     moved = project.relabel([clip], "no")
    ...     undone = project.undo()
    ...     clips = project.clips()
    ...     project.close()
    >>> [clip.id for clip in clips], undone.text
    (['yes/first.wav'], 'Undone: Moved yes/first.wav to no')
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.root = Path(folder).expanduser().resolve()
        self.home = self.root / HIDDEN
        self.lock = threading.RLock()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._hold = _hold(self.home / "lock")
        except OSError as error:
            raise StudioError(
                f"The folder {self.root} cannot be used ({error.strerror}). Name "
                "another."
            ) from error
        self.journal = ChangeJournal(self.root, self.home / "history")
        self._shelf = Shelf(self.root)
        self._sweep_staging()

    def close(self) -> None:
        """Let other processes open the folder."""
        self._hold.close()

    def clips(self) -> list[ClipFacts]:
        """Return what is known of each clip, in natural order."""
        with self.lock:
            return self._shelf.facts(_in_labels(scan_folder(self.root).clips))

    def labels(self) -> list[str]:
        """Return the labels: those with clips in natural order, then those without."""
        with self.lock:
            found = dict.fromkeys(
                path.parts[0] for path in _in_labels(scan_folder(self.root).clips)
            )
            return [*found, *(one for one in self._bare_labels() if one not in found)]

    def problems(self) -> list[str]:
        """Return what keeps the folder from being one with a folder per label."""
        tree = scan_folder(self.root)
        astray = [path.name for path in tree.clips if len(path.parts) < 2]
        splits = [name for name in tree.folders if canonical_split(name)]
        found = []
        if astray:
            found.append(
                f"{len(astray)} sound files lie in no label's folder ({astray[0]}, for "
                "example). Drop them on a label, then move the old ones away."
            )
        if splits:
            found.append(
                f"The folders {', '.join(splits)} are splits of a data set. The studio "
                "takes folders of labels: name one of these."
            )
        return found

    def path(self, clip: str) -> Path:
        """Return the file of a clip.

        Raises
        ------
        StudioError
            If there is no such clip in this folder.
        """
        parts = clip.split("/")
        is_odd = any(not part or is_hidden(part) or "\\" in part for part in parts)
        path = self.root.joinpath(*parts)
        if is_odd or len(parts) < 2 or not path.is_file():
            raise StudioError(f"There is no clip {clip[:200]!r}. Reload the page.")
        return path

    def add_label(self, text: str) -> str:
        """Add a label without clips; return it as it is written.

        Raises
        ------
        StudioError
            If it cannot be a label.
        """
        with self.lock:
            label = check_label(text)
            if label not in self.labels():
                before = self._bare_labels()
                self._change(f"Added the label {label}", [], (before, [*before, label]))
            return label

    def rename_label(self, label: str, text: str) -> str:
        """Give a label another name; one that exists takes its clips.

        Raises
        ------
        StudioError
            If there is no such label, or the name cannot be one.
        """
        with self.lock:
            self._check_known(label)
            name = check_label(text)
            if name != label:
                moves = self._moves(self._clips_of(label), name)
                before = self._bare_labels()
                after = [name if one == label else one for one in before]
                labels = (before, list(dict.fromkeys(after)))
                self._change(f"Renamed {label} to {name}", moves, labels)
            return name

    def remove_label(self, label: str) -> None:
        """Move all clips of a label to the bin, and forget it."""
        with self.lock:
            self._check_known(label)
            clips = self._clips_of(label)
            before = self._bare_labels()
            labels = (before, [one for one in before if one != label])
            self._change(f"Removed {label}", self._to_bin(clips), labels)

    def add(
        self,
        label: str,
        name: str,
        sound: KeptSound | IO[bytes],
        *,
        group: str = "",
        at_pauses: bool = False,
        mark: str = "",
    ) -> list[str]:
        """Add sound to a label, as WAV files.

        Parameters
        ----------
        label : str
            A new one is added.
        name : str
            Name of the sound, from which those of the clips are made.
        sound : KeptSound or binary file object
            What to add; a file of any kind that can be read.
        group : str, default=""
            Who or what was recorded; the clips' names begin with it.
        at_pauses : bool, default=False
            Whether to cut it, as `cut_at_pauses` does.
        mark : str, default=""
            As for `ChangeJournal.do`; the same sound is not added twice in a row.

        Returns
        -------
        clips : list of str
            Names of the clips, relative to the folder.

        Raises
        ------
        StudioError, AudioFileError
            If the label or the sound cannot be used; nothing is added then.
        """
        kept = sound if isinstance(sound, KeptSound) else read_sound(sound)
        pieces = _pieces(kept, name, at_pauses=at_pauses)
        with self.lock:
            label = check_label(label)
            if mark and mark == self.journal.last_mark:
                return []
            stem = join_group(group, clean_stem(name))
            return self._add_pieces(label, stem, pieces, mark)

    def trim(self, clip: str, start_s: float, end_s: float) -> str:
        """Keep a part of a clip; the whole of it goes to the bin.

        Returns
        -------
        clip : str
            Its name, which ends in ``.wav`` now.

        Raises
        ------
        StudioError
            If there is no such clip, or too little of it would be left.
        """
        with self.lock:
            path = self.path(clip)
            sound = read_sound(path)
            first, last = (round(s * sound.sample_rate) for s in (start_s, end_s))
            part = sound.part(max(0, first), max(0, last))
            if part.seconds < _SHORTEST_S:
                raise StudioError(
                    f"{part.seconds:.2f} s of {clip} would be left. Keep "
                    f"{_SHORTEST_S} s or more."
                )
            staged = self._stage([part])[0]
            target = path
            if path.suffix != ".wav":
                target = free_path(path.parent, path.stem, ".wav")
            moves = [*self._to_bin([clip]), (staged, target)]
            self._change(f"Trimmed {clip}", moves)
            return target.relative_to(self.root).as_posix()

    def relabel(self, clips: Sequence[str], text: str) -> list[str]:
        """Move clips to another label; return their new names.

        Raises
        ------
        StudioError
            If there is no such clip, or the name cannot be a label.
        """
        with self.lock:
            label = check_label(text)
            moves = self._moves(clips, label)
            what = clips[0] if len(clips) == 1 else f"{len(clips)} clips"
            self._change(f"Moved {what} to {label}", moves)
            return [target.relative_to(self.root).as_posix() for _, target in moves]

    def delete(self, clips: Sequence[str]) -> None:
        """Move clips to the bin; their labels stay."""
        with self.lock:
            moves = self._to_bin(clips)
            what = clips[0] if len(clips) == 1 else f"{len(clips)} clips"
            self._change(f"Deleted {what}", moves)

    def undo(self) -> Change:
        """Undo the last change; added clips go to the bin."""
        with self.lock:
            return self.journal.undo()

    def _add_pieces(
        self, label: str, stem: str, pieces: list[KeptSound], mark: str
    ) -> list[str]:
        folder, targets = self.root / label, list[Path]()
        for number, _ in enumerate(pieces, 1):
            name = stem if len(pieces) == 1 else f"{stem}-{number:02d}"
            targets.append(free_path(folder, name, ".wav"))
        names = [target.relative_to(self.root).as_posix() for target in targets]
        what = names[0] if len(names) == 1 else f"{len(names)} clips to {label}"
        moves = list(zip(self._stage(pieces), targets, strict=True))
        self._change(f"Added {what}", moves, mark=mark)
        return names

    def _change(
        self,
        text: str,
        moves: Iterable[tuple[Path, Path]],
        labels: tuple[list[str], list[str]] | None = None,
        mark: str = "",
    ) -> None:
        moves = list(moves)
        if labels is None:
            labels = self._with_emptied(moves)
        self.journal.do(text, moves, labels=labels, mark=mark)

    def _with_emptied(
        self, moves: list[tuple[Path, Path]]
    ) -> tuple[list[str], list[str]] | None:
        """Return the labels to remember, before and after: an empty one stays."""
        touched = {path.relative_to(self.root).parts[0] for path, _ in moves}
        before = self._bare_labels()
        new = [label for label in sorted(touched - {HIDDEN}) if label not in before]
        return (before, [*before, *new]) if new else None

    def _moves(self, clips: Sequence[str], label: str) -> list[tuple[Path, Path]]:
        taken: set[Path] = set()
        moves = []
        for clip in dict.fromkeys(clips):
            path = self.path(clip)
            inner = path.relative_to(self.root).parts[1:]
            wanted = self.root.joinpath(label, *inner)
            if wanted == path:
                continue
            target = free_path(wanted.parent, wanted.stem, wanted.suffix)
            while target in taken:
                target = target.with_stem(f"{target.stem}-2")
            taken.add(target)
            moves.append((path, target))
        return moves

    def _to_bin(self, clips: Sequence[str]) -> list[tuple[Path, Path]]:
        folder = self.home / "bin" / f"{self.journal.next_number:06d}"
        paths = [self.path(clip) for clip in dict.fromkeys(clips)]
        return [(path, folder / path.relative_to(self.root)) for path in paths]

    def _stage(self, sounds: Sequence[KeptSound]) -> list[Path]:
        """Write sound where a change takes it from."""
        folder = self.home / "staging"
        folder.mkdir(exist_ok=True)
        paths = []
        for number, sound in enumerate(sounds):
            path = folder / f"{self.journal.next_number:06d}-{number:04d}.wav"
            sound.write(path)
            paths.append(path)
        return paths

    def _sweep_staging(self) -> None:
        """Remove what was never added; the note of a change would have been kept."""
        shutil.rmtree(self.home / "staging", ignore_errors=True)

    def _clips_of(self, label: str) -> list[str]:
        return [clip.id for clip in self.clips() if clip.label == label]

    def _check_known(self, label: str) -> None:
        if label not in self.labels():
            raise StudioError(f"There is no label {label[:60]!r}. Reload the page.")

    def _bare_labels(self) -> list[str]:
        return self.journal.labels


def _in_labels(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if len(path.parts) > 1]


def _pieces(sound: KeptSound, name: str, *, at_pauses: bool) -> list[KeptSound]:
    """Return the sound, or its pieces between pauses."""
    if not at_pauses:
        return [sound]
    cut = cut_at_pauses(sound.mono, sound.sample_rate)
    if not cut.pieces:
        raise StudioError(
            f"{name} has no sound that is louder than its noise. Add it whole."
        )
    return [sound.part(start, end) for start, end in cut.pieces]


def _hold(path: Path) -> IO[Any]:
    """Return a file that is locked while it is open.

    Raises
    ------
    StudioError
        If another process has locked it.
    """
    file = path.open("w", encoding="utf-8")
    if os.name != "posix":
        return file
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with suppress(OSError):
            file.close()
        raise StudioError(
            f"Another studio has {path.parent.parent} open. Use its page, or end it "
            "first."
        ) from None
    return file
