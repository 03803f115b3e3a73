"""Judge senders and recipients, and seal a message (ETEE, "triple wrap"): signed, encrypted, signed again.

DER throughout, which every receiver reads. `cryptography` writes the envelope; it cannot set the signing time, so the
signatures are written here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509 import Certificate

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.crypto.certificates import display_name, may_sign, validity_fault
from ehtoolkit.crypto.keys import EC, kind_of
from ehtoolkit.ehealth.cms.signature_check import SALT
from ehtoolkit.ehealth.cms.structure import DATA, SIGNED_DATA
from ehtoolkit.ehealth.etk import Etk
from ehtoolkit.ehealth.sealing.checks import warning
from ehtoolkit.ehealth.sealing.models import SealedMessage, TrustedAuthorities
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.finding import Finding

_SHA256: Final = der.sequence(der.object_identifier("2.16.840.1.101.3.4.2.1"), der.NULL)
_MGF1: Final = der.sequence(der.object_identifier("1.2.840.113549.1.1.8"), _SHA256)
_RSASSA_PSS: Final = der.sequence(
    der.object_identifier("1.2.840.113549.1.1.10"),
    der.sequence(der.explicit(0, _SHA256), der.explicit(1, _MGF1), der.explicit(2, der.integer(SALT))),
)
_ECDSA_SHA256: Final = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
_CONTENT_TYPE: Final = der.object_identifier("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = der.object_identifier("1.2.840.113549.1.9.4")
_SIGNING_TIME: Final = der.object_identifier("1.2.840.113549.1.9.5")


def seal(
    content: bytes, recipients: Sequence[Certificate], sender: KeySigner, now: datetime
) -> tuple[SealedMessage, bytes]:
    """Seal a content. Return what is in the message, and the message.

    Args:
        content: binary, at most `LARGEST_CONTENT` where others shall open it here.
        recipients: encryption certificates (of ETKs that were checked), one at least, each once.
        sender: whose key signs both layers; `check_sender` has judged it.
        now: the signing time, aware.

    Raises `errors.RecipientUnusable` (reason ``unfit``) for a key that is not RSA.
    """
    chain = [certificate for certificate in sender.chain[1:] if certificate.subject != certificate.issuer]
    envelope = _enveloped(_signed(content, sender, now, ()), recipients)
    message = _signed(envelope, sender, now, (sender.chain[0], *chain))
    made = SealedMessage(
        size=len(message),
        content_size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        signed_at=now.replace(microsecond=0),
    )
    return made, message


def _signed(content: bytes, sender: KeySigner, now: datetime, certificates: Sequence[Certificate]) -> bytes:
    """Return a ContentInfo with a SignedData around ``content``."""
    # One expression: nothing holds on to a copy of a large content longer than needed.
    return der.sequence(SIGNED_DATA, der.explicit(0, _signed_data(content, sender, now, certificates)))


def _signed_data(
    content: bytes, sender: KeySigner, now: datetime, certificates: Sequence[Certificate]
) -> bytes:
    fields = [
        der.integer(1),
        der.set_of(_SHA256),
        der.sequence(DATA, der.explicit(0, der.octet_string(content))),
    ]
    if certificates:
        # The signer's certificate first, as Java writes them: some readers take the first for the signer's.
        encoded = b"".join(certificate.public_bytes(Encoding.DER) for certificate in certificates)
        fields.append(der.explicit(0, encoded))
    return der.sequence(*fields, der.set_of(_signer(content, sender, now)))


def _signer(content: bytes, sender: KeySigner, now: datetime) -> bytes:
    values = (
        (_CONTENT_TYPE, DATA),
        (_SIGNING_TIME, der.time(now.astimezone(UTC))),
        (_MESSAGE_DIGEST, der.octet_string(hashlib.sha256(content).digest())),
    )
    attributes = der.set_of(*sorted(der.sequence(name, der.set_of(value)) for name, value in values))
    # Named by the very bytes of the issuer in the certificate.
    issuer = x509.Certificate.load(sender.chain[0].public_bytes(Encoding.DER)).issuer.dump()
    key = sender.key
    if isinstance(key, RSAPrivateKey):
        algorithm, signature = _RSASSA_PSS, key.sign(attributes, PSS(MGF1(SHA256()), SALT), SHA256())
    else:
        algorithm, signature = _ECDSA_SHA256, key.sign(attributes, ECDSA(SHA256()))
    return der.sequence(
        der.integer(1),
        der.sequence(issuer, der.integer(sender.chain[0].serial_number)),
        _SHA256,
        der.explicit(0, der.content(attributes)),
        algorithm,
        der.octet_string(signature),
    )


def _enveloped(content: bytes, recipients: Sequence[Certificate]) -> bytes:
    """Return an EnvelopedData around ``content``: AES-128-CBC, the one cipher that every receiver takes, and the key by
    RSAES-PKCS1-v1_5."""
    builder = PKCS7EnvelopeBuilder().set_data(content)
    for certificate in recipients:
        if not isinstance(certificate.public_key(), RSAPublicKey):
            raise errors.RecipientUnusable(reason="unfit", recipient=str(certificate.serial_number))
        builder = builder.add_recipient(certificate)
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


# ── Senders and recipients, before anything is sealed ──────────────────────────────────────────────────
def check_recipient(
    etk: Etk, recipient: str, authorities: TrustedAuthorities, now: datetime
) -> list[Finding]:
    """Judge a token whose signature holds: bound to its holder's certificate, both valid, a key that can be used.

    Args:
        etk: as `ehtoolkit.ehealth.etk.read_etk` gives it.
        recipient: what the user calls it.
        authorities: whom the holder's certificate should stand under; where it does not, that is a finding alone: the
            authorities of real environments are known by the user's own keystore only.
        now: aware.

    Raises:
        errors.RecipientUnusable: nothing may be sealed for it.
    """
    holder = etk.authentication_certificate
    if holder is None:
        raise errors.RecipientUnusable(reason="unbound", recipient=recipient)
    for certificate in (etk.encryption_certificate, holder):
        fault = validity_fault(certificate, now)
        if fault:
            raise errors.RecipientUnusable(reason=fault, recipient=recipient)
    key = etk.encryption_certificate.public_key()
    if not isinstance(key, RSAPublicKey) or kind_of(key).fault is not None:
        raise errors.RecipientUnusable(reason="unfit", recipient=recipient)
    paths = [authorities.path(each, etk.certificates, now) for each in (holder, etk.signer)]
    if None in paths:
        return [warning("recipient_authority_unknown", name=display_name(holder.subject))]
    return []


def check_sender(sender: KeySigner, now: datetime) -> list[Finding]:
    """Judge whose key is to sign: valid at ``now`` (aware), and made for signing.

    Raises:
        errors.SenderUnusable: receivers would refuse what it seals.
    """
    certificate, kind = sender.chain[0], kind_of(sender.key)
    fault = validity_fault(certificate, now)
    if fault:
        raise errors.SenderUnusable(reason=fault)
    if kind.fault is not None:
        raise errors.SenderUnusable(reason="unfit")
    if not may_sign(certificate):
        raise errors.SenderUnusable(reason="usage")
    return [warning("ec_signature", kind=str(kind))] if kind.algorithm == EC else []
