"""Methods of search: which combinations to try, and in what order."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterGrid, ParameterSampler

from mfccclf._validation import check_choice, check_int
from mfccclf.errors import MissingExtraError
from mfccclf.search.space import Range, Space, grid_size, has_ranges

__all__ = ["METHODS", "Plan", "Round", "halving_schedule", "make_plan"]

METHODS = ("grid", "random", "halving", "optuna")
_DEFAULT_ITERATIONS = 20
_FACTOR = 3
# Combinations to ask Optuna for at a time: the same for any number of processes, so
# that this number does not change which combinations are tried.
_OPTUNA_BATCH = 4

Parameters = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Round:
    """Combinations to score before the next ones are chosen.

    Attributes
    ----------
    candidates : list of dict
        Values by parameter.
    n_epochs : int or None
        Epochs of training; None for the pipeline's own.
    """

    candidates: list[Parameters]
    n_epochs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A method, ready to run.

    Attributes
    ----------
    rounds : callable
        Returns a generator of rounds, to which the mean scores of each are sent.
    n_candidates : int
        Combinations in all rounds together.
    """

    rounds: Callable[[], Generator[Round, list[float], None]]
    n_candidates: int


def make_plan(
    space: Space,
    *,
    method: str = "grid",
    n_iter: int | None = None,
    max_epochs: int | None = None,
    random_state: int | None = 0,
) -> Plan:
    """Plan a search.

    Parameters
    ----------
    space : mapping of str to list or Range
        Values of each parameter.
    method : {"grid", "random", "halving", "optuna"}, default="grid"
        "grid" tries all combinations, "random" some at random, "optuna" those that
        Optuna suggests. "halving" trains all combinations, or some at random, for few
        epochs, the best third of them for three times as many, and so on.
    n_iter : int, optional
        Combinations to draw at random or ask Optuna for; 20 by default.
    max_epochs : int, optional
        Epochs of a full training; needed for "halving".
    random_state : int or None, default=0
        Seed of the random choices.

    Returns
    -------
    plan : Plan
        Equal arguments give equal plans.

    Raises
    ------
    ValueError
        If the method is unknown, or cannot search the space.
    MissingExtraError
        If Optuna is needed and not installed.

    Examples
    --------
    >>> from mfccclf.search import make_plan
    >>> plan = make_plan({"lstm__hidden_sizes": [(64,), (128, 32)]}, method="grid")
    """
    check_choice("method", method, METHODS, owner="grid-search")
    if n_iter is not None:
        check_int("n_iter", n_iter, minimum=1, owner="grid-search")
    if method == "optuna":
        return _plan_optuna(space, n_iter or _DEFAULT_ITERATIONS, random_state)
    if method == "grid" and has_ranges(space):
        ranges = [name for name, values in space.items() if isinstance(values, Range)]
        raise ValueError(
            f"The parameter {ranges[0]!r} has a range, and a grid needs lists of "
            "values. List them, or use --method random, halving or optuna."
        )
    is_random = method == "random" or has_ranges(space) or n_iter is not None
    if method == "halving" or not is_random:
        candidates = _all_or_some(space, n_iter, random_state)
    else:
        candidates = _draw(space, n_iter or _DEFAULT_ITERATIONS, random_state)
    if method == "halving":
        if max_epochs is None:
            raise ValueError("Halving needs max_epochs, the epochs of a full training.")
        return _plan_halving(candidates, max_epochs)
    return _plan_at_once(candidates)


