"""``mfccclf evaluate``: how often a model is right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from ._echo import echo
from ._errors import print_warning
from ._limits import MinConfidence, MinFamiliarity
from ._options import (
    Data,
    Exclude,
    Layout,
    PrintedAs,
    SkipBad,
    Target,
    TextOrJson,
    TrainedModel,
)
from ._parsing import parse_exclude
from ._progress import progress_bar

if TYPE_CHECKING:
    from mfccclf.datasets import Dataset
    from mfccclf.workflows import EvaluationResult

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
) -> None:
    """Print a model's scores on labelled clips.

    The scores count the best label of every clip. If limits leave some clips without
    a label, the clips that get one are scored as well.
    """
    from mfccclf.evaluation import format_scores
    from mfccclf.workflows import DataChoice, evaluate_model, load_test_data

    if report is not None:
        _check_report(report)
    choice = DataChoice(
        layout=layout,
        target=target,
        exclude=parse_exclude(exclude),
        cutting=parse_cutting(window, hop, overlap, unlabelled, tier),
    )
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
        echo(json.dumps(_as_json(result, skip_bad=skip_bad)))
    else:
        echo(format_scores(result.scores))
    if report is not None:
        _write_report(model, clips, report, result)


def _check_report(folder: str) -> None:
    """Fail before the clips are read rather than after."""
    from mfccclf.report import check_report_folder, check_report_packages

    check_report_folder(folder)
    check_report_packages()


def _as_json(result: EvaluationResult, *, skip_bad: bool) -> dict[str, Any]:
    """Return the scores, and the clips that were left out if that was asked for."""
    if not skip_bad:
        return result.scores
    skipped = [clip._asdict() for clip in result.skipped]
    return {**result.scores, "n_skipped": len(skipped), "skipped": skipped}


def _write_report(
    model: str, clips: Dataset, folder: str, result: EvaluationResult
) -> None:
    from mfccclf.report import write_report

    with progress_bar("Report") as update:
        files = write_report(model, clips, folder, result=result, on_progress=update)
    # On stderr, to keep the JSON of --format json clean.
    echo(f"Report: {files.page}", err=True)
