"""Times from the start of a recording: 12.5 s, 3:20, 1:02:00."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["clock_formatter", "tick_step"]

_MINUTE, _HOUR = 60.0, 3600.0
_MOST_TICKS = 12
_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
_LONGER = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
_STEPS = (
    *_SECONDS,
    *(minutes * _MINUTE for minutes in _LONGER),
    *(hours * _HOUR for hours in (1.0, 2.0, 4.0, 6.0, 12.0, 24.0)),
)


def tick_step(duration_s: float) -> float:
    """Return a round number of seconds between ticks."""
    fitting = (step for step in _STEPS if duration_s / step <= _MOST_TICKS)
    return next(fitting, _STEPS[-1] * -(-duration_s // (_STEPS[-1] * _MOST_TICKS)))


def clock_formatter(duration_s: float, step_s: float) -> Callable[..., str]:
    """Return a function that writes times in the form that the axis's end needs."""
    decimals = 0 if step_s >= 1 else (1 if step_s >= 0.1 else 2)

    def write(seconds: float, _position: int | None = None) -> str:
        if duration_s < _MINUTE:
            return f"{seconds:.{decimals}f} s"
        minutes, rest = divmod(round(seconds), 60)
        if duration_s < _HOUR:
            return f"{minutes}:{rest:02d}"
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"

    return write
