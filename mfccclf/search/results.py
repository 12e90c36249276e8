"""The results of a search, as a table."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mfccclf._files import atomic_path
from mfccclf.display import html_table, to_frame
from mfccclf.search.fitting import FitOutcome
from mfccclf.search.journal import digest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SearchResults", "SearchRow"]

_MOST_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class SearchRow:
    """One combination of parameters and its fits.

    Attributes
    ----------
    parameters : dict
        Values by full name, ``step__parameter``.
    n_epochs : int
        Epochs of training, at most.
    n_parameters : int
        Trainable parameters of its net.
    outcomes : list of FitOutcome
        One per fold.
    """

    parameters: dict[str, Any]
    n_epochs: int
    n_parameters: int
    outcomes: list[FitOutcome]

    @property
    def identity(self) -> str:
        """Parameters and epochs as a key, which no other row has."""
        return digest([self.parameters, self.n_epochs])

    def mean(self, scorer: str) -> float:
        """Return the mean score over the folds; NaN if a fit failed."""
        return float(np.mean([fit.scores[scorer] for fit in self.outcomes]))

    @property
    def thresholds(self) -> list[float] | None:
        """For each label, the mean of the folds' best thresholds.

        0.5 for a label that no fold has; None if clips have one label each.
        """
        found = [fit.thresholds for fit in self.outcomes if fit.thresholds is not None]
        if not found:
            return None
        per_label = zip(*found, strict=True)
        known = [[t for t in some if not math.isnan(t)] for some in per_label]
        return [float(np.mean(some)) if some else 0.5 for some in known]

    def describe(self, scorer: str) -> str:
        """Return mean and standard deviation of a score, for people."""
        return f"{self.mean(scorer):.3f} ± {self.deviation(scorer):.3f}"

    def deviation(self, scorer: str) -> float:
        """Return the standard deviation of the score over the folds."""
        return float(np.std([fit.scores[scorer] for fit in self.outcomes]))


@dataclass(frozen=True, kw_only=True)
class SearchResults:
    """Every combination that was tried, in order.

    Attributes
    ----------
    rows : list of SearchRow
        The combinations.
    scoring : tuple of str
        Names of the scorers; the first one decides.
    fold_names : tuple of str
        Names of the folds.
    """

    rows: list[SearchRow] = field(default_factory=list)
    scoring: tuple[str, ...] = ("accuracy",)
    fold_names: tuple[str, ...] = ()

    def ranking(self) -> list[SearchRow]:
        """Return the rows from best to worst.

        After successive halving, which trains only some combinations fully, those with
        more epochs come first. Then the score decides, and of equal scores the smaller
        net.
        """

        def order(row: SearchRow) -> tuple[int, bool, float, int]:
            score = row.mean(self.scoring[0])
            failed = math.isnan(score)
            return -row.n_epochs, failed, 0.0 if failed else -score, row.n_parameters

        combinations = {digest(row.parameters) for row in self.rows}
        by_halving = len(combinations) < len(self.rows)
        if by_halving:
            return sorted(self.rows, key=order)
        return sorted(self.rows, key=lambda row: order(row)[1:])

    @property
    def best(self) -> SearchRow:
        """The best combination.

        Raises
        ------
        ValueError
            If every combination failed; the message gives the reason of the first.
        """
        best = self.ranking()[0]
        if math.isnan(best.mean(self.scoring[0])):
            errors = [fit.error for row in self.rows for fit in row.outcomes]
            reason = next((error for error in errors if error), "No score is a number.")
            raise ValueError(f"Every combination failed. The first one: {reason}")
        return best

    def to_records(self) -> list[dict[str, Any]]:
        """Return one flat dict per combination, named as in ``cv_results_``."""
        ranks = {id(row): rank for rank, row in enumerate(self.ranking(), start=1)}
        return [self._to_record(row, ranks[id(row)]) for row in self.rows]

    def to_frame(self) -> pd.DataFrame:
        """Return the same as a data frame, in which a ``cv_results_`` would look alike.

        Returns
        -------
        frame : pandas.DataFrame
            One row per combination, columns as in `to_records`.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        records = self.to_records()
        return to_frame({name: [r[name] for r in records] for name in records[0]})

    def _repr_html_(self) -> str:
        """Return what notebooks show: the best combinations."""
        ranked = self.ranking()
        values = ranked[0].parameters if ranked else {}
        header = ["rank", *values, *self.scoring, "parameters of the net"]
        rows = [
            [
                rank,
                *(row.parameters.get(name) for name in values),
                *map(row.describe, self.scoring),
                row.n_parameters,
            ]
            for rank, row in enumerate(ranked[:_MOST_SHOWN], start=1)
        ]
        hidden = len(ranked) - len(rows)
        more = f"<p>and {hidden} more: see <code>to_frame()</code></p>"
        return html_table(header, rows) + (more if hidden else "")

    def save(self, folder: str | PathLike[str]) -> tuple[Path, Path]:
        """Write ``results.csv`` and ``results.json``, each whole or not at all.

        Parameters
        ----------
        folder : path-like
            An existing folder.

        Returns
        -------
        paths : tuple of pathlib.Path
            The two files.
        """
        records = self.to_records()
        csv_path, json_path = Path(folder, "results.csv"), Path(folder, "results.json")
        with (
            atomic_path(csv_path) as temporary,
            open(temporary, "w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(records[0])
            writer.writerows([_csv_cell(v) for v in r.values()] for r in records)
        content = {
            "scoring": list(self.scoring),
            "folds": list(self.fold_names),
            "best_parameters": self.best.parameters,
            "results": [_without_nan(record) for record in records],
        }
        with atomic_path(json_path) as temporary:
            temporary.write_text(json.dumps(content, indent=1, default=str) + "\n")
        return csv_path, json_path

    def _to_record(self, row: SearchRow, rank: int) -> dict[str, Any]:
        record: dict[str, Any] = {"rank": rank}
        record |= {f"param_{name}": value for name, value in row.parameters.items()}
        record |= {"n_parameters": row.n_parameters, "n_epochs": row.n_epochs}
        for scorer in self.scoring:
            record[f"mean_test_{scorer}"] = row.mean(scorer)
            record[f"std_test_{scorer}"] = row.deviation(scorer)
            for number, fit in enumerate(row.outcomes):
                record[f"split{number}_test_{scorer}"] = fit.scores[scorer]
        record["mean_fit_time"] = _mean([fit.fit_s for fit in row.outcomes])
        record["mean_score_time"] = _mean([fit.score_s for fit in row.outcomes])
        record["error"] = next((fit.error for fit in row.outcomes if fit.error), None)
        return record


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _csv_cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | tuple | bool) else value


def _without_nan(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in record.items()
    }
