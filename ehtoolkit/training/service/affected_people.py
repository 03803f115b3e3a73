"""Whom a request is about: which of the training people meets the scenarios that are on for him.

- A request signed with a card is its holder's, by the number in the certificate.
- One signed with an eHealth key is that of the person who asked for the certificate, also an organisation's.
- One that nobody signs is that of its Signer; else of whoever asked for the key that it names; else of the
  people whose number is in it, or who act for the organisation that it names (there may be several).
- Lists, and whatever cannot be read, are nobody's: only what is on for everybody concerns them.

Nothing is verified here: whoever lies about who he is only meets the faults of somebody else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from ehtoolkit import errors
from ehtoolkit.ehealth.soap.namespaces import CERTRA, COMMONS, DEPOT, SIGNATURE, name_in
from ehtoolkit.ehealth.soap.xml import Element
from ehtoolkit.identity import PERSON_TYPE, Identifier
from ehtoolkit.training.people.invented_people import TrainingPerson
from ehtoolkit.training.people.mandates import Mandates
from ehtoolkit.training.registry.certificate_register import Register, key_identifier


def affected_people(request: Element, register: Register, mandates: Mandates) -> tuple[str, ...]:
    """The short names of the training people that ``request`` is about; none when it is nobody's."""
    certificate = _signer_certificate(request)
    if certificate is not None:
        ssin = _citizen(certificate) or _asker(_key_id(certificate), register)
        return _names([register.person(ssin or "")])
    signer = request.find(f"{name_in(CERTRA, 'Signer')}/{name_in(COMMONS, 'Id')}")
    if signer is not None:
        return _names([register.person((signer.text or "").strip())])
    key_id = request.findtext(name_in(CERTRA, "PublicKeyIdentifier"))
    if key_id is not None:
        return _names([register.person(_asker(key_id.strip().upper(), register) or "")])
    return _names(one for pair in _numbers(request) for one in _behind(*pair, register, mandates))


def is_signed(request: Element) -> bool:
    """Whether there is a signature, good or bad."""
    return request.find(name_in(SIGNATURE, "Signature")) is not None


def _signer_certificate(request: Element) -> x509.Certificate | None:
    found = request.find(f"{name_in(SIGNATURE, 'Signature')}//{name_in(SIGNATURE, 'X509Certificate')}")
    try:
        return None if found is None else x509.load_der_x509_certificate(base64.b64decode(found.text or ""))
    except (binascii.Error, ValueError):
        return None


def _citizen(certificate: x509.Certificate) -> str | None:
    try:
        found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    except ValueError:
        return None
    return str(found[0].value) if found else None


def _key_id(certificate: x509.Certificate) -> str | None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key_identifier(key) if isinstance(key, RSAPublicKey | EllipticCurvePublicKey) else None


def _asker(key_id: str | None, register: Register) -> str | None:
    record = None if key_id is None else register.get(key_id)
    return None if record is None else record.signer


def _numbers(request: Element) -> Iterable[tuple[str, str]]:
    """Types and numbers: ``<Id Type="…">``, and the depot's elements ``Type`` and ``Value``."""
    for element in request.iter("*"):
        if element.get("Type") is not None:
            yield element.get("Type", ""), (element.text or "").strip()
        kind, value = (element.findtext(name_in(DEPOT, name)) for name in ("Type", "Value"))
        if kind is not None and value is not None:
            yield kind.strip(), value.strip()


def _behind(
    kind: str, number: str, register: Register, mandates: Mandates
) -> Iterable[TrainingPerson | None]:
    if kind == PERSON_TYPE:
        return (register.person(number),)
    try:
        return mandates.holders(Identifier(kind, number))
    except errors.IdentifierInvalid:
        return ()


def _names(people: Iterable[TrainingPerson | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in people if one is not None))
