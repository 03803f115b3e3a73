"""The file that is selected on the card, and reading it: SELECT and READ BINARY."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ehtoolkit.training.virtual_card.eid_chip import apdu, layout
from ehtoolkit.training.virtual_card.eid_chip.apdu import Command

_BY_IDENTIFIER, _BY_AID, _BY_PATH = 0x02, 0x04, 0x08
_NO_ANSWER, _FIRST = 0x0C, 0x00
_SHORT_IDENTIFIER: Final = 0x80
"""Bit of P1 in READ BINARY: the file is named there; this card has no such names."""

_APPLICATIONS: Final = {
    layout.APPLET_AID: layout.ROOT,
    layout.BELPIC_AID: layout.BELPIC_FOLDER,
    layout.IDENTITY_AID: layout.IDENTITY_FOLDER,
}


class Selection:
    """Where on the card a client is: in a folder, and perhaps at a file in it."""

    def __init__(self, files: Mapping[bytes, bytes]) -> None:
        self._files = files
        self._folders = {path[:-2] for path in files}
        self._folder = layout.ROOT
        self._file: bytes | None = None

    def reset(self) -> None:
        self._folder, self._file = layout.ROOT, None

    def select(self, command: Command) -> bytes:
        """Select a file or folder and return the status word; a failure leaves the selection as it was."""
        allowed = (_NO_ANSWER, _FIRST) if command.p1 == _BY_AID else (_NO_ANSWER,)
        if command.p1 not in (_BY_IDENTIFIER, _BY_AID, _BY_PATH) or command.p2 not in allowed:
            return apdu.WRONG_P1_P2
        name = command.data
        if command.p1 == _BY_AID:
            return self._go(_APPLICATIONS.get(name, b"")) if name else apdu.LENGTH_AGAINST_P1_P2
        if command.p1 == _BY_PATH:
            if not name or len(name) % 2:
                return apdu.LENGTH_AGAINST_P1_P2
            return self._go(name if name.startswith(layout.ROOT) else layout.ROOT + name)
        if len(name) != len(layout.ROOT):
            return apdu.LENGTH_AGAINST_P1_P2
        if name in layout.FOLDERS:
            return self._go(layout.ROOT if name == layout.ROOT else layout.ROOT + name)
        return self._go(self._folder + name)

    def read(self, command: Command) -> bytes:
        if command.p1 & _SHORT_IDENTIFIER:
            return apdu.WRONG_P1_P2
        if self._file is None:
            return apdu.NO_CURRENT_FILE
        rest = self._files[self._file][command.p1_p2 :]
        if not rest:
            return apdu.WRONG_OFFSET
        if command.expected > len(rest):
            return apdu.exact_length(len(rest))
        return rest[: command.expected] + apdu.OK

    def _go(self, path: bytes) -> bytes:
        if path in self._files:
            self._folder, self._file = path[:-2], path
        elif path in self._folders:
            self._folder, self._file = path, None
        else:
            return apdu.FILE_NOT_FOUND
        return apdu.OK
