"""Features of whole data sets, with progress, and as array files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from mfccclf._files import atomic_path
from mfccclf.datasets import Dataset, load_dataset
from mfccclf.features import MFCCExtractor
from mfccclf.features._transformer import ClipTransformer
from mfccclf.sequences import pad_sequences, sequence_lengths

__all__ = ["ExtractedDataset", "extract_clips", "extract_dataset", "save_features"]

Progress = Callable[[int, int], None]

# Clips per call of the extractor: enough for its processes to share, few enough for
# a progress bar that moves.
_CHUNK = 128


@dataclass(frozen=True, kw_only=True)
class ExtractedDataset:
    """A data set's clips with their features.

    Attributes
    ----------
    clips : Dataset
        Paths, labels, groups and splits.
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        Sequences, NaN past a clip's end.
    feature_names : list of str
        Names of the columns.
    parameters : dict
        What the features were made with.
    """

    clips: Dataset
    X: NDArray[np.float32]
    feature_names: list[str]
    parameters: dict[str, Any]


def extract_clips(
    extractor: ClipTransformer,
    paths: Sequence[str],
    *,
    on_progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Extract the sequences of many clips, telling how far the work is.

    Parameters
    ----------
    extractor : MFCCExtractor or another first step of a preset
        Fitted or not.
    paths : sequence of str
        The clips.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` after every few clips.

    Returns
    -------
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        What ``extractor.fit_transform(paths)`` gives.

    Raises
    ------
    AudioFileError
        If a clip cannot be read.
    """
    extractor.fit(paths)
    sequences: list[NDArray[np.float32]] = []
    for start in range(0, len(paths), _CHUNK):
        X = extractor.transform(paths[start : start + _CHUNK])
        lengths = sequence_lengths(X)
        sequences += [rows[:length] for rows, length in zip(X, lengths, strict=True)]
        if on_progress is not None:
            on_progress(len(sequences), len(paths))
    n_frames = extractor.feature_parameters().n_frames
    return pad_sequences(sequences, n_frames=n_frames)


def extract_dataset(
    data: str | PathLike[str] | Dataset,
    *,
    features: int | Sequence[str] = 33,
    split: str | None = None,
    layout: str = "auto",
    on_progress: Progress | None = None,
    **parameters: Any,
) -> ExtractedDataset:
    """Extract the features of a labelled data set.

    Parameters
    ----------
    data : str, path-like or Dataset
        What `mfccclf.load_dataset` reads, or what it returned.
    features : int or sequence of str, default=33
        As for `mfccclf.MFCCExtractor`.
    split : str, optional
        Only the clips of this official split.
    layout : str, default="auto"
        As for `mfccclf.load_dataset`.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.
    **parameters
        Further parameters of `mfccclf.MFCCExtractor`.

    Returns
    -------
    extracted : ExtractedDataset
        Clips and features.

    Raises
    ------
    DatasetError
        If the data cannot be used.
    """
    extractor = clone(MFCCExtractor(features=features, **parameters))
    if not isinstance(data, Dataset):
        data = load_dataset(data, layout=layout, split=split)
    X = extract_clips(extractor, data.paths, on_progress=on_progress)
    return ExtractedDataset(
        clips=data,
        X=X,
        feature_names=[str(name) for name in extractor.get_feature_names_out()],
        parameters=extractor.feature_parameters().to_dict(),
    )


def save_features(extracted: ExtractedDataset, path: str | PathLike[str]) -> Path:
    """Write features as a compressed NumPy archive, whole or not at all.

    Parameters
    ----------
    extracted : ExtractedDataset
        What `extract_dataset` returns.
    path : str or path-like
        File to write, ending in ``.npz``.

    Returns
    -------
    path : pathlib.Path
        The file. `numpy.load` reads it without pickles: X, y, paths, feature_names,
        parameters (JSON), and groups and splits where the data name them.
    """
    clips = extracted.clips
    arrays: dict[str, NDArray[Any]] = {
        "X": extracted.X,
        "y": np.array(clips.labels, dtype=np.str_),
        "paths": np.array(clips.paths, dtype=np.str_),
        "feature_names": np.array(extracted.feature_names, dtype=np.str_),
        "parameters": np.array(json.dumps(extracted.parameters)),
    }
    if clips.groups is not None:
        arrays["groups"] = np.array(clips.groups, dtype=np.str_)
    if clips.splits is not None:
        arrays["splits"] = np.array(clips.splits, dtype=np.str_)
    with atomic_path(path) as temporary:
        # savez would call the stub annotation for a name "file"; ours has none.
        np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
    return Path(path)
