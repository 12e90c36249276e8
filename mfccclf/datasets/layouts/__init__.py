"""The layouts that data sets come in, one module each.

To add one, write a module whose ``LAYOUT`` is a `Layout`, and name it in ``_MODULES``.
"""

from collections.abc import Callable
from importlib import import_module
from typing import ParamSpec, TypeVar

from mfccclf._parameters import fill_in
from mfccclf.datasets.layouts.layout import Layout, Reader

__all__ = ["LAYOUTS", "Layout", "Reader", "list_layouts"]

P = ParamSpec("P")
Result = TypeVar("Result")

# A folder has the first layout that recognises it, so the particular ones come first:
# the names of ChMusic also read as label.anything.ext, and most layouts have a folder
# per label.
_MODULES = (
    "nsynth",
    "openmic",
    "medley_solos",
    "esc10",
    "esc50",
    "urbansound8k",
    "fsd50k",
    "fsdkaggle",
    "common_voice",
    "chmusic",
    "audiomnist",
    "digits",
    "speech_commands",
    "irmas",
    "gtzan",
    "annotations",
    "webdataset",
    "names",
    "folders",
)


def _load(module: str) -> Layout:
    layout: Layout = import_module(f"{__name__}.{module}").LAYOUT
    return layout


LAYOUTS = {layout.name: layout for layout in map(_load, _MODULES)}


def list_layouts(function: Callable[P, Result]) -> Callable[P, Result]:
    """List the layouts in a function's docstring, at "{layouts}"."""
    if function.__doc__ is not None:  # None under python -OO
        lines = [f'* "{name}": {one.description}' for name, one in LAYOUTS.items()]
        function.__doc__ = fill_in(function.__doc__, "layouts", "\n".join(lines))
    return function
