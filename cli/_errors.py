"""How the commands fail: one line on stderr, exit code 1 for work, 2 for misuse."""

from __future__ import annotations

import errno
import os
import re
import sys
import warnings
from typing import Any

import typer
from typer.core import TyperGroup

from mfccclf._inert import printable
from mfccclf._memory import lacks_memory
from mfccclf._validation import suggest

from ._echo import echo

__all__ = ["CommandGroup", "print_error", "print_warning"]

_HINTS = {
    errno.ENOSPC: "The disk is full. Make room, or name another folder.",
    errno.EDQUOT: "The disk is full for this user. Make room.",
    errno.EACCES: "This user has no right to it. Change its permissions.",
    errno.EPERM: "This user has no right to it. Change its permissions.",
    errno.EROFS: "It lies where nothing can be written. Name another folder.",
}
_PLAIN_WORDS = {
    "Input should be a valid integer.*": "It must be a whole number.",
    "Input should be a valid number.*": "It must be a number.",
    "Input should be less than or equal to (.*)": r"It must be at most \1.",
    "Input should be greater than or equal to (.*)": r"It must be at least \1.",
}
FAILED, MISUSED, INTERRUPTED = 1, 2, 130


class CommandGroup(TyperGroup):
    """The commands; an error of the library becomes one line."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options before the command; what is wrong is told in one line."""
        try:
            return super().make_context(*args, **kwargs)
        except OSError as error:  # the help and the version are printed here
            raise typer.Exit(_report(error)) from error
        except Exception as error:
            _make_inert(error)
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run a command; end with an exit code instead of a traceback."""
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            # Every file's warning, not only the first from one place in the code.
            warnings.simplefilter("always", UserWarning)
            try:
                return super().invoke(ctx)
            except Exception as error:
                if _is_exit(error) or (ctx.obj or {}).get("debug"):
                    _make_inert(error)
                    raise
                raise typer.Exit(_report(error)) from error
            except KeyboardInterrupt:
                print_error("Interrupted. The output was not written.")
                raise typer.Exit(INTERRUPTED) from None


def print_error(text: object) -> None:
    """Print one line that says what went wrong, on stderr."""
    echo(f"Error: {_one_line(text)}", err=True)


def print_warning(text: object) -> None:
    """Print one line that deserves a look, on stderr."""
    echo(f"Warning: {_one_line(text)}", err=True)


def _report(error: Exception) -> int:
    from mfccclf.errors import BadClipsError, DatasetError, MfccclfError

    if isinstance(error, DatasetError | BadClipsError):
        # Their messages list all problems, one per line.
        echo(f"Error: {error}", err=True)
        return FAILED
    if isinstance(error, MfccclfError):
        print_error(error)
        return FAILED
    if isinstance(error, BrokenPipeError):
        # The reader, such as ``head``, has gone: stop without a complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, OSError):
        print_error(_describe_os_error(error))
        return FAILED
    if lacks_memory(error):
        print_error(
            "This needs more memory than there is. Cut long clips with 'mfccclf "
            "dataset cut', choose a smaller batch_size, or use a larger machine."
        )
        return FAILED
    if isinstance(error, ValueError | TypeError):
        print_error(error)
        return MISUSED
    if isinstance(error, ModuleNotFoundError) and error.name:
        print_error(_describe_missing(error.name))
        return FAILED
    kind = type(error).__name__
    print_error(f"{kind}: {error}. Run again with 'mfccclf --debug ...' for details.")
    return FAILED


def _describe_os_error(error: OSError) -> str:
    if error.errno is None:
        return f"{str(error).rstrip('.')}."  # a text of ours, which says what to do
    hint = _HINTS.get(error.errno, "Check the path and its permissions.")
    if error.filename is None:
        return f"The output cannot be written: {error.strerror}. {hint}"
    return f"{error.filename}: {error.strerror}. {hint}"


def _describe_missing(module: str) -> str:
    """Return what to do where only the packages for predicting are installed."""
    package = module.partition(".")[0]
    package = {"sklearn": "scikit-learn", "yaml": "PyYAML"}.get(package, package)
    return (
        f"This command needs {package}, which is not installed: here is only what "
        "predicting needs. Install the rest with `pip install mfccclf`."
    )


def _is_exit(error: Exception) -> bool:
    """Tell Typer's own ways of ending a command from errors of the work."""
    return isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code")


def _make_inert(error: Exception) -> None:
    """Escape what a message of click repeats of the command line."""
    if isinstance(getattr(error, "message", None), str):
        error.message = _plain(_one_line(error.message))  # type: ignore[attr-defined]


def _plain(message: str) -> str:
    """Put pydantic's remarks on a value of an option into plain words."""
    message = message.removeprefix("Value error, ")
    for pattern, words in _PLAIN_WORDS.items():
        message = re.sub(pattern, words, message)
    choice = re.fullmatch(r"'(.*)' is not one of (.*)\.", message)
    if choice is None:
        return message
    hint = suggest(choice[1], re.findall(r"'([^']*)'", choice[2]))
    return f"{message} {hint}".rstrip()


def _one_line(text: object) -> str:
    return printable(" ".join(str(text).split("\n")))


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print_warning(message)
