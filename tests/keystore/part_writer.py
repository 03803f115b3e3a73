"""Write PKCS#12 part by part, in shapes that no writer of ours makes."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.ciphers import encrypt
from ehtoolkit.keystore.codec.contents import Attributes, Pkcs12Contents
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.structure import (
    CERTIFICATE,
    DATA,
    ENCRYPTED_DATA,
    KEY,
    NESTED_SAFE,
    SHROUDED_KEY,
    X509,
)
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.secret import Secret
from tests.keystore.quick_writer import QUICK

SHA256, PBES2, PBKDF2 = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12"
HMAC_SHA256, AES256, SALT, IV = "1.2.840.113549.2.9", "2.16.840.1.101.3.4.1.42", b"s" * 20, b"i" * 16


def segments(data: bytes) -> bytes:
    """An OCTET STRING made of others, of a length that is not stated."""
    parts = (data[place : place + 7] for place in range(0, len(data), 7))
    return b"\x24\x80" + b"".join(map(der.octet_string, parts)) + b"\0\0"


def content(oid: str, inner: bytes) -> bytes:
    return der.sequence(der.object_identifier(oid), der.explicit(0, inner))


def bag(oid: str, value: bytes, attributes: Attributes = ()) -> bytes:
    more = [der.set_of(*(each.encoded for each in attributes))] if attributes else []
    return der.sequence(der.object_identifier(oid), der.explicit(0, value), *more)


class Writer:
    """Writes PKCS#12 part by part, with AES and few rounds. ``string``: how it writes salts and vectors."""

    def __init__(
        self,
        contents: Pkcs12Contents,
        password: Secret,
        string: Callable[[bytes], bytes] = der.octet_string,
    ) -> None:
        self.contents, self.string = contents, string
        self.cache, self.params = DerivedKeyCache(password), QUICK[EncryptionProfile.MODERN]

    def algorithm(self, iterations: int = 1) -> bytes:
        digest = der.sequence(der.object_identifier(HMAC_SHA256), der.NULL)
        derived = der.sequence(self.string(SALT), der.integer(iterations), der.integer(32), digest)
        function = der.sequence(der.object_identifier(PBKDF2), derived)
        cipher = der.sequence(der.object_identifier(AES256), self.string(IV))
        return der.sequence(der.object_identifier(PBES2), der.sequence(function, cipher))

    def encrypted(self, plain: bytes) -> bytes:
        return encrypt("aes256-cbc", self.cache.key(self.params.bags), IV, plain)

    def keys(self, *, shrouded: bool = True, iterations: tuple[int, ...] = (1, 1)) -> bytes:
        """The bags of the two keys. ``iterations``: what the file states; one derived the keys."""

        def value(pkcs8: bytes, stated: int) -> bytes:
            sealed = der.sequence(self.algorithm(stated), der.octet_string(self.encrypted(pkcs8)))
            return sealed if shrouded else pkcs8

        kind = SHROUDED_KEY if shrouded else KEY
        pairs = zip(self.contents.keys, iterations, strict=True)
        return b"".join(bag(kind, value(key.pkcs8, stated), key.attributes) for key, stated in pairs)

    def certificates(self) -> bytes:
        return b"".join(
            bag(CERTIFICATE, content(X509, der.octet_string(each.der)), each.attributes)
            for each in self.contents.certificates
        )

    def clear(self, bags: bytes) -> bytes:
        return content(DATA, der.octet_string(der.sequence(bags)))

    def sealed(self, bags: bytes) -> bytes:
        octets = der.implicit_octets(0, self.encrypted(der.sequence(bags)))
        info = der.sequence(der.object_identifier(DATA), self.algorithm(), octets)
        return content(ENCRYPTED_DATA, der.sequence(der.integer(0), info))

    def file(self, *safes: bytes) -> bytes:
        authenticated = der.sequence(*safes)
        value = hmac.digest(self.cache.key(self.params.mac), authenticated, "sha256")
        algorithm = der.sequence(der.object_identifier(SHA256), der.NULL)
        mac = der.sequence(der.sequence(algorithm, der.octet_string(value)), der.octet_string(b"m" * 20))
        whole = content(DATA, der.octet_string(authenticated))
        return der.sequence(der.integer(3), whole, mac)


def nested(bags: bytes) -> bytes:
    return bag(NESTED_SAFE, der.sequence(bags))
