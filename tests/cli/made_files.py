"""Files that show what no file of the corpus shows, made of one that is sound; each with its name and its password."""

from __future__ import annotations

import hmac
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.crypto.certificates import key_identifier
from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.keystore.codec.contents import (
    FRIENDLY_NAME,
    CertificateBag,
    Key,
    Pkcs12Contents,
    Plain,
    attributes_of,
    with_alias,
    with_local_key_id,
)
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal, write_pkcs12
from ehtoolkit.keystore.key_pairs import store_private_key
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.secret import Secret
from tests.keystore.part_writer import Writer, nested, segments

PASSWORD, ACCENTED = "Test-Pass1", "mot de passé"
NAME = "NIHII=10000007,APPLICATION 20261124-130000.p12"


def with_pair(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, contents: Pkcs12Contents
) -> Pkcs12Contents:
    """One more encryption key of the present certificate, which the platform knows nothing of."""
    keystore = Keystore.of(contents)
    der = encryption_certificate(keystore.authentication.key, keystore.chain[0], key.public_key(), 4711)  # type: ignore[arg-type]
    named = attributes_of("4711", key_identifier(key.public_key()))
    return replace(
        contents,
        keys=(*contents.keys, Key(Plain(store_private_key(key)), named)),
        certificates=(*contents.certificates, CertificateBag(der, named)),
    )


def called_by_another_number(contents: Pkcs12Contents) -> Pkcs12Contents:
    def called(bag: Key) -> Key:
        is_serial = (bag.alias or "").isdecimal()
        return with_alias(bag, "12345") if is_serial else bag

    return replace(contents, keys=tuple(map(called, contents.keys)))


def with_ids(contents: Pkcs12Contents, *ids: bytes | None) -> Pkcs12Contents:
    """Keys by which the file joins them to certificates."""
    keys = zip(contents.keys, ids, strict=True)
    changed = (with_local_key_id(key, key_id) for key, key_id in keys)
    return replace(contents, keys=tuple(changed))


def exchanged(contents: Pkcs12Contents) -> Pkcs12Contents:
    first, *others = [key.local_key_id for key in contents.keys]
    return with_ids(contents, others[-1], *others[:-1], first)


def with_key(pkcs8: bytes, contents: Pkcs12Contents) -> Pkcs12Contents:
    return replace(contents, keys=(*contents.keys, Key(Plain(pkcs8), attributes_of("x", b"2"))))


def with_damaged_key(contents: Pkcs12Contents) -> Pkcs12Contents:
    pkcs8 = bytearray(store_private_key(rsa.generate_private_key(65537, 2048)))
    pkcs8[-3] ^= 1
    return with_key(bytes(pkcs8), contents)


def with_point_of_another(contents: Pkcs12Contents) -> Pkcs12Contents:
    key = ec.generate_private_key(ec.SECP384R1())
    y = key.private_numbers().public_numbers.y
    stored = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return with_key(stored.replace(y.to_bytes(48, "big"), (y ^ 1).to_bytes(48, "big")), contents)


def with_nonsense(contents: Pkcs12Contents) -> Pkcs12Contents:
    nonsense = CertificateBag(b"\x30\x03\x02\x01\x05", attributes_of("nonsense"))
    return replace(contents, certificates=(*contents.certificates, nonsense))


def called(contents: Pkcs12Contents, *aliases: str | None) -> Pkcs12Contents:
    """The same contents, with these names for the first keys."""
    changed = list(contents.keys)
    for place, alias in enumerate(aliases):
        named = with_alias(changed[place], alias or "")
        without = tuple(each for each in named.attributes if each.oid != FRIENDLY_NAME)
        changed[place] = replace(named, attributes=without) if alias is None else named
    return replace(contents, keys=tuple(changed))


def in_capitals(contents: Pkcs12Contents) -> bytes:
    """A file with two names that differ in capitals alone, which no program here writes: names are not encrypted."""
    data = write_pkcs12(called(contents, "authentication", "AUTHENTICATIO-"), Secret(PASSWORD))
    changed = data.replace("AUTHENTICATIO-".encode("utf-16-be"), "AUTHENTICATION".encode("utf-16-be"))
    structure = outline_pkcs12(changed)
    assert isinstance(structure.mac, Mac)
    key = DerivedKeyCache(Secret(PASSWORD)).key(structure.mac.key)
    return changed.replace(
        structure.mac.value, hmac.digest(key, structure.authenticated, structure.mac.digest)
    )


