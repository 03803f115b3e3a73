"""CertRA, the registration authority for certificates: one method for each operation, and checks of a delivery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.certificates import hash_for, key_identifier
from ehtoolkit.crypto.keys import PrivateKey
from ehtoolkit.ehealth import certra_messages as messages
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo
from ehtoolkit.ehealth.contract import Contract, RevocationReason, check_contract, read_contract
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.client import SoapClient, nothing
from ehtoolkit.ehealth.soap.signature import Signer, sign_element
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.identity import Actor, ContactData, DistinguishedName, Identifier, Person

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class CertRa:
    """Every method raises the `ehtoolkit.errors.PlatformError` of its failure, and what its ``signer``
    raises.

    Which key has to sign is said with each method: the card's Authentication or Signature key, or the
    keystore's authentication key. Requests without a signer are not signed.
    """

    client: SoapClient
    clock: Clock
    escape_contract_dn: bool = True

    def get_actor_qualities(self, person: Person, signer: Signer) -> messages.ActorQualities:
        """Return whom ``person`` may ask certificates for. ``signer``: the card's Authentication key."""
        request = messages.build_get_actor_qualities(self.clock.now(), person)
        return self._ask_signed(request, signer, messages.read_actor_qualities)

    def generate_contract(
        self, signer: Person, actor: Actor, contact: ContactData, application_id: str | None = None
    ) -> Contract:
        """Return the contract that ``signer`` has to see and to sign for ``actor``, already checked to be theirs.

        Raises `errors.ResponseUntrusted` (reason ``contract``) when it is for someone else.
        """
        holder = DistinguishedName.for_actor(actor, application_id)
        request = messages.build_generate_contract(
            self.clock.now(), signer, actor, contact, holder.application_id
        )
        contract = self.client.ask(request, read_contract)
        check_contract(contract, holder, signer)
        return contract

    def sign_certificate_request(
        self,
        csr: x509.CertificateSigningRequest,
        contract: Contract,
        contact: ContactData,
        signer: Signer,
        base_services: Sequence[str] = (),
    ) -> Element:
        """Return the request for a certificate, signed and not sent yet. ``signer``: the card's Signature key.

        People sign before they choose a password, and nothing may be sent before the key is on disk.
        """
        request = messages.build_generate_certificate(
            self.clock.now(),
            csr.public_bytes(Encoding.DER),
            contract,
            contact,
            base_services,
            escape_dn=self.escape_contract_dn,
        )
        return sign_element(request, signer)

    def generate_certificate(self, signed: Element, key_id: str) -> messages.RequestReceipt:
        """Send a signed request for a certificate of the key ``key_id``. Never sent twice by us.

        Raises `errors.ResponseLost`, upon which the platform has to be asked what it knows, and
        `errors.ResponseUntrusted` (reason ``key``) when another key was taken down.
        """
        accepted = self.client.ask(signed, messages.read_accepted)
        if accepted.key_id != key_id:
            raise errors.ResponseUntrusted(reason="key")
        return accepted

    def get_certificate(self, key_id: str) -> tuple[x509.Certificate, ...]:
        """Return the delivered chain as it came; check it with `check_delivered`.

        Raises `errors.NotYetDelivered`: ask again later, ten seconds or more.
        """
        request = messages.build_get_certificate(self.clock.now(), key_id)
        return self.client.ask(request, messages.read_chain)

    def get_certificate_info(self, signer: Signer) -> CertificateInfo:
        """Return what the platform knows of the certificate of ``signer``, the keystore's authentication key.

        Raises `errors.ResponseUntrusted` (reason ``key``) for an answer about another certificate.
        """
        request = operations.GET_CERTIFICATE_INFO.new_request(self.clock.now())
        info = self._ask_signed(request, signer, messages.read_own_certificate_info)
        if info.key_id != public_key_identifier(signer.chain[0].public_key()):
            raise errors.ResponseUntrusted(reason="key")
        return info

    def get_certificate_info_for_citizen(self, signer: Signer) -> tuple[CertificateInfo, ...]:
        """Return all certificates that the card's holder asked for. ``signer``: the card's Authentication key."""
        request = operations.GET_CERTIFICATE_INFO_FOR_CITIZEN.new_request(self.clock.now())
        return self._ask_signed(request, signer, messages.read_certificate_infos)

    def generate_revocation_contract(
        self,
        key_id: str,
        signer: Person,
        reason: RevocationReason,
        holder: DistinguishedName | None = None,
    ) -> Contract:
        """Return the contract to see and to sign before a revocation. ``holder``: of the certificate, when known.

        Raises `errors.ResponseUntrusted` (reason ``contract``).
        """
        request = messages.build_generate_revocation_contract(self.clock.now(), key_id, signer, reason)
        contract = self.client.ask(request, read_contract)
        check_contract(contract, holder, signer)
        if contract.revocation_reason != reason:
            raise errors.ResponseUntrusted(reason="contract")
        return contract

    def revoke(self, key_id: str, contract: Contract, signer: Signer) -> None:
        """Revoke the certificate of ``key_id``. ``signer``: the card's Signature key. Never sent twice by us
        (`errors.ResponseLost`)."""
        request = messages.build_revoke(self.clock.now(), key_id, contract)
        self._ask_signed(request, signer, nothing)

    def submit_csr_for_foreigner(
        self, person: Person, contact: ContactData, csr: x509.CertificateSigningRequest
    ) -> messages.ForeignRequest:
        """Ask for the certificate of a person without eID, and return the web address at which they then prove who they
        are, and until when."""
        request = messages.build_submit_csr_for_foreigner(
            self.clock.now(), person, contact, csr.public_bytes(Encoding.DER)
        )
        return self.client.ask(request, messages.read_foreign_request)

    def get_generic_organization_types(self) -> tuple[messages.OrganisationType, ...]:
        """Return the platform's own list of identifier types."""
        request = operations.GET_GENERIC_ORGANIZATION_TYPES.new_request(self.clock.now())
        return self.client.ask(request, messages.read_organisation_types)

    def get_existing_application_ids(self, organisation: Identifier) -> tuple[str | None, ...]:
        """Return the application ids that ``organisation`` has certificates under; None: one without."""
        request = messages.build_get_existing_application_ids(self.clock.now(), organisation)
        return self.client.ask(request, messages.read_application_ids)

    def _ask_signed(self, request: Element, signer: Signer, read: Callable[[Element], Read]) -> Read:
        return self.client.ask(sign_element(request, signer), read)


