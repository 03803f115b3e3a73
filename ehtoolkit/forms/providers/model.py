"""The providers' page without widgets: the list, the record that is open, and the keystores that it may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.finding import Finding
from ehtoolkit.forms.due.action_links import ActionLinks
from ehtoolkit.forms.due.next_steps import choice_rank
from ehtoolkit.forms.due.standings import KeystoreStandings
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.providers.html import own_findings
from ehtoolkit.forms.providers.record_fields import ProviderForm
from ehtoolkit.identity import PERSON_TYPE, Environment, Identifier, Niss
from ehtoolkit.keystore.standing import Action, Standing
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import find_keystore, find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.keystore.storage.records import CachedState, CachedStates, write_cached_state
from ehtoolkit.procedures.archive import assign_keystore, newer_than_assigned
from ehtoolkit.providers import Assignment, Provider, Registry, examine_provider
from ehtoolkit.providers.provider import type_table
from ehtoolkit.providers.rules.numbers import HEAD
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.training.keystores.issued_keystores import IssuedKeystores


class ProvidersModel:
    """Methods raise what the registry raises; then nothing has changed, and what was typed is still there.

    Attributes:
        words, status: what the list is limited to; empty: everything.
        draft: the record that is open; None while the list is shown.
    """

    def __init__(
        self, registry: Registry, settings: Settings, clock: Clock, only: IssuedKeystores | None = None
    ) -> None:
        """Make the model. ``only``: the keystores that may be opened; None: any."""
        self.registry = registry
        self._clock = clock
        self._only = only
        self.types = type_table(settings.provider_types)
        self.folder = settings.keystores
        self._notes = settings.notes
        self._environment = Environment(settings.environment)
        self._standings = KeystoreStandings(self._notes, self._environment, clock.now())
        self.words = ""
        self.status = ""
        self.draft: ProviderForm | None = None

    @property
    def now(self) -> datetime:
        return self._clock.now()

    # ── the list ─────────────────────────────────────────────────────────────────────────────────────────
    def found(self) -> Sequence[Provider]:
        """Return all records that the search finds, by name."""
        return self.registry.search(self.words)

    def findings_of(self, record: Provider) -> Sequence[Finding]:
        found = examine_provider(record, self.now, self.types)
        return own_findings(found, self.standing_of(record))

    def look_again(self) -> None:
        """Judge keystores as they are from now on."""
        self._standings.look_again(self.now)

    def standing_of(self, record: Provider) -> Standing:
        """Return how the assigned keystore stood at the last `look_again`: by what was seen of it, since it is not
        opened here, and by the other files of its folder."""
        return self._standings.of(None if record.keystore is None else Path(record.keystore.path))

    def step_of(self, record: Provider, pages: frozenset[str], *, newer: bool) -> FormLink | None:
        """Return the link to the form of the next step with the keystore of a record. ``pages``: that are there;
        ``newer``: another file is to be assigned first."""
        keystore, links = record.keystore, ActionLinks(self.folder, pages)
        action = Action.ASSIGN if newer else self.standing_of(record).action
        file = None if keystore is None else keystore.path
        holder = f"{PERSON_TYPE}={record.niss}" if keystore is None else keystore.holder
        return links.of_action(action, record.id, file, holder)

    # ── the record ───────────────────────────────────────────────────────────────────────────────────────
    def open(self, provider_id: int) -> ProviderForm:
        return self._begin(self.registry.get(provider_id))

    def begin(self) -> ProviderForm:
        """Begin a new record, which is nowhere before it is saved."""
        return self._begin(Provider(""))

    def _begin(self, record: Provider) -> ProviderForm:
        self.look_again()
        self.draft = ProviderForm.of(record, self.now.year)
        return self.draft

    def open_for(self, name: str) -> ProviderForm | None:
        """Open the record of the holder of a keystore in the folder, by the file's name; if there is no record, a new
        one with what the certificate shows, not kept yet.

        None where the file is not there or its holder is not known, where the folder cannot be read, where several
        records have the number, and for an organisation of which no record has it.
        """
        try:
            file = find_keystore(self.folder, name)
        except (errors.FileUnreadable, errors.KeystoreNotFound):
            return None
        file = file.recalled(CachedStates.read(self._notes), self.now)
        holder = file.identifier
        if holder is None:
            return None
        records = [
            provider for provider in self.registry.with_number(holder.value) if _is_of(provider, holder)
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
        number = self.opened.record.id
        self._begin(self.registry.get(number) if number else Provider(""))

    def findings(self) -> Sequence[Finding]:
        return own_findings(self.opened.findings(self.now, self.types), self.standing_of(self.opened.record))

    def save(self) -> Provider:
        """Keep the record, and return it as the registry has it. Only called when `ProviderForm.wrong`
        finds nothing."""
        record = self.opened.filled()
        saved = self.registry.add(record) if record.id is None else self.registry.save(record)
        self._begin(saved)
        return saved

    def remove(self) -> None:
        record = self.opened.record
        if record.id is not None:
            self.registry.remove(record.id)
        self.close()

    # ── its keystore ─────────────────────────────────────────────────────────────────────────────────────
    def assignable(self) -> Sequence[FoundKeystore]:
        """Return the files that can be assigned now, what serves first, the newest of each before others: those that
        are called like keystores of this provider, or of the enterprise or practice by its number; not the assigned
        one, unless its dates are still unknown."""
        record = self.opened.record
        assigned = record.keystore
        known = None if assigned is None or assigned.not_after is None else Path(assigned.path)
        found = [file for file in find_keystores(self.folder) if file.path != known]
        fit = [file for file in found if file.identifier is not None and _is_of(record, file.identifier)]
        return sorted(fit, key=lambda file: choice_rank(self.standing_at(file.path).state))

    def standing_at(self, path: Path) -> Standing:
        """Return how the keystore at ``path`` stood at the last `look_again`."""
        return self._standings.of(path)

    def proposed_for(self, records: Sequence[Provider]) -> Mapping[int, Path]:
        """Return by the numbers of ``records`` a file that is newer than the one that is assigned, or the newest where
        none is; nothing for a record without a NISS, and where the folder cannot be read."""
        try:
            files = self._standings.files_of(self.folder)
        except errors.FileUnreadable:
            return {}
        found = {
            record.id or 0: newer_than_assigned(record, files, self._environment)
            for record in records
            if record.niss
        }
        return {number: path for number, path in found.items() if path is not None}

    def assign(self, name: str, password: Secret | None) -> None:
        """Assign the file of this name in the keystore folder. Raises `errors.KeystoreNotFound` for one that is not
        there any more, `errors.KeystoreNotIssued`, and what `assign_keystore` raises."""
        path = find_keystore(self.folder, name).path
        if password is not None and self._only is not None:
            self._only.require(path)
        record, environment = self.opened.record, self._environment
        self.opened.record = assign_keystore(
            self.registry, record, path, password, now=self.now, environment=environment
        )
        if password is not None:
            self._remember(path, password)
        self.look_again()

    def _remember(self, path: Path, password: Secret) -> None:
        """Keep what the keystore shows, as each page does that opens one. Best effort: what is not kept stays
        closed."""
        with suppress(errors.EhToolkitError):
            file = KeystoreFile.open(path, password)
            write_cached_state(self._notes, CachedState.of(file.keystore, file.content))

    def unassign(self) -> None:
        self.opened.record = self.registry.unassign(self.opened.record.id or 0)

    def history(self) -> Sequence[Assignment]:
        key = self.opened.record.id
        return () if key is None else self.registry.history(key)

    @property
    def opened(self) -> ProviderForm:
        """The record that is open. Raises `LookupError` while the list is shown."""
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
