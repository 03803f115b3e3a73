"""Private keys and certificates of keystores, with those that `cryptography` refuses and placeholders."""

from __future__ import annotations

import math
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate, Name, load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.crypto.certificates import UNREADABLE
from ehtoolkit.crypto.keys import EC, KeyKind, kind_of_private_key, kind_of_public_key
from ehtoolkit.crypto.signatures import algorithm_of, hash_for, sign

if TYPE_CHECKING:
    from asn1crypto import x509 as raw

    from ehtoolkit.crypto.keys import PrivateKey, PublicKey


def load_private_key(pkcs8: bytes) -> PrivateKey:
    """Load an RSA or EC key when its numbers belong together.

    A full check of an RSA key proves that both factors are prime, which takes as long as all derivations of a file
    together and guards against keys that were made to mislead. This key only has to be the one that was stored: the
    MAC says so, and arithmetic shows that no number of it has changed. An EC key is checked by the library: the point
    is on the curve and belongs to the private number.

    Raises:
        errors.KeyUnfit: its kind, length or curve is none that eHealth uses; nothing was computed with it.
        errors.KeystoreDamaged: reason ``key``; ``key_point`` for an EC key whose point is not its own.
    """
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        kind = kind_of_private_key(pkcs8)
        if kind.fault is not None:
            raise errors.KeyUnfit(kind=str(kind), reason=str(kind.fault))
    except ValueError as error:
        raise errors.KeystoreDamaged(reason="key") from error
    try:
        key = load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
    except UNREADABLE as error:
        if kind.algorithm == EC:
            raise errors.KeystoreDamaged(reason="key_point") from error
        raise errors.KeystoreDamaged(reason="key") from error
    if isinstance(key, RSAPrivateKey):
        if not _is_consistent(key):
            raise errors.KeystoreDamaged(reason="key")
        return key
    assert isinstance(key, EllipticCurvePrivateKey)  # noqa: S101  # by its kind
    return key


def key_id_of_pkcs8(pkcs8: bytes) -> bytes | None:
    """Return the key identifier as `key_id_of_key` does, for a key of any kind; None for one that cannot be read, or
    that costs too much to read."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    from ehtoolkit.crypto.certificates import UNREADABLE, key_identifier

    try:
        if not kind_of_private_key(pkcs8).loadable:
            return None
        key = load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)
        return key_identifier(key.public_key())  # type: ignore[arg-type]
    except UNREADABLE:
        return None


def store_private_key(key: PrivateKey) -> bytes:
    """Return the DER of the PrivateKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def key_id_of_key(key: PublicKey) -> bytes:
    """Return the SHA-1 of the subjectPublicKey bits: the platform's PublicKeyIdentifier (RFC 5280, method 1)."""
    from ehtoolkit.crypto.certificates import key_identifier

    return key_identifier(key)


def _is_consistent(key: RSAPrivateKey) -> bool:
    numbers = key.private_numbers()
    p, q, d = numbers.p, numbers.q, numbers.d
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    return (
        p > 2
        and q > 2
        and p * q == n
        and e % 2 == 1
        and e > 2
        and d * e % math.lcm(p - 1, q - 1) == 1
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and numbers.iqmp * q % p == 1
    )


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────
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
    from ehtoolkit.crypto.certificates import key_identifier

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
    from ehtoolkit.crypto.certificates import only_common_name

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
