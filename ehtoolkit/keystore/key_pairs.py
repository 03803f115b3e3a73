"""Private keys and certificates of keystores, with those that `cryptography` refuses and placeholders."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate, load_der_x509_certificate

from ehtoolkit import errors
from ehtoolkit.crypto import der as build
from ehtoolkit.crypto.certificates import UNREADABLE, hash_for, key_identifier, name_text
from ehtoolkit.crypto.keys import EC, KeyKind, kind_of_private_key, kind_of_public_key, sign
from ehtoolkit.crypto.parse_warnings import parse_warnings_ignored

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from ehtoolkit.crypto.keys import PrivateKey


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
    with _damage("key"):
        kind = kind_of_private_key(pkcs8)
    if kind.fault is not None:
        raise errors.KeyUnfit(kind=str(kind), reason=str(kind.fault))
    with _damage("key_point" if kind.algorithm == EC else "key"):
        key = _loaded(pkcs8)
    if isinstance(key, RSAPrivateKey):
        if not _is_consistent(key):
            raise errors.KeystoreDamaged(reason="key")
        return key
    assert isinstance(key, EllipticCurvePrivateKey)  # noqa: S101  # by its kind
    return key


def key_id_of_pkcs8(pkcs8: bytes) -> bytes | None:
    """Return the key identifier of a key of any kind, as `ehtoolkit.crypto.certificates.key_identifier` does; None for
    one that cannot be read, or that costs too much to read."""
    try:
        key = _loaded(pkcs8) if kind_of_private_key(pkcs8).loadable else None
        return None if key is None else key_identifier(key.public_key())  # type: ignore[arg-type]
    except UNREADABLE:
        return None


def store_private_key(key: PrivateKeyTypes) -> bytes:
    """Return the DER of the PrivateKeyInfo."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _loaded(pkcs8: bytes) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(pkcs8, password=None, unsafe_skip_rsa_key_validation=True)


@contextmanager
def _damage(reason: Literal["key", "key_point", "certificate"]) -> Iterator[None]:
    """Turn what the body raises for what it cannot read into `errors.KeystoreDamaged`."""
    try:
        yield
    except UNREADABLE as error:
        raise errors.KeystoreDamaged(reason=reason) from error


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
_LIMITS: Final = build.Limits(nesting=16, values=5_000)
"""Of a certificate: real ones have a dozen levels and some hundred values."""


@lru_cache(_KEPT)
def load_certificate(der: bytes) -> Certificate | None:
    """Return the certificate, with all that a keystore asks of it known to be readable.

    None for one that `cryptography` does not read or is going to refuse, and that a keystore can hold all the same: a
    serial number of zero or less (the stand-in before installation, some old roots), a key of a kind that is not used
    or that is so long that loading it would keep the reader waiting.

    Raises `errors.KeystoreDamaged` (reason ``certificate``) for what is no certificate.
    """
    with _damage("certificate"):
        signed_part = _signed_part(der)
        if signed_part.serial < 1 or not kind_of_public_key(signed_part.key).loadable:
            return None
        try:
            certificate = load_der_x509_certificate(der)
            # Each of these is parsed when it is first asked for, and would fail or warn then: `cryptography` warns
            # of a country that has more than two letters. What was parsed is kept.
            with parse_warnings_ignored():
                for part in ("subject", "issuer", "not_valid_before_utc", "not_valid_after_utc"):
                    getattr(certificate, part)
            certificate.public_key()
        except UnsupportedAlgorithm:
            return None
        return certificate


def key_id_of(certificate: Certificate) -> bytes:
    """Return the SHA-1 of the subjectPublicKey bits: the platform's PublicKeyIdentifier (RFC 5280, method 1)."""
    return key_identifier(certificate.public_key())


def certificate_key_id(der: bytes) -> bytes:
    """Return the key identifier of the public key in a certificate, loaded or not. Raises `errors.KeystoreDamaged`."""
    certificate = load_certificate(der)
    with _damage("certificate"):
        return _signed_part(der).key_id if certificate is None else key_id_of(certificate)


def readable_key_id(der: bytes) -> bytes | None:
    """Return the same as `certificate_key_id`; None for a damaged certificate."""
    try:
        return certificate_key_id(der)
    except errors.KeystoreDamaged:
        return None


