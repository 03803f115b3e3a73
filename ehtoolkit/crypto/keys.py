"""Judge the kind of a key from its DER before a library computes with it; make new keys; sign and verify data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, overload

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from ehtoolkit.crypto import der
from ehtoolkit.crypto.der import BerElement

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

RSA: Final = "RSA"
EC: Final = "EC"
EXPLICIT: Final = "explicit"

RSA_BITS: Final = range(2048, 8193)
"""Lengths of RSA keys that a keystore may have: connectors and the platform take 2048; 8192 still signs in a second."""
CURVES: Final = {"1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521"}
"""The curves of authentication keys and of identity cards, by object identifier."""
_LOADABLE_BITS: Final = {RSA: 8192, "DSA": 4096}
"""Longest keys that may be loaded to compare or copy them: what a longer one costs grows with the square or worse."""
EXPONENT_BITS: Final = 64
"""Longest public exponent of an RSA key: nearly all have 17 bits, and what a signature costs grows with it."""
_LONGEST_DER: Final = {RSA: 6_000, "DSA": 2_000}
"""Bytes of a private key, with all its numbers, of the longest keys that may be loaded."""
_LOADABLE: Final = frozenset(("Ed25519", "Ed448", "X25519", "X448"))
_LOADABLE_CURVES: Final = frozenset(("1.3.132.0.10", "1.3.36.3.3.2.8.1.1.7", "1.3.36.3.3.2.8.1.1.11"))
"""secp256k1, brainpoolP256r1, brainpoolP384r1."""
_NAMES: Final = {
    "1.2.840.113549.1.1.1": RSA,
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.10045.2.1": EC,
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.113549.1.3.1": "DH",
    "1.2.840.10046.2.1": "DH",
    "1.3.101.110": "X25519",
    "1.3.101.111": "X448",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
"""Names of key algorithms, by object identifier."""
_LIMITS: Final = der.Limits(nesting=8, values=100)
"""What a key in DER has: an EC key with explicit parameters has most."""
UNREADABLE_KEY: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    InternalError,
)
"""What libraries raise for untrusted keys."""


class KeyFault(StrEnum):
    """Why a key is not one of an eHealth keystore."""

    ALGORITHM = "algorithm"
    CURVE = "curve"
    PARAMETERS = "parameters"
    SHORT = "short"
    LONG = "long"
    EXPONENT = "exponent"


@dataclass(frozen=True, slots=True)
class KeyKind:
    """The kind of a private or public key.

    Attributes:
        algorithm: `RSA`, `EC`, DSA, DH, Ed25519 …; an object identifier for one that has no name here.
        bits: length of the modulus or prime; None where the curve says it.
        curve: P-256, P-384, P-521, the object identifier of another curve, or `EXPLICIT` for a curve that is
            given by its parameters; None for keys that have none.
        exponent_bits: length of the public exponent of an RSA key.
    """

    algorithm: str
    bits: int | None = None
    curve: str | None = None
    exponent_bits: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Return the kind as people read it: ``RSA-2048``, ``EC P-384``."""
        if self.curve is not None:
            return f"{self.algorithm} {self.curve}"
        return self.algorithm if self.bits is None else f"{self.algorithm}-{self.bits}"

    @property
    def fault(self) -> KeyFault | None:
        """Why no eHealth keystore has such a key; None for the kinds that it may have."""
        if self.algorithm == EC:
            if self.curve == EXPLICIT:
                return KeyFault.PARAMETERS
            return None if self.curve in CURVES.values() else KeyFault.CURVE
        if self.algorithm != RSA or self.bits is None:
            return KeyFault.ALGORITHM
        if self.bits in RSA_BITS:
            return KeyFault.EXPONENT if (self.exponent_bits or 0) > EXPONENT_BITS else None
        return KeyFault.SHORT if self.bits < RSA_BITS.start else KeyFault.LONG

    @property
    def loadable(self) -> bool:
        """Whether a library may load such a key, to see whether it fits a certificate: what that costs is bounded."""
        if self.algorithm == EC:
            return self.fault is None or self.curve in _LOADABLE_CURVES
        if (self.exponent_bits or 0) > EXPONENT_BITS:
            return False
        if self.algorithm in _LOADABLE_BITS:
            return self.bits is not None and self.bits <= _LOADABLE_BITS[self.algorithm]
        return self.algorithm in _LOADABLE


def kind_of_private_key(pkcs8: bytes) -> KeyKind:
    """Read the kind of a private key from its PrivateKeyInfo (DER).

    Raises ValueError for what is none.
    """
    with _reading("not a private key"):
        _, algorithm, key = _parse(pkcs8).parts(least=3)[:3]
        kind = _kind(algorithm, lambda: _parse(key.octets()).parts(least=3)[1:3])
        if kind.loadable and len(pkcs8) > _LONGEST_DER.get(kind.algorithm, len(pkcs8)):
            raise ValueError("numbers that are longer than the key")
        return kind


def kind_of_public_key(spki: bytes) -> KeyKind:
    """Read the kind of a public key from its SubjectPublicKeyInfo (DER).

    Raises ValueError for what is none.
    """
    with _reading("not a public key"):
        algorithm, key = _parse(spki).parts(least=2)[:2]
        # The first octet of a BIT STRING counts the bits that are not used: none.
        return _kind(algorithm, lambda: _parse(key.octets(der.BIT_STRING)[1:]).parts(least=2)[:2])


