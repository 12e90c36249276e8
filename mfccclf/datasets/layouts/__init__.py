"""The layouts that data sets come in, one module each.

To add one, write a module with a `Layout` and put it into ``_ORDER``.
"""

from mfccclf.datasets.layouts.chmusic import CHMUSIC
from mfccclf.datasets.layouts.digits import DIGITS
from mfccclf.datasets.layouts.folders import FOLDERS
from mfccclf.datasets.layouts.gtzan import GTZAN
from mfccclf.datasets.layouts.irmas import IRMAS
from mfccclf.datasets.layouts.layout import Layout
from mfccclf.datasets.layouts.medley_solos import MEDLEY_SOLOS
from mfccclf.datasets.layouts.names import NAMES
from mfccclf.datasets.layouts.nsynth import NSYNTH
from mfccclf.datasets.layouts.openmic import OPENMIC
from mfccclf.datasets.layouts.speech_commands import SPEECH_COMMANDS
from mfccclf.datasets.layouts.table import read_table

__all__ = ["LAYOUTS", "Layout", "read_table"]

# The first that fits is taken, so what is more particular comes first: the names of
# ChMusic also read as label.anything.ext, and most layouts have a folder per label.
_ORDER = (
    NSYNTH,
    OPENMIC,
    MEDLEY_SOLOS,
    CHMUSIC,
    DIGITS,
    SPEECH_COMMANDS,
    IRMAS,
    GTZAN,
    NAMES,
    FOLDERS,
)

LAYOUTS = {layout.name: layout for layout in _ORDER}
