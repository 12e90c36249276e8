"""Model files on Hugging Face's hub (extra ``[hub]``)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