def certificate_key_kind(der: bytes) -> KeyKind:
    """Return the kind of the key in a certificate, loaded or not. Raises `errors.KeystoreDamaged`."""
    with _damage("certificate"):
        return kind_of_public_key(_signed_part(der).key)


def encoded(certificate: Certificate) -> bytes:
    """Return the DER of a certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def entry_name_of(der: bytes) -> str:
    """Return the name of a certificate's entry: its subject, or the key identifier where that is empty or cannot be
    written. Raises `errors.KeystoreDamaged`."""
    certificate = load_certificate(der)
    name = "" if certificate is None else name_text(certificate.subject)
    return name or certificate_key_id(der).hex()


class _SignedPart(NamedTuple):
    """What is read from a certificate before a library reads it.

    Attributes:
        serial: number, of any size and sign.
        subject: with its parts.
        key: SubjectPublicKeyInfo, as DER.
    """

    serial: int
    subject: build.BerElement
    key: bytes

    @property
    def key_id(self) -> bytes:
        """The SHA-1 of the subjectPublicKey bits. Raises `BerError` for what is no key."""
        bits = _parsed(self.key, 0).parts(least=2)[1].octets(build.BIT_STRING)[1:]
        return hashlib.sha1(bits).digest()  # noqa: S324  # RFC 5280, method 1


def _signed_part(der: bytes) -> _SignedPart:
    """Read a certificate's signed part; nothing in the certificate is beyond the limits then. Raises ValueError."""
    version_or_serial, *others = _parsed(der, 0).parts(least=3)[0].parts(least=6)
    serial, *rest = others if version_or_serial.tag == build.CONTEXT else (version_or_serial, *others)
    _, _, _, subject, key = rest[:5]
    if serial.tag != build.INTEGER:
        raise build.BerError("structure")
    return _SignedPart(int.from_bytes(serial.view, "big", signed=True), subject, key.der())


def _parsed(der: bytes, position: int) -> build.BerElement:
    try:
        return build.parse(build.BerElement, der, position, _LIMITS)
    except build.BerLimitExceeded as error:
        raise build.BerError("structure") from error


# ── The placeholder until the real certificate comes ─────────────────────────────────────────────────────
_DUMMY: Final = "Dummy"
_COUNTRY: Final = "2.5.4.6"
_KEY_USAGE: Final = "2.5.29.15"
_VALIDITY: Final = timedelta(minutes=1)
_ENDED: Final = timedelta(days=1)


def placeholder_certificate(key: PrivateKey, now: datetime) -> bytes:
    """Return the DER of a certificate for ``key``, signed by itself: subject ``C=Dummy``, serial number 0, valid for
    one minute that ended a day before ``now`` (aware), key usage keyEncipherment and dataEncipherment.

    `cryptography` makes no certificate with serial number 0; other programs know the stand-in by it.
    """
    from asn1crypto.algos import SignedDigestAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    digest = hash_for(key)
    kind = "rsa" if isinstance(key, RSAPrivateKey) else "ecdsa"
    algorithm: bytes = SignedDigestAlgorithm({"algorithm": f"{digest.name}_{kind}"}).dump()
    country = build.sequence(build.object_identifier(_COUNTRY), build.printable_string(_DUMMY))
    name = build.sequence(build.set_of(country))
    end = (now.astimezone(UTC) - _ENDED).replace(microsecond=0)
    usage = (
        build.object_identifier(_KEY_USAGE),
        build.boolean(True),
        build.octet_string(build.named_bits(2, 3)),
    )
    signed_part = build.sequence(
        build.explicit(0, build.integer(2)),
        build.integer(0),
        algorithm,
        name,
        build.sequence(build.time(end - _VALIDITY), build.time(end)),
        name,
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        build.explicit(3, build.sequence(build.sequence(*usage))),
    )
    return build.sequence(signed_part, algorithm, build.bit_string(sign(key, digest, signed_part)))


def is_placeholder(der: bytes) -> bool:
    """Return whether a certificate is the stand-in: serial number 0 and subject ``C=Dummy``."""
    try:
        signed_part = _signed_part(der)
        (attributes,) = signed_part.subject.parts()
        (country,) = attributes.parts(build.SET)
        kind, name = country.parts(least=2)
    except ValueError:
        return False
    return signed_part.serial == 0 and kind.identifier() == _COUNTRY and name.body == _DUMMY.encode()
