"""Proves, without the MAC of a file, that keys and certificates are what they were."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.x509 import AuthorityKeyIdentifier, Certificate, ExtensionNotFound

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.keystore.certificates import is_placeholder, key_id_of, load_certificate
from ehtoolkit.keystore.codec.contents import CertificateBag
from ehtoolkit.keystore.codec.private_keys import key_id_of_pkcs8, load_private_key
from ehtoolkit.keystore.entries import Proofs, readable_key_id


def is_sound_key(pkcs8: bytes) -> bool:
    """Return whether a private key is sound: the numbers of an RSA or EC key belong together, any other can be
    loaded."""
    try:
        load_private_key(pkcs8)
    except errors.KeyUnfit:
        return key_id_of_pkcs8(pkcs8) is not None
    except errors.KeystoreDamaged:
        return False
    return True


def verified_certificates(
    bags: Sequence[CertificateBag], key_ids: Sequence[bytes]
) -> tuple[CertificateBag, ...]:
    """Return those of ``bags`` that show no damage, in their order.

    A certificate is proven by its signature, where its issuer is there or it is self-signed. Without its issuer it has
    to belong to one of the keys (``key_ids``), or to have signed one that is proven.
    """
    asked = Proofs()
    loaded = [_load(bag) for bag in bags]
    known = [certificate for certificate in loaded if certificate is not None]
    verdicts = [
        _verdict(bag, certificate, known, key_ids, asked)
        for bag, certificate in zip(bags, loaded, strict=True)
    ]
    proofs = [found for found, verdict in zip(loaded, verdicts, strict=True) if verdict and found is not None]
    for place, certificate in enumerate(loaded):
        if verdicts[place] is None and certificate is not None:
            verdicts[place] = any(asked.issued(certificate, proof) for proof in proofs)
    return tuple(bag for bag, verdict in zip(bags, verdicts, strict=True) if verdict)


def _load(bag: CertificateBag) -> Certificate | None:
    try:
        return load_certificate(bag.der)
    except errors.KeystoreDamaged:
        return None


def _verdict(
    bag: CertificateBag,
    certificate: Certificate | None,
    known: Sequence[Certificate],
    key_ids: Sequence[bytes],
    asked: Proofs,
) -> bool | None:
    """Return whether a certificate is sound; None when nothing tells."""
    if certificate is None:
        return is_placeholder(bag.der) and readable_key_id(bag) in key_ids
    issuers = [mail for mail in known if mail.subject == certificate.issuer]
    if any(asked.issued(issuer, certificate) for issuer in issuers):
        return True
    is_ours = readable_key_id(bag) in key_ids
    if certificate.issuer == certificate.subject:
        # An encryption certificate that came from an older keystore was signed with the older key.
        return is_ours
    if issuers and not _names_another(certificate, issuers):
        return False
    return True if is_ours else None


def _names_another(certificate: Certificate, issuers: Sequence[Certificate]) -> bool:
    """Return whether a certificate says that the key of its issuer is none of those that are there under the issuer's
    name."""

    try:
        named = certificate.extensions.get_extension_for_class(AuthorityKeyIdentifier).value.key_identifier
    except (ExtensionNotFound, *UNREADABLE):
        return False
    return named is not None and all(named != key_id_of(issuer) for issuer in issuers)
