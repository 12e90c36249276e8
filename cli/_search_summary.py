"""What ``mfccclf grid-search`` prints: each finished fit, and the best combinations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._echo import echo
from ._training_summary import epochs_text

if TYPE_CHECKING:
    from mfccclf.search import FitReport, SearchResults
    from mfccclf.workflows import SearchOutcome

__all__ = ["print_fit", "print_results"]

_SHOWN = 5


def print_fit(report: FitReport) -> None:
    """Print one line on a finished fit, on stderr."""
    outcome = report.outcome
    scores = " ".join(f"{name} {score:.4f}" for name, score in outcome.scores.items())
    minutes, seconds = divmod(round(report.left_s), 60)
    echo(
        f"[{report.n_done}/{report.n_total}] {_describe(report.parameters)} | "
        f"fold {report.fold} | {outcome.error or scores} | "
        f"{outcome.fit_s + outcome.score_s:.1f} s | {minutes}:{seconds:02d} left",
        err=True,
    )


def print_results(outcome: SearchOutcome) -> None:
    """Print the best combinations, and draw them if Matplotlib is there."""
    from mfccclf.errors import MissingExtraError
    from mfccclf.plots import plot_search

    if outcome.n_resumed:
        echo(f"{outcome.n_resumed} fits were finished by an earlier run.")
    echo(_table(outcome.results))
    written = ["results.csv", "results.json"]
    try:
        plot_search(outcome.results, outcome.folder / "results.png")
        written.append("results.png")
    except MissingExtraError as error:
        echo(f"The picture was left out. {error}", err=True)
    echo(f"Saved {', '.join(written)} in {outcome.folder}.")


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
            f"{row.n_parameters:,} parameters, {epochs_text(row.n_epochs)}"
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
