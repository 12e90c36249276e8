"""What ``predict --unsure-first`` lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._echo import echo

if TYPE_CHECKING:
    from mfccclf.errors import AudioFileError
    from mfccclf.prediction import Prediction

__all__ = ["least_sure_first"]


def least_sure_first(
    outcomes: Iterable[Prediction | AudioFileError],
    thresholds: Mapping[Any, float] | None,
    first: int | None,
) -> Iterator[Prediction | AudioFileError]:
    """Yield errors as they come, then the predictions, the least sure first.

    Parameters
    ----------
    outcomes : iterable of Prediction or AudioFileError
        In any order.
    thresholds : mapping or None
        As for `mfccclf.prediction.sort_least_sure_first`.
    first : int or None
        How many predictions to yield; None for all.
    """
    from mfccclf.prediction import sort_least_sure_first

    predictions: list[Prediction] = []
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            yield outcome
        else:
            predictions.append(outcome)
    ranked = sort_least_sure_first(predictions, thresholds)
    n_silent = len(predictions) - len(ranked)
    if n_silent:
        echo(f"Left out {n_silent} silent windows.", err=True)
    yield from ranked[:first]
