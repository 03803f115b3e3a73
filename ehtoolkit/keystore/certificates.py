"""Certificates of keystores, also those that `cryptography` refuses, and placeholders until one comes."""

from __future__ import annotations

import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import Certificate, Name, load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.keys import KeyKind, kind_of_public_key
from ehtoolkit.crypto.signatures import algorithm_of, hash_for, sign

if TYPE_CHECKING:
    from asn1crypto import x509 as raw

    from ehtoolkit.crypto.keys import PrivateKey


_KEPT: Final = 64
"""Certificates that are kept: those of a file, each of which is asked for many times, and issuers of many files."""


@lru_cache(_KEPT)
def load_certificate(der: bytes) -> Certificate | None:
    """Return the certificate, with all that a keystore asks of it known to be readable.

    None for one that `cryptography` does not read or is going to refuse, and that a keystore can hold all the same: a
    serial number of zero or less (the stand-in before installation, some old roots), a key of a kind that is not used
    or that is so long that loading it would keep the reader waiting.

    Raises `errors.KeystoreDamaged` (reason ``certificate``) for what is no certificate.
    """

    try:
        found = _raw(der)
        if (
            found["tbs_certificate"]["serial_number"].native < 1
            or not kind_of_public_key(found.public_key.dump()).loadable
        ):
            return None
        certificate = load_der_x509_certificate(der)
        # Each of these is parsed when it is first asked for, and would fail or warn then: `cryptography` warns
        # of a country that has more than two letters. What was parsed is kept.
        with warnings.catch_warnings(action="ignore"):
            for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc"):
                getattr(certificate, part)
        certificate.public_key()
        return certificate
    except UnsupportedAlgorithm:
        return None
    except UNREADABLE as error:
        raise errors.KeystoreDamaged(reason="certificate") from error


def key_id_of(certificate: Certificate) -> bytes:
    """Return the SHA-1 of the subjectPublicKey bits: the platform's PublicKeyIdentifier (RFC 5280, method 1)."""
    from ehtoolkit.crypto.x509 import key_identifier

    return key_identifier(certificate.public_key())


def raw_key_id(der: bytes) -> bytes:
    """Return the key identifier as `key_id_of` does, for a certificate that `load_certificate` does not load. Raises
    `errors.KeystoreDamaged`."""

    try:
        return bytes(_raw(der).public_key.sha1)
    except UNREADABLE as error:
        raise errors.KeystoreDamaged(reason="certificate") from error


def certificate_key_kind(der: bytes) -> KeyKind:
    """Return the kind of the key in a certificate, loaded or not. Raises `errors.KeystoreDamaged`."""

    try:
        return kind_of_public_key(_raw(der).public_key.dump())
    except UNREADABLE as error:
        raise errors.KeystoreDamaged(reason="certificate") from error


def encoded(certificate: Certificate) -> bytes:
    """Return the DER of a certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def issuer_name_of(certificate: Certificate) -> str | None:
    """Return the common name of the issuer, None when it has none or several."""
    return common_name_of(certificate.issuer)


def common_name_of(name: Name) -> str | None:
    """Return the common name in a name, None when it has none or several."""
    from ehtoolkit.crypto.x509 import only_common_name

    return only_common_name(name)


def entry_name_of(der: bytes) -> str:
    """Return the name of a certificate's entry: its subject, or the key identifier where that is empty or cannot be
    written. Raises `errors.KeystoreDamaged`."""
    certificate = load_certificate(der)
    with suppress(ValueError):  # the name is no name
        if certificate is not None and (name := certificate.subject.rfc4514_string()):
            return name
    return raw_key_id(der).hex()


def _raw(der: bytes) -> raw.Certificate:
    from asn1crypto.x509 import Certificate

    return Certificate.load(der)


# ── The placeholder until the real certificate comes ─────────────────────────────────────────────────────
_SUBJECT: Final = {"country_name": "Dummy"}
_VALIDITY: Final = timedelta(minutes=1)
_ENDED: Final = timedelta(days=1)


def placeholder_certificate(key: PrivateKey, now: datetime) -> bytes:
    """Return the DER of a certificate for ``key``, signed by itself: subject ``C=Dummy``, serial number 0, valid for
    one minute that ended a day before ``now`` (aware), key usage keyEncipherment and dataEncipherment.

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
    """Return whether a certificate is the stand-in: serial number 0 and subject ``C=Dummy``."""
    from asn1crypto import x509

    try:
        signed_part = x509.Certificate.load(der)["tbs_certificate"]
        return signed_part["serial_number"].native == 0 and dict(signed_part["subject"].native) == _SUBJECT
    except (ValueError, TypeError, KeyError):
        return False
