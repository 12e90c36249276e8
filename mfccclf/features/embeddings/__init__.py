"""Front ends that begin with a pre-trained net.

Each turns a waveform into mel bands with this package's own features, and these into
vectors with a net whose weights ship as data. The net is an ONNX graph, so that neither
training nor prediction needs more than ONNX Runtime for it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
