"""Write PKCS#12 files: DER, each key by itself, certificates encrypted together."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.crypto.der import CONTEXT
from ehtoolkit.keystore.codec.ciphers import CIPHERS, encrypt
from ehtoolkit.keystore.codec.contents import (
    Attributes,
    CertificateBag,
    Key,
    OtherBag,
    Pkcs12Contents,
    clashing_aliases,
)
from ehtoolkit.keystore.codec.derivation import DIGESTS, Derivation, DerivedKeyCache, Function
from ehtoolkit.keystore.codec.pkcs12 import open_key
from ehtoolkit.keystore.codec.protection import (
    DIGEST_OIDS,
    HMACS,
    PBES1_CIPHERS,
    PBES2,
    PBES2_CIPHERS,
    PBKDF2,
    Encryption,
    Mac,
    Protection,
)
from ehtoolkit.keystore.codec.structure import (
    CERTIFICATE,
    DATA,
    ENCRYPTED_DATA,
    SHROUDED_KEY,
    SYMMETRIC_KEY,
    X509,
    parse_whole,
    read_value,
)
from ehtoolkit.secret import Secret


class EncryptionProfile(StrEnum):
    """How a file is protected. Which software reads which: `ehtoolkit.keystore.software_compatibility`."""

    COMPATIBLE = "compatible"
    """3DES for keys and certificates, MAC HMAC-SHA1, iterations as OpenJDK's own legacy mode: read by all software of
    practices that was tried, also by BouncyCastle 1.55."""
    MODERN = "modern"
    """PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA256, MAC HMAC-SHA256, 100,000 iterations."""

    @classmethod
    def of(cls, protection: Protection) -> EncryptionProfile:
        """Return the profile that is read by all software that reads a file with that protection."""
        encryptions = [part for part in protection.encryptions if isinstance(part, Encryption)]
        newer_mac = isinstance(protection.mac, Mac) and protection.mac.digest != "sha1"
        return cls.MODERN if newer_mac or any(part.is_pbes2 for part in encryptions) else cls.COMPATIBLE


@dataclass(frozen=True, slots=True)
class Cost:
    """Iterations of the two derivations of a file: ``bags`` for keys and certificates, ``mac`` for the MAC."""

    bags: int
    mac: int


COSTS: Final[Mapping[EncryptionProfile, Cost]] = MappingProxyType(
    {EncryptionProfile.COMPATIBLE: Cost(50_000, 100_000), EncryptionProfile.MODERN: Cost(100_000, 100_000)}
)
"""Read by `EncryptionParams.new` alone, and by no setting: no configuration can weaken a file."""

_ALGORITHMS: Final = {
    EncryptionProfile.COMPATIBLE: (Function.PKCS12_KEY, "sha1", "des-ede3-cbc"),
    EncryptionProfile.MODERN: (Function.PBKDF2, "sha256", "aes256-cbc"),
}
"""Key derivation, digest and cipher of each profile."""

_SALT_LENGTH: Final = 20
_MOST_ITERATIONS: Final = 300_000
"""What .NET's loader accepts at most."""


