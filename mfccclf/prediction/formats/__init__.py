"""Predictions written as text, JSON, CSV, and as other programs read labels."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
