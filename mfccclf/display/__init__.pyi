from .frames import to_frame as to_frame
from .progress import in_notebook as in_notebook
from .progress import progress_bar as progress_bar
from .sound import encode_flac as encode_flac
from .sound import play_clip as play_clip
from .tables import html_table as html_table
from .tables import score_rows as score_rows
