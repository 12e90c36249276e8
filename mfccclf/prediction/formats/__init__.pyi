from .making import make_writer as make_writer
from .registry import FORMATS as FORMATS
from .registry import Format as Format
from .writer import Writer as Writer
