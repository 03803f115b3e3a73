"""Verify the WS-Security header of a request to the training STS.

What is signed is found out by the element itself, not by its Id: WSS4J alone says yes to a body that was wrapped, and
to a header without any signature.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import SignXMLException

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, read_certificate
from ehtoolkit.crypto.parse_warnings import parse_warnings_ignored
from ehtoolkit.ehealth.soap.signature import EXCLUSIVE, canonical, is_id
from ehtoolkit.ehealth.soap.xml import SECURITY, SIGNATURE, SOAP, UTILITY, Element, parse
from ehtoolkit.training.sts.requests import child_moment
from ehtoolkit.training.sts.service_faults import NOT_AUTHENTICATED, ServiceFault

TOLERANCE: Final = timedelta(minutes=5)
"""How far the client's clock may be off; assumed, since the real service's limit is not public."""
_MOST: Final = 8
"""References of one signature that are looked at."""
_METHODS: Final = frozenset(
    {SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384}
)
_DIGESTS: Final = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


@dataclass(frozen=True, slots=True)
class SignedTokenRequest:
    """``message``: the one child of the body, which the key of ``certificate`` has signed. Nothing says yet that this
    certificate is to be believed."""

    message: Element
    certificate: x509.Certificate


def verified_request(data: bytes, now: datetime) -> SignedTokenRequest:
    """Read the envelope ``data``, and check timestamp and signature.

    Raises `ServiceFault`, and `errors.MessageInvalid` for what is no such envelope.
    """
    envelope = parse(data)
    body = _only(envelope, SOAP("Body"))
    security = _only(_only(envelope, SOAP("Header")), SECURITY("Security"))
    if envelope.tag != SOAP("Envelope") or len(body) != 1:
        raise errors.MessageInvalid(reason="envelope")
    lifetime = _only(security, UTILITY("Timestamp"))
    _check_time(lifetime, now)
    by_id = _elements_by_id(envelope)
    signature = _only(security, SIGNATURE("Signature"))
    token = _token(signature, security, by_id)
    certificate = _certificate_in(token)
    referenced = _referenced(signature, by_id)
    for name, element in (("Body", body), ("Timestamp", lifetime)):
        if not any(covered is element for covered in referenced):
            raise _refused(f"The signature does not cover the {name} of this message.")
    _verify(envelope, certificate, referenced)
    return SignedTokenRequest(body[0], certificate)


def _only(parent: Element, path: str, otherwise: str = "") -> Element:
    """Return the one element at ``path``. Raises `ServiceFault`, with the sentence ``otherwise``."""
    found = parent.findall(path)
    if len(found) != 1:
        raise _refused(otherwise or f"There has to be one {etree.QName(path).localname}.")
    return found[0]


def _check_time(lifetime: Element, now: datetime) -> None:
    created = child_moment(lifetime, UTILITY("Created"))
    expires = child_moment(lifetime, UTILITY("Expires"))
    if created > now + TOLERANCE:
        raise _refused("The message was created in the future: check the clock.")
    if expires < now - TOLERANCE or expires <= created:
        raise _refused("The message has expired: check the clock.")


def _elements_by_id(envelope: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for element in envelope.iter("*"):
        for name, value in element.items():
            if is_id(str(name)):
                if str(value) in found:
                    raise _refused("Two elements have the same Id.")
                found[str(value)] = element
    return found


def _token(signature: Element, security: Element, by_id: dict[str, Element]) -> Element:
    """Return the token that the signature names as its own, in the same header. Raises `ServiceFault`."""
    path = "/".join((SIGNATURE("KeyInfo"), SECURITY("SecurityTokenReference"), SECURITY("Reference")))
    reference = _only(signature, path, "The signature does not name its certificate.")
    named = by_id.get((reference.get("URI") or "").removeprefix("#"))
    if named is None or named.getparent() is not security or named.tag != SECURITY("BinarySecurityToken"):
        raise _refused("The signature does not name the certificate in its header.")
    return named


def _certificate_in(token: Element) -> x509.Certificate:
    try:
        # Java folds it with CR LF.
        certificate = read_certificate(base64.b64decode("".join((token.text or "").split()), validate=True))
    except ValueError as error:
        raise _refused("The certificate in the header cannot be read.") from error
    if certificate is None or not isinstance(certificate.public_key(), RSAPublicKey | EllipticCurvePublicKey):
        raise _refused("The certificate in the header cannot be read.")
    return certificate


def _referenced(signature: Element, by_id: dict[str, Element]) -> Sequence[Element]:
    """Return what the signature covers, in its order: each element whole, with no transform but exclusive C14N."""
    signed_info = _only(signature, SIGNATURE("SignedInfo"))
    if _only(signed_info, SIGNATURE("CanonicalizationMethod")).get("Algorithm") != EXCLUSIVE:
        raise _refused("Only exclusive C14N is taken.")
    references = signed_info.findall(SIGNATURE("Reference"))
    if not 0 < len(references) <= _MOST:
        raise _refused("There are no references, or too many.")
    found = []
    for reference in references:
        transforms = reference.findall(f"{SIGNATURE('Transforms')}/{SIGNATURE('Transform')}")
        if [transform.get("Algorithm") for transform in transforms] != [EXCLUSIVE]:
            raise _refused("Only exclusive C14N is taken.")
        uri = reference.get("URI") or ""
        element = by_id.get(uri[1:]) if uri.startswith("#") else None
        if element is None:
            raise _refused("A reference leads nowhere.")
        found.append(element)
    return found


def _verify(envelope: Element, certificate: x509.Certificate, referenced: Sequence[Element]) -> None:
    configuration = SignatureConfiguration(
        location=f"./{SOAP('Header')}/{SECURITY('Security')}/",
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        expect_references=len(referenced),
        # Whether the certificate is valid is decided elsewhere, on the training clock.
        verification_time=certificate.not_valid_before_utc,
    )
    try:
        with parse_warnings_ignored():
            results = XMLVerifier().verify(
                envelope,
                x509_cert=certificate,
                id_attribute="Id",
                validate_schema=False,
                expect_config=configuration,
            )
    except (SignXMLException, etree.LxmlError, *UNREADABLE) as error:
        raise _refused("The signature does not hold.") from error
    results = results if isinstance(results, list) else [results]
    signed = [result.signed_data for result in results]
    if signed != [canonical(element) for element in referenced]:
        raise _refused("The signature covers something else.")


def _refused(message: str) -> ServiceFault:
    return ServiceFault(NOT_AUTHENTICATED, message)
