"""Probe card readers and PKCS#11 modules, in a process apart and for a limited time."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ehtoolkit.card.pkcs11.card import CardWorker
from ehtoolkit.card.pkcs11.modules import ModuleKind, is_virtual

LOOKER_COMMAND: Final = (sys.executable, "-P", "-m", "ehtoolkit.card.readers.probe_worker")
ATR_1_7: Final = "3B9813400AA503010101AD1311"
ATR_1_8: Final = "3B7F96000080318065B085040120120FFF829000"
"""How an eID answers to reset, by the version of its applet."""


class Service(StrEnum):
    """The state of the smart-card service."""

    RUNNING = "running"
    STOPPED = "stopped"
    MISSING = "missing"
    """There is no PC/SC on this computer at all."""
    FAILED = "failed"
    """It answered with an error that says nothing to a user."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader, as PC/SC describes it.

    Attributes:
        present: a card is in it.
        mute: which does not answer (turned round, dirty, broken).
        in_use: another program has it for itself.
        atr: the card's answer to reset, hexadecimal, empty without a card.
    """

    name: str
    present: bool = False
    in_use: bool = False
    mute: bool = False
    atr: str = ""

    @property
    def virtual(self) -> bool:
        return is_virtual(self.name)

    @property
    def applet(self) -> str | None:
        """Of the eID in it: 1.7 or 1.8; None for another card, and for none."""
        return {ATR_1_7: "1.7", ATR_1_8: "1.8"}.get(self.atr)


@dataclass(frozen=True, slots=True)
class ReaderList:
    """``code``: of a service that failed."""

    service: Service
    readers: tuple[Reader, ...] = ()
    code: str | None = None

    @property
    def real(self) -> tuple[Reader, ...]:
        return tuple(one for one in self.readers if not one.virtual)

    @property
    def virtual(self) -> tuple[Reader, ...]:
        return tuple(one for one in self.readers if one.virtual)


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """A PKCS#11 module in its own words."""

    path: Path
    kind: ModuleKind
    version: str


@dataclass(frozen=True, slots=True)
class ReaderProbe:
    """Asks a process that looks.

    Attributes:
        seconds: after which it is given up.
        command, environment, library: what starts it, its variables beside ours, and another PC/SC than the system's,
            for tests.
    """

    seconds: float = 5.0
    command: Sequence[str] = LOOKER_COMMAND
    environment: Mapping[str, str] | None = None
    library: str | None = None

    def readers(self) -> ReaderList:
        """Return the state of the PC/SC service and its readers.

        Raises `errors.CardTimeout` for a service that does not answer, `errors.CardFault` (code ``worker``).
        """
        with self._process() as process:
            seen = process.ask({"call": "readers", "library": self.library}, self.seconds)
        readers = tuple(Reader(**one) for one in seen["readers"])
        return ReaderList(Service(seen["service"]), readers, seen.get("code"))

    def about(self, module: Path) -> ModuleReport:
        """Load ``module`` in a process of its own and return its kind and version.

        Raises `errors.ModuleMissing` (reason ``extra`` without PyKCS11), `errors.CardTimeout`, `errors.CardFault` (code
        ``worker``) for a module that takes its process along.
        """
        with self._process() as process:
            said = process.ask({"call": "module", "module": str(module)}, self.seconds)
        return ModuleReport(module, ModuleKind(said["kind"]), said["version"])

    @contextmanager
    def _process(self) -> Iterator[CardWorker]:
        process = CardWorker(self.command, self.environment or {})
        try:
            yield process
        finally:
            process.stop()
