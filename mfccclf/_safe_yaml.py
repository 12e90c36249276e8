"""Read YAML from strangers: plain values, not too many, and not too deep.

A few lines of YAML can stand for billions of values, because a value may be named and
used again. So the values are counted before any is made.

References
----------
.. [1] Oren Ben-Kiki et al., "YAML Ain't Markup Language", version 1.1, 2005.
"""

from __future__ import annotations

from typing import Any

from mfccclf._inert import first_line

__all__ = ["parse_yaml"]

_LARGEST_TEXT = 2**20
_MOST_VALUES = 100_000
_DEEPEST = 32
# Digits of the largest number: far beyond any setting, and Python stops at 4,300.
_LONGEST_NUMBER = 400


def parse_yaml(text: str) -> Any:
    """Return what a YAML text says.

    Parameters
    ----------
    text : str
        One document.

    Returns
    -------
    value : object
        Dicts, lists, texts, numbers, dates, bools and None.

    Raises
    ------
    ValueError
        If it is not YAML, or larger than any settings are; the message is what is wrong
        with it, in a few words and without a full stop.
    """
    import yaml

    if len(text) > _LARGEST_TEXT:
        raise ValueError(f"it has more than {_LARGEST_TEXT:,} characters")
    try:
        _check_size(text)
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        words = " ".join(str(error).split())
        raise ValueError(first_line(words).rstrip(".")) from None


def _check_size(text: str) -> None:
    """Raise if a text stands for too many values, or holds itself."""
    import yaml

    # Values within the collections that are open, the whole document first.
    counts, anchors = [0], [""]
    known: dict[str, int] = {}
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            counts.append(1)
            anchors.append(event.anchor or "")
        elif isinstance(event, yaml.CollectionEndEvent):
            size = counts.pop()
            known[anchors.pop()] = size
            counts[-1] += size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in anchors:
                raise ValueError(f"*{event.anchor} stands within itself")
            counts[-1] += known.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            _check_number(event.value)
            known[event.anchor or ""] = 1
            counts[-1] += 1
        if len(counts) > _DEEPEST:
            raise ValueError(f"it nests values more than {_DEEPEST} deep")
        if counts[-1] > _MOST_VALUES:
            raise ValueError(f"it stands for more than {_MOST_VALUES:,} values")


def _check_number(text: str) -> None:
    if len(text) > _LONGEST_NUMBER and text[:1] in "+-.0123456789":
        raise ValueError(f"it holds a number of more than {_LONGEST_NUMBER} digits")
