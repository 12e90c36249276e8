"""``mfccclf cache``: what the feature cache holds, and how to empty it."""

from __future__ import annotations

from ._app import Group
from ._output import echo

__all__ = ["cache"]

cache = Group(
    "Show or empty the cache of features.\n\nIt lies in the folder that the "
    "environment variable MFCCCLF_CACHE names, else in the user's folder for caches. "
    "MFCCCLF_CACHE_SIZE, such as 500MB, limits its size (4GB); then the oldest quarter "
    "is removed.",
    {"info": "cache:info", "clear": "cache:clear"},
)


def info() -> None:
    """Show the cache's folder, entries, size and limit."""
    from mfccclf.caching import FeatureCache

    facts = FeatureCache().info()
    echo(f"Folder   {facts.folder}")
    echo(f"Entries  {facts.n_sequences:,}")
    echo(f"Size     {_megabytes(facts.n_bytes)}")
    echo(f"Limit    {_megabytes(facts.max_bytes)}")


def clear() -> None:
    """Remove all cached features; they are computed again when they are needed."""
    from mfccclf.caching import FeatureCache

    store = FeatureCache()
    facts = store.info()
    store.clear()
    echo(
        f"Removed {facts.n_sequences:,} entries ({_megabytes(facts.n_bytes)}) from "
        f"{facts.folder}."
    )


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1024**2:,.1f} MB"
