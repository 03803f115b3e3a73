"""Protection of the parts of a file: ciphers, derivations and the MAC, read from the algorithm identifiers of PKCS#12,
PKCS#5 and RFC 9879.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.der import INTEGER, SEQUENCE, BerElement
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.ciphers import CIPHERS
from ehtoolkit.keystore.codec.derivation import DIGESTS, Derivation, Function


@dataclass(frozen=True, slots=True)
class Encryption:
    """How one part is encrypted.

    Attributes:
        cipher: a name of `ehtoolkit.keystore.codec.ciphers.CIPHERS`.
        iv: the initialisation vector, or how it too comes from the password.
        tag_length: of ciphers that authenticate, the bytes at the end that do so.
        is_segmented: its salt or initialisation vector is written in segments, which BER allows and Java refuses.
    """

    cipher: str
    key: Derivation
    iv: bytes | Derivation
    tag_length: int = 0
    is_segmented: bool = field(default=False, compare=False)

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        return (self.key, self.iv) if isinstance(self.iv, Derivation) else (self.key,)

    @property
    def is_pbes2(self) -> bool:
        """Whether it is of the newer kind (PBKDF2 and a named cipher), which old software does not read."""
        return self.key.function is Function.PBKDF2


@dataclass(frozen=True, slots=True)
class Mac:
    """The check over the whole content: HMAC with ``digest``, under the key of ``key``."""

    key: Derivation
    digest: str
    value: bytes

    @property
    def is_pbmac1(self) -> bool:
        """Whether it is of the newer kind (RFC 9879), which Java 17 and 25 and BouncyCastle refuse."""
        return self.key.function is Function.PBKDF2


@dataclass(frozen=True, slots=True)
class UnsupportedAlgorithm:
    """A cipher, a derivation or a MAC that is not read. ``algorithm``: its name or its dotted numbers."""

    algorithm: str


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What is encrypted by itself: one private key, or bags together. ``whole``: whether its end is there."""

    encryption: Encryption | UnsupportedAlgorithm
    data: bytes = field(repr=False)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Protection:
    """What a file states about itself, readable without the password.

    Attributes:
        encryptions: of each encrypted part, private keys first.
        mac: None when the file has none.
    """

    encryptions: tuple[Encryption | UnsupportedAlgorithm, ...]
    mac: Mac | UnsupportedAlgorithm | None

    def derivations(self) -> Iterator[Derivation]:
        """Yield each derivation that opening everything takes, once."""
        seen: set[Derivation] = set()
        for part in (*self.encryptions, self.mac):
            if isinstance(part, Encryption):
                seen.update(part.derivations)
            elif isinstance(part, Mac):
                seen.add(part.key)
        yield from seen

    def unsupported(self) -> UnsupportedAlgorithm | None:
        """Return the first part that is not read, None when all are."""
        algorithms = (*self.encryptions, self.mac)
        return next((part for part in algorithms if isinstance(part, UnsupportedAlgorithm)), None)


