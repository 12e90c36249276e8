"""What the commands do, for Python: train, evaluate, extract, search, describe."""

import lazy_loader

from mfccclf._deprecation import with_former_names

_find, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__getattr__ = with_former_names(
    __name__,
    _find,
    {
        "TestResult": "EvaluationResult",
        "extract_clips": "extract_sequences",
        "load_other_clips": "load_ood_clips",
    },
    removed_in="0.3.0",
)
