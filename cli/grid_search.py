"""``mfccclf grid-search``: the best parameters, and a model file with them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mfccclf.display.progress import progress_bar

from ._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from ._echo import echo
from ._errors import INTERRUPTED, print_error
from ._imports import quick_imports
from ._options import (
    Data,
    Epochs,
    Exclude,
    Layout,
    Log,
    ModelOutput,
    MultiLabel,
    Preset,
    Scheduler,
    Seed,
    Set,
    SkipBad,
    Target,
    Validation,
)
from ._parsing import parse_exclude, parse_folds, parse_overrides
from ._search_summary import print_fit, print_results
from ._training_summary import predict_command, training_summary, usable_clip

__all__ = ["grid_search"]


class Method(StrEnum):
    """How combinations are chosen."""

    grid = "grid"
    random = "random"
    halving = "halving"
    optuna = "optuna"


def grid_search(
    data: Data,
    output: ModelOutput,
    preset: Preset = "default",
    grid: Annotated[
        Path | None,
        typer.Option(help="YAML file: a list of values, or a range, per parameter."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=V1;V2;...",
            help="Values to try, such as 'hidden_sizes=[128,32];[64]'. May be "
            "repeated.",
        ),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="How combinations are chosen.")
    ] = Method.grid,
    n_iter: Annotated[
        int | None,
        typer.Option(min=1, help="Combinations that random and optuna try."),
    ] = None,
    cv: Annotated[
        str | None,
        typer.Option(
            metavar="N|groups|folds",
            help="Number of folds, one fold per group, or the official folds of DATA. "
            "Default: the validation clips if there are any, else the official folds, "
            "else 5 folds.",
        ),
    ] = None,
    groups: Annotated[
        bool,
        typer.Option(help="Keep the clips of a speaker, instrument, ... together."),
    ] = True,
    scoring: Annotated[
        list[str] | None,
        typer.Option(
            help="Score of scikit-learn; the first of several decides. Default: "
            "accuracy, or f1_macro for clips with several labels."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes; -1 uses all cores.")
    ] = None,
    scheduler: Scheduler = None,
    seed: Seed = 0,
    epochs: Epochs = None,
    set_: Set = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Resume an interrupted search."),
    ] = False,
    validation: Validation = None,
    multi_label: MultiLabel = False,
    layout: Layout = "auto",
    target: Target = None,
    exclude: Exclude = None,
    window: Window = None,
    hop: Hop = None,
    overlap: Overlap = None,
    unlabelled: Unlabelled = None,
    tier: Tier = None,
    skip_bad: SkipBad = False,
    log: Log = None,
) -> None:
    """Try combinations of parameters and save the best recogniser.

    The features of each clip are extracted once; DATA may also be what 'extract' wrote.
    MODEL.search, beside the output, keeps the finished fits and the tables of results.
    A test split of DATA is never used.
    """
    with quick_imports():
        from mfccclf.workflows import DataChoice, check_output, load_training_data

    check_output(output)
    space = _read_space(grid, param)
    choice = DataChoice(
        layout=layout,
        target=target,
        exclude=parse_exclude(exclude),
        cutting=parse_cutting(window, hop, overlap, unlabelled, tier),
    )
    overrides = parse_overrides(set_, epochs)
    splitting = parse_folds(cv)
    folder = _find_folder(output, resume=resume)
    with progress_bar("Clips") as update:
        training_data = load_training_data(
            data,
            validation=validation,
            choice=choice,
            preset=preset,
            build_in=output.with_suffix(".clips"),
            on_progress=update,
        )
    with quick_imports():  # torch's takes seconds, and the data may be wrong
        from mfccclf.tracking import open_run_log
        from mfccclf.workflows import SearchOptions, search_recognisers

    options = SearchOptions(
        preset=preset,
        overrides=overrides,
        multilabel=multi_label,
        skip_bad=skip_bad,
        random_state=seed,
        method=method.value,
        n_iter=n_iter,
        cv=splitting,
        use_groups=groups,
        scoring=scoring,
    )
    try:
        with open_run_log(log or (), name=output.stem) as run:
            with progress_bar("Features") as update:
                outcome = search_recognisers(
                    training_data,
                    space,
                    options,
                    folder=folder,
                    resume=resume,
                    n_jobs=jobs,
                    scheduler=scheduler,
                    on_progress=update,
                    on_fit=print_fit,
                )
            run.log_search(outcome, outcome.training.save(output))
    except KeyboardInterrupt:
        print_error(f"Interrupted. {folder} keeps the finished fits for --resume.")
        raise typer.Exit(INTERRUPTED) from None
    print_results(outcome)
    echo(training_summary(outcome.training, output))
    clip = usable_clip(training_data, outcome.training)
    echo(predict_command(clip, output))


def _read_space(grid: Path | None, param: list[str] | None) -> dict[str, Any]:
    if grid is None and not param:
        raise typer.BadParameter(
            "Give --grid FILE.yaml, or --param KEY=V1;V2;... for each parameter."
        )
    from mfccclf.search import parse_space, read_space

    space = {} if grid is None else read_space(grid)
    return {**space, **parse_space(param or ())}


def _find_folder(output: Path, *, resume: bool) -> Path:
    """Return where finished fits go; say so if there are none to resume from."""
    from mfccclf.workflows import find_search_folder

    folder, has_fits = find_search_folder(output)
    if resume and not has_fits:
        echo(f"No fits in {folder}: starts from the beginning.", err=True)
    return folder
