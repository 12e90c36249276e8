"""Features of waveforms: librosa's numbers, computed by NumPy alone.

The scikit-learn transformers are imported on first use, so the functions below them
import nothing but NumPy.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
