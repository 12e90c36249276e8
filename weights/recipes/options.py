"""Options that several recipes have."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_intruders", "add_other_clips", "make_parser"]


def make_parser(description: str | None, *, output: Path) -> argparse.ArgumentParser:
    """Return a parser with ``--output`` and ``--seed``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, default=output)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def add_other_clips(parser: argparse.ArgumentParser, thing: str) -> None:
    """Add ``--other``: clips without what the model knows, to learn from."""
    parser.add_argument(
        "--other",
        type=Path,
        nargs="+",
        required=True,
        help=f"folders of clips that hold no {thing}, to learn from",
    )


def add_intruders(parser: argparse.ArgumentParser, thing: str) -> None:
    """Add ``--intruder``: clips without what the model knows, to test with."""
    parser.add_argument(
        "--intruder",
        type=Path,
        nargs="+",
        default=[],
        help=f"folders of clips that hold no {thing}, for the test alone",
    )
