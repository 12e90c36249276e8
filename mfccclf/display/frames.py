"""Tables as data frames of pandas, where it is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mfccclf.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_frame"]


def to_frame(columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return columns of equal length as a data frame.

    Parameters
    ----------
    columns : mapping of str to sequence
        Values by name.

    Returns
    -------
    frame : pandas.DataFrame
        One row per place.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.

    Examples
    --------
    >>> from mfccclf.display import to_frame
    >>> to_frame({"label": ["no", "yes"], "clips": [3, 4]})
      label  clips
    0    no      3
    1   yes      4
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError(
            "Data frames need pandas, which is not installed. Install it with pip "
            "install 'mfccclf[notebook]'."
        ) from error
    return pd.DataFrame(columns)
