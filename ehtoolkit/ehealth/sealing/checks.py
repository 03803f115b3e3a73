"""The checks of one signed layer: signature, key usage, validity at the signing time, and the signer's authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID

from ehtoolkit.crypto.certificates import (
    UNREADABLE,
    common_name,
    display_name,
    may_sign,
    read_certificate,
    validity_fault,
)
from ehtoolkit.crypto.keys import EC, kind_of_public_key
from ehtoolkit.ehealth.cms.signature_check import (
    SALT,
    SignatureFault,
    SignerFields,
    check_signature,
    read_signer,
)
from ehtoolkit.ehealth.cms.structure import DATA, SignedData
from ehtoolkit.ehealth.revocation_answers import AskRevocation, RevocationStatus
from ehtoolkit.ehealth.sealing.models import LayerSignature, TrustedAuthorities
from ehtoolkit.ehealth.sealing.other_software_errors import ETEE_CRYPTO_HASH
from ehtoolkit.finding import Finding, FindingFactory
from ehtoolkit.identity import ISSUERS

OUTER: Final = "outer"
INNER: Final = "inner"

_MESSAGE: Final = FindingFactory("message")
error, warning, info, ok = _MESSAGE.error, _MESSAGE.warning, _MESSAGE.info, _MESSAGE.ok

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.2.840.113549.3.2": "RC2",
        "1.2.840.113549.3.7": "3DES",
        "1.2.840.113549.1.1.4": "MD5withRSA",
        "1.2.840.113549.1.1.5": "SHA1withRSA",
        "1.2.840.113549.1.1.7": "RSAES-OAEP",
        "1.2.840.113549.1.1.10": "RSASSA-PSS",
        "1.2.840.10045.4.1": "SHA1withECDSA",
        "1.3.14.3.2.29": "SHA1withRSA",
        "2.16.840.1.101.3.4.1.6": "AES-128-GCM",
        "2.16.840.1.101.3.4.1.46": "AES-256-GCM",
    }
)

SKEW: Final = timedelta(minutes=10)
"""By how much clocks may differ before a signing time lies in the future: twice what other software allows."""
RECENT: Final = timedelta(hours=1)
"""A message younger than this is one that was just sent; other software remarks on it after ten minutes."""


@dataclass(frozen=True, slots=True)
class SignerPolicy:
    """What signers are judged by.

    Attributes:
        authorities: whom signers may stand under.
        now: aware.
        ask_revocation: asks about the first certificate of a path, in the environment of its issuer; None where it is
            not to be asked.
    """

    authorities: TrustedAuthorities
    now: datetime
    ask_revocation: AskRevocation | None = None


def check_layer(
    layer: str,
    data: SignedData,
    others: Sequence[Certificate],
    policy: SignerPolicy,
    judged: LayerSignature | None = None,
) -> LayerSignature:
    """Judge who signed a layer.

    Args:
        layer: `OUTER` or `INNER`.
        data: what was read.
        others: certificates from elsewhere, among which the signer's may be: for the inner layer those of the outer.
        policy: the authorities to trust, and the moment.
        judged: the layer around this one; its certificate is not judged again.
    """
    if len(data.signers) != 1:
        key = "signers_several" if data.signers else "signature_missing"
        return LayerSignature(findings=(error(key, layer=layer, count=len(data.signers)),))
    try:
        signer = read_signer(data.signers[0])
    except ValueError:
        return LayerSignature(findings=(error("signature_unreadable", layer=layer),))
    brought = read_certificates(data)
    found = LayerSignature(
        serial=signer.key.serial, signed_at=signer.signing_time, algorithm=signer.algorithm
    )
    certificate = signer.certificate_in((*brought, *others))
    if certificate is None:
        return replace(found, findings=(error("signer_certificate_missing", layer=layer),))
    found = replace(found, certificate=certificate)
    findings = list(_signature(layer, signer, certificate, data))
    path: tuple[Certificate, ...] | None
    if judged is not None and certificate == judged.certificate:
        path = judged.path
    else:
        path = policy.authorities.path(certificate, (*brought, *others), _judged_at(signer, policy.now)[0])
        findings += _certificate(layer, signer, certificate, path, policy)
    return replace(found, path=path or (), findings=tuple(findings))


def read_certificates(data: SignedData) -> tuple[Certificate, ...]:
    """Return the certificates of a layer that can be read, and computed with in bounded time."""
    return tuple(
        certificate for certificate in map(read_certificate, data.certificates) if certificate is not None
    )


def check_same_signer(outer: LayerSignature, inner: LayerSignature) -> Finding | None:
    """Return a finding that says whether one person signed both layers: with one key, or with the two keys of an
    identity card. None where a signature does not hold, which is a finding already."""
    if outer.certificate is None or inner.certificate is None:
        return None
    names = [display_name(each.subject) for each in (outer.certificate, inner.certificate)]
    if outer.certificate != inner.certificate and not _same_person(outer.certificate, inner.certificate):
        return error("signers_differ", outer=names[0], inner=names[1])
    return ok("same_signer", name=names[0]) if outer.holds and inner.holds else None


def algorithm_name(dotted: str) -> str:
    """Return the usual name of an algorithm that is refused; its object identifier where it has none here."""
    return _NAMES.get(dotted, dotted or "–")


def _same_person(first: Certificate, second: Certificate) -> bool:
    """Return whether two certificates have the same serialNumber (the NISS) from one issuer, as those of a card
    have."""
    try:
        numbers = [
            [attribute.value for attribute in mail.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
            for mail in (first, second)
        ]
        return len(numbers[0]) == 1 and numbers[0] == numbers[1] and first.issuer == second.issuer
    except UNREADABLE:
        return False


def _signature(
    layer: str, signer: SignerFields, certificate: Certificate, data: SignedData
) -> Iterator[Finding]:
    key = certificate.public_key()
    kind = kind_of_public_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    if kind.fault is not None:
        yield error("signer_key_unfit", layer=layer, kind=str(kind))
        return
    if data.content_type != DATA:
        yield error("content_type_wrong", layer=layer)
    match check_signature(signer, certificate, data.content or b"", data.content_type):
        case SignatureFault.ALGORITHM:
            yield error("algorithm_not_allowed", layer=layer, algorithm=algorithm_name(signer.algorithm))
        case SignatureFault.CONTENT:
            yield error("outer_content_changed" if layer == OUTER else "inner_content_changed", layer=layer)
        case SignatureFault.CONTENT_TYPE:
            yield error("content_type_wrong", layer=layer)
        case SignatureFault.SIGNATURE:
            yield error("outer_signature_wrong" if layer == OUTER else "inner_signature_wrong", layer=layer)
        case None:
            yield ok("outer_signature_good" if layer == OUTER else "inner_signature_good", layer=layer)
            if signer.salt not in (None, SALT):
                yield warning("signature_salt", layer=layer, salt=signer.salt or 0, usual=SALT)
            if kind.algorithm == EC or signer.hash_name != ETEE_CRYPTO_HASH:
                yield warning("algorithm_elsewhere", layer=layer, algorithm=signer.scheme)


def _certificate(
    layer: str,
    signer: SignerFields,
    certificate: Certificate,
    path: tuple[Certificate, ...] | None,
    policy: SignerPolicy,
) -> Iterator[Finding]:
    name = display_name(certificate.subject)
    good = may_sign(certificate)
    yield ok("key_usage_good", layer=layer) if good else error("signer_key_usage", layer=layer, name=name)
    yield from _validity(layer, signer, certificate, policy.now)
    if path is None:
        yield error("signer_not_trusted", layer=layer, name=name, issuer=display_name(certificate.issuer))
    else:
        yield ok("signer_trusted", layer=layer, name=name, authority=display_name(path[-1].subject))
    yield _revocation(layer, signer, name, path, policy.ask_revocation)


def _revocation(
    layer: str,
    signer: SignerFields,
    name: str,
    path: tuple[Certificate, ...] | None,
    ask: AskRevocation | None,
) -> Finding:
    if ask is None or path is None:  # the maker of a certificate chose the address in it
        return info("revocation_not_asked", layer=layer, name=name)
    answer = ask(path, ISSUERS.get(common_name(path[0].issuer)))
    if answer.status is RevocationStatus.GOOD:
        return ok("signer_not_revoked", layer=layer, name=name)
    if answer.status is not RevocationStatus.REVOKED or answer.since is None:
        return warning("revocation_unknown", layer=layer, name=name)
    if answer.compromised:  # whoever has the key chooses the signing time
        return error("signer_revoked", "compromised", layer=layer, name=name, date=answer.since)
    if signer.signing_time is not None and signer.signing_time < answer.since:
        return warning("signer_revoked_later", layer=layer, name=name, date=answer.since)
    return error("signer_revoked", layer=layer, name=name, date=answer.since)


def _validity(layer: str, signer: SignerFields, certificate: Certificate, now: datetime) -> Iterator[Finding]:
    name, end, signed_at = (
        display_name(certificate.subject),
        certificate.not_valid_after_utc,
        signer.signing_time,
    )
    faults = {validity_fault(certificate, moment) for moment in _judged_at(signer, now)}
    if "expired" in faults:
        yield error("signer_expired", layer=layer, name=name, date=end)
    elif "early" in faults:
        yield error("signer_early", layer=layer, name=name, date=certificate.not_valid_before_utc)
    else:
        yield ok("signer_valid", layer=layer, name=name, date=signed_at or now)
    if signed_at is None:
        yield warning("signing_time_missing", layer=layer)
    elif signed_at - now > SKEW:
        yield warning("signing_time_future", layer=layer, date=signed_at)
    elif now > end:
        yield warning("signing_time_old", layer=layer, date=signed_at, end=end)
    elif now - signed_at > RECENT:
        yield replace(info("signing_time_old", layer=layer, date=signed_at, end=end), variant="still_valid")


def _judged_at(signer: SignerFields, now: datetime) -> list[datetime]:
    """Return when the certificate has to be valid: at the signing time, and now where that is missing or ahead."""
    if signer.signing_time is None:
        return [now]
    return [signer.signing_time, now] if signer.signing_time - now > SKEW else [signer.signing_time]
