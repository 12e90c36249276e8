"""``mfccclf evaluate``: how often a model is right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfccclf.display.progress import progress_bar

from ._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from ._echo import echo
from ._errors import print_warning
from ._limits import MinConfidence, MinFamiliarity
from ._options import (
    Data,
    Exclude,
    Jobs,
    Layout,
    PrintedAs,
    Seed,
    SkipBad,
    Target,
    TextOrJson,
    TrainedModel,
)
from ._parsing import parse_exclude

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfccclf.datasets import Dataset
    from mfccclf.workflows import (
        DataChoice,
        EvaluationResult,
        FoldScores,
        SkippedClip,
    )

__all__ = ["evaluate"]


def evaluate(
    model: TrainedModel,
    data: Data,
    split: Annotated[
        str | None,
        typer.Option(
            help="Split of DATA to test on: train, validation, test or all. "
            "Default: test if DATA has one, else all clips."
        ),
    ] = None,
    format: PrintedAs = TextOrJson.text,
    layout: Layout = "auto",
    target: Target = None,
    exclude: Exclude = None,
    window: Window = None,
    hop: Hop = None,
    overlap: Overlap = None,
    unlabelled: Unlabelled = None,
    tier: Tier = None,
    min_confidence: MinConfidence = None,
    min_familiarity: MinFamiliarity = None,
    report: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Also write a page with pictures and sound, DIR/report.html (needs "
            "the extra [plots]).",
        ),
    ] = None,
    skip_bad: SkipBad = False,
    folds: Annotated[
        bool,
        typer.Option(
            "--folds",
            help="Cross-validate by the official folds of DATA: for each, train a net "
            "like that of MODEL, which may be a preset, on the others, and test it. "
            "Prints each fold, mean and deviation.",
        ),
    ] = False,
    seed: Seed = 0,
    jobs: Jobs = None,
) -> None:
    """Print a model's scores on labelled clips.

    The scores count the best label of every clip. If limits leave some clips without
    a label, the clips that get one are scored as well. --seed and --jobs belong to
    --folds.
    """
    from mfccclf.evaluation import format_scores
    from mfccclf.workflows import DataChoice, evaluate_model, load_test_data

    choice = DataChoice(
        layout=layout,
        target=target,
        exclude=parse_exclude(exclude),
        cutting=parse_cutting(window, hop, overlap, unlabelled, tier),
    )
    if folds:
        _refuse_with_folds(split, min_confidence, min_familiarity, report)
        summary = _by_folds(model, data, choice, seed, jobs, skip_bad=skip_bad)
        _print_folds(summary, format)
        return
    if report is not None:
        _check_report(report)
    clips = load_test_data(data, split=split, choice=choice, model=model)
    with progress_bar("Clips") as update:
        result = evaluate_model(
            model,
            clips,
            min_confidence=min_confidence,
            min_familiarity=min_familiarity,
            skip_bad=skip_bad,
            on_progress=update,
        )
    if result.seen_in_training:
        print_warning(
            "These are the very clips that the model was trained on. Its scores on "
            "new clips will be lower."
        )
    if format is TextOrJson.json:
        skipped = _skipped(result.skipped, wanted=skip_bad)
        echo(json.dumps({**result.scores, **skipped}))
    else:
        echo(format_scores(result.scores))
    if report is not None:
        _write_report(model, clips, report, result)


def _refuse_with_folds(*others: object) -> None:
    if any(value is not None for value in others):
        raise typer.BadParameter(
            "--folds trains anew and tests all clips: leave out --split, limits and "
            "--report."
        )


def _by_folds(
    model: str,
    data: str,
    choice: DataChoice,
    seed: int,
    jobs: int | None,
    *,
    skip_bad: bool,
) -> dict[str, Any]:
    """Return the scores by fold, and the clips left out if that was asked for."""
    from mfccclf.workflows import evaluate_by_folds, load_fold_data

    clips = load_fold_data(data, choice=choice, model=model)
    with progress_bar("Features") as update:
        result = evaluate_by_folds(
            model,
            clips,
            random_state=seed,
            skip_bad=skip_bad,
            n_jobs=jobs,
            on_progress=update,
            on_fold=_print_fold,
        )
    return {**result.summary(), **_skipped(result.skipped, wanted=skip_bad)}


def _print_fold(fold: FoldScores) -> None:
    # On stderr, to keep the JSON of --format json clean.
    scores = fold.scores
    echo(
        f"Fold {fold.name}: accuracy {scores['accuracy']:.3f} on {scores['n_clips']} "
        f"clips, trained on {fold.n_training_clips}.",
        err=True,
    )


def _print_folds(summary: dict[str, Any], format: TextOrJson) -> None:
    from mfccclf.evaluation import format_fold_scores

    is_json = format is TextOrJson.json
    echo(json.dumps(summary) if is_json else format_fold_scores(summary))


def _check_report(folder: str) -> None:
    """Fail before the clips are read rather than after."""
    from mfccclf.report import check_report_folder, check_report_packages

    check_report_folder(folder)
    check_report_packages()


def _skipped(clips: Sequence[SkippedClip], *, wanted: bool) -> dict[str, Any]:
    """Return the clips that were left out, if that was asked for."""
    if not wanted:
        return {}
    return {"n_skipped": len(clips), "skipped": [clip._asdict() for clip in clips]}


def _write_report(
    model: str, clips: Dataset, folder: str, result: EvaluationResult
) -> None:
    from mfccclf.report import write_report

    with progress_bar("Report") as update:
        files = write_report(model, clips, folder, result=result, on_progress=update)
    # On stderr, to keep the JSON of --format json clean.
    echo(f"Report: {files.page}", err=True)
