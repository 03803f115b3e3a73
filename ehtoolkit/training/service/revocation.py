"""CertRA: who may revoke which certificate, on which contract, and what goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import CERTRA, Element
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service import etkra
from ehtoolkit.training.service.actors import RequestActor, read_actor
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.contracts import (
    ReturnedContract,
    Revocation,
    add_contract,
    keep_contract,
    read_contract,
    read_reason,
    signed_contract,
    write_contract,
)
from ehtoolkit.training.service.element_reader import ElementReader
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.mailbox import MailKind, write_mail
from ehtoolkit.training.state.refusal_reasons import Refusal

_REFUSED: Final = MappingProxyType(
    {
        CertStatus.IN_PROGRESS: "CERT_IN_PROGRESS",
        CertStatus.REFUSED: "CERT_REFUSED",
        CertStatus.REVOKED: "CERT_ALREADY_REVOKED",
        CertStatus.EXPIRED: "CERT_EXPIRED",
    }
)


@dataclass(frozen=True, slots=True)
class RevocationRequest:
    """GenerateRevocationContractRequest."""

    revocation: Revocation
    signer: RequestActor


def _read_revocation_request(request: Element) -> RevocationRequest:
    reader = ElementReader(request, CERTRA)
    key_id = reader.key_id()
    signer = read_actor(reader.take("Signer"))
    reason = read_reason(reader)
    reader.end()
    return RevocationRequest(Revocation(key_id, reason), signer)


def _contract(platform: EmbeddedPlatform, call: Call, asked: RevocationRequest) -> Element:
    """Write the contract for a request that is not signed. What could not be granted is refused here, before a person
    signs in vain; who signs is checked again by `_revoke`."""
    signer = asked.signer.person
    citizen = Citizen(signer.niss.digits, signer.first_names, signer.name)
    record = _revocable(platform, asked.revocation.key_id, citizen)
    facts = {"reason": asked.revocation.reason, "key_id": record.key_id}
    contract = write_contract(record.holder, signer, call.now, facts, asked.revocation)
    keep_contract(platform.database, contract)
    answer = call.success()
    add_contract(answer, contract)
    return answer


@dataclass(frozen=True, slots=True)
class SignedRevocation:
    """RevokeRequest."""

    key_id: str
    contract: ReturnedContract


def read_signed_revocation(request: Element) -> SignedRevocation:
    reader = ElementReader(request, CERTRA)
    key_id = reader.key_id()
    contract = reader.take("Contract")
    reader.end()
    return SignedRevocation(key_id, read_contract(contract, revokes=True))


def _revoke(platform: EmbeddedPlatform, call: Call, asked: SignedRevocation) -> Element:
    """Revoke a certificate and its encryption token, on the contract that was written for it."""
    citizen: Citizen = call.signer
    written = signed_contract(platform.database, asked.contract, revokes=True).revocation
    if written is None or asked.contract.reason != written.reason:
        raise Refusal("CONTRACT_REASON_MISMATCH")
    if asked.key_id != written.key_id:
        raise Refusal("CONTRACT_KEY_MISMATCH")
    citizen.require_is(asked.contract.signer)
    record = _revocable(platform, asked.key_id, citizen)
    certificate_register.revoke(platform, record.key_id, written.reason)
    etkra.revoke_tokens(platform, record)
    write_mail(platform.database, record, MailKind.REVOKED, platform.clock.now())
    return call.success()


def _revocable(platform: EmbeddedPlatform, key_id: str, citizen: Citizen) -> CertificateRecord:
    """Return the certificate of that key, after checking that the citizen sees it in their list, and that it is in
    use. Raises `Refusal`."""
    record = certificate_register.get(platform, key_id)
    if record is None:
        raise Refusal("CERT_UNKNOWN", PublicKeyIdentifier=key_id)
    if all(seen.key_id != key_id for seen in certificate_register.of_citizen(platform, citizen.ssin)):
        raise Refusal("REVOCATION_NOT_ALLOWED", PublicKeyIdentifier=key_id)
    code = _REFUSED.get(record.status(platform.clock.now()))
    if code is not None:
        raise Refusal(code, PublicKeyIdentifier=key_id)
    return record


ENDPOINTS: Final = (
    Endpoint(op.GENERATE_REVOCATION_CONTRACT, "unsigned", _read_revocation_request, _contract),
    Endpoint(op.REVOKE, "citizen_signing", read_signed_revocation, _revoke),
)
