"""Where a server listens, and whom it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ServerSettings"]

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Where a server listens, and whom it answers.

    Parameters
    ----------
    host : str, default="127.0.0.1"
        Address to listen at; only programs on this machine reach the default.
    port : int, default=8000
        Port to listen at; 0 takes any free one.
    allowed_hosts : tuple of str, default=()
        Further names that requests may use for this server, without a port; "*"
        allows any. ``host`` and the names of this machine are always allowed.
    allowed_origins : tuple of str, default=()
        Other web sites whose pages may ask, such as ``"https://example.org"``.
    token : str or None, default=None
        What requests must bring as ``Authorization: Bearer TOKEN``; None asks for
        nothing.
    open_paths : frozenset of str, default={"/healthz"}
        Paths that need no token.
    content_policy : mapping of str to str, default={}
        Rules of the content security policy that differ from the strictest, such as
        ``{"media-src": "'self' blob:"}``.
    stop_s : float, default=10.0
        How long work that has begun may go on after a signal to stop, in seconds.
    max_connections : int, default=1000
        Most connections at a time; further ones get the status 503.
    log_requests : bool, default=True
        Whether the log tells of every request, or of what has gone wrong alone.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    open_paths: frozenset[str] = frozenset({"/healthz"})
    content_policy: Mapping[str, str] = field(default_factory=dict)
    stop_s: float = 10.0
    max_connections: int = 1000
    log_requests: bool = True

    @property
    def names(self) -> frozenset[str]:
        """All names that requests may use for this server, in small letters."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return frozenset(
            name.lower() for name in (*_LOOPBACK, host, *self.allowed_hosts)
        )
