"""What the commands with a server need beside the package itself."""

from __future__ import annotations

__all__ = ["check_web_extra"]


def check_web_extra(what: str) -> None:
    """Raise if a server cannot run here.

    Parameters
    ----------
    what : str
        What needs it, for the message.

    Raises
    ------
    MissingExtraError
        Naming what is missing and how to install it.
    """
    from mfccclf.errors import MissingExtraError

    try:
        import mfccclf.web_server.running  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"{what} needs {error.name}, which is not installed. Install it with "
            '`pip install "mfccclf[web]"`.'
        ) from error
