"""The encryption token (ETK): an encryption certificate in CMS SignedData of the token authority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, read_certificate
from ehtoolkit.ehealth.certificates.encryption_certificate import belongs_to
from ehtoolkit.ehealth.cms.signature_check import check_signature, read_signer
from ehtoolkit.ehealth.cms.signed_data import read_signed_data

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PublicKey


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
        return next((one for one in self.certificates if belongs_to(self.encryption_certificate, one)), None)


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
    try:
        ours = etk.encryption_certificate.public_key() == encryption_key
        bound = belongs_to(etk.encryption_certificate, authentication_certificate)
    except UNREADABLE as error:
        raise errors.ResponseUntrusted(reason="etk") from error
    if not (ours and bound):
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
