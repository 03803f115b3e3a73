"""CertRA: who may revoke which certificate, on which contract, and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ehtoolkit.ehealth.certificate_info_xml import CertStatus
from ehtoolkit.ehealth.soap import operations as op
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.training.authority import certificate_register
from ehtoolkit.training.authority.embedded_platform import EmbeddedPlatform
from ehtoolkit.training.service import etkra
from ehtoolkit.training.service.actors import read_actor
from ehtoolkit.training.service.authentication import Citizen
from ehtoolkit.training.service.contracts import (
    ReturnedContract,
    Revocation,
    offer_contract,
    read_contract,
    read_reason,
    signed_contract,
)
from ehtoolkit.training.service.element_reader import ElementReader
from ehtoolkit.training.service.endpoint import Call, Endpoint
from ehtoolkit.training.state.certificate_record import CertificateRecord
from ehtoolkit.training.state.mailbox import MailKind, write_mail
from ehtoolkit.training.state.refusal_reasons import Refusal

_REFUSED: Final[Mapping[CertStatus, str]] = {
    CertStatus.IN_PROGRESS: "CERT_IN_PROGRESS",
    CertStatus.REFUSED: "CERT_REFUSED",
    CertStatus.REVOKED: "CERT_ALREADY_REVOKED",
    CertStatus.EXPIRED: "CERT_EXPIRED",
}


def _contract(call: Call) -> Element:
    """Write the contract for a request that is not signed. What could not be granted is refused here, before a person
    signs in vain; who signs is checked again by `_revoke`."""
    reader = call.reader()
    key_id = reader.key_id()
    asking = read_actor(reader.take("Signer"))
    reason = read_reason(reader)
    reader.end()
    signer = asking.person
    record = _revocable(call.platform, key_id, signer.niss.digits)
    return offer_contract(call, record.holder, signer, Revocation(key_id, reason))


def read_signed_revocation(reader: ElementReader) -> tuple[str, ReturnedContract]:
    """Return the key identifier and the contract of a RevokeRequest."""
    return reader.key_id(), read_contract(reader.only("Contract"), revokes=True)


def _revoke(call: Call) -> Element:
    """Revoke a certificate and its encryption token, on the contract that was written for it."""
    key_id, contract = read_signed_revocation(call.reader())
    citizen: Citizen = call.signer
    platform = call.platform
    _, written = signed_contract(platform.database, contract)
    if written is None or contract.reason != written.reason:
        raise Refusal("CONTRACT_REASON_MISMATCH")
    if key_id != written.key_id:
        raise Refusal("CONTRACT_KEY_MISMATCH")
    citizen.require_is(contract.signer)
    record = _revocable(platform, key_id, citizen.ssin)
    certificate_register.revoke(platform, record.key_id, written.reason)
    etkra.revoke_tokens(platform, record)
    write_mail(platform.database, record, MailKind.REVOKED, platform.clock.now())
    return call.success()


def _revocable(platform: EmbeddedPlatform, key_id: str, ssin: str) -> CertificateRecord:
    """Return the certificate of that key, after checking that the citizen sees it in their list, and that it is in
    use. Raises `Refusal`."""
    record = certificate_register.get(platform, key_id)
    if record is None:
        raise Refusal("CERT_UNKNOWN", PublicKeyIdentifier=key_id)
    if all(seen.key_id != key_id for seen in certificate_register.of_citizen(platform, ssin)):
        raise Refusal("REVOCATION_NOT_ALLOWED", PublicKeyIdentifier=key_id)
    code = _REFUSED.get(record.status(platform.clock.now()))
    if code is not None:
        raise Refusal(code, PublicKeyIdentifier=key_id)
    return record


ENDPOINTS: Final = (
    Endpoint(op.GENERATE_REVOCATION_CONTRACT, "unsigned", _contract),
    Endpoint(op.REVOKE, "citizen_signing", _revoke),
)
