"""Varied copies of clips to learn from: other voices, rooms, microphones and noises."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
