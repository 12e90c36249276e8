"""Reports of how well a model does: pictures and one page with sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.report.folder import check_report_folder
    from mfccclf.report.writing import ReportFiles, write_report

__all__ = ["ReportFiles", "check_report_folder", "write_report"]

_HOME = {
    "ReportFiles": "writing",
    "check_report_folder": "folder",
    "write_report": "writing",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
