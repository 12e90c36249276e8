"""Make data sets: mixtures, pieces, windows of recordings, noise, notes and speech."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