CHANGES: Mapping[str, Callable[[Pkcs12Contents], Pkcs12Contents]] = {
    "alias_missing": lambda contents: called(contents, "authentication", None),
    "aliases_repeated": lambda contents: called(contents, "authentication", "authentication"),
    "aliases_unprintable": lambda contents: called(contents, "authentication", "\x1b[2J\u202e"),
    "authentication_name_missing": lambda contents: called(contents, "signing"),
    "etk_alias_differs": called_by_another_number,
    "certificate_damaged": with_nonsense,
    "damaged_certificate": with_nonsense,
    "damaged_key": with_damaged_key,
    "damaged_key_point": with_point_of_another,
    "key_mismatch": exchanged,
    "local_key_ids_differ": lambda contents: with_ids(contents, contents.keys[0].local_key_id, b"\1"),
    "key_kind_mismatch": lambda contents: exchanged(
        with_pair(ec.generate_private_key(ec.SECP384R1()), contents)
    ),
}
NAMES: Mapping[str, str] = {
    "name_odd": "certificat.p12",
    "name_other_holder": "SSIN=80010112309 20261124-130000.p12",
}
CIPHERS: Mapping[str, tuple[str, ...]] = {
    "cipher_rare": ("-keypbe", "PBE-SHA1-2DES"),
    "cipher_weak_key": ("-keypbe", "PBE-SHA1-RC2-40"),
    "unsupported": ("-macalg", "sha3-256"),
}
"""Options of openssl."""


def make_files(folder: Path, sound: bytes) -> dict[str, tuple[Path, str]]:
    """By the finding that it shows, each file and its password. ``sound``: a file that shows none of them."""
    contents, made = read_pkcs12(sound, Secret(PASSWORD)), {}

    def put(key: str, data: bytes, name: str = NAME, password: str = PASSWORD) -> None:
        place = folder / key
        place.mkdir()
        (place / name).write_bytes(data)
        made[key] = (place / name, password)

    for key, change in CHANGES.items():
        put(key, write_pkcs12(change(contents), Secret(PASSWORD)))
    for key, name in NAMES.items():
        put(key, sound, name)
    put("password_not_portable", write_pkcs12(contents, Secret(ACCENTED)), password=ACCENTED)
    put("damaged_structure", bytes(byte ^ 0x10 * (at == 1461) for at, byte in enumerate(sound)))
    put("trailing_bytes", sound + bytes(8))
    put("aliases_case", in_capitals(contents))
    parts, segmented = Writer(contents, Secret(PASSWORD)), Writer(contents, Secret(PASSWORD), segments)
    put("keys_hidden", parts.file(parts.clear(nested(parts.keys())), parts.sealed(parts.certificates())))
    put(
        "parameters_segmented",
        segmented.file(segmented.clear(segmented.keys()), segmented.sealed(segmented.certificates())),
    )
    put("iterations_total", with_many_rounds(contents))
    for key, options in CIPHERS.items():
        put(key, by_openssl(folder, sound, options))
    return made


def with_many_rounds(contents: Pkcs12Contents) -> bytes:
    """Not too many in any part, and too many in all of them."""
    params = EncryptionParams.new(EncryptionProfile.MODERN)
    many = replace(params, bags=replace(params.bags, iterations=290_000))
    more = with_pair(rsa.generate_private_key(65537, 2048), contents)
    return seal(more, DerivedKeyCache(Secret(PASSWORD)), many)


def by_openssl(folder: Path, sound: bytes, options: tuple[str, ...]) -> bytes:
    """The authentication key and its chain, written anew."""
    pem, out = folder / "pem", folder / "out"
    given = (f"pass:{PASSWORD}", "-legacy", "-provider", "default", "-provider", "legacy")
    keystore = Keystore.of(read_pkcs12(sound, Secret(PASSWORD)))
    key = keystore.authentication.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in keystore.chain)
    pem.write_bytes(key + chain)
    named = ("-name", "authentication", *options, "-passout")
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-in", pem, "-out", out, *named, *given],
        check=True,
        capture_output=True,
    )
    return out.read_bytes()
