"""A folder of one's own sounds in the browser: record, label, train, test, take away.

`Project` is the folder and works without any server: plain sound files, one folder per
label, and a hidden folder with bin, history and models beside them. `make_studio` puts
a page in front of it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
