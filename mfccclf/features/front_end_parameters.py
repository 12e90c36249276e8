"""Parameters that every front end shares, beyond those that decide its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

from mfccclf._parameters import parameter, runtime_parameters
from mfccclf.features.cached_extraction import check_cache

__all__ = ["FrontEndRuntime", "front_end_runtime_parameters"]


@dataclass(frozen=True, kw_only=True)
class FrontEndRuntime:
    """How and where a front end computes; its numbers do not depend on it."""

    cache: bool | str | PathLike[str] | None = parameter(
        None,
        "None, bool or path-like",
        "Where to keep the sequences of files, so that each file is read and extracted "
        "once per set of parameters, whatever the number of fits and processes: True "
        "for the default folder (see `FeatureCache`), a path for another, None for "
        "nowhere.",
        check=check_cache,
        runtime=True,
    )
    n_jobs: int | None = parameter(
        None,
        "int or None",
        "Processes to extract with; -1 for all cores, None for one unless inside a "
        "`joblib.parallel_config`.",
        runtime=True,
    )
    verbose: int = parameter(
        0, "int", "How much joblib reports about its progress.", runtime=True
    )


def front_end_runtime_parameters() -> frozenset[str]:
    """Return the parameters of front ends that model files and searches leave out."""
    return runtime_parameters(FrontEndRuntime)
