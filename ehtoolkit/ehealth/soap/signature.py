"""The XML signature of a request: enveloped, exclusive c14n, SHA-256, by any key that can sign."""

from __future__ import annotations

import copy
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import SignXMLException

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE, read_certificate
from ehtoolkit.crypto.keys import raw_signature, sign
from ehtoolkit.crypto.parse_warnings import parse_warnings_ignored
from ehtoolkit.ehealth.soap.xml import SIGNATURE, Element, add, add_base64, octets, parse, serialise

SIGNXML_LOGGER: Final = "signxml"
"""The name of signxml's logger, which it does not document. Without the limit, its log at level DEBUG has every
canonical form, with all the names and numbers in it. No upstream issue found.
`tests/unit/ehealth/test_signxml_internals.py` fails when the name changes."""
logging.getLogger(SIGNXML_LOGGER).setLevel(logging.WARNING)

ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_METHODS: Final = frozenset(
    SignatureMethod[f"{key}_SHA{size}"] for key in ("RSA", "ECDSA") for size in (256, 384, 512)
)
_DIGESTS: Final = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_CHAIN_LIMIT: Final = 10


class Signer(Protocol):
    """A private key, wherever it lives, with the certificates that go into the signature.

    ``chain``: the key's certificate first; the citizen CA and the root follow for a card, the stored chain
    for a keystore. ``sign``: over SHA-256, RSA PKCS#1 v1.5, or ECDSA as r‖s, each half as long as the
    curve's order.
    """

    @property
    def chain(self) -> Sequence[x509.Certificate]: ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a private key that we hold: the one of a keystore."""

    key: RSAPrivateKey | EllipticCurvePrivateKey
    chain: Sequence[x509.Certificate]

    def sign(self, data: bytes) -> bytes:
        signature = sign(self.key, SHA256(), data)
        if isinstance(self.key, RSAPrivateKey):
            return signature
        return raw_signature(signature, self.key.key_size)


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """What a signature proves: that ``certificate``'s key signed ``element``. Whether that certificate is to be
    trusted is for the caller to decide.

    Attributes:
        chain: the certificates as given, the signer's first.
        element: what was signed, made again from the canonical bytes, without the signature; read this one and not the
            message as it came.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    element: Element


def sign_element(element: Element, signer: Signer, id_attribute: str = "Id") -> Element:
    """Return a copy of ``element``, which has an ``Id``, or what ``id_attribute`` names, with the signature as its last
    child.

    Whatever ``signer.sign`` raises (a wrong PIN, a card pulled out) goes through.
    """
    signed = copy.deepcopy(element)
    signed.tail = None
    signature = add_signature(signed, signer, {element.get(id_attribute, ""): signed}, (ENVELOPED, EXCLUSIVE))
    data = add(add(signature, SIGNATURE, "KeyInfo"), SIGNATURE, "X509Data")
    for certificate in signer.chain:
        add_base64(data, SIGNATURE, "X509Certificate", certificate.public_bytes(Encoding.DER))
    return signed


