"""Where fits run: in this process, in others, or on a Dask cluster."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import joblib

from mfccclf._validation import argument_error
from mfccclf.errors import MissingExtraError
from mfccclf.search.local_processes import Call, LocalProcesses

__all__ = ["Scheduler", "open_scheduler"]

# Dask tells its workers' malloc to return freed memory at once. A training frees and
# takes megabytes at every step, so it would spend a third of its time there. Both
# variables are needed: without the second, each large piece is still mapped again.
_KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(2**31 - 1), "MALLOC_MMAP_MAX_": "0"}
# A worker looks 100 times a second at what its threads do, for a page that we do not
# open. It takes a tenth of the time of small nets.
_NO_PROFILE = {"distributed.worker.profile.enabled": False}


class Scheduler:
    """Runs fits, and joblib's calls, in one place.

    Parameters
    ----------
    n_jobs : int
        Processes, if the place is this machine.
    client : distributed.Client, optional
        A Dask cluster, used instead of this machine.
    """

    def __init__(self, n_jobs: int, client: Any = None) -> None:
        self.n_jobs = n_jobs
        self.client = client
        self._processes: LocalProcesses | None = None
        if client is None and n_jobs > 1:
            self._processes = LocalProcesses(n_jobs)

    @property
    def is_parallel(self) -> bool:
        """Whether fits may run side by side."""
        return self.n_jobs > 1 or self.client is not None

    @contextmanager
    def backend(self, shared: Sequence[Any] = ()) -> Iterator[None]:
        """Make every ``joblib.Parallel`` in the block run here.

        Parameters
        ----------
        shared : sequence of ndarray, optional
            Arrays that many calls take. Each Dask worker gets a copy first, so that
            none is lost with a worker.
        """
        options: dict[str, Any]
        if self.client is not None:
            options = {"backend": "dask", "client": self.client}
            options |= {"scatter": list(shared)} if shared else {}
        elif self.n_jobs == 1:
            options = {"n_jobs": 1}
        else:
            options = {"backend": "loky", "n_jobs": self.n_jobs}
            options["inner_max_num_threads"] = 1
        with joblib.parallel_config(**options), _quiet_workers():
            yield

    def start(self) -> None:
        """Start the worker processes; return before they are ready."""
        if self._processes is not None:
            self._processes.start()

    def run(
        self,
        calls: Iterable[Call],
        on_result: Callable[[Any], None],
        *,
        shared: Sequence[Any] = (),
    ) -> None:
        """Make calls, which are fits.

        Parameters
        ----------
        calls : iterable of Call
            As ``joblib.delayed`` makes them.
        on_result : callable
            Called with each result as soon as it is known. Another thread may call it,
            but never two at a time.
        shared : sequence of ndarray, optional
            As for `backend`.
        """
        if self._processes is not None:
            with _quiet_workers():
                self._processes.run(calls, on_result)
            return
        with self.backend(shared):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1)
            for result in parallel(calls):
                on_result(result)

    def close(self) -> None:
        """Stop the worker processes."""
        if self._processes is not None:
            self._processes.close()


@contextmanager
def _quiet_workers() -> Iterator[None]:
    with warnings.catch_warnings():
        # loky replaces a worker whose memory has grown, and would warn each time.
        warnings.filterwarnings("ignore", message="A worker stopped while")
        yield


@contextmanager
def open_scheduler(
    address: str | None = None, *, n_jobs: int | None = None
) -> Iterator[Scheduler]:
    """Open the place where fits run.

    Parameters
    ----------
    address : str or None, default=None
        None for this process and workers of joblib; "local" for a new Dask cluster on
        this machine; ``tcp://HOST:PORT`` for the scheduler of a Dask cluster.
    n_jobs : int, optional
        Processes, -1 for all cores; None means 1, or all cores for "local".

    Yields
    ------
    scheduler : Scheduler
        Open until the block ends.

    Raises
    ------
    MissingExtraError
        If Dask is needed and not installed.
    ValueError
        If the address is invalid, or no scheduler answers there.

    Examples
    --------
    >>> from mfccclf.search import open_scheduler
    >>> with open_scheduler(n_jobs=2) as scheduler:
    ...     pass  # hand it to search_pipeline
    """
    if address is None:
        with closing(Scheduler(joblib.effective_n_jobs(n_jobs or 1))) as scheduler:
            yield scheduler
        return
    if importlib.util.find_spec("distributed") is None:
        raise MissingExtraError(
            f"The scheduler {address!r} needs Dask, which is not installed. Install it "
            "with pip install 'mfccclf[dask]'."
        )
    with ExitStack() as stack:
        if address == "local":
            n_workers = joblib.effective_n_jobs(n_jobs or -1)
            client = stack.enter_context(_local_cluster(n_workers))
        else:
            client = stack.enter_context(_connect(address))
            n_workers = n_jobs or 1
        yield Scheduler(n_workers, client)


@contextmanager
def _local_cluster(n_workers: int) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster

    connect: Any = Client  # neither has types
    start: Any = LocalCluster
    settings = {
        "distributed.nanny.pre-spawn-environ": _nanny_environment(),
        **_NO_PROFILE,
    }
    with (
        dask.config.set(settings),
        start(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
        ) as cluster,
        connect(cluster, set_as_default=False) as client,
    ):
        yield client


def _nanny_environment() -> dict[str, str]:
    import dask
    import distributed  # noqa: F401 - its defaults are read on import

    usual = dask.config.get("distributed.nanny.pre-spawn-environ", {})
    return {**usual, **_KEEP_MEMORY}


@contextmanager
def _connect(address: str) -> Iterator[Any]:
    from distributed import Client

    connect: Any = Client  # it has no types
    if "://" not in address:
        expected = "'local' or an address such as tcp://127.0.0.1:8786"
        raise argument_error("scheduler", address, expected, owner="grid-search")
    try:
        client = connect(address, set_as_default=False, timeout="10s")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"No Dask scheduler answers at {address}. Start one with 'dask scheduler' "
            "and give the address that it prints."
        ) from error
    with client:
        yield client