def kind_of(key: PrivateKey | PublicKey) -> KeyKind:
    """Return the kind of a key that was loaded."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key
        return KeyKind(RSA, key.key_size, exponent_bits=public.public_numbers().e.bit_length())
    return KeyKind(EC, curve=_CURVES_BY_LIBRARY_NAME.get(key.curve.name, key.curve.name))


def is_bounded(key: object) -> bool:
    """Return whether verifying with a public key takes no longer than with others, however it was made."""
    return not isinstance(key, rsa.RSAPublicKey) or kind_of(key).loadable


_CURVES_BY_LIBRARY_NAME: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


@contextmanager
def _reading(fault: str) -> Iterator[None]:
    """Raise ValueError with the text ``fault`` for what the body cannot read."""
    try:
        yield
    except (ValueError, der.BerLimitExceeded) as error:
        raise ValueError(fault) from error


def _parse(data: bytes) -> BerElement:
    return der.parse(BerElement, data, 0, _LIMITS)


def _kind(algorithm: BerElement, rsa_numbers: Callable[[], Sequence[BerElement]]) -> KeyKind:
    """Return the kind of a key by its algorithm identifier. ``rsa_numbers``: gives the modulus and the public exponent
    of an RSA key. Raises ValueError, `BerLimitExceeded`."""
    identifier, *parameters = algorithm.parts(least=1)
    name = _NAMES.get(identifier.identifier(), identifier.identifier())
    if name == RSA:
        modulus, exponent = rsa_numbers()
        return KeyKind(RSA, _bits(modulus), exponent_bits=_bits(exponent))
    if name == "DSA":
        return KeyKind(name, _bits(parameters[0].parts(least=1)[0]) if parameters else None)
    if name == EC:
        if not parameters or parameters[0].tag != der.OBJECT_IDENTIFIER:
            return KeyKind(EC, curve=EXPLICIT)
        curve = parameters[0].identifier()
        return KeyKind(EC, curve=CURVES.get(curve, curve))
    return KeyKind(name)


def _bits(integer: BerElement) -> int:
    """Count the bits of an INTEGER without making a number of it. Raises `BerError` for another value."""
    content = integer.octets(der.INTEGER).lstrip(b"\0")
    return 0 if not content else 8 * (len(content) - 1) + content[0].bit_length()


# ── Make a new authentication key ────────────────────────────────────────────────────────────────────────
class NewKeyKind(StrEnum):
    """A kind of key that a certificate can be asked for with; the values are those of the setting.

    Source: certificates issued since 2025 have P-384 keys; before, and in the settings that the public connector
    ships with, they are RSA with 2048 bits.
    """

    EC_P384 = "ec-p384"
    RSA_2048 = "rsa-2048"

    @property
    def kind(self) -> KeyKind:
        """The same as a kind of key that a keystore has."""
        return _KINDS[self]

    @property
    def other(self) -> NewKeyKind:
        """The one to try where the platform refused this one."""
        return NewKeyKind.RSA_2048 if self is NewKeyKind.EC_P384 else NewKeyKind.EC_P384


_KINDS: Final = {
    NewKeyKind.EC_P384: KeyKind(EC, curve="P-384"),
    NewKeyKind.RSA_2048: KeyKind(RSA, 2048),
}


@overload
def generate_key(kind: Literal[NewKeyKind.RSA_2048]) -> rsa.RSAPrivateKey: ...
@overload
def generate_key(kind: NewKeyKind) -> PrivateKey: ...
def generate_key(kind: NewKeyKind) -> PrivateKey:
    """Make a new private key."""
    if kind is NewKeyKind.EC_P384:
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_kind_of(kind: KeyKind) -> NewKeyKind | None:
    """Return which of the kinds that are asked for a key has; None for another, which foreign programs may have
    made."""
    return next((kind_name for kind_name, made in _KINDS.items() if made == kind), None)


# ── Sign and verify data ─────────────────────────────────────────────────────────────────────────────────
def sign(key: PrivateKey, digest: HashAlgorithm, data: bytes) -> bytes:
    """Sign ``data``: RSA PKCS#1 v1.5, or ECDSA in DER."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), digest)
    return key.sign(data, ec.ECDSA(digest))


def verify(
    key: object,
    signature: bytes,
    data: bytes,
    digest: HashAlgorithm,
    *,
    salt: int | None = None,
    prehashed: bool = False,
) -> bool | None:
    """Return whether ``signature`` over ``data`` is by ``key``; None where this computer cannot verify it.

    Args:
        key: public; RSA, or EC with a signature in DER.
        signature: as it was made.
        data: what should be signed.
        digest: that the signature is over.
        salt: bytes of salt of RSASSA-PSS; None for RSA PKCS#1 v1.5.
        prehashed: ``data`` is the digest itself.
    """
    algorithm = utils.Prehashed(digest) if prehashed else digest
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme = padding.PKCS1v15() if salt is None else padding.PSS(padding.MGF1(digest), salt)
            key.verify(signature, data, scheme, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        else:
            return None
    except InvalidSignature:
        return False
    except UNREADABLE_KEY:
        return None
    return True


def raw_signature(signature: bytes, key_size: int) -> bytes:
    """Return an ECDSA signature in DER as r‖s, as cards and XML signatures have it; ``key_size`` in bits."""
    half = (key_size + 7) // 8
    r, s = utils.decode_dss_signature(signature)
    return r.to_bytes(half) + s.to_bytes(half)


def der_signature(signature: bytes) -> bytes:
    """Return an ECDSA signature that is r‖s in DER; the inverse of `raw_signature`."""
    half = len(signature) // 2
    return utils.encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
