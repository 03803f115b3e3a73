"""Encryption tokens (ETK) and their certificates, EtkRA, which registers them, and the depot, which gives them out."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ehtoolkit import errors
from ehtoolkit.clock import Clock
from ehtoolkit.crypto.certificates import UNREADABLE, is_signed_by, read_certificate
from ehtoolkit.crypto.keys import PrivateKey, PublicKey
from ehtoolkit.ehealth.cms.signature_check import check_signature, read_signer
from ehtoolkit.ehealth.cms.structure import read_signed_data
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.client import SoapClient, nothing
from ehtoolkit.ehealth.soap.signature import Signer, sign_element
from ehtoolkit.ehealth.soap.xml import (
    DEPOT,
    ETKRA,
    Element,
    add,
    add_base64,
    boolean,
    child_octets,
    child_text,
    incomplete,
    octets,
    optional_child,
    optional_text,
)
from ehtoolkit.identity import Identifier


@dataclass(frozen=True, slots=True)
class Etk:
    """A token whose CMS signature holds.

    Attributes:
        signer: the token authority; whether to trust it is not decided here.
        certificates: all that came along.
    """

    encryption_certificate: x509.Certificate
    signer: x509.Certificate
    certificates: tuple[x509.Certificate, ...]

    @property
    def serial(self) -> int:
        """The serial number of the encryption certificate, which in decimal is the alias of its key."""
        return self.encryption_certificate.serial_number

    @property
    def authentication_certificate(self) -> x509.Certificate | None:
        """The holder's authentication certificate, if it came along."""
        own = self.encryption_certificate
        return next((each for each in self.certificates if belongs_to(own, each)), None)


def read_etk(data: bytes) -> Etk:
    """Read a token (DER, or BER with indefinite lengths) and check its CMS signature, RSA or ECDSA.

    Raises `errors.ResponseUntrusted` (reason ``etk``).
    """
    try:
        signed = read_signed_data(data)
        content = bytes(signed.content or b"")
        found = [read_certificate(encoded) for encoded in (content, *signed.certificates)]
        encryption, *certificates = (certificate for certificate in found if certificate is not None)
        (encoded_signer,) = signed.signers
        signer = read_signer(encoded_signer)
        certificate = signer.certificate_in(certificates)
        if signed.trailing or None in found or certificate is None:
            raise ValueError("bytes behind the token, or a certificate that is missing or cannot be read")
        if check_signature(signer, certificate, content, signed.content_type) is not None:
            raise InvalidSignature
    except (*UNREADABLE, InvalidSignature) as error:
        raise errors.ResponseUntrusted(reason="etk") from error
    return Etk(encryption, certificate, tuple(certificates))


def check_etk(data: bytes, encryption_key: PublicKey, authentication_certificate: x509.Certificate) -> Etk:
    """Read a token, and bind it to us: it must be for ``encryption_key``, in a certificate that the key of
    ``authentication_certificate`` has signed for the same subject.

    Raises `errors.ResponseUntrusted` (reason ``etk``).
    """
    etk = read_etk(data)
    certificate = etk.encryption_certificate
    if certificate.public_key() != encryption_key or not belongs_to(certificate, authentication_certificate):
        raise errors.ResponseUntrusted(reason="etk")
    return etk


# ── Encryption certificates ────────────────────────────────────────────────────────────────────────────
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_USAGE: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=True,
    data_encipherment=True,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def encryption_certificate(
    authentication_key: PrivateKey,
    authentication_certificate: x509.Certificate,
    public_key: RSAPublicKey,
    serial: int,
) -> bytes:
    """Return a new certificate (DER, v3) of the encryption key ``public_key``, signed by ``authentication_key``.

    Subject and issuer are the bytes of the authentication certificate's subject, and the validity is its
    validity. Java clients copy the signature algorithm of the authentication certificate, so an EC key signs with the
    hash that signed that one (SHA-384 under issuing CA 002). With an RSA key it is always SHA256withRSA: Java clients
    fail where an EC authority has signed an RSA key.
    """
    source = authentication_certificate
    digest = source.signature_hash_algorithm
    if isinstance(authentication_key, RSAPrivateKey) or not isinstance(digest, _HASHES):
        digest = hashes.SHA256()
    builder = (
        x509.CertificateBuilder(issuer_name=source.subject, subject_name=source.subject)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(source.not_valid_before_utc)
        .not_valid_after(source.not_valid_after_utc)
        .add_extension(_USAGE, critical=True)
    )
    return builder.sign(authentication_key, digest).public_bytes(Encoding.DER)


def belongs_to(certificate: x509.Certificate, authentication_certificate: x509.Certificate) -> bool:
    """Return whether ``certificate`` is an encryption certificate of that authentication certificate: subject and
    issuer are its subject, its key signed it, and it may encipher keys and data and nothing else.

    A general path validator would refuse every one of them: the issuer is no authority.
    """
    try:
        public_key = authentication_certificate.public_key()
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
        algorithm = certificate.signature_hash_algorithm
        names = {certificate.subject.public_bytes(), certificate.issuer.public_bytes()}
        holder = authentication_certificate.subject.public_bytes()
        signed = isinstance(algorithm, _HASHES) and is_signed_by(certificate, public_key)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return signed and names == {holder} and usage.critical and usage.value == _USAGE


# ── EtkRA, which registers tokens ────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Registered:
    """A registered token (``etk``: CMS). ``to_be_activated``: it replaces one, and waits for activateETK."""

    etk: bytes
    to_be_activated: bool


def build_start(at: datetime, public_key: RSAPublicKey) -> Element:
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    request = operations.START_ETK_REGISTRATION.new_request(at)
    add_base64(request, ETKRA, "PublicEncryptionKey", spki)
    return request


