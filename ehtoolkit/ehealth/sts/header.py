"""Write the WS-Security header of an STS request: certificate, lifetime, and the signature over both and the body."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit.ehealth.soap.signature import EXCLUSIVE, Signer, add_signature
from ehtoolkit.ehealth.soap.xml import (
    PREFIXES,
    SECURITY,
    SIGNATURE,
    SOAP,
    UTILITY,
    add,
    parse,
    serialise,
)

LIFE: Final = timedelta(seconds=60)
"""How long a message holds (Java, e-Contract)."""
_PROFILES: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
X509_V3: Final = f"{_PROFILES}x509-token-profile-1.0#X509v3"
BASE64: Final = f"{_PROFILES}soap-message-security-1.0#Base64Binary"

ID: Final = UTILITY("Id")


def secured(message: bytes, signer: Signer, now: datetime) -> bytes:
    """Return the envelope with ``message`` in its body, signed by ``signer`` at ``now``: body, timestamp and
    certificate.

    The message is put into the envelope as bytes, so that a signature inside it stays as it is. Whatever
    ``signer.sign`` raises goes through.
    """
    body_id, token_id = f"id-{uuid4()}", f"X509-{uuid4()}"
    envelope = parse(_envelope(message, body_id))
    header, body = envelope
    security = add(header, SECURITY, "Security")
    security.set(SOAP("mustUnderstand"), "1")
    timestamp = add(security, UTILITY, "Timestamp")
    timestamp.set(ID, f"TS-{uuid4()}")
    add(timestamp, UTILITY, "Created", written(now))
    add(timestamp, UTILITY, "Expires", written(now + LIFE))
    certificate = signer.chain[0]
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    token = add(security, SECURITY, "BinarySecurityToken", encoded, EncodingType=BASE64, ValueType=X509_V3)
    token.set(ID, token_id)
    signed = {part.get(ID, ""): part for part in (body, timestamp, token)}
    signature = add_signature(security, signer, signed, (EXCLUSIVE,), Id=f"SIG-{uuid4()}")
    reference = add(add(signature, SIGNATURE, "KeyInfo"), SECURITY, "SecurityTokenReference")
    add(reference, SECURITY, "Reference", URI=f"#{token_id}", ValueType=X509_V3)
    return serialise(envelope)


def written(moment: datetime) -> str:
    """Return ``moment`` in UTC with milliseconds and Z, as the platform writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _envelope(message: bytes, body_id: str) -> bytes:
    soap, utility = PREFIXES[SOAP], PREFIXES[UTILITY]
    opening = (
        f'<{soap}:Envelope xmlns:{soap}="{SOAP}"><{soap}:Header/>'
        f'<{soap}:Body xmlns:{utility}="{UTILITY}" {utility}:Id="{body_id}">'
    )
    return opening.encode() + message + f"</{soap}:Body></{soap}:Envelope>".encode()
