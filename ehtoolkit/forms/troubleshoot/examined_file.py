"""A file that is being looked at: where it comes from, what was found, and what is known since it was opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ehtoolkit.forms.troubleshoot.inventory import Inventory
from ehtoolkit.forms.troubleshoot.platform_check import PlatformCheck
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.diagnosis import Diagnosis
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import read_file


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """A value: another look gives a new one of the same ``number``.

    Attributes:
        path: of a file in the keystore folder; None for one that was handed over, whose bytes are in ``content`` and
            nowhere else.
        secret: the password that opened it, once it did; empty for a file without any protection.
        inventory: what is in it, or in what can be saved of it, once that was seen.
        asked: what the platform says of it, once it was asked; another look at the file knows nothing of that, unless
            what was done to it leaves the answer as good as it was.
    """

    number: int
    name: str
    path: Path | None
    content: bytes = field(repr=False)
    diagnosis: Diagnosis
    secret: Secret | None = field(default=None, repr=False)
    inventory: Inventory | None = None
    asked: PlatformCheck | None = None

    def read(self) -> bytes:
        """Return what is in the file now. Raises `errors.KeystoreNotFound`, `errors.FileUnreadable`."""
        return self.content if self.path is None else read_file(self.path, limits.SIZE)
