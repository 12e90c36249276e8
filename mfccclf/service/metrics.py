"""``/metrics``: numbers about the service, in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from mfccclf.web_server import Answered

__all__ = ["Metrics"]

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
_OTHER = "other"


class Metrics:
    """Count requests, and the time that they take.

    Parameters
    ----------
    paths : iterable of str
        Addresses that are counted by themselves; all others are counted together, so
        that strangers cannot make the numbers many.
    count_requests : callable
        Returns the number of requests that wait or are worked on.
    count_live : callable
        Returns the number of clients that send live sound.
    """

    def __init__(
        self,
        paths: Iterable[str],
        *,
        count_requests: Callable[[], int],
        count_live: Callable[[], int],
    ) -> None:
        self._paths = frozenset(paths)
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mfccclf_requests",
            "Requests by address and status.",
            ["path", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "mfccclf_request_seconds",
            "Time from a request to the end of its answer.",
            ["path"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._gauge("mfccclf_requests_seated", "Requests being done.", count_requests)
        self._gauge("mfccclf_live", "Clients that send live sound.", count_live)

    def note(self, answered: Answered) -> None:
        """Count a request that has been answered."""
        path = answered.path if answered.path in self._paths else _OTHER
        self._requests.labels(path, str(answered.status or 0)).inc()
        self._seconds.labels(path).observe(answered.seconds)

    async def answer(self, _: Request) -> Response:
        """Answer with all numbers."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def _gauge(self, name: str, meaning: str, count: Callable[[], int]) -> None:
        gauge = Gauge(name, meaning, registry=self._registry)
        gauge.set_function(count)
