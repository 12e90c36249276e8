"""``mfccclf extract``: the features of labelled clips on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfccclf.display.progress import progress_bar

from ._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from ._echo import echo
from ._options import Data, Jobs, Layout, Scheduler, Set, SkipBad
from ._parsing import parse_features, parse_settings

__all__ = ["extract"]


def extract(
    data: Data,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="File (.npz) or folder (.mfccdata) to write."
        ),
    ],
    features: Annotated[
        str | None,
        typer.Option(
            help="14, 33 (the default), or blocks such as "
            "mfcc,centroid,chroma,contrast."
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Extract the features of this preset, in place of --features."
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Use only this split of DATA.")
    ] = None,
    set_: Set = None,
    layout: Layout = "auto",
    window: Window = None,
    hop: Hop = None,
    overlap: Overlap = None,
    unlabelled: Unlabelled = None,
    tier: Tier = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    skip_bad: SkipBad = False,
) -> None:
    """Save features, labels and file names of labelled clips.

    Memory use does not grow with the number of clips. NAME.npz holds X (n_clips,
    n_frames, n_features), NaN past a clip's end, with y, paths, feature_names and, if
    DATA has them, groups and splits. NAME.mfccdata is a folder with the same in X.npy,
    clips.csv and parameters.json. train and grid-search take both as DATA: they map
    the folder's X into memory, and read the file as a whole.
    """
    from mfccclf.datasets import load_dataset
    from mfccclf.datasets.extracted import check_features_output
    from mfccclf.workflows import extract_to_disk, make_extractor

    if features is not None and preset is not None:
        raise typer.BadParameter("Name --features or --preset, not both.")
    check_features_output(output)
    settings = parse_settings(set_)
    if features is not None:
        settings["features"] = parse_features(features)
    extractor = make_extractor(preset, n_jobs=jobs, **settings)
    cutting = parse_cutting(window, hop, overlap, unlabelled, tier)
    clips = load_dataset(
        data, layout=layout, split=split, cutting=cutting, keep_bad=True
    )
    with progress_bar("Features") as update:
        written = extract_to_disk(
            extractor,
            clips,
            output,
            scheduler=scheduler,
            skip_bad=skip_bad,
            on_progress=update,
        )
    n_clips, n_frames, n_features = written.shape
    echo(
        f"Saved {output}: {n_clips} clips of up to {n_frames} frames with "
        f"{n_features} features."
    )
