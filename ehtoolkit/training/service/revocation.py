"""Decides about revocations: who may revoke which certificate, on which contract, and what goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ehtoolkit.ehealth.certificate_info import CertStatus
from ehtoolkit.identity import Niss, Person
from ehtoolkit.training.registry.certificate_register import Register
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.certificates import CertificateAuthority, identifier_of
from ehtoolkit.training.service.contracts import (
    ContractText,
    contract_of,
    contract_values,
    draw_up,
    require_unchanged,
    text_digest,
)
from ehtoolkit.training.service.requests import ReceivedRevocationRequest, RequestActor, SignedRevocation
from ehtoolkit.training.service.tokens import TokenAuthority
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.clock import TrainingClock
from ehtoolkit.training.state.database import TrainingDatabase
from ehtoolkit.training.state.mailbox import Mailbox
from ehtoolkit.training.state.refusals import Refusal

_REFUSED: Final = MappingProxyType(
    {
        CertStatus.IN_PROGRESS: "CERT_IN_PROGRESS",
        CertStatus.REFUSED: "CERT_REFUSED",
        CertStatus.REVOKED: "CERT_ALREADY_REVOKED",
        CertStatus.EXPIRED: "CERT_EXPIRED",
    }
)


@dataclass(frozen=True, slots=True)
class RevocationContract:
    """A contract with what it is about. ``reason``: one of the platform's four."""

    contract: ContractText
    key_id: str
    reason: str


class RevocationContracts:
    """All contracts for revocations that this platform wrote; one for a certificate is never taken for one."""

    def __init__(self, database: TrainingDatabase) -> None:
        self._database = database

    def add(self, written: RevocationContract) -> None:
        values = (*contract_values(written.contract), written.key_id, written.reason)
        marks = ", ".join("?" * len(values))
        with self._database.writing() as connection:
            connection.execute(f"INSERT INTO revocation_contract VALUES ({marks})", values)  # noqa: S608

    def find(self, texts: tuple[tuple[str, str], ...]) -> RevocationContract | None:
        """Return the contract with exactly these texts; None when a single character differs."""
        query = "SELECT * FROM revocation_contract WHERE text_digest = ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (text_digest(texts),)).fetchone()
        if row is None:
            return None
        return RevocationContract(contract_of(row, texts), row["key_id"], row["reason"])


class RevocationAuthority:
    """Everything about revocations. Every method raises `Refusal` for what it does not grant."""

    def __init__(
        self,
        register: Register,
        authority: CertificateAuthority,
        tokens: TokenAuthority,
        contracts: RevocationContracts,
        mailbox: Mailbox,
        clock: TrainingClock,
    ) -> None:
        self._register = register
        self._authority = authority
        self._tokens = tokens
        self._contracts = contracts
        self._mailbox = mailbox
        self._clock = clock

    def contract(self, wish: ReceivedRevocationRequest) -> RevocationContract:
        """Write the contract for a wish that nobody signed. What could not be granted is refused here, so that
        nobody signs in vain; who signs is checked again by `revoke`."""
        signer = _person(wish.signer)
        citizen = Citizen(signer.niss.digits, signer.first_names, signer.name)
        record = self._revocable(wish.key_id, citizen)
        more = {"reason": wish.reason, "key_id": record.key_id}
        contract = draw_up("revocation-contract", record.holder, signer, self._clock.now(), more)
        written = RevocationContract(contract, record.key_id, wish.reason)
        self._contracts.add(written)
        return written

    def revoke(self, citizen: Citizen, wish: SignedRevocation) -> None:
        """Revoke a certificate and its encryption token, on the contract that was written for it."""
        written = self._contracts.find(wish.contract.texts)
        if written is None:
            raise Refusal("CONTRACT_UNKNOWN")
        require_unchanged(written.contract, wish.contract)
        if wish.reason != written.reason:
            raise Refusal("CONTRACT_REASON_MISMATCH")
        if wish.key_id != written.key_id:
            raise Refusal("CONTRACT_KEY_MISMATCH")
        citizen.require_is(wish.contract.signer)
        record = self._revocable(wish.key_id, citizen)
        self._register.revoke(record.key_id, written.reason)
        self._tokens.revoke(record)
        self._mailbox.tell_of_revocation(record, self._clock.now())

    def _revocable(self, key_id: str, citizen: Citizen) -> CertificateRecord:
        """Return the certificate of that key, after checking that it is one that the citizen sees in their list, and
        that it is in use."""
        record = self._register.get(key_id)
        if record is None:
            raise Refusal("CERT_UNKNOWN", PublicKeyIdentifier=key_id)
        if all(one.key_id != key_id for one in self._authority.manageable_by(citizen)):
            raise Refusal("REVOCATION_NOT_ALLOWED", PublicKeyIdentifier=key_id)
        code = _REFUSED.get(record.status(self._clock.now()))
        if code is not None:
            raise Refusal(code, PublicKeyIdentifier=key_id)
        return record


def _person(actor: RequestActor) -> Person:
    identifier = identifier_of(actor.type, actor.number)
    if not identifier.is_person:
        raise Refusal("IDENTIFIER_INVALID", Reason="type")
    return Person(Niss(identifier.value), actor.first_names or "", actor.name)
