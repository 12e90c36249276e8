"""One sub-folder per label, perhaps inside train, validation and test folders."""

from __future__ import annotations

from mfccclf.datasets.clips import Clip, make_clip
from mfccclf.datasets.files import AudioTree
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.problems import Problems, shorten
from mfccclf.datasets.splits import canonical_split

__all__ = ["LAYOUT"]


def _recognises(tree: AudioTree) -> bool:
    if not tree.folders:
        return False
    depth = 3 if _is_split(tree) else 2
    return any(len(clip.parts) >= depth for clip in tree.clips)


def _read(tree: AudioTree, problems: Problems) -> list[Clip]:
    _note_mixed_folders(tree, problems)
    level = 1 if _is_split(tree) else 0
    clips = []
    for clip in tree.clips:
        path = tree.root / clip
        if len(clip.parts) < level + 2:
            problems.add(
                f"{path} lies in no label's folder. Move it into a folder named like "
                "its label."
            )
            continue
        split = canonical_split(clip.parts[0]) if level else None
        clips.append(make_clip(path, clip.parts[level], split=split))
    return clips


def _is_split(tree: AudioTree) -> bool:
    return bool(tree.folders) and all(map(canonical_split, tree.folders))


def _note_mixed_folders(tree: AudioTree, problems: Problems) -> None:
    # "train" alone may well be a sound; beside "test" it is hardly one.
    splits = [name for name in tree.folders if canonical_split(name)]
    labels = [name for name in tree.folders if not canonical_split(name)]
    if labels and len({canonical_split(name) for name in splits}) > 1:
        problems.add(
            f"The folders {', '.join(splits)} look like splits, but {shorten(labels)} "
            "beside them do not. Move or rename some of them."
        )


LAYOUT = Layout(
    name="folders",
    description="label/.../clip.wav, or the same inside train, validation and test",
    recognises=_recognises,
    read=_read,
)