def halving_schedule(n_candidates: int, max_epochs: int) -> list[tuple[int, int]]:
    """Return the candidates and epochs of each round of successive halving.

    Parameters
    ----------
    n_candidates : int
        Combinations in the first round; the best third of them, rounded up, stays.
    max_epochs : int
        Most epochs; the last round has as many as the factor 3 allows.

    Returns
    -------
    schedule : list of (int, int)
        That of scikit-learn's ``HalvingGridSearchCV`` with ``factor=3`` [1]_.

    References
    ----------
    .. [1] K. Jamieson and A. Talwalkar, "Non-stochastic Best Arm Identification and
       Hyperparameter Optimization", AISTATS, 2016.

    Examples
    --------
    >>> from mfccclf.search.strategies import halving_schedule
    >>> halving_schedule(12, 60)
    [(12, 6), (4, 18), (2, 54)]
    """
    wanted = 1 + _floor_log(n_candidates)
    fewest = max(1, max_epochs // _FACTOR ** (wanted - 1))
    n_rounds = min(wanted, 1 + _floor_log(max_epochs // fewest))
    schedule = []
    for number in range(n_rounds):
        schedule.append((n_candidates, min(fewest * _FACTOR**number, max_epochs)))
        n_candidates = math.ceil(n_candidates / _FACTOR)
    return schedule


def _floor_log(value: int) -> int:
    """Return the integer part of the logarithm to base 3, without rounding errors."""
    result = 0
    while value >= _FACTOR:
        value //= _FACTOR
        result += 1
    return result


def _all_or_some(
    space: Space, n_iter: int | None, random_state: int | None
) -> list[Parameters]:
    if n_iter is None and not has_ranges(space):
        return list(ParameterGrid(dict(space)))
    return _draw(space, n_iter or _DEFAULT_ITERATIONS, random_state)


def _draw(space: Space, n_iter: int, random_state: int | None) -> list[Parameters]:
    if not has_ranges(space):
        n_iter = min(n_iter, grid_size(space))
    return list(ParameterSampler(dict(space), n_iter, random_state=random_state))


def _plan_at_once(candidates: list[Parameters]) -> Plan:
    def rounds() -> Generator[Round, list[float], None]:
        yield Round(candidates=candidates)

    return Plan(rounds=rounds, n_candidates=len(candidates))


def _plan_halving(candidates: list[Parameters], max_epochs: int) -> Plan:
    schedule = halving_schedule(len(candidates), max_epochs)

    def rounds() -> Generator[Round, list[float], None]:
        left = candidates
        for number, (_, n_epochs) in enumerate(schedule):
            scores = yield Round(candidates=left, n_epochs=n_epochs)
            if number + 1 < len(schedule):
                # A failed fit has the score NaN and comes last.
                order = np.argsort(-np.array(scores), kind="stable")
                left = [left[i] for i in order[: schedule[number + 1][0]]]

    return Plan(rounds=rounds, n_candidates=sum(count for count, _ in schedule))


def _plan_optuna(space: Space, n_iter: int, random_state: int | None) -> Plan:
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError(
            "The method 'optuna' needs Optuna, which is not installed. Install it with "
            "pip install 'mfccclf[tune]'."
        ) from error

    def rounds() -> Generator[Round, list[float], None]:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=random_state)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for start in range(0, n_iter, _OPTUNA_BATCH):
            count = min(_OPTUNA_BATCH, n_iter - start)
            trials = [study.ask() for _ in range(count)]
            scores = yield Round(candidates=[_suggest(t, space) for t in trials])
            for trial, score in zip(trials, scores, strict=True):
                if math.isnan(score):
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
                else:
                    study.tell(trial, score)

    return Plan(rounds=rounds, n_candidates=n_iter)


def _suggest(trial: Any, space: Space) -> Parameters:
    return {name: _suggest_one(trial, name, values) for name, values in space.items()}


def _suggest_one(trial: Any, name: str, values: Any) -> Any:
    if not isinstance(values, Range):
        # Optuna's categories must be texts or numbers, but our values may be lists, so
        # it chooses an index.
        return values[trial.suggest_categorical(name, list(range(len(values))))]
    if values.is_int:
        return trial.suggest_int(name, values.low, values.high, log=values.log)
    return trial.suggest_float(name, values.low, values.high, log=values.log)
