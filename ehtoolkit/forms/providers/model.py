"""The providers' page without widgets: the list, the record that is open, and the keystores that it may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.finding import Finding
from ehtoolkit.forms.providers.provider_form import FieldError, ProviderForm
from ehtoolkit.identity import Environment, Identifier, Niss
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles, find_keystores
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.procedures.archive import assign_keystore, newer_than_assigned
from ehtoolkit.providers import Assignment, Provider, Registry, examine_provider
from ehtoolkit.providers.merging import MergeResult
from ehtoolkit.providers.provider import TypeTable
from ehtoolkit.providers.rules.numbers import HEAD
from ehtoolkit.secret import Secret
from ehtoolkit.training.registry.issued_keystores import IssuedKeystores

SHOWN: Final = 100
"""Records in the list at a time; of more, the search finds the right one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the keystores are, and of which environment.

    Attributes:
        only: those that may be opened at all; None: any.
        notes: the folder with what was seen of them; None: nothing was.
    """

    folder: Path
    environment: Environment
    only: IssuedKeystores | None = None
    notes: Path | None = None


class ProvidersModel:
    """``words`` and ``status``: what the list is limited to; empty: everything.
    ``draft``: the record that is open; None while the list is shown. Methods raise what the registry raises; then
    nothing has changed, and what was typed is still there."""

    def __init__(self, registry: Registry, clock: Clock, types: TypeTable, place: Place) -> None:
        self._registry = registry
        self._clock = clock
        self.types = types
        self.place = place
        self.words = ""
        self.status = ""
        self.draft: ProviderForm | None = None

    @property
    def now(self) -> datetime:
        return self._clock.now()

    # ── the list ─────────────────────────────────────────────────────────────────────────────────────────
    def found(self, passes: Callable[[Provider], bool] | None = None) -> Sequence[Provider]:
        """Return the first records that the search finds and that ``passes``, by name."""
        if passes is None:
            return self._registry.search(self.words, limit=SHOWN)
        return list(islice(filter(passes, self._registry.search(self.words)), SHOWN))

    def everybody(self) -> Iterator[Provider]:
        return self._registry.providers()

    def count(self) -> int:
        return self._registry.count()

    def merge(self, records: Sequence[Provider]) -> MergeResult:
        """Take records from elsewhere, all of them or none."""
        return self._registry.merge(records)

    def findings_of(self, record: Provider) -> Sequence[Finding]:
        return examine_provider(record, self.now, self.types)

    # ── the record ───────────────────────────────────────────────────────────────────────────────────────
    def open(self, provider_id: int) -> ProviderForm:
        self.draft = ProviderForm.of(self._registry.get(provider_id), self.now.year)
        return self.draft

    def begin(self) -> ProviderForm:
        """Begin a new record, which is nowhere before it is saved."""
        self.draft = ProviderForm.of(Provider(""), self.now.year)
        return self.draft

    def open_for(self, name: str) -> ProviderForm | None:
        """Open the record of the holder of a keystore in the folder, by the file's name; if there is no record, a new
        one with what the certificate shows, not kept yet.

        None where the file is not there or its holder is not known, where the folder cannot be read, where several
        records have the number, and for an organisation of which no record has it.
        """
        try:
            file = next((file for file in find_keystores(self.place.folder) if file.path.name == name), None)
        except errors.FileUnreadable:
            return None
        if file is None:
            return None
        if self.place.notes is not None:
            file = file.recalled(CachedStates.read(self.place.notes), self.now)
        holder = file.identifier
        if holder is None:
            return None
        records = [
            provider for provider in self._registry.with_number(holder.value) if _is_of(provider, holder)
        ]
        if len(records) == 1:
            return self.open(records[0].id or 0)
        if records or not holder.is_person:
            return None
        draft = self.begin()
        filled = Provider(
            "" if file.owner is None else file.owner.name, niss=holder.value, birth_date=_birth_date(holder)
        )
        draft.texts = ProviderForm.of(filled, self.now.year).texts
        return draft

    def close(self) -> None:
        """Go back to the list; what was typed and not saved is gone."""
        self.draft = None

    def discard(self) -> None:
        """Discard what was typed; the record is shown as the registry has it now."""
        draft = self._draft
        self.draft = (
            ProviderForm.of(self._registry.get(draft.record.id), self.now.year)
            if draft.record.id
            else ProviderForm.of(Provider(""), self.now.year)
        )

    def wrong(self) -> Sequence[FieldError]:
        return self._draft.wrong()

    def findings(self) -> Sequence[Finding]:
        return self._draft.findings(self.now, self.types)

    def save(self) -> Provider:
        """Keep the record, and return it as the registry has it. Only called when nothing is `wrong`."""
        record = self._draft.filled()
        saved = self._registry.add(record) if record.id is None else self._registry.save(record)
        self.draft = ProviderForm.of(saved, self.now.year)
        return saved

    def remove(self) -> None:
        record = self._draft.record
        if record.id is not None:
            self._registry.remove(record.id)
        self.close()

    # ── its keystore ─────────────────────────────────────────────────────────────────────────────────────
    def keystores(self) -> Sequence[FoundKeystore]:
        """Return the files that are called like keystores of this provider, or of the enterprise or practice by its
        number, newest first."""
        record = self._draft.record
        found = find_keystores(self.place.folder)
        return [file for file in found if file.identifier is not None and _is_of(record, file.identifier)]

    def assignable(self) -> Sequence[FoundKeystore]:
        """Return the `keystores` that can be assigned now: not the one that is, unless its dates are still unknown."""
        assigned = self._draft.record.keystore
        known = None if assigned is None or assigned.not_after is None else Path(assigned.path)
        return [keystore for keystore in self.keystores() if keystore.path != known]

    def proposed(self) -> Path | None:
        """Return a file that is newer than the one that is assigned, or the newest where none is; None where there is
        none, or for a record without a NISS."""
        record = self._draft.record
        return newer_than_assigned(record, self._files(), self.place.environment) if record.niss else None

    def proposed_for(self, records: Sequence[Provider]) -> Mapping[int, Path]:
        """Return what `proposed` gives for each of many records, by their numbers, with one look at the folder; nothing
        where that cannot be read."""
        try:
            files = self._files()
        except errors.FileUnreadable:
            return {}
        environment = self.place.environment
        found = {
            record.id or 0: newer_than_assigned(record, files, environment)
            for record in records
            if record.niss
        }
        return {number: path for number, path in found.items() if path is not None}

    def _files(self) -> HolderFiles:
        """Return the files of the keystore folder. Raises `errors.FileUnreadable`."""
        return HolderFiles.in_folder(self.place.folder, self.place.notes, self.now)

    def assign(self, name: str, password: Secret | None) -> None:
        """Assign the file of this name in the keystore folder. Raises `errors.KeystoreNotFound` for one that is not
        there any more, `errors.KeystoreNotIssued`, and what `assign_keystore` raises."""
        path = next(
            (keystore.path for keystore in find_keystores(self.place.folder) if keystore.path.name == name),
            None,
        )
        if path is None:
            raise errors.KeystoreNotFound(path=name)
        if password is not None and self.place.only is not None:
            self.place.only.require(path)
        environment = self.place.environment
        record = assign_keystore(
            self._registry, self._draft.record, path, password, now=self.now, environment=environment
        )
        self._draft.record = record

    def unassign(self) -> None:
        self._draft.record = self._registry.unassign(self._draft.record.id or 0)

    def history(self) -> Sequence[Assignment]:
        key = self._draft.record.id
        return () if key is None else self._registry.history(key)

    @property
    def _draft(self) -> ProviderForm:
        if self.draft is None:
            raise LookupError("no record is open")
        return self.draft


def _is_of(record: Provider, holder: Identifier) -> bool:
    """Return whether a certificate of ``holder`` can be this provider's: the person's, or that of the number or
    enterprise."""
    if holder.is_person:
        return holder.value == record.niss
    if holder.type.startswith("NIHII"):
        return bool(record.inami) and holder.value[:HEAD] == record.inami[:HEAD]
    return holder.type.startswith("CBE") and holder.value == record.enterprise_number.removeprefix("BE")


def _birth_date(holder: Identifier) -> date | None:
    try:
        return Niss.parse(holder.value).birth_date
    except errors.IdentifierInvalid:
        return None
