"""The reference of the Python names: one page for each room, made from its stub.

A name in a room's ``__all__`` is public, so it gets an entry without being listed here.
Single backticks in docstrings lead to the entry of what they name, if it has one.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import mfccclf

# What is said of a package; of any other, its own docstring's first line.
TITLES = {
    "mfccclf": "What most programs need",
    "mfccclf.waveform": "Sound files to waveforms",
    "mfccclf.features": "Waveforms to sequences",
    "mfccclf.variation": "Varied copies of clips",
    "mfccclf.modules": "Layers of nets, for torch",
    "mfccclf.estimators": "Classifiers",
    "mfccclf.presets": "Named settings",
    "mfccclf.datasets": "Labelled clips on disk",
    "mfccclf.synthesis": "Data sets that are made",
    "mfccclf.evaluation": "Scores",
    "mfccclf.search": "Searching for parameters",
    "mfccclf.prediction": "Predictions without torch",
    "mfccclf.prediction.formats": "Predictions as text and tables",
    "mfccclf.persistence": "Model files",
    "mfccclf.web_page": "A page that recognises",
    "mfccclf.workflows": "What the commands do, as calls",
    "mfccclf.plots": "Pictures",
    "mfccclf.report": "Reports",
    "mfccclf.display": "Notebooks and terminals",
    "mfccclf.caching": "Features on disk",
}
# What these export serves other packages, and is not promised to users.
INSIDE = (
    "mfccclf.datasets.extracted",
    "mfccclf.datasets.layouts",
    "mfccclf.features.blocks",
    "mfccclf.service",
    "mfccclf.storage",
    "mfccclf.synthesis.speech",
    "mfccclf.web_server",
)
FOLDER = "reference/api"
# What is neither class nor function has no docstring.
VALUES = {
    "FEATURES_VERSION": "int: counts changes of the features' numbers; part of the "
    "cache's keys and of model files.",
    "FORMATS": "dict of str to `Format`: the formats of ``predict --format``.",
    "METHODS": "tuple of str: the ways to choose candidates, for `make_plan`.",
    "OPEN_PATHS": "frozenset of str: what a service answers without a token.",
    "PNG_DPI": "int: resolution of pictures, in dots per inch.",
    "STUDIO_PORT": "int: the port of the studio's page, if it is free.",
    "Waveform": "float32 ndarray of shape (n_samples,): one channel, amplitude "
    "between -1 and 1.",
}


def find_rooms() -> dict[str, str]:
    """Return the packages that export names, with their titles."""
    rooms = dict(TITLES)
    for info in pkgutil.walk_packages(mfccclf.__path__, "mfccclf."):
        hidden = any(part.startswith("_") for part in info.name.split("."))
        if not info.ispkg or hidden or info.name.startswith(INSIDE):
            continue
        module = importlib.import_module(info.name)
        above = importlib.import_module(info.name.rpartition(".")[0])
        names = set(getattr(module, "__all__", ()))
        if names - set(getattr(above, "__all__", ())) - set(mfccclf.__all__):
            rooms.setdefault(
                info.name, (module.__doc__ or "").split(".\n")[0].strip(".")
            )
    return rooms


def public_names(room: str) -> list[str]:
    """Return what a room exports, apart from its version."""
    module = importlib.import_module(room)
    return sorted(name for name in module.__all__ if not name.startswith("__"))


def home(name: str, room: str) -> str | None:
    """Return the room whose page has the entry of a name; None for this one.

    What several rooms export has one entry, in the first.
    """
    value = getattr(importlib.import_module(room), name)
    for other in ROOMS:
        if other == room:
            return None
        module = importlib.import_module(other)
        if name in module.__all__ and getattr(module, name) is value:
            return other
    return None


ROOMS = find_rooms()


def room_text(room: str, title: str) -> str:
    """Return the page of a room, as reStructuredText."""
    lines = [f"{title}: ``{room}``", "=" * (len(title) + len(room) + 6), ""]
    lines += [f".. py:module:: {room}", ""]
    own = [name for name in public_names(room) if home(name, room) is None]
    others = [name for name in public_names(room) if name not in own]
    if others:
        links = ", ".join(f":py:obj:`~{home(n, room)}.{n}`" for n in others)
        lines += [f"Also here: {links}.", ""]
    if own:
        lines += [".. autosummary::", "   :nosignatures:", ""]
        lines += [f"   {name}" for name in own if name not in VALUES] + [""]
    for name in own:
        lines += entry(name, room)
    return "\n".join(lines)


def entry(name: str, room: str) -> list[str]:
    """Return the directive that documents a name, under a heading."""
    value = getattr(importlib.import_module(room), name)
    head = [name, "-" * len(name), ""]
    if inspect.isclass(value) and issubclass(value, BaseException):
        return [*head, f".. autoexception:: {room}.{name}", ""]
    if inspect.isclass(value):
        members = ", ".join(own_members(value))
        options = [f"   :members: {members}"] if members else []
        return [*head, f".. autoclass:: {room}.{name}", *options, ""]
    if inspect.isfunction(value):
        return [*head, f".. autofunction:: {room}.{name}", ""]
    kind = f"{type(value).__name__}."
    return [*head, f".. py:data:: {name}", "", f"   {VALUES.get(name, kind)}", ""]


def own_members(cls: type) -> list[str]:
    """Return the methods and properties that this package tells of.

    Those of scikit-learn, torch and Python are told in their own documentation.
    """
    found: dict[str, None] = {}
    for base in cls.__mro__:
        if base.__module__.startswith("mfccclf"):
            for name, value in vars(base).items():
                kinds = (property, classmethod, staticmethod)
                is_told = inspect.isfunction(value) or isinstance(value, kinds)
                if is_told and not name.startswith("_") and value.__doc__:
                    found[name] = None
    return list(found)


def write_pages(app: Any) -> None:
    """Write all pages that are not there with the same text."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for room, title in ROOMS.items():
        page = folder / f"{room}.rst"
        text = room_text(room, title)
        if not page.is_file() or page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")
    for page in folder.glob("*.rst"):
        if page.stem not in ROOMS:
            page.unlink()


def find_entry(text: str) -> str | None:
    """Return the full name of the entry that a text in backticks means, if any."""
    name = text.strip("~").removesuffix("()")
    head = name.removeprefix("mfccclf.").split(".")
    for room in ROOMS:
        exported = importlib.import_module(room).__all__
        below = name.removeprefix(f"{room}.").split(".")[0]
        if below in exported and (name.startswith(f"{room}.") or head[0] == below):
            place = home(below, room) or room
            rest = name[name.index(below) :]
            return f"{place}.{rest}"
    return name if name in ROOMS else None


def link_name(role: str, rawtext: str, text: str, lineno: int, inliner: Any, **_: Any):
    """Link what single backticks name, or show it as code."""
    from docutils import nodes

    target = find_entry(text)
    if target is None:
        return [nodes.literal(rawtext, text.strip("~"))], []
    from sphinx.addnodes import pending_xref

    shown = text.strip("~") if not text.startswith("~") else text.rsplit(".", 1)[-1]
    reference = pending_xref(
        rawtext,
        nodes.literal(rawtext, shown, classes=["xref", "py"]),
        refdomain="py",
        reftype="obj",
        reftarget=target,
        refexplicit=True,
        refwarn=True,
        refdoc=inliner.document.settings.env.docname,
    )
    return [reference], []


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_role("mfccclf", link_name)
    app.connect("builder-inited", write_pages, priority=1)
    return {"parallel_read_safe": True}
