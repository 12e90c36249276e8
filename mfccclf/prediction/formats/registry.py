"""Every format of predictions, each told once.

A writer is imported when it is used: reading this module imports nothing else, so that
a command line can offer the formats without them.
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
        Its `mfccclf.prediction.formats.writer.Writer`, as "module:class" of this
        package.
    one_recording : bool, default=False
        Whether it has no place for the name of each prediction's file.
    """

    writer: str
    one_recording: bool = False


FORMATS: Mapping[str, Format] = {
    "text": Format("text:TextWriter"),
    "json": Format("json_lines:JSONWriter"),
    "csv": Format("csv_table:CSVWriter"),
    "audacity": Format("audacity:AudacityWriter", one_recording=True),
    "raven": Format("raven:RavenWriter", one_recording=True),
    "jams": Format("jams:JAMSWriter", one_recording=True),
}
