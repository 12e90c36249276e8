"""What routes have in common whose work is done in the pool."""

from __future__ import annotations

from mfccclf.service.limits import ServiceLimits
from mfccclf.service.models import ModelSource
from mfccclf.web_server import WorkPool

__all__ = ["PooledRoute"]


class PooledRoute:
    """A route that predicts in the pool.

    Parameters
    ----------
    models : ModelSource
        What to predict with.
    limits : ServiceLimits
        What to take on, at most.
    pool : WorkPool
        Where the work is done.
    """

    def __init__(
        self, models: ModelSource, limits: ServiceLimits, pool: WorkPool
    ) -> None:
        self._models = models
        self._limits = limits
        self._pool = pool
