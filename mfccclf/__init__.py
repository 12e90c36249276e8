"""Classify short audio clips: librosa's features, LSTM nets, scikit-learn's manners.

Importing this package is cheap: each public name is fetched from its module when it is
first used, so that prediction never pays for torch, scikit-learn or librosa.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__all__ += ["__version__"]
