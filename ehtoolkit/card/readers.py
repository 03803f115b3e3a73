"""Readers of this computer, in a process apart and for a limited time: the eIDs in them, their state, their modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.card.chip import NISS_LABEL, TEXT_LABELS, read_identity
from ehtoolkit.card.modules import ModuleKind, is_virtual
from ehtoolkit.card.pkcs11.client import WORKER_COMMAND, CardWorker, ModuleClient, decoded
from ehtoolkit.card.port import CardIdentity, CardKey
from ehtoolkit.card.trust import holder_of
from ehtoolkit.crypto.certificates import read_certificate

_NAME_LABELS: Final = (NISS_LABEL, TEXT_LABELS["surname"], TEXT_LABELS["first_names"])
"""What tells two holders apart; the rest of a chip, photo and all, takes a second to read."""


@dataclass(frozen=True, slots=True)
class FoundCard:
    """A card, and where it is. ``holder``: names and NISS, nothing else; None where they could not be read, and then
    ``problem`` says why."""

    reader: str
    serial: str
    holder: CardIdentity | None = None
    problem: errors.CardError | None = None


class CardLister(ModuleClient):
    """Looks at all readers, as often as it is asked; nothing is loaded before the first time.

    A worker process of its own, apart from that of any `Pkcs11Card`: looking never ends someone's session. What
    was read of a card is kept as long as the card is seen.
    """

    _known: Mapping[tuple[str, str], FoundCard] = MappingProxyType({})

    def cards(self) -> tuple[FoundCard, ...]:
        """Return the cards that are there now, in the module's order, never none.

        Raises what `ehtoolkit.card.pkcs11.slots.find_cards` raises, `errors.ModuleMissing`, and `errors.CardTimeout`.
        """
        with self._lock:
            try:
                places = [(card["reader"], card["serial"]) for card in self._ask("list")["cards"]]
            except errors.CardError:
                self._known = {}
                raise
            known = {place: self._known[place] for place in places if place in self._known}
            for place in places:
                if place not in known:
                    known[place] = self._read(*place)
            # A card that could not be read is looked at again the next time.
            self._known = {place: card for place, card in known.items() if card.problem is None}
            return tuple(known[place] for place in places)

    def _read(self, reader: str, serial: str) -> FoundCard:
        try:
            return FoundCard(reader, serial, holder=self._holder(reader, serial))
        except errors.CardError as problem:
            return FoundCard(reader, serial, problem=problem)

    def _holder(self, reader: str, serial: str) -> CardIdentity:
        card = {"reader": reader, "serial": serial}
        data = decoded(self._ask("data", labels=_NAME_LABELS, **card))
        if data:
            return read_identity(data)
        label = CardKey.AUTHENTICATION.value
        certificate = read_certificate(decoded(self._ask("certificates", **card)).get(label, b""))
        if certificate is None:
            raise errors.CardCertificateMissing(certificate=label)
        return holder_of(certificate)

    def _ask(self, call: str, **arguments: object) -> dict[str, Any]:
        request = {"call": call, "reader": None, "serial": None, **arguments}
        try:
            return self._running_worker().ask(request, self._timeout)
        except (errors.CardTimeout, errors.CardFault, errors.ModuleMissing):
            self.forget()
            raise


# ── Readers and modules, without a card ────────────────────────────────────────────────────────────────
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
