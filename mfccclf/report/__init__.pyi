from ._templates import check_report_packages as check_report_packages
from .folder import check_report_folder as check_report_folder
from .writing import ReportFiles as ReportFiles
from .writing import write_report as write_report
