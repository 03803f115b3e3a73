"""The encryption certificate of a holder, and its token (ETK): in CMS SignedData of the token authority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, is_signed_by, read_certificate
from ehtoolkit.crypto.keys import PrivateKey, PublicKey
from ehtoolkit.ehealth.cms.signature_check import check_signature, read_signer
from ehtoolkit.ehealth.cms.structure import read_signed_data


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
        return next(
            (
                certificate
                for certificate in self.certificates
                if belongs_to(self.encryption_certificate, certificate)
            ),
            None,
        )


def read_etk(data: bytes) -> Etk:
    """Read a token (DER, or BER with indefinite lengths) and check its CMS signature, RSA or ECDSA.

    Raises `errors.ResponseUntrusted` (reason ``etk``).
    """
    try:
        return _read(data)
    except (*UNREADABLE, InvalidSignature) as error:
        raise errors.ResponseUntrusted(reason="etk") from error


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


def _read(data: bytes) -> Etk:
    signed = read_signed_data(data)
    if signed.trailing:
        raise ValueError("bytes behind the token")
    content = bytes(signed.content or b"")
    certificates = tuple(map(_certificate, signed.certificates))
    (encoded,) = signed.signers
    signer = read_signer(encoded)
    certificate = signer.certificate_in(certificates)
    if certificate is None:
        raise ValueError("the signer's certificate is missing")
    if check_signature(signer, certificate, content, signed.content_type) is not None:
        raise InvalidSignature
    return Etk(_certificate(content), certificate, certificates)


def _certificate(encoded: bytes) -> x509.Certificate:
    certificate = read_certificate(encoded)
    if certificate is None:
        raise ValueError("a certificate that cannot be read")
    return certificate


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
    builder = (
        x509.CertificateBuilder(issuer_name=source.subject, subject_name=source.subject)
        .public_key(public_key)
        .serial_number(serial)
        .not_valid_before(source.not_valid_before_utc)
        .not_valid_after(source.not_valid_after_utc)
        .add_extension(_USAGE, critical=True)
    )
    return builder.sign(authentication_key, _digest(authentication_key, source)).public_bytes(Encoding.DER)


def _digest(
    key: PrivateKey, authentication_certificate: x509.Certificate
) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    signed_with = authentication_certificate.signature_hash_algorithm
    if isinstance(key, RSAPrivateKey) or not isinstance(signed_with, _HASHES):
        return hashes.SHA256()
    return signed_with


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
