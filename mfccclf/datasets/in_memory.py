"""Clips and labels from data sets of other libraries, for ``fit`` and ``predict``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import check_int, suggest
from mfccclf.errors import DatasetError
from mfccclf.storage.held_clip import HeldClip
from mfccclf.waveform.resampling import resample

__all__ = ["from_huggingface", "from_torchaudio"]


def from_huggingface(
    dataset: Any, *, audio: str | None = None, label: str | None = None
) -> tuple[list[str | HeldClip], list[Any]]:
    """Return the clips and labels of a data set of Hugging Face's ``datasets``.

    Sound is decoded by mfccclf, as files are, so no other decoder is needed, and a
    model sees the same as in ``predict``.

    Parameters
    ----------
    dataset : datasets.Dataset or datasets.IterableDataset
        One split, with a column of type ``Audio``.
    audio : str or None, default=None
        That column; None takes the only one.
    label : str or None, default=None
        The column of labels, or of lists of them; None takes the only one of type
        ``ClassLabel``, or else the one named "label".

    Returns
    -------
    X : list of str or HeldClip
        Paths, or files in memory, for ``fit`` and ``predict`` of pipelines.
    y : list of str, or of list of str
        The label of each clip, by its name, or its labels.

    Raises
    ------
    DatasetError
        If there is no such column, or several could be meant; or if a clip has neither
        a file nor bytes.

    Examples
    --------
    >>> from datasets import load_dataset  # doctest: +SKIP
    >>> from mfccclf import from_huggingface, make_pipeline
    >>> train = load_dataset("PolyAI/minds14", "en-GB", split="train")  # doctest: +SKIP
    >>> X, y = from_huggingface(train, label="intent_class")  # doctest: +SKIP
    >>> make_pipeline("default").fit(X, y)  # doctest: +SKIP
    """
    features: Any = getattr(dataset, "features", None)
    if not hasattr(features, "items"):
        splits = ", ".join(map(str, dataset)) if hasattr(dataset, "keys") else "train"
        raise DatasetError(
            f"A data set of Hugging Face has no columns until one of its splits is "
            f"chosen: {splits}. Write dataset['train'], or split='train'."
        )
    sound = audio or _only_column(features, "Audio")
    target = label or _label_column(features)
    for name in (sound, target):
        if name not in features:
            raise DatasetError(
                f"The data set has no column {name!r}. It has {', '.join(features)}. "
                f"{suggest(name, features)}".rstrip()
            )
    undecoded = type(features[sound])(decode=False)
    rows = dataset.cast_column(sound, undecoded).select_columns([sound, target])
    spell = _label_names(features[target])
    X, y = [], []
    for index, row in enumerate(rows):
        X.append(_clip_of(row[sound], index))
        y.append(spell(row[target]))
    return X, y


def from_torchaudio(
    dataset: Iterable[Any], *, sample_rate: int, label: int = 2
) -> tuple[list[NDArray[np.float32]], list[Any]]:
    """Return the waveforms and labels of a data set of ``torchaudio.datasets``.

    Parameters
    ----------
    dataset : iterable of tuple
        Items that begin with a tensor of shape (n_channels, n_samples) and its rate.
    sample_rate : int
        Rate of the front end that is to use the waveforms, in Hz.
    label : int, default=2
        Place of the label in an item, such as 2 for SPEECHCOMMANDS and GTZAN.

    Returns
    -------
    X : list of float32 ndarray of shape (n_samples,)
        The mean of the channels at ``sample_rate``.
    y : list
        The labels.

    Raises
    ------
    DatasetError
        If an item is no such tuple.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import from_torchaudio
    >>> items = [(np.zeros((1, 16000), np.float32), 16000, "yes", "anna", 0)]
    >>> X, y = from_torchaudio(items, sample_rate=8000)
    >>> X[0].shape, y
    ((8000,), ['yes'])
    """
    owner = "from_torchaudio"
    sample_rate = check_int("sample_rate", sample_rate, minimum=1000, owner=owner)
    label = check_int("label", label, minimum=2, owner=owner)
    X, y = [], []
    for index, item in enumerate(dataset):
        waveform = np.asarray(item[0], np.float32) if _is_item(item, label) else None
        if waveform is None or waveform.ndim != 2 or not waveform.size:
            raise DatasetError(
                f"Item {index} of the data set is no tuple of a waveform of shape "
                f"(n_channels, n_samples), its sample rate, and a label at place "
                f"{label}. Choose another place with label=."
            )
        mono = np.ascontiguousarray(waveform.mean(axis=0))
        X.append(resample(mono, from_rate=int(item[1]), to_rate=sample_rate))
        y.append(item[label])
    return X, y


def _is_item(item: Any, label: int) -> bool:
    return isinstance(item, tuple | list) and len(item) > label


def _only_column(features: Any, kind: str) -> str:
    found = [name for name, one in features.items() if type(one).__name__ == kind]
    if len(found) != 1:
        several = f"{len(found)} columns" if found else "no column"
        raise DatasetError(
            f"The data set has {several} of type {kind}: it has {', '.join(features)}. "
            "Name the one to use: audio= for sound, label= for labels."
        )
    return str(found[0])


def _label_column(features: Any) -> str:
    kinds = [type(one).__name__ for one in features.values()]
    if "ClassLabel" not in kinds and "label" in features:
        return "label"
    return _only_column(features, "ClassLabel")


def _label_names(feature: Any) -> Callable[[Any], Any]:
    """Return what spells a cell of labels."""
    inner = getattr(feature, "feature", None)
    if inner is None and isinstance(feature, list):
        inner = feature[0]
    if inner is not None:
        spell_one = _label_names(inner)
        return lambda cell: [spell_one(one) for one in cell]
    to_name = getattr(feature, "int2str", None)
    if to_name is None:
        return lambda cell: cell
    return lambda cell: None if cell is None else str(to_name(cell))


def _clip_of(cell: Any, index: int) -> str | HeldClip:
    path, content = (cell or {}).get("path"), (cell or {}).get("bytes")
    if content is not None:
        return HeldClip(f"clip {index} ({path})" if path else f"clip {index}", content)
    if path is None:
        raise DatasetError(
            f"Clip {index} of the data set has neither a file nor bytes. Leave it out "
            "with dataset.filter."
        )
    return str(os.fspath(path))
