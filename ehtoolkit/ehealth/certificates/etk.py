"""The encryption token (ETK): an encryption certificate in CMS SignedData of the token authority."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.ehealth.certificates.encryption_certificate import belongs_to

if TYPE_CHECKING:
    from ehtoolkit.crypto.keys import PublicKey

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = MappingProxyType(
    {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
)
_MALFORMED: Final = (*UNREADABLE, RecursionError)
"""asn1crypto goes as deep as a file is nested, and parses when it is asked."""


@dataclass(frozen=True, slots=True)
class Etk:
    """A token whose CMS signature holds. ``signer``: the token authority; whether to trust it is not decided
    here. ``certificates``: all that came along."""

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
    except (*_MALFORMED, InvalidSignature) as error:
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
    except _MALFORMED as error:
        raise errors.ResponseUntrusted(reason="etk") from error
    if not (ours and bound):
        raise errors.ResponseUntrusted(reason="etk")
    return etk


def _read(data: bytes) -> Etk:
    from asn1crypto import cms

    content_info = cms.ContentInfo.load(data, strict=True)
    if content_info["content_type"].native != "signed_data":
        raise ValueError("not CMS SignedData")
    signed_data = content_info["content"]
    content = bytes(signed_data["encap_content_info"]["content"])
    parsed = [one.chosen for one in signed_data["certificates"] if one.name == "certificate"]
    certificates = tuple(x509.load_der_x509_certificate(one.dump()) for one in parsed)
    (signer_info,) = signed_data["signer_infos"]
    signers = [
        loaded for one, loaded in zip(parsed, certificates, strict=True) if _is(one, signer_info["sid"])
    ]
    if not signers:
        raise ValueError("the signer's certificate is missing")
    _verify(signer_info, content, signed_data["encap_content_info"]["content_type"].native, signers[0])
    return Etk(x509.load_der_x509_certificate(content), signers[0], certificates)


def _is(certificate: Any, sid: Any) -> bool:
    if sid.name == "subject_key_identifier":
        return bool(certificate.key_identifier == sid.chosen.native)
    wanted = sid.chosen
    return bool(
        certificate.serial_number == wanted["serial_number"].native and certificate.issuer == wanted["issuer"]
    )


def _verify(signer_info: Any, content: bytes, content_type: str, signer: x509.Certificate) -> None:
    digest_name = signer_info["digest_algorithm"]["algorithm"].native
    signed = content
    if signer_info["signed_attrs"].native:
        attributes = {one["type"].native: one["values"].native for one in signer_info["signed_attrs"]}
        digest = hashlib.new(_HASHES[digest_name].name, content).digest()
        if attributes["message_digest"] != [digest] or attributes["content_type"] != [content_type]:
            raise InvalidSignature
        signed = signer_info["signed_attrs"].untag().dump()
    algorithm = signer_info["signature_algorithm"]
    key, signature = signer.public_key(), signer_info["signature"].native
    if algorithm.signature_algo == "rsassa_pkcs1v15" and isinstance(key, RSAPublicKey):
        key.verify(signature, signed, PKCS1v15(), _hash(algorithm, digest_name))
    elif algorithm.signature_algo == "ecdsa" and isinstance(key, EllipticCurvePublicKey):
        key.verify(signature, signed, ECDSA(_hash(algorithm, digest_name)))
    else:
        raise ValueError("another kind of signature")


def _hash(algorithm: Any, digest_name: str) -> hashes.HashAlgorithm:
    # The plain rsaEncryption identifier, which Java writes, does not tell the hash; the digest does then.
    plain = algorithm["algorithm"].native in ("rsassa_pkcs1v15", "ecdsa")
    return _HASHES[digest_name if plain else algorithm.hash_algo]