# ── Requests for certificates (PKCS#10), and what is delivered ─────────────────────────────────────────
def public_key_identifier(public_key: CertificatePublicKeyTypes) -> str:
    """Return what the platform calls a key by: SHA-1 of the subjectPublicKey bits (RFC 5280, method 1), 40
    hexadecimal digits in upper case."""
    return key_identifier(public_key).hex().upper()


def check_delivered(
    chain: Sequence[x509.Certificate], public_key: CertificatePublicKeyTypes, holder: DistinguishedName | None
) -> None:
    """Check that the first certificate of ``chain`` is for ``public_key`` and for ``holder``, and that each is signed
    by the next one. ``holder`` is compared by type, number and application id; None where it is not known whom it was
    asked for.

    Raises `errors.ResponseUntrusted` with reason ``chain_order`` (ours, but not first; or a link does not hold: a
    reversed chain ruins a Java keystore without a word), ``key``, ``name`` or ``certificate`` (a key or a name cannot
    be read).
    """
    try:
        ours = [certificate.public_key() == public_key for certificate in chain]
        if not any(ours):
            raise errors.ResponseUntrusted(reason="key")
        if not ours[0] or not all(map(_is_link, chain, chain[1:])):
            raise errors.ResponseUntrusted(reason="chain_order")
        if holder is not None and not DistinguishedName.of_subject(chain[0].subject).same_holder(holder):
            raise errors.ResponseUntrusted(reason="name")
    except errors.DistinguishedNameInvalid as error:
        raise errors.ResponseUntrusted(reason="name") from error
    except (ValueError, UnsupportedAlgorithm) as error:  # pyca reads keys and names when they are asked for
        raise errors.ResponseUntrusted(reason="certificate") from error


def _is_link(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether ``issuer`` has issued ``certificate``, by a signature that other programs accept: by SHA-2, and of
    the algorithm that the certificate itself names."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def certificate_request(key: PrivateKey, name: DistinguishedName) -> x509.CertificateSigningRequest:
    """Make a request for ``name``, which is the one in the contract, without extensions.

    Signed with SHA256withRSA, or SHA384withECDSA for P-384.
    """
    return x509.CertificateSigningRequestBuilder().subject_name(name.to_name()).sign(key, hash_for(key))