@dataclass(frozen=True, slots=True)
class EncryptionParams:
    """The derivations that a file is written with: one for all its bags, one for the MAC.

    One salt for all bags, so that opening and saving derive two keys and not one a bag. With AES every bag
    has a random initialisation vector of its own. The vector of 3DES comes from the salt, so all bags share
    it: what CBC then shows is whether two bags begin alike, and they do so in their fixed header only. What comes
    next is the modulus of an RSA key, which is public, or the secret number of an EC key, which no two keys share;
    certificates are public.
    """

    profile: EncryptionProfile
    bags: Derivation
    mac: Derivation

    @classmethod
    def new(cls, profile: EncryptionProfile) -> EncryptionParams:
        """Return the derivations for a new file with this profile, with fresh salts."""
        salt, mac_salt, cost = os.urandom(_SALT_LENGTH), os.urandom(_SALT_LENGTH), COSTS[profile]
        function, digest, cipher = _ALGORITHMS[profile]
        bags = Derivation(function, digest, salt, cost.bags, CIPHERS[cipher].key_length)
        mac = Derivation(Function.PKCS12_MAC, digest, mac_salt, cost.mac, DIGESTS[digest])
        return cls(profile, bags, mac)

    @classmethod
    def to_continue(cls, protection: Protection) -> EncryptionParams:
        """Return the derivations for saving a file again under the same password: its own where they are as strong as
        new ones, else new ones of the profile that comes nearest, so that what read the file still reads it."""
        encryptions = [part for part in protection.encryptions if isinstance(part, Encryption)]
        new = cls.new(EncryptionProfile.of(protection))
        if not encryptions or not isinstance(protection.mac, Mac):
            return new
        found = cls(new.profile, encryptions[0].key, protection.mac.key)
        alike = all(part.key == found.bags and part.cipher == found._cipher for part in encryptions)
        strong = all(map(_is_as_strong, (found.bags, found.mac), (new.bags, new.mac)))
        return found if alike and strong else new

    def encryption(self) -> Encryption:
        """Return how the next bag is encrypted."""
        lengths = CIPHERS[self._cipher]
        if self.profile is EncryptionProfile.MODERN:
            return Encryption(self._cipher, self.bags, os.urandom(lengths.block_length))
        key = self.bags
        iv = Derivation(Function.PKCS12_IV, key.digest, key.salt, key.iterations, lengths.block_length)
        return Encryption(self._cipher, key, iv)

    @property
    def _cipher(self) -> str:
        return _ALGORITHMS[self.profile][2]


def prepare(cache: DerivedKeyCache, params: EncryptionParams) -> None:
    """Derive all that `seal` will need, so that the cache can be closed."""
    encryption = params.encryption()
    next(cache.attempts(encryption.key, encryption.iv))
    cache.key(params.mac)


def seal(contents: Pkcs12Contents, cache: DerivedKeyCache, params: EncryptionParams) -> bytes:
    """Return a PKCS#12 file with ``contents``, encrypted and authenticated with the derivations of ``params``.

    Raises `errors.DuplicateAlias` when a name differs from a key's only in case: Java would lose that key.
    """
    clashing = clashing_aliases(contents.keys, contents.certificates)
    if clashing:
        raise errors.DuplicateAlias(alias=clashing[1])
    keys = [_bag(SHROUDED_KEY, shroud(key.pkcs8, cache, params), key.attributes) for key in contents.keys]
    safes = [_content(DATA, der.octet_string(der.sequence(*keys)))] if keys else []
    others = [_bag(bag.oid, bag.value, bag.attributes) for bag in contents.others]
    sealed = [*map(_certificate_bag, contents.certificates), *others]
    if sealed:
        safes.append(_sealed_safe(der.sequence(*sealed), cache, params))
    authenticated = der.sequence(*safes)
    return der.sequence(
        der.integer(3),
        _content(DATA, der.octet_string(authenticated)),
        _mac(authenticated, cache, params.mac),
    )


def write_pkcs12(
    contents: Pkcs12Contents, password: Secret, profile: EncryptionProfile = EncryptionProfile.COMPATIBLE
) -> bytes:
    """Return a PKCS#12 file with everything in ``contents``, names and order as they are.

    Raises `errors.DuplicateAlias`. The password is not judged: see `ehtoolkit.keystore.passwords.check_new_password`.
    """
    return seal(contents, DerivedKeyCache(password), EncryptionParams.new(profile))


def _is_as_strong(found: Derivation, new: Derivation) -> bool:
    return (
        (found.function, found.digest, found.length) == (new.function, new.digest, new.length)
        and len(found.salt) >= _SALT_LENGTH
        and new.iterations <= found.iterations <= _MOST_ITERATIONS
    )


def shroud(pkcs8: bytes, cache: DerivedKeyCache, params: EncryptionParams) -> bytes:
    """Return the DER of an EncryptedPrivateKeyInfo: ``pkcs8``, encrypted."""
    encryption = params.encryption()
    return der.sequence(_algorithm(encryption), der.octet_string(_encrypted(pkcs8, cache, encryption)))


def _certificate_bag(certificate: CertificateBag) -> bytes:
    return _bag(CERTIFICATE, _content(X509, der.octet_string(certificate.der)), certificate.attributes)


