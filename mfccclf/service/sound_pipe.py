"""A pipe from the server's loop to a thread that reads sound as it arrives."""

from __future__ import annotations

import asyncio
import threading

__all__ = ["SoundPipe"]

# Bytes that wait for the thread; a client that sends faster waits itself.
_MAX_BYTES = 2**20


class SoundPipe:
    """Bytes that a coroutine writes and a thread reads, a bounded number at a time.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop
        The loop of the coroutine.
    name : str, default="-"
        What to call the sound in messages.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str = "-") -> None:
        self.name = name
        self._loop = loop
        self._changed = threading.Condition()
        self._has_room = asyncio.Event()
        self._waiting = bytearray()
        self._is_closed = False

    async def write(self, data: bytes) -> None:
        """Add bytes; wait until there is room for more. Closed, drop them."""
        with self._changed:
            if self._is_closed:
                return
            self._waiting += data
            self._changed.notify_all()
            is_full = len(self._waiting) > _MAX_BYTES
            if is_full:
                self._has_room.clear()
        if is_full:
            await self._has_room.wait()

    def read(self, size: int = -1) -> bytes:
        """Wait for bytes, and return up to ``size`` of them; none at the end."""
        with self._changed:
            while not self._waiting and not self._is_closed:
                self._changed.wait()
            size = len(self._waiting) if size < 0 else size
            data = bytes(self._waiting[:size])
            del self._waiting[:size]
            self._tell_room()
        return data

    def close(self) -> None:
        """End the sound, from either side; what was written can still be read."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            self._tell_room()

    def _tell_room(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._has_room.set)
