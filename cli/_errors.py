"""How the commands end: one line on stderr, exit code 1 for work, 2 for misuse."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from ._output import echo, print_error, print_warning

__all__ = [
    "FAILED",
    "INTERRUPTED",
    "MISUSED",
    "Exit",
    "UsageError",
    "exit_code_of",
    "near",
]

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


class UsageError(Exception):
    """A command line that makes no sense: one line, and exit code 2."""


class Exit(Exception):  # noqa: N818 - no error
    """The end of a command that has said all there is to say.

    Parameters
    ----------
    code : int
        The exit code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def exit_code_of(work: Callable[[], None], *, debug: bool = False) -> int:
    """Do the work; return an exit code in place of an error.

    Parameters
    ----------
    work : callable
        Runs a command.
    debug : bool, default=False
        Whether errors come through, for their traceback.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        # Every file's warning, not only the first from one place in the code.
        warnings.simplefilter("always", UserWarning)
        try:
            work()
        except Exit as end:
            return end.code
        except UsageError as error:
            print_error(error)
            return MISUSED
        except KeyboardInterrupt:
            print_error("Interrupted. The output was not written.")
            return INTERRUPTED
        except Exception as error:
            if debug:
                raise
            return _report(error)
    return 0


def near(text: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for what is nearest, or nothing."""
    from mfccclf._validation import suggest

    return f" {suggest(text, known)}".rstrip()


def _report(error: Exception) -> int:
    from mfccclf.errors import DatasetError, MfccclfError

    if isinstance(error, DatasetError):
        # A data set's message lists each of its problems on a line of its own.
        echo(f"Error: {error}", err=True)
        return FAILED
    if isinstance(error, MfccclfError):
        print_error(error)
        return FAILED
    if isinstance(error, BrokenPipeError):
        # The reader, say ``head``, has gone: no more output, and no complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, OSError):
        print_error(_describe_os_error(error))
        return FAILED
    if isinstance(error, ValueError | TypeError):
        print_error(error)
        return MISUSED
    kind = type(error).__name__
    print_error(f"{kind}: {error}. Run again with 'mfccclf --debug ...' for details.")
    return FAILED


def _describe_os_error(error: OSError) -> str:
    if error.filename is None:
        return f"{error}."
    return f"{error.filename}: {error.strerror}. Check the path and its permissions."


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print_warning(message)