def _bag(oid: str, value: bytes, attributes: Attributes) -> bytes:
    fields = [der.object_identifier(oid), der.explicit(0, value)]
    if attributes:
        fields.append(der.set_of(*(attribute.encoded for attribute in attributes)))
    return der.sequence(*fields)


def _sealed_safe(bags: bytes, cache: DerivedKeyCache, params: EncryptionParams) -> bytes:
    encryption = params.encryption()
    sealed = der.implicit_octets(0, _encrypted(bags, cache, encryption))
    info = der.sequence(der.object_identifier(DATA), _algorithm(encryption), sealed)
    return _content(ENCRYPTED_DATA, der.sequence(der.integer(0), info))


def _content(kind: str, inner: bytes) -> bytes:
    return der.sequence(der.object_identifier(kind), der.explicit(0, inner))


def _encrypted(plain: bytes, cache: DerivedKeyCache, encryption: Encryption) -> bytes:
    derived = next(cache.attempts(encryption.key, encryption.iv))
    return encrypt(encryption.cipher, derived.key, derived.iv, plain)


def _algorithm(encryption: Encryption) -> bytes:
    key = encryption.key
    salt, iterations = der.octet_string(key.salt), der.integer(key.iterations)
    if isinstance(encryption.iv, Derivation):
        return der.sequence(_oid(PBES1_CIPHERS, encryption.cipher), der.sequence(salt, iterations))
    digest = der.sequence(_oid(HMACS, key.digest), der.NULL)
    derived = der.sequence(salt, iterations, der.integer(key.length), digest)
    function = der.sequence(der.object_identifier(PBKDF2), derived)
    cipher = der.sequence(_oid(PBES2_CIPHERS, encryption.cipher), der.octet_string(encryption.iv))
    return der.sequence(der.object_identifier(PBES2), der.sequence(function, cipher))


def _oid(table: Mapping[str, str], name: str) -> bytes:
    """Return the object identifier that is called ``name`` in a table of `ehtoolkit.keystore.codec.protection`."""
    return der.object_identifier(next(oid for oid, known in table.items() if known == name))


def _mac(authenticated: bytes, cache: DerivedKeyCache, derivation: Derivation) -> bytes:
    value = hmac.digest(cache.key(derivation), authenticated, derivation.digest)
    algorithm = der.sequence(_oid(DIGEST_OIDS, derivation.digest), der.NULL)
    return der.sequence(
        der.sequence(algorithm, der.octet_string(value)),
        der.octet_string(derivation.salt),
        der.integer(derivation.iterations),
    )


# ── Secret keys, as Java stores them ─────────────────────────────────────────────────────────────────────


def reseal_secrets(
    contents: Pkcs12Contents, before: DerivedKeyCache, after: DerivedKeyCache, params: EncryptionParams
) -> Pkcs12Contents:
    """Return the same contents with the secret keys under another password: the bags that a file is made of hold them
    as they are, so they would stay under the old one.

    What the password does not open as a secret key, or what is protected in an unknown way, stays as it is.
    """
    others = (_resealed(bag, before, after, params) for bag in contents.others)
    return replace(contents, others=tuple(others))


def _resealed(
    bag: OtherBag, before: DerivedKeyCache, after: DerivedKeyCache, params: EncryptionParams
) -> OtherBag:
    if bag.oid != SYMMETRIC_KEY:
        return bag
    try:
        kind, content = parse_whole(bag.value).parts(least=2)[:2]
        if kind.identifier() != SHROUDED_KEY:
            return bag
        octets = content.parts(CONTEXT, least=1)[0].octets()
        shrouded = read_value(SHROUDED_KEY, parse_whole(octets), ())
        key = open_key(shrouded, before) if isinstance(shrouded, Key) else None
    except (errors.KeystoreDamaged, errors.KeystoreUnsupported, errors.LimitExceeded):
        return bag
    if key is None:
        return bag
    sealed = der.octet_string(shroud(key.pkcs8, after, params))
    return replace(bag, value=_content(SHROUDED_KEY, sealed))