# ── Read algorithm identifiers ───────────────────────────────────────────────────────────────────────────
PBES2: Final = "1.2.840.113549.1.5.13"
_PBMAC1: Final = "1.2.840.113549.1.5.14"
PBKDF2: Final = "1.2.840.113549.1.5.12"
_HMAC_SHA1: Final = "1.2.840.113549.2.7"
HMACS: Final = {
    _HMAC_SHA1: "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
    "1.2.840.113549.2.12": "sha512_224",
    "1.2.840.113549.2.13": "sha512_256",
}
DIGEST_OIDS: Final = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
}
PBES1_CIPHERS: Final = {
    "1.2.840.113549.1.12.1.1": "rc4-128",
    "1.2.840.113549.1.12.1.2": "rc4-40",
    "1.2.840.113549.1.12.1.3": "des-ede3-cbc",
    "1.2.840.113549.1.12.1.4": "des-ede2-cbc",
    "1.2.840.113549.1.12.1.5": "rc2-128-cbc",
    "1.2.840.113549.1.12.1.6": "rc2-40-cbc",
}
PBES2_CIPHERS: Final = {
    "2.16.840.1.101.3.4.1.2": "aes128-cbc",
    "2.16.840.1.101.3.4.1.22": "aes192-cbc",
    "2.16.840.1.101.3.4.1.42": "aes256-cbc",
    "1.2.840.113549.3.7": "des-ede3-cbc",
    "2.16.840.1.101.3.4.1.6": "aes128-gcm",
    "2.16.840.1.101.3.4.1.26": "aes192-gcm",
    "2.16.840.1.101.3.4.1.46": "aes256-gcm",
}
_UNREAD: Final = {
    "1.3.6.1.4.1.11591.4.11": "scrypt",
    "1.2.840.113549.2.5": "MD5",
    "2.16.840.1.101.3.4.2.7": "SHA3-224",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "2.16.840.1.101.3.4.2.9": "SHA3-384",
    "2.16.840.1.101.3.4.2.10": "SHA3-512",
}
"""Names of algorithms that other programs write and that are not read here."""
_GCM_TAG: Final = 12
"""Bytes of the tag where the file does not say (RFC 5084)."""
_GCM_TAGS: Final = range(12, 17)
_GCM_NONCES: Final = range(8, 65)
_SEGMENTED: Final = 0x24
"""The tag of an OCTET STRING that is made of others."""
_LONGEST_KEY: Final = 256
_SHORTEST_MAC_KEY: Final = 20
"""Bytes. With fewer a file can be made by trying, without its password (RFC 9579)."""


def read_encryption(algorithm: BerElement) -> Encryption | UnsupportedAlgorithm:
    """Return how something is encrypted, as an AlgorithmIdentifier states it. Raises `errors.KeystoreDamaged`,
    `errors.LimitExceeded`."""
    oid, *parameters = algorithm.parts(least=1)
    name = oid.identifier()
    try:
        if name != PBES2:
            return _read_pbes1(name, parameters)
        return replace(_read_pbes2(_only(parameters)), is_segmented=_has_segments(algorithm))
    except errors.KeystoreUnsupported as error:
        return UnsupportedAlgorithm(error.algorithm or name)


def _has_segments(element: BerElement) -> bool:
    return element.tag == _SEGMENTED or any(map(_has_segments, element.children))


def read_mac(mac: BerElement) -> Mac | UnsupportedAlgorithm:
    """Return how a file is authenticated, as its MacData states it. Raises as `read_encryption`."""
    info, salt, *rest = mac.parts(least=2)
    algorithm, value = info.parts(least=2)[:2]
    oid, *parameters = algorithm.parts(least=1)
    name = oid.identifier()
    try:
        if name == _PBMAC1:  # salt and iterations beside it do not count
            return _read_pbmac1(_only(parameters), value.octets())
        digest = _known(DIGEST_OIDS, name)
    except errors.KeystoreUnsupported as error:
        return UnsupportedAlgorithm(error.algorithm or name)
    octets, count = salt_and_iterations(salt, rest[0] if rest else None)
    key = Derivation(Function.PKCS12_MAC, digest, octets, count, DIGESTS[digest])
    return Mac(key, digest, value.octets())


def salt_and_iterations(salt: BerElement, iterations: BerElement | None) -> tuple[bytes, int]:
    """Return the salt and the number of iterations, both within the limits; one iteration where no number is stated.
    Raises as `read_encryption`."""
    octets, count = salt.octets(), 1 if iterations is None else iterations.number()
    if count < 1:
        raise errors.KeystoreDamaged(reason="structure")
    limits.check("iterations", count)
    limits.check("salt", len(octets))
    return octets, count


def _only(parameters: list[BerElement]) -> BerElement:
    if len(parameters) != 1:
        raise errors.KeystoreDamaged(reason="structure")
    return parameters[0]


