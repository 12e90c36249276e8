"""``mfccclf cache``: what the feature cache holds, and how to empty it."""

from __future__ import annotations

import typer

from ._echo import echo

__all__ = ["cache"]

cache = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    help="Show or empty the feature cache.\n\nThe environment variable MFCCCLF_CACHE "
    "names its folder; the default is in the user's cache folder. MFCCCLF_CACHE_SIZE, "
    "such as 500MB, limits its size (default: 4GB): at the limit, the oldest quarter "
    "is removed.",
)


@cache.command()
def info() -> None:
    """Show the cache's folder, entries, size and limit."""
    from mfccclf.caching import FeatureCache

    facts = FeatureCache().info()
    echo(f"Folder   {facts.folder}")
    echo(f"Entries  {facts.n_sequences:,}")
    echo(f"Size     {_megabytes(facts.n_bytes)}")
    echo(f"Limit    {_megabytes(facts.max_bytes)}")


@cache.command()
def clear() -> None:
    """Remove all cached features. They are computed again when they are needed."""
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
