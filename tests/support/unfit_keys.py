"""Private keys as DER, among them those that no eHealth keystore may have."""

from __future__ import annotations

from asn1crypto import keys
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.crypto.keys import KeyFault


def pkcs8(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def rsa_of(bits: int) -> bytes:
    """DER of an RSA key of that length whose numbers are nonsense: nobody may compute with them."""
    number = (1 << bits) - 1
    half = (1 << (bits // 2)) - 1
    private = keys.RSAPrivateKey(
        {
            "version": "two-prime",
            "modulus": number,
            "public_exponent": 65537,
            "private_exponent": number,
            "prime1": half,
            "prime2": half,
            "exponent1": half,
            "exponent2": half,
            "coefficient": half,
        }
    )
    return keys.PrivateKeyInfo.wrap(private, "rsa").dump()


def explicit() -> bytes:
    """DER of a P-256 key that spells out its curve."""
    named = keys.PrivateKeyInfo.load(pkcs8(ec.generate_private_key(ec.SECP256R1())))
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    curve = {
        "version": "ecdpVer1",
        "field_id": {"field_type": "prime_field", "parameters": p},
        "curve": {"a": b"\x01" * 32, "b": b"\x02" * 32},
        "base": keys.ECPoint(b"\x04" + bytes(64)),
        "order": p,
        "cofactor": 1,
    }
    named["private_key_algorithm"]["parameters"] = keys.ECDomainParameters("specified", curve)
    return named.dump(force=True)


FAULTS = {
    "EC 1.3.132.0.10": (KeyFault.CURVE, lambda: pkcs8(ec.generate_private_key(ec.SECP256K1()))),
    "EC explicit": (KeyFault.PARAMETERS, explicit),
    "RSA-1024": (KeyFault.SHORT, lambda: rsa_of(1024)),
    "RSA-2047": (KeyFault.SHORT, lambda: rsa_of(2047)),
    "RSA-8193": (KeyFault.LONG, lambda: rsa_of(8193)),
    "RSA-200000": (KeyFault.LONG, lambda: rsa_of(200_000)),
    "DSA-2048": (KeyFault.ALGORITHM, lambda: pkcs8(dsa.generate_private_key(2048))),
    "Ed25519": (KeyFault.ALGORITHM, lambda: pkcs8(ed25519.Ed25519PrivateKey.generate())),
    "Ed448": (KeyFault.ALGORITHM, lambda: pkcs8(ed448.Ed448PrivateKey.generate())),
    "X25519": (KeyFault.ALGORITHM, lambda: pkcs8(x25519.X25519PrivateKey.generate())),
    "X448": (KeyFault.ALGORITHM, lambda: pkcs8(x448.X448PrivateKey.generate())),
}