def add_signature(
    parent: Element,
    signer: Signer,
    signed: Mapping[str, Element],
    transforms: Sequence[str],
    **attributes: str,
) -> Element:
    """Add a Signature over the elements of ``signed``, by their ids, as the last child of ``parent``, and return it; it
    has no KeyInfo yet."""
    method = _method(signer)
    digests = {name: hashlib.sha256(canonical(element)).digest() for name, element in signed.items()}
    signature = add(parent, SIGNATURE, "Signature", **attributes)
    signed_info = add(signature, SIGNATURE, "SignedInfo")
    add(signed_info, SIGNATURE, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
    add(signed_info, SIGNATURE, "SignatureMethod", Algorithm=method.value)
    for name, digest in digests.items():
        reference = add(signed_info, SIGNATURE, "Reference", URI=f"#{name}")
        steps = add(reference, SIGNATURE, "Transforms")
        for transform in transforms:
            add(steps, SIGNATURE, "Transform", Algorithm=transform)
        add(reference, SIGNATURE, "DigestMethod", Algorithm=DigestAlgorithm.SHA256.value)
        add_base64(reference, SIGNATURE, "DigestValue", digest)
    add_base64(signature, SIGNATURE, "SignatureValue", signer.sign(canonical(signed_info)))
    return signature


def canonical(element: Element) -> bytes:
    """Return ``element`` in Exclusive C14N, without comments and what follows it in its parent."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)


def _method(signer: Signer) -> SignatureMethod:
    match signer.chain[0].public_key():
        case RSAPublicKey():
            return SignatureMethod.RSA_SHA256
        case EllipticCurvePublicKey():
            return SignatureMethod.ECDSA_SHA256
        case _:
            raise errors.InputInvalid(reason="key_type")


def verify_element(element: Element, id_attribute: str = "Id") -> VerifiedSignature:
    """Check the one signature of the request ``element``, which may still stand in its envelope.

    Only the protocol's own form is taken (exactly one Signature in the whole request, a child of its root;
    one Reference, to the root's Id, or what ``id_attribute`` names, which is there once; the two transforms;
    SHA-256 or longer), so that nothing can be signed but what is then read. CRs in the base64 (Java writes
    them) are fine. Raises
    `errors.SignatureInvalid` with reason ``missing``, ``wrapping``, ``form``, ``algorithm``, ``certificate``
    or ``value``.
    """
    bare = parse(serialise(element))
    signature = _only_signature(bare, id_attribute)
    _check_form(signature, f"#{bare.get(id_attribute)}")
    chain = _chain_in(signature)
    configuration = SignatureConfiguration(
        location="./",
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        ignore_ambiguous_key_info=False,
        # Trust, and with it the validity of certificates, is decided elsewhere, on a clock of its own.
        verification_time=chain[0].not_valid_before_utc,
    )
    try:
        # It loads the certificate again, and what that warns of was looked at before.
        with parse_warnings_ignored():
            result = XMLVerifier().verify(
                bare,
                x509_cert=chain[0],
                id_attribute=id_attribute,
                validate_schema=False,
                expect_config=configuration,
            )
    except (SignXMLException, etree.LxmlError, *UNREADABLE) as error:
        raise errors.SignatureInvalid(reason="value") from error
    return VerifiedSignature(chain[0], chain, result.signed_xml)


def _only_signature(root: Element, id_attribute: str) -> Element:
    signatures = list(root.iter(SIGNATURE("Signature")))
    if not signatures:
        raise errors.SignatureInvalid(reason="missing")
    if len(signatures) > 1 or signatures[0].getparent() is not root:
        raise errors.SignatureInvalid(reason="wrapping")
    ids = [value for element in root.iter("*") for name, value in element.items() if is_id(str(name))]
    if len(ids) != len(set(ids)) or not root.get(id_attribute):
        raise errors.SignatureInvalid(reason="wrapping")
    return signatures[0]


def is_id(name: str) -> bool:
    """Return whether an attribute of that name, with or without a namespace, is one that a signature can point to."""
    return etree.QName(name).localname.lower() in ("id", "assertionid")


def _check_form(signature: Element, reference_uri: str) -> None:
    signed_info, value, key_info = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    _children(value)
    _octets(value, "value")
    method, signature_method, reference = _children(
        signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference"
    )
    transforms, digest_method, digest = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    _children(digest)
    _octets(digest, "value")
    enveloped, exclusive = _children(transforms, "Transform", "Transform")
    _children(key_info, "X509Data")
    if reference.get("URI") != reference_uri:
        raise errors.SignatureInvalid(reason="wrapping")
    wanted = (
        (method, {EXCLUSIVE}),
        (signature_method, {each.value for each in _METHODS}),
        (enveloped, {ENVELOPED}),
        (exclusive, {EXCLUSIVE}),
        (digest_method, {each.value for each in _DIGESTS}),
    )
    for element, algorithms in wanted:
        _children(element)
        if element.get("Algorithm") not in algorithms:
            raise errors.SignatureInvalid(reason="algorithm")


def _children(element: Element, *names: str) -> list[Element]:
    children = list(element)
    if [child.tag for child in children] != [SIGNATURE(name) for name in names]:
        raise errors.SignatureInvalid(reason="form")
    return children


def _chain_in(signature: Element) -> tuple[x509.Certificate, ...]:
    elements = list(signature[-1][0])
    if not 0 < len(elements) <= _CHAIN_LIMIT or {element.tag for element in elements} != {
        SIGNATURE("X509Certificate")
    }:
        raise errors.SignatureInvalid(reason="form")
    found = [read_certificate(_octets(element, "certificate")) for element in elements]
    chain = tuple(certificate for certificate in found if certificate is not None)
    if len(chain) < len(found) or not isinstance(
        chain[0].public_key(), RSAPublicKey | EllipticCurvePublicKey
    ):
        raise errors.SignatureInvalid(reason="certificate")
    return chain


def _octets(element: Element, reason: errors.SignatureReason) -> bytes:
    try:
        return octets(element)
    except errors.MessageInvalid as error:
        raise errors.SignatureInvalid(reason=reason) from error