def build_complete(at: datetime, certificate: bytes) -> Element:
    request = operations.COMPLETE_ETK_REGISTRATION.new_request(at)
    add_base64(request, ETKRA, "ToBeRegistered", certificate)
    return request


def read_registered(response: Element) -> Registered:
    return Registered(
        etk=child_octets(response, ETKRA("ETK")),
        to_be_activated=boolean(response, ETKRA("ToBeActivated")),
    )


@dataclass(frozen=True, slots=True)
class EtkRa:
    """Every request is signed by the keystore's authentication key, and none is ever sent twice by us: after
    an `errors.ResponseLost` the platform has to be asked what it has (the ETK status, then the depot)."""

    client: SoapClient
    clock: Clock

    def start_registration(self, public_key: RSAPublicKey, signer: Signer) -> bytes:
        """Announce the encryption key ``public_key``, and return the challenge, for `solve_challenge`."""
        request = sign_element(build_start(self.clock.now(), public_key), signer)
        return self.client.ask(request, lambda response: child_octets(response, ETKRA("Challenge")))

    def complete_registration(self, certificate: bytes, signer: Signer) -> Registered:
        """Register the encryption certificate (DER), and return its token, to be checked by `check_etk`."""
        request = sign_element(build_complete(self.clock.now(), certificate), signer)
        return self.client.ask(request, read_registered)

    def activate(self, signer: Signer) -> None:
        """Make the waiting token of ``signer``, the new certificate, the one that the depot gives out."""
        request = sign_element(operations.ACTIVATE_ETK.new_request(self.clock.now()), signer)
        self.client.ask(request, nothing)


SERIAL_LENGTH: Final = 16


def solve_challenge(challenge: bytes, key: RSAPrivateKey) -> int:
    """Return the serial number for the encryption certificate, 1 to 2**128 - 1.

    ``challenge`` is an RSA PKCS#1 v1.5 ciphertext and the SHA-256 of the serial; the serial is the first 16
    bytes of the plaintext, unsigned and big-endian. A wrong key gives no error but random bytes (implicit
    rejection, against Bleichenbacher's attack), so it is the hash that decides. Raises
    `errors.ResponseUntrusted` (reason ``challenge``).
    """
    length = (key.key_size + 7) // 8
    try:
        serial = key.decrypt(challenge[:length], PKCS1v15())[:SERIAL_LENGTH]
    except ValueError as error:
        raise errors.ResponseUntrusted(reason="challenge") from error
    matches = hmac.compare_digest(hashlib.sha256(serial).digest(), challenge[length:])
    if len(serial) != SERIAL_LENGTH or not any(serial) or not matches:
        raise errors.ResponseUntrusted(reason="challenge")
    return int.from_bytes(serial, "big")


# ── The depot, where everyone finds the tokens to encrypt with ─────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class TokenName:
    """What a token is filed under; ``type`` may be one that we do not know. ``application_id`` None: none."""

    type: str
    number: str
    application_id: str | None = None


@dataclass(frozen=True, slots=True)
class DepotAnswer:
    """A token (CMS), the names of the tokens that match, or nothing at all."""

    etk: bytes | None = None
    matching: tuple[TokenName, ...] = ()


@dataclass(frozen=True, slots=True)
class EtkDepot:
    """Nothing here is signed, and everything may be asked again."""

    client: SoapClient
    clock: Clock

    def search(self, name: TokenName, *, any_application: bool = False) -> DepotAnswer:
        """Return what the depot has under ``name``; with ``any_application`` whatever its application id, as programs
        find that ask for none. Raises the `ehtoolkit.errors.PlatformError` of its failure."""
        request = operations.GET_ETK.new_request(self.clock.now())
        add_criteria(request, name, any_application=any_application)
        return self.client.ask(request, lambda response: read_depot_answer(response, name))

    def get_etk(self, identifier: Identifier, application_id: str | None = None) -> bytes | None:
        """Return the token that messages for ``identifier`` are encrypted with; None when the depot has none."""
        return self.search(TokenName(identifier.type, identifier.value, application_id)).etk


def add_criteria(request: Element, name: TokenName, *, any_application: bool = False) -> None:
    """Add SearchCriteria for the token of ``name`` to ``request``. An empty ApplicationID, the one element that is ever
    sent empty, means "the token without application id"; left out it means "whatever application id"."""
    identifier = add(add(request, DEPOT, "SearchCriteria"), DEPOT, "Identifier")
    add(identifier, DEPOT, "Type", name.type)
    add(identifier, DEPOT, "Value", name.number)
    if not any_application:
        add(identifier, DEPOT, "ApplicationID", name.application_id)


def read_depot_answer(response: Element, wanted: TokenName) -> DepotAnswer:
    token = optional_child(response, DEPOT("ETK"))
    names = (_read_match(match, wanted) for match in response.findall(DEPOT("MatchingEtk")))
    return DepotAnswer(None if token is None else octets(token), tuple(names))


def _read_match(match: Element, wanted: TokenName) -> TokenName:
    """Return the name of a token that is filed under one or several: under the number of ``wanted`` if it is among
    them."""
    names = [_read_name(identifier) for identifier in match.findall(DEPOT("Identifier"))]
    if not names:
        raise incomplete(DEPOT("Identifier"))
    same = (name for name in names if (name.type, name.number) == (wanted.type, wanted.number))
    return next(same, names[0])


def _read_name(identifier: Element) -> TokenName:
    return TokenName(
        type=child_text(identifier, DEPOT("Type")),
        number=child_text(identifier, DEPOT("Value")),
        application_id=optional_text(identifier, DEPOT("ApplicationID")),
    )
