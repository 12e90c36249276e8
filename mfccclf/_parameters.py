"""Parameters told once: default, check, unit and meaning of each in one place.

A dataclass declares every parameter with `parameter`. Docstrings, checks, and the
choice of what a model file keeps are made from these declarations. The signature of an
estimator's ``__init__`` stays explicit, because scikit-learn reads it; a test compares
its names and defaults with the declarations.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from functools import partial
from typing import Any, TypeVar, dataclass_transform

from mfccclf._validation import check_choice

__all__ = [
    "Check",
    "check_each",
    "checked_values",
    "choice",
    "declared_defaults",
    "describe_parameters",
    "document",
    "fill_in",
    "optional",
    "parameter",
    "parameter_group",
    "runtime_parameters",
]

# Takes a name, a value and the keyword ``owner``; returns the checked value.
Check = Callable[..., Any]
Declared = TypeVar("Declared")
Class = TypeVar("Class", bound=type)

_KEY = "parameter"
_WIDTH = 88


@dataclass(frozen=True)
class _Declaration:
    kind: str
    text: str
    check: Check | None
    runtime: bool


def parameter(
    default: Any,
    kind: str,
    text: str,
    *,
    check: Check | None = None,
    runtime: bool = False,
) -> Any:
    """Declare a parameter as a field of a dataclass.

    Parameters
    ----------
    default : object
        Its default; immutable.
    kind : str
        Type and accepted values, as a docstring states them: "int or None".
    text : str
        What it means, with its unit, in sentences.
    check : callable or None, default=None
        Called with name, value and ``owner``; returns the checked value or raises. None
        for a parameter that can only be checked together with others.
    runtime : bool, default=False
        Whether it says how or where to compute, not what: model files and cache keys
        leave it out.

    Returns
    -------
    field : dataclasses.Field
        To be assigned in the body of a dataclass.
    """
    declaration = _Declaration(kind, text, check, runtime)
    return field(default=default, metadata={_KEY: declaration})


def choice(default: Any, choices: tuple[Any, ...], text: str) -> Any:
    """Declare a parameter that takes one of a few values, as `parameter` does."""
    kind = f"{{{', '.join(map(_shown, choices))}}}"
    return parameter(default, kind, text, check=partial(check_choice, choices=choices))


@dataclass_transform(kw_only_default=True, frozen_default=True)
def parameter_group(cls: Class) -> Class:
    """Make a dataclass of parameters that are only used as part of a larger one.

    It has fields, but no methods to make, compare or show an instance: generating these
    for every group would take longer than all the rest of the import.
    """
    dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)(cls)
    return cls


def optional(check: Check, **limits: Any) -> Check:
    """Make a check that accepts None, too.

    Parameters
    ----------
    check : callable
        Such as `mfccclf._validation.check_int`.
    **limits
        Keywords for ``check``.

    Returns
    -------
    check : callable
        Returns None for None, and what ``check`` returns for the rest.
    """
    return partial(_check_optional, check=partial(check, **limits))


def _check_optional(name: str, value: Any, *, owner: object, check: Check) -> Any:
    return None if value is None else check(name, value, owner=owner)


def check_each(
    declared: type[Declared],
    source: object,
    *,
    owner: object = None,
    called: str = "{}",
) -> Declared:
    """Read parameters from an object and check each by itself.

    Parameters
    ----------
    declared : type
        Dataclass whose fields `parameter` made.
    source : object
        Has an attribute for each field, such as an estimator.
    owner : object, default=None
        What an error says the parameter belongs to; None means ``source``.
    called : str, default="{}"
        What an error calls a parameter, its name for "{}".

    Returns
    -------
    values : instance of ``declared``
        The checked values.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or of a wrong type; the first one is named.
    """
    return declared(**checked_values(declared, source, owner=owner, called=called))


def checked_values(
    declared: type, source: object, *, owner: object = None, called: str = "{}"
) -> dict[str, Any]:
    """Return what `check_each` puts into a dataclass, by name."""
    owner = source if owner is None else owner
    values = {}
    for name, declaration in _declarations(declared).items():
        value = getattr(source, name)
        if declaration.check is not None:
            value = declaration.check(called.format(name), value, owner=owner)
        values[name] = value
    return values


def declared_defaults(*declared: type) -> dict[str, Any]:
    """Return the defaults by name, in the order of declaration."""
    return {field.name: field.default for one in declared for field in _fields(one)}


def runtime_parameters(*declared: type) -> frozenset[str]:
    """Return the names of the parameters that say how or where to compute."""
    return frozenset(
        name
        for one in declared
        for name, declaration in _declarations(one).items()
        if declaration.runtime
    )


def describe_parameters(*declared: type) -> str:
    """Return the entries of a numpydoc Parameters section, not indented."""
    return "\n".join(
        _entry(field, declaration)
        for one in declared
        for field, declaration in zip(
            _fields(one), _declarations(one).values(), strict=True
        )
    )


def document(*declared: type, **sections: str) -> Callable[[Class], Class]:
    """Put the declared parameters into a class's docstring, at "{parameters}".

    Parameters
    ----------
    *declared : type
        Dataclasses whose fields `parameter` made, in the order of the docstring. None
        for the decorated class itself.
    **sections : str
        Other texts that docstrings share, each to stand at its name in braces.

    Returns
    -------
    decorate : callable
        Class decorator.
    """

    def decorate(cls: Class) -> Class:
        if cls.__doc__ is not None:  # None under python -OO
            entries = describe_parameters(*(declared or (cls,)))
            for name, text in {"parameters": entries, **sections}.items():
                cls.__doc__ = fill_in(cls.__doc__, name, text.strip())
        return cls

    return decorate


def fill_in(docstring: str, name: str, text: str) -> str:
    """Put a text at "{name}", a line of a docstring, and indent it as that line is.

    Since Python 3.13, docstrings are not indented as their code is.
    """
    place = re.compile(rf"^( *)\{{{name}\}}$", re.MULTILINE)
    return place.sub(lambda match: textwrap.indent(text, match[1]), docstring)


def _fields(declared: Any) -> list[Field[Any]]:
    return [field for field in fields(declared) if _KEY in field.metadata]


def _declarations(declared: type) -> dict[str, _Declaration]:
    return {field.name: field.metadata[_KEY] for field in _fields(declared)}


def _entry(field: Field[Any], declaration: _Declaration) -> str:
    head = f"{field.name} : {declaration.kind}, default={_shown(field.default)}"
    text = textwrap.fill(
        declaration.text,
        width=_WIDTH - 4,
        initial_indent="    ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{head}\n{text}"


def _shown(default: Any) -> str:
    return f'"{default}"' if isinstance(default, str) else repr(default)
