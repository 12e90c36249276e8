"""What zip and tar archives have in common: the list of their members."""

from __future__ import annotations

from typing import IO, Any

from mfccclf.storage.members import clean_name, name_fault

__all__ = ["Archive"]


class Archive:
    """Base of open archives.

    Attributes
    ----------
    sizes : dict of str to int
        Bytes of each member that can be read, in the archive's order.
    faults : dict of str to str
        What is wrong with the others, to follow their names.
    folders : list of str
        The folders that it names.
    """

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.faults: dict[str, str] = {}
        self.folders: list[str] = []
        self._places: dict[str, Any] = {}

    def open(self, member: str) -> IO[bytes]:
        """Return a member as a stream."""
        raise NotImplementedError

    def _take(
        self, stored_name: str, *, size: int, place: Any, fault: str | None
    ) -> None:
        """List a member.

        Parameters
        ----------
        stored_name : str
            Its name as the archive has it.
        size : int
            Its bytes, unpacked.
        place : Any
            What `open` needs in order to find it.
        fault : str or None
            What is wrong with its content.
        """
        name = clean_name(stored_name)
        fault = name_fault(stored_name) or fault
        if name in self.sizes:
            fault = "is in the archive twice. Keep one of the two."
        if fault:
            self.faults.setdefault(name, fault)
            self.sizes.pop(name, None)
        elif name not in self.faults:
            self.sizes[name] = size
            self._places[name] = place
