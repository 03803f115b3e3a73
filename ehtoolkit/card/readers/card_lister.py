"""All the eIDs in the readers of this computer, each with its holder, for the user to choose from."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

from ehtoolkit import errors
from ehtoolkit.card.certificates import holder_of
from ehtoolkit.card.chip.data_objects import NISS_LABEL, TEXT_LABELS, read_identity
from ehtoolkit.card.pkcs11.client import WORKER_COMMAND, CardWorker
from ehtoolkit.card.port import CardIdentity, CardKey
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


class CardLister:
    """Looks at all readers, as often as it is asked; nothing is loaded before the first time.

    A worker process of its own, apart from that of any `Pkcs11Card`: looking never ends someone's session. What
    was read of a card is kept as long as the card is seen. Threads may share it.
    """

    def __init__(
        self,
        module: Path | str,
        *,
        timeout: float = 3.0,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._timeout = timeout
        self._environment = dict(environment or {})
        self._command = (*command, str(module))
        self._lock = Lock()
        self._worker: CardWorker | None = None
        self._known: dict[tuple[str, str], FoundCard] = {}

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

    def close(self) -> None:
        """End the worker; another look begins again."""
        with self._lock:
            self._forget()

    def _read(self, reader: str, serial: str) -> FoundCard:
        try:
            return FoundCard(reader, serial, holder=self._holder(reader, serial))
        except errors.CardError as problem:
            return FoundCard(reader, serial, problem=problem)

    def _holder(self, reader: str, serial: str) -> CardIdentity:
        card = {"reader": reader, "serial": serial}
        data = self._ask("data", labels=_NAME_LABELS, **card)
        if data:
            return read_identity({label: b64decode(value) for label, value in data.items()})
        label = CardKey.AUTHENTICATION.value
        certificate = read_certificate(b64decode(self._ask("certificates", **card).get(label, "")))
        if certificate is None:
            raise errors.CardCertificateMissing(certificate=label)
        return holder_of(certificate)

    def _ask(self, call: str, **arguments: object) -> dict[str, Any]:
        request = {"call": call, "reader": None, "serial": None, **arguments}
        if self._worker is None or not self._worker.alive:
            self._forget()
            self._worker = CardWorker(self._command, self._environment)
        try:
            return self._worker.ask(request, self._timeout)
        except (errors.CardTimeout, errors.CardFault, errors.ModuleMissing):
            self._forget()
            raise

    def _forget(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
