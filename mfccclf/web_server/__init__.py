"""What every web server of this package has: guards, limits, answers, log, stop.

An application brings its routes and little else::

    settings = ServerSettings(port=8000, open_paths=frozenset({"/", "/healthz"}))
    app = make_app([Route("/", page)], settings)
    run_server(app, settings)

`make_app` puts the guards around any routes of Starlette: the Host and Origin of each
request are checked, a token is asked for if there is one, and pages may run scripts
from files of the same server only (``content_policy`` of the settings adds rules).
Routes read bodies through `bound_body`, do their work in a `WorkPool`, and raise
`RefusedError` for whatever they do not do; every error becomes JSON with a reason,
never a traceback. All of it needs the extra ``mfccclf[web]``, so nothing on the path of
``mfccclf predict`` imports this package.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
