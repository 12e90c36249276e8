from .app import STUDIO_PORT as STUDIO_PORT
from .app import Studio as Studio
from .app import make_studio as make_studio
from .cutting import cut_at_pauses as cut_at_pauses
from .problems import StudioError as StudioError
from .project import Project as Project
