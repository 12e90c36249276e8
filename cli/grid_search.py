"""``mfccclf grid-search``: the best parameters, and a model file with them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._errors import INTERRUPTED, print_error
from ._options import (
    Data,
    Exclude,
    Layout,
    MultiLabel,
    Scheduler,
    Set,
    Target,
    Validation,
    parse_exclude,
    parse_settings,
)
from ._progress import progress_bar
from ._training import build_if_sources, predict_command, training_summary

if TYPE_CHECKING:
    from mfccclf.search import FitReport, SearchResults
    from mfccclf.workflows import SearchOutcome

__all__ = ["grid_search"]

_SHOWN = 5


class Method(StrEnum):
    """How combinations are chosen."""

    grid = "grid"
    random = "random"
    halving = "halving"
    optuna = "optuna"


def grid_search(
    data: Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Model file to write (.mfccclf).")
    ],
    preset: Annotated[
        str, typer.Option(help="Preset, or preset file (.yaml) of your own.")
    ] = "default",
    grid: Annotated[
        Path | None,
        typer.Option(help="YAML file: a list of values, or a range, per parameter."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=V1;V2;...",
            help="Values to try, say 'hidden_sizes=[128,32];[64]'. May be repeated.",
        ),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="How combinations are chosen.")
    ] = Method.grid,
    n_iter: Annotated[
        int | None, typer.Option(min=1, help="Combinations for random and optuna.")
    ] = None,
    cv: Annotated[
        str | None,
        typer.Option(
            metavar="N|groups",
            help="Folds, or one per group. Without it: validation clips where there "
            "are any, else 5.",
        ),
    ] = None,
    groups: Annotated[
        bool,
        typer.Option(help="Keep the clips of a speaker, instrument, ... together."),
    ] = True,
    scoring: Annotated[
        list[str] | None,
        typer.Option(
            help="Score of scikit-learn; the first of several decides. Without it: "
            "accuracy, or f1_macro where clips have several labels."
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes; -1: all cores.")
    ] = None,
    scheduler: Scheduler = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Equal seeds give equal results.")
    ] = 0,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs, in place of the preset's.")
    ] = None,
    set_: Set = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Skip the fits that are finished.")
    ] = False,
    validation: Validation = None,
    multi_label: MultiLabel = False,
    layout: Layout = "auto",
    target: Target = None,
    exclude: Exclude = None,
) -> None:
    """Try combinations of parameters and save the best recogniser.

    Each clip's features are made once; DATA may also be what 'extract' wrote. Finished
    fits and the tables of results are kept in MODEL.search beside the output. A test
    split in DATA is never used.
    """
    from mfccclf.workflows import (
        check_output,
        load_training_data,
        search_recognisers,
    )

    check_output(output)
    space = _read_space(grid, param)
    overrides = parse_settings(set_)
    if epochs is not None:
        overrides["max_epochs"] = epochs
    folder = output.with_suffix(".search")
    if resume and not (folder / "fits.jsonl").exists():
        typer.echo(f"No fits in {folder}: starts from the beginning.", err=True)
    clips, watched = load_training_data(
        build_if_sources(data, output),
        validation=validation,
        layout=layout,
        preset=preset,
        target=target,
        exclude=parse_exclude(exclude),
    )
    try:
        with progress_bar("Features") as update:
            outcome = search_recognisers(
                clips,
                space,
                folder=folder,
                preset=preset,
                overrides=overrides,
                validation=watched,
                method=method.value,
                n_iter=n_iter,
                cv=int(cv) if cv is not None and cv.isdigit() else cv,
                use_groups=groups,
                scoring=scoring,
                multilabel=multi_label,
                random_state=seed,
                n_jobs=jobs,
                scheduler=scheduler,
                resume=resume,
                on_progress=update,
                on_fit=_print_fit,
            )
    except KeyboardInterrupt:
        print_error(f"Interrupted. {folder} keeps the finished fits for --resume.")
        raise typer.Exit(INTERRUPTED) from None
    outcome.training.save(output)
    if outcome.n_resumed:
        typer.echo(f"{outcome.n_resumed} fits were finished by an earlier run.")
    _print_results(outcome)
    typer.echo(training_summary(outcome.training, output))
    typer.echo(predict_command(clips.paths[0], output))


def _read_space(grid: Path | None, param: list[str] | None) -> dict[str, Any]:
    from mfccclf.search import parse_space, read_space

    if grid is None and not param:
        raise typer.BadParameter(
            "Give --grid FILE.yaml, or --param KEY=V1;V2;... for each parameter."
        )
    space = {} if grid is None else read_space(grid)
    return {**space, **parse_space(param or ())}


def _print_fit(report: FitReport) -> None:
    outcome = report.outcome
    scores = " ".join(f"{name} {score:.4f}" for name, score in outcome.scores.items())
    minutes, seconds = divmod(round(report.left_s), 60)
    typer.echo(
        f"[{report.n_done}/{report.n_total}] {_describe(report.parameters)} | "
        f"fold {report.fold} | {outcome.error or scores} | "
        f"{outcome.fit_s + outcome.score_s:.1f} s | {minutes}:{seconds:02d} left",
        err=True,
    )


def _print_results(outcome: SearchOutcome) -> None:
    from mfccclf.errors import MissingExtraError
    from mfccclf.plots import plot_search

    typer.echo(_table(outcome.results))
    written = ["results.csv", "results.json"]
    try:
        plot_search(outcome.results, outcome.folder / "results.png")
        written.append("results.png")
    except MissingExtraError as error:
        typer.echo(f"The picture was left out. {error}", err=True)
    typer.echo(f"Saved {', '.join(written)} in {outcome.folder}.")


def _table(results: SearchResults) -> str:
    ranking = results.ranking()
    lines = [f"Best {min(_SHOWN, len(ranking))} of {len(ranking)}:"]
    for rank, row in enumerate(ranking[:_SHOWN], start=1):
        scores = ", ".join(
            f"{name} {row.mean(name):.4f} (sd {row.deviation(name):.4f})"
            for name in results.scoring
        )
        lines.append(
            f"  {rank}. {_describe(row.parameters)}: {scores}, "
            f"{row.n_parameters:,} parameters, {row.n_epochs} epochs"
        )
    return "\n".join(lines)


def _describe(parameters: dict[str, Any]) -> str:
    return " ".join(
        f"{name.split('__', 1)[-1]}={_short(value)}"
        for name, value in parameters.items()
    )


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(str, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
