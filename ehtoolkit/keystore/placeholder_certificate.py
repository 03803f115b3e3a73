"""The stand-in certificate of a key whose real one has yet to come, as the official program makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ehtoolkit.crypto.certificate_signature import algorithm_of, hash_for, sign

if TYPE_CHECKING:
    from ehtoolkit.crypto.key_kinds import PrivateKey

_SUBJECT: Final = {"country_name": "Dummy"}
_VALIDITY: Final = timedelta(minutes=1)
_ENDED: Final = timedelta(days=1)


def placeholder_certificate(key: PrivateKey, now: datetime) -> bytes:
    """DER of a certificate for ``key``, signed by itself: subject ``C=Dummy``, serial number 0, valid for one
    minute that ended a day before ``now`` (aware), key usage keyEncipherment and dataEncipherment.

    `cryptography` makes no certificate with serial number 0; other programs know the stand-in by it.
    """
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    name = x509.Name.build(_SUBJECT)
    end = (now.astimezone(UTC) - _ENDED).replace(microsecond=0)
    digest = hash_for(key)
    algorithm = algorithm_of(key, digest)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signed_part = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": 0,
            "signature": algorithm,
            "issuer": name,
            "validity": {
                "not_before": x509.Time({_time_type(end - _VALIDITY): end - _VALIDITY}),
                "not_after": x509.Time({_time_type(end): end}),
            },
            "subject": name,
            "subject_public_key_info": keys.PublicKeyInfo.load(public),
            "extensions": [
                {
                    "extn_id": "key_usage",
                    "critical": True,
                    "extn_value": x509.KeyUsage({"key_encipherment", "data_encipherment"}),
                },
            ],
        }
    )
    certificate = x509.Certificate(
        {
            "tbs_certificate": signed_part,
            "signature_algorithm": algorithm,
            "signature_value": sign(key, digest, signed_part.dump()),
        }
    )
    return bytes(certificate.dump())


def _time_type(moment: datetime) -> str:
    return "utc_time" if moment.year < 2050 else "general_time"  # RFC 5280, section 4.1.2.5


def is_placeholder(der: bytes) -> bool:
    """Whether a certificate is the stand-in: serial number 0 and subject ``C=Dummy``."""
    from asn1crypto import x509

    try:
        signed_part = x509.Certificate.load(der)["tbs_certificate"]
        return signed_part["serial_number"].native == 0 and dict(signed_part["subject"].native) == _SUBJECT
    except (ValueError, TypeError, KeyError):
        return False