def _known(table: Mapping[str, str], oid: str) -> str:
    """Return what an object identifier is called. Raises `errors.KeystoreUnsupported` for one that is not read, or not
    on this computer."""
    name = table.get(oid, "")
    if name not in CIPHERS and name not in DIGESTS:
        raise errors.KeystoreUnsupported(algorithm=_shown(oid))
    return name


def _shown(oid: str) -> str:
    """Return what people call an algorithm that is not read; its numbers where it has no such name here."""
    return _UNREAD.get(oid, oid)


def _read_pbes1(name: str, parameters: list[BerElement]) -> Encryption:
    cipher = _known(PBES1_CIPHERS, name)
    salt, iterations, *_ = _only(parameters).parts(least=2)
    octets, count = salt_and_iterations(salt, iterations)
    lengths = CIPHERS[cipher]
    key = Derivation(Function.PKCS12_KEY, "sha1", octets, count, lengths.key_length)
    if not lengths.block_length:
        return Encryption(cipher, key, b"")
    iv = Derivation(Function.PKCS12_IV, "sha1", octets, count, lengths.block_length)
    return Encryption(cipher, key, iv)


def _read_pbes2(parameters: BerElement) -> Encryption:
    function, scheme = parameters.parts(least=2)[:2]
    oid, *details = scheme.parts(least=1)
    cipher = _known(PBES2_CIPHERS, oid.identifier())
    lengths = CIPHERS[cipher]
    key = _read_pbkdf2(function, lengths.key_length)
    if not lengths.block_length:
        return _read_gcm(cipher, key, _only(details))
    iv = _only(details).octets()
    if len(iv) != lengths.block_length:
        raise errors.KeystoreDamaged(reason="structure")
    return Encryption(cipher, key, iv)


def _read_gcm(cipher: str, key: Derivation, details: BerElement) -> Encryption:
    nonce, *tag = details.parts(least=1)
    octets, tag_length = nonce.octets(), tag[0].number() if tag else _GCM_TAG
    if len(octets) not in _GCM_NONCES or tag_length not in _GCM_TAGS:
        raise errors.KeystoreDamaged(reason="structure")
    return Encryption(cipher, key, octets, tag_length)


def _read_pbmac1(parameters: BerElement, value: bytes) -> Mac:
    function, scheme = parameters.parts(least=2)[:2]
    digest = _known(HMACS, scheme.parts(least=1)[0].identifier())
    key = _read_pbkdf2(function, None)
    if key.length < _SHORTEST_MAC_KEY:
        raise errors.KeystoreUnsupported(algorithm=f"PBMAC1, keyLength {key.length}")
    return Mac(key, digest, value)


def _read_pbkdf2(algorithm: BerElement, length: int | None) -> Derivation:
    """Return the derivation that an AlgorithmIdentifier of PBKDF2 states. ``length``: of the key that the cipher takes;
    None where the file has to state it."""
    oid, *parameters = algorithm.parts(least=1)
    if oid.identifier() != PBKDF2:
        raise errors.KeystoreUnsupported(algorithm=_shown(oid.identifier()))
    salt, iterations, *options = _only(parameters).parts(least=2)
    if salt.tag == SEQUENCE:  # a salt from another source, which no standard defines
        raise errors.KeystoreUnsupported(algorithm=salt.parts(least=1)[0].identifier())
    octets, count = salt_and_iterations(salt, iterations)
    stated = options.pop(0).number() if options and options[0].tag == INTEGER else None
    function = options[0].parts(least=1)[0].identifier() if options else _HMAC_SHA1
    digest = _known(HMACS, function)
    if length is not None and stated not in (None, length):
        # Of old Firefox: 32 bytes, of which AES-128 takes half.
        raise errors.KeystoreUnsupported(algorithm=f"PBKDF2, keyLength {stated}")
    wanted = stated if length is None else length
    if wanted is None or not 0 < wanted <= _LONGEST_KEY:
        raise errors.KeystoreDamaged(reason="structure")
    return Derivation(Function.PBKDF2, digest, octets, count, wanted)
