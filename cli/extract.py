"""``mfccclf extract``: the features of labelled clips as one array file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import Data, Jobs, Layout, Set, parse_features, parse_settings
from ._progress import progress_bar

__all__ = ["extract"]


def extract(
    data: Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Array file to write (.npz).")
    ],
    features: Annotated[
        str,
        typer.Option(help="14, 33, or blocks such as mfcc,centroid,chroma,contrast."),
    ] = "33",
    split: Annotated[str | None, typer.Option(help="Only this split of DATA.")] = None,
    set_: Set = None,
    layout: Layout = "auto",
    jobs: Jobs = None,
) -> None:
    """Save features, labels and file names of labelled clips.

    The file holds X (n_clips, n_frames, n_features), NaN past a clip's end, with y,
    paths, feature_names and, where DATA has them, groups and splits.
    """
    from mfccclf.workflows import check_output, extract_dataset, save_features

    check_output(output, suffix=".npz")
    with progress_bar("Features") as update:
        extracted = extract_dataset(
            data,
            features=parse_features(features),
            split=split,
            layout=layout,
            n_jobs=jobs,
            on_progress=update,
            **parse_settings(set_),
        )
    save_features(extracted, output)
    n_clips, n_frames, n_features = extracted.X.shape
    typer.echo(
        f"Saved {output}: {n_clips} clips of up to {n_frames} frames with "
        f"{n_features} features."
    )
