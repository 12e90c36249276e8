from .run_log import RunLog as RunLog
from .run_log import open_run_log as open_run_log
