from .clip_variation import ClipVariation as ClipVariation
from .parameters import VariationParameters as VariationParameters
from .rows import copy_rows as copy_rows
from .varying import vary_waveform as vary_waveform
