"""Leads a life by the procedures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ehtoolkit.ehealth.contract import RevocationReason
from ehtoolkit.keystore.repair.merging import merge_old_keys
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.complete import complete
from ehtoolkit.procedures.revoke import revoke
from ehtoolkit.procedures.state.certificate_list import by_file
from ehtoolkit.secret import Secret
from tests.support.life import MergingDriver
from tests.support.life_witness import PIN
from tests.support.training_life import Life


class PythonDriver(MergingDriver):
    def __init__(self, life: Life) -> None:
        self.life = life
        self.toolkit = life.road.toolkit

    def request(self, password: str) -> Path:
        asked = replace(self.life, password=Secret(password)).ask()
        assert asked.key_id == self._open(asked.keystore, password).keystore.key_id
        return asked.keystore

    def complete(self, keystore: Path, password: str, state: State) -> None:
        """Too early first, which changes nothing; then on the next day."""
        before = keystore.read_bytes()
        assert complete(self._open(keystore, password), self.toolkit.context).state is State.WAITING
        assert keystore.read_bytes() == before
        self.life.move("+1d")
        assert complete(self._open(keystore, password), self.toolkit.context).state is state

    def wait_for_renewal_period(self) -> None:
        self.life.move("+34mo")

    def renew(self, keystore: Path, password: str) -> Path:
        asked = self.life.renew(self._open(keystore, password), password=Secret(password))
        assert asked.key_id == self._open(asked.keystore, password).keystore.key_id
        return asked.keystore

    def activate(
        self, keystore: Path, password: str, *, already: bool = False, retired: Path | None = None
    ) -> None:
        activated = self.life.activate(self._open(keystore, password))
        assert (activated.outcome.state, activated.already) == (State.ACTIVE, already)
        if retired is not None:
            assert activated.retired == (retired,)

    def change_password(self, keystore: Path, old: str, new: str) -> None:
        before = self._open(keystore, old).keystore
        changed = change_password(keystore, Secret(old), Secret(new))
        assert self._open(changed.backup, old).keystore == before

    def revoke(self, keystore: Path, password: str) -> None:
        """By the file, whose key identifier is read without the password; another request has what was known."""
        context = self.toolkit.context
        card = self.toolkit.open_card(f"training:{self.life.card}")
        pick = by_file(keystore, lambda: self._open(keystore, password), card.identity().person, context)
        reason = RevocationReason.SUPERSEDED
        revoked = revoke(card, lambda _: Secret(PIN), pick, reason, context, show=lambda _: None)
        key_id = self._open(keystore, password).keystore.key_id
        assert (revoked.key_id, revoked.state, revoked.keystore) == (key_id, State.REVOKED, keystore)
        again, wanted = revoked.again, self.life.requested
        assert again.holder.number == wanted.name.identifier.value
        assert again.contact.as_contact() == wanted.contact

    def merge(self, keystore: Path, password: str, old: Path, old_password: str) -> None:
        file = self._open(keystore, password)
        file.save(merge_old_keys(file.keystore, self._open(old, old_password).keystore))

    def _open(self, path: Path, password: str) -> KeystoreFile:
        return KeystoreFile.open(path, Secret(password))
