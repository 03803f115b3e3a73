"""The model of the Revoke form, without a widget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.engine.form_model import StepResult
from ehtoolkit.forms.file_import.model import FileElsewhere
from ehtoolkit.forms.steps.opened_card import CardFormModel
from ehtoolkit.keystore.storage.found_keystore import visible_key_ids
from ehtoolkit.procedures.revoke import (
    CompletedRevocation,
    fetch_revocation_contract,
    reason_of,
    revocation_lock,
    submit_revocation,
)
from ehtoolkit.procedures.state.certificate_list import ListedCertificate, list_certificates
from ehtoolkit.secret import Secret
from ehtoolkit.toolkit import Toolkit

LISTED: Final = "certificate"
"""The name of the field that holds the key identifier of the chosen certificate."""


@dataclass(frozen=True, slots=True)
class RevocationDone:
    """The end of it."""

    revoked: CompletedRevocation
    at: datetime


class RevokeModel(CardFormModel):
    """Methods that talk to card or platform are slow and raise our errors.

    ``asked``: the keystore that the page's address names; its certificate is proposed.

    Attributes:
        listed: what the platform has for the holder of the card, newest first.
        done: the revocation, which the last page is about.
    """

    listed = StepResult[tuple[ListedCertificate, ...]]()
    done = StepResult[RevocationDone]()

    def __init__(self, toolkit: Toolkit, asked: Path | None = None) -> None:
        super().__init__(toolkit)
        self._asked = asked
        self._perhaps_revoked = ""

    # ── what is known ────────────────────────────────────────────────────────────────────────────────────
    @property
    def revocable(self) -> tuple[ListedCertificate, ...]:
        return tuple(certificate for certificate in self.listed if certificate.revocable)

    @property
    def others(self) -> tuple[ListedCertificate, ...]:
        """What the platform does not let be revoked: ended already, or not delivered yet."""
        return tuple(certificate for certificate in self.listed if not certificate.revocable)

    @property
    def proposed(self) -> str:
        """The key identifier to show as chosen: what was chosen, that of the file asked for, or the only one."""
        keys = [certificate.key_id for certificate in self.revocable]
        if self.wizard.values[LISTED] in keys:
            return str(self.wizard.values[LISTED])
        asked = [
            certificate.key_id
            for certificate in self.revocable
            if self._asked is not None and self._asked in certificate.files
        ]
        return asked[0] if asked else keys[0] if len(keys) == 1 else ""

    @property
    def chosen(self) -> ListedCertificate:
        """The certificate that is chosen. Raises `errors.CertificateNotListed`."""
        wanted = str(self.wizard.values[LISTED])
        for certificate in self.revocable:
            if certificate.key_id == wanted:
                return certificate
        raise errors.CertificateNotListed(key_id=wanted)

    def listed_for(self, file: FileElsewhere) -> ListedCertificate:
        """Return the certificate of a keystore that lies elsewhere, by the keys that show without a password. Raises
        what `visible_key_ids` raises, `errors.CertificateNotListed` where it is none of those that can be revoked."""
        shown = visible_key_ids(file.content)
        found = next((certificate for certificate in self.revocable if certificate.key_id in shown), None)
        if found is None:
            raise errors.CertificateNotListed(key_id=shown[0] if shown else file.name)
        return found

    # ── what is done ─────────────────────────────────────────────────────────────────────────────────────
    def ask_list(self, pin: Secret | None) -> None:
        """Ask the platform, with the first PIN, which certificates it has."""
        self.listed = list_certificates(self.reading.card, pin, self.procedure_context, to_revoke=True)

    def draw_up_contract(self) -> None:
        """Take the lock of this holder and let the platform write the contract of the revocation."""
        person, chosen = self.require_person(), self.chosen
        self.hold_lock(chosen.key_id, revocation_lock(chosen, self.procedure_context))
        reason = reason_of(str(self.wizard.values["reason"]))
        self.contract = fetch_revocation_contract(chosen, person, reason, self.procedure_context)

    def revoke(self, pin: Secret | None) -> None:
        """Sign the contract of the revocation with the second PIN and send it, once. A second try sends it unless the
        platform has it."""
        chosen, contract, card = self.chosen, self.contract, self.reading.card
        again = self._perhaps_revoked == chosen.key_id
        try:
            revoked = submit_revocation(chosen, contract, card, pin, self.procedure_context, retry=again)
        except errors.OUTCOME_UNKNOWN:
            self._perhaps_revoked = chosen.key_id
            raise
        self.wizard.seal()
        self.done = RevocationDone(revoked, self.procedure_context.clock.now())
        self.close()
