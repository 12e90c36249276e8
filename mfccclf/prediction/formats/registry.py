"""The formats that predictions can be written in.

To add one, write its `Writer` in a module of this package and enter it here; `predict`
then offers it. Writers are imported when they are used, so that listing the formats
costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["FORMATS", "Format"]


class Format(NamedTuple):
    """A way to write predictions.

    Attributes
    ----------
    writer : str
        Its subclass of `mfccclf.prediction.formats.writer.Writer`, as "module:class"
        within this package.
    one_recording : bool, default=False
        Whether it has no place for file names, so that all predictions must be of one
        recording.

    Examples
    --------
    >>> from mfccclf.prediction.formats import FORMATS
    >>> FORMATS["raven"].one_recording
    True
    """

    writer: str
    one_recording: bool = False


FORMATS: Mapping[str, Format] = {
    "text": Format("text:TextWriter"),
    "json": Format("json_lines:JSONWriter"),
    "csv": Format("csv_table:CSVWriter"),
    "spreadsheet": Format("csv_table:SpreadsheetWriter"),
    "audacity": Format("audacity:AudacityWriter", one_recording=True),
    "raven": Format("raven:RavenWriter", one_recording=True),
    "jams": Format("jams:JAMSWriter", one_recording=True),
}
