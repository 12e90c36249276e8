"""Names of labels and of clips, as folders and files have them on every system."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from mfccclf.datasets.files import is_hidden
from mfccclf.datasets.splits import canonical_split
from mfccclf.studio.problems import StudioError

__all__ = ["check_label", "clean_stem", "free_path", "group_of", "join_group"]

_LONGEST_LABEL, _LONGEST_STEM = 60, 80
# Separators of paths, labels and members of archives, and what Windows has no files of.
_NOT_IN_LABELS = '/\\;:*?"<>|#'
_NOT_IN_STEMS = re.compile(r"[^\w .()+=@,-]+")
_FOLD = re.compile(r"_?fold[ _-]?[0-9]+", re.IGNORECASE)
# Between who or what was recorded and the rest of a clip's name.
_GROUP_END = "--"


def check_label(text: str) -> str:
    """Return a label that a folder can have, without blanks around it.

    Raises
    ------
    StudioError
        If no data set could have it.
    """
    label = unicodedata.normalize("NFC", str(text)).strip()
    problem = _problem(label)
    if problem:
        raise StudioError(f"The label {label[:_LONGEST_LABEL]!r} {problem}")
    return label


def clean_stem(name: str) -> str:
    """Return the name of a file without folders, suffix and odd characters."""
    last = re.split(r"[/\\]", name)[-1]
    stem = last.rpartition(".")[0] or last
    plain = _NOT_IN_STEMS.sub("_", unicodedata.normalize("NFC", stem))
    return plain.strip(" ._-")[:_LONGEST_STEM].strip() or "clip"


def join_group(group: str, stem: str) -> str:
    """Return a stem that begins with who or what was recorded, if that is known."""
    name = clean_stem(f"{group}.") if group.strip() else ""
    return f"{name}{_GROUP_END}{stem}" if name else stem


def group_of(name: str) -> str | None:
    """Return who or what was recorded, as the name of a clip tells; None if not."""
    group, mark, _ = Path(name).name.partition(_GROUP_END)
    return group if mark and group else None


def free_path(folder: Path, stem: str, suffix: str) -> Path:
    """Return a path in a folder at which there is nothing."""
    path, number = folder / f"{stem}{suffix}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}{suffix}", number + 1
    return path


def _problem(label: str) -> str:
    found = "".join(sorted(set(label) & set(_NOT_IN_LABELS)))
    checks = {
        "is empty. Write one.": not label,
        "has characters that cannot be printed. Leave them out.": not (
            label.isprintable()
        ),
        f"has {found!r} in it. Leave that out.": bool(found),
        f"has more than {_LONGEST_LABEL} letters. Shorten it.": (
            len(label) > _LONGEST_LABEL
        ),
        "begins or ends with a dot. Leave that out.": label.strip(".") != label,
        "is passed over in data sets. Choose another.": is_hidden(label),
        "is the name of a split of a data set. Choose another.": (
            canonical_split(label) is not None
        ),
        "is the name of a fold of a data set. Choose another.": (
            _FOLD.fullmatch(label) is not None
        ),
    }
    return next((text for text, is_so in checks.items() if is_so), "")
