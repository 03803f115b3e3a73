"""Keys in places where Java does not look, parameters that it refuses, and names of a pair: what is said is what it
does, and saving anew cures it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.ciphers import encrypt
from ehtoolkit.keystore.codec.contents import Attributes, Pkcs12Contents, with_alias
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
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import Java
from tests.keystore.quick_writer import QUICK

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = pytest.mark.interop
PASSWORD = Secret("Kine-2026")
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

    def __init__(self, contents: Pkcs12Contents, string: Callable[[bytes], bytes] = der.octet_string) -> None:
        self.contents, self.string = contents, string
        self.cache, self.params = DerivedKeyCache(PASSWORD), QUICK[EncryptionProfile.MODERN]

    def algorithm(self) -> bytes:
        digest = der.sequence(der.object_identifier(HMAC_SHA256), der.NULL)
        derived = der.sequence(self.string(SALT), der.integer(1), der.integer(32), digest)
        function = der.sequence(der.object_identifier(PBKDF2), derived)
        cipher = der.sequence(der.object_identifier(AES256), self.string(IV))
        return der.sequence(der.object_identifier(PBES2), der.sequence(function, cipher))

    def encrypted(self, plain: bytes) -> bytes:
        return encrypt("aes256-cbc", self.cache.key(self.params.bags), IV, plain)

    def keys(self, *, shrouded: bool = True) -> bytes:
        def value(pkcs8: bytes) -> bytes:
            sealed = der.sequence(self.algorithm(), der.octet_string(self.encrypted(pkcs8)))
            return sealed if shrouded else pkcs8

        kind = SHROUDED_KEY if shrouded else KEY
        return b"".join(bag(kind, value(key.pkcs8), key.attributes) for key in self.contents.keys)

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


SHAPES: dict[str, Callable[[Pkcs12Contents], bytes]] = {
    "as usual": lambda found: (w := Writer(found)).file(w.clear(w.keys()), w.sealed(w.certificates())),
    "nested": lambda found: (w := Writer(found)).file(w.clear(nested(w.keys())), w.sealed(w.certificates())),
    "certificates nested": lambda found: (w := Writer(found)).file(
        w.clear(w.keys()), w.sealed(nested(w.certificates()))
    ),
    "bare keys in an encrypted safe": lambda found: (w := Writer(found)).file(
        w.sealed(w.keys(shrouded=False) + w.certificates())
    ),
    "encrypted keys in an encrypted safe": lambda found: (w := Writer(found)).file(
        w.sealed(w.keys() + w.certificates())
    ),
    "strings in segments": lambda found: (w := Writer(found, segments)).file(
        w.clear(w.keys()), w.sealed(w.certificates())
    ),
}


def look(path: Path) -> Diagnosis:
    return diagnose(path, PASSWORD, datetime.now(UTC))


def test_each_shape(keystore_maker: KeystoreMaker, java: Java, tmp_path: Path) -> None:
    contents, password = keystore_maker.complete.contents, tmp_path / "password"
    password.write_text(PASSWORD.reveal())
    wanted = {str(key.alias) for key in contents.keys}
    files = {shape: tmp_path / f"{shape}.p12" for shape in SHAPES}
    for shape, path in files.items():
        path.write_bytes(SHAPES[shape](contents))
    found = {shape: look(path) for shape, path in files.items()}
    cured = {shape: tmp_path / f"{shape} anew.p12" for shape in SHAPES}
    for shape, path in files.items():
        cured[shape].write_bytes(path.read_bytes())
        change_password(cured[shape], PASSWORD, PASSWORD)

    opened = java.open([*files.values(), *cured.values()], password)

    def keys(path: Path) -> set[str] | None:
        entries = opened["SUN", path]
        return None if entries is None else {alias for alias, kind in entries.items() if kind == "key"}

    for shape, path in files.items():
        assert found[shape].opened, shape
        seen = keys(path)
        assert found[shape].has("java_readable") is (seen == wanted), (shape, seen)
        assert found[shape].has("java_unreadable") is (seen is None), (shape, seen)
        assert found[shape].has("java_partly") is (seen is not None and seen != wanted), (shape, seen)
        assert keys(cured[shape]) == wanted, shape
        assert look(cured[shape]).has("java_readable"), shape


def test_the_names_of_a_pair_may_differ_in_capitals(
    keystore_maker: KeystoreMaker, java: Java, tmp_path: Path
) -> None:
    """Java takes the name of the key, and does not lose it; another entry's name in other capitals it does lose."""
    contents, password = keystore_maker.complete.contents, tmp_path / "password"
    password.write_text(PASSWORD.reveal())
    own = contents.keys[0].local_key_id
    pair = replace(
        contents,
        certificates=tuple(
            with_alias(each, "AUTHENTICATION") if each.local_key_id == own else each
            for each in contents.certificates
        ),
    )
    path = tmp_path / "pair.p12"
    path.write_bytes(write_pkcs12(pair, PASSWORD))
    found = look(path)
    change_password(path, PASSWORD, PASSWORD)

    opened = java.open([path], password)

    wanted = {str(key.alias) for key in contents.keys}
    seen = {
        provider: {alias for alias, kind in (opened[provider, path] or {}).items() if kind == "key"}
        for provider in ("SUN", "BC")
    }
    assert seen == {"SUN": wanted, "BC": {*wanted, "AUTHENTICATION"}}, "BouncyCastle shows it twice"
    assert found.has("java_readable")
    assert not found.has("aliases_case")
