"""Features of waveforms: librosa's numbers, computed by numpy alone.

The scikit-learn transformer is fetched only when it is used, so that the functions
beneath it cost no more than numpy.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
