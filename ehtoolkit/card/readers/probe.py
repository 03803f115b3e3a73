"""Probe card readers and PKCS#11 modules, in a process apart and for a limited time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ehtoolkit.card.pkcs11.client import WORKER_COMMAND, CardWorker
from ehtoolkit.card.pkcs11.modules import ModuleKind, is_virtual

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
        return tuple(reader for reader in self.readers if not reader.virtual)

    @property
    def virtual(self) -> tuple[Reader, ...]:
        return tuple(reader for reader in self.readers if reader.virtual)


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """A PKCS#11 module in its own words."""

    path: Path
    kind: ModuleKind
    version: str


@dataclass(frozen=True, slots=True)
class ReaderProbe:
    """Ask a process that may hang and be ended.

    Attributes:
        seconds: after which it is given up.
        command, environment, library: what starts it, its variables beside ours, and another PC/SC than the system's,
            for tests.
    """

    seconds: float = 5.0
    command: Sequence[str] = WORKER_COMMAND
    environment: Mapping[str, str] | None = None
    library: str | None = None

    def readers(self) -> ReaderList:
        """Return the state of the PC/SC service and its readers.

        Raises `errors.CardTimeout` for a service that does not answer, `errors.CardFault` (code ``worker``).
        """
        with self._process() as process:
            answer = process.ask({"call": "readers", "library": self.library}, self.seconds)
        readers = tuple(Reader(**reader) for reader in answer["readers"])
        return ReaderList(Service(answer["service"]), readers, answer.get("code"))

    def about(self, module: Path) -> ModuleReport:
        """Load ``module`` in a process of its own and return its kind and version.

        Raises `errors.ModuleMissing` (reason ``extra`` without PyKCS11), `errors.CardTimeout`, `errors.CardFault` (code
        ``worker``) for a module that takes its process along.
        """
        with self._process(str(module)) as process:
            answer = process.ask({"call": "about"}, self.seconds)
        return ModuleReport(module, ModuleKind(answer["kind"]), answer["version"])

    @contextmanager
    def _process(self, *arguments: str) -> Iterator[CardWorker]:
        process = CardWorker((*self.command, *arguments), self.environment or {})
        try:
            yield process
        finally:
            process.stop()
