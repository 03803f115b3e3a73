"""Encryption keys: current, old, of somebody else, without their certificate, without their key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.keystore.codec.contents import (
    CertificateBag,
    Key,
    Pkcs12Contents,
    Plain,
    attributes_of,
    with_alias,
)
from ehtoolkit.keystore.key_pairs import encoded, store_private_key
from ehtoolkit.keystore.repair.key_names import find_key, with_key_name
from tests.keystore.conftest import name_of
from tests.keystore.diagnosis.conftest import OLD_SERIAL, Maker, renamed

CURRENT = str((1 << 127) + 7)


def facts(maker: Maker, source: object, key: str) -> dict[str, object]:
    return dict(finding(maker, source, key).facts)


def finding(maker: Maker, source: object, key: str) -> Finding:
    return next(finding for finding in maker.look(source).findings if finding.key == key)  # type: ignore[arg-type]


def test_the_current_key(maker: Maker) -> None:
    found = facts(maker, maker.keystore_maker.complete, "etk_current")
    assert found == {"serial": CURRENT, "date": maker.keystore_maker.end}
    assert not maker.keys(maker.keystore_maker.complete) & {
        "etk_old",
        "etk_several",
        "etk_key_missing",
        "etk_foreign",
    }


def test_an_old_key_is_kept(maker: Maker) -> None:
    keystore = maker.with_old_key(maker.keystore_maker.complete)
    assert facts(maker, keystore, "etk_old") == {"count": 1, "serials": (str(OLD_SERIAL),)}
    assert facts(maker, keystore, "etk_current")["serial"] == CURRENT
    only_old = maker.with_old_key(maker.keystore_maker.installed)
    assert {"etk_old", "state_no_etk"} <= maker.keys(only_old)
    assert "etk_current" not in maker.keys(only_old)


def test_several_keys_of_this_certificate(maker: Maker) -> None:
    second = maker.keystore_maker.encryption_certificate("renewed", 77)
    keystore = maker.keystore_maker.complete.with_encryption(maker.keystore_maker.keys["renewed"], second)
    assert facts(maker, keystore, "etk_several")["count"] == 2


def test_a_certificate_without_its_key(maker: Maker) -> None:
    merged = maker.with_old_certificate_only(maker.keystore_maker.complete)
    assert facts(maker, merged, "etk_key_missing") == {"count": 1, "serials": (str(OLD_SERIAL),)}
    assert finding(maker, merged, "etk_key_missing").severity is Severity.ERROR
    unnamed = replace(
        merged,
        certificates=tuple(
            replace(bag, attributes=renamed(bag, "old")) if bag.alias == str(OLD_SERIAL) else bag
            for bag in merged.certificates
        ),
    )
    assert "etk_key_missing" in maker.keys(unnamed)


def test_a_key_without_its_certificate(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    lost = tuple(bag for bag in contents.certificates if bag.alias != CURRENT)
    found = maker.look(replace(contents, certificates=lost))
    assert found.has("etk_certificate_missing")
    assert found.has("state_no_etk")


def test_a_key_of_another_holder(maker: Maker) -> None:
    keystore_maker = maker.keystore_maker
    other_name = name_of(C="BE", CN="SSIN=80010112309")
    certificate = keystore_maker.certificate(
        other_name, keystore_maker.keys["stranger"], other_name, keystore_maker.keys["stranger"], 99
    )
    keystore = keystore_maker.complete.with_encryption(keystore_maker.keys["stranger"], certificate)
    assert facts(maker, keystore, "etk_foreign") == {"aliases": ("99",)}
    assert "etk_old" not in maker.keys(keystore)


def test_a_key_that_is_not_called_by_its_serial_number(maker: Maker) -> None:
    contents = maker.keystore_maker.complete.contents
    renumbered = replace(
        contents,
        keys=tuple(
            replace(bag, attributes=renamed(bag, "12345")) if bag.alias == CURRENT else bag
            for bag in contents.keys
        ),
    )
    assert facts(maker, renumbered, "etk_alias_differs") == {"aliases": ("12345",)}


@pytest.mark.parametrize("name", ["te-99999999-6a1e-4b7a-9f52-11aa22bb33cc", "etk", "\x1b[2J\u202e1234"])
@pytest.mark.parametrize("pair", [False, True], ids=["key alone", "key and certificate"])
def test_a_key_with_a_name_that_is_no_number_and_the_step_that_is_advised(
    maker: Maker, name: str, pair: bool
) -> None:
    """Also where its certificate has the right name, as Windows is believed to export it."""

    def called(bag: Key | CertificateBag) -> Key | CertificateBag:
        return with_alias(bag, name) if bag.alias == CURRENT and (pair or isinstance(bag, Key)) else bag

    contents = maker.keystore_maker.complete.contents
    odd = replace(
        contents,
        keys=tuple(map(called, contents.keys)),  # type: ignore[arg-type]
        certificates=tuple(map(called, contents.certificates)),  # type: ignore[arg-type]
    )
    found = finding(maker, odd, "etk_alias_differs")
    assert (found.variant, dict(found.facts)) == ("named", {"aliases": (name,), "serials": (CURRENT,)})
    assert ("aliases_unprintable" in maker.keys(odd)) is ("\x1b" in name)

    mended = with_key_name(odd, find_key(odd, "#2"), CURRENT)

    assert mended == contents
    assert not maker.keys(mended) & {"etk_alias_differs", "aliases_unprintable"}


def test_an_encryption_certificate_that_ended_or_must_not_encrypt(maker: Maker) -> None:
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    keystore_maker = maker.keystore_maker
    short = replace(keystore_maker, end=keystore_maker.start + timedelta(days=5))
    ended = keystore_maker.installed.with_encryption(
        keystore_maker.keys["encryption"], short.encryption_certificate()
    )
    assert facts(maker, ended, "etk_expired") == {"date": short.end}
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(keystore_maker.subject)
        .issuer_name(keystore_maker.subject)
        .public_key(keystore_maker.keys["encryption"].public_key())
        .serial_number(4711)
        .not_valid_before(keystore_maker.start)
        .not_valid_after(keystore_maker.end)
        .add_extension(usage, critical=True)
        .sign(keystore_maker.keys["authentication"], hashes.SHA256())
    )
    unfit = keystore_maker.installed.with_encryption(keystore_maker.keys["encryption"], certificate)
    assert facts(maker, unfit, "etk_usage") == {"serial": "4711"}
    assert "etk_usage" not in maker.keys(keystore_maker.complete)


def test_an_encryption_certificate_with_a_name_that_cannot_be_read(maker: Maker) -> None:
    """The rest of the file is judged all the same."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    keystore_maker = maker.keystore_maker
    key, party = keystore_maker.keys["encryption"], bytes.fromhex("3004a5023000")  # an ediPartyName
    names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, party)
    certificate = (
        x509.CertificateBuilder(
            keystore_maker.subject,
            keystore_maker.subject,
            key.public_key(),
            4711,
            keystore_maker.start,
            keystore_maker.end,
        )
        .add_extension(names, critical=False)
        .sign(keystore_maker.keys["authentication"], hashes.SHA256())
    )
    keystore = keystore_maker.installed.with_encryption(key, certificate)
    found = maker.look(keystore)
    assert found.opened
    assert found.has("etk_current")
    assert found.has("etk_usage")


def test_keys_of_another_kind_and_damaged_keys(maker: Maker) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    contents = maker.keystore_maker.complete.contents
    elliptic = generate_private_key(SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    with_elliptic = replace(contents, keys=(*contents.keys, Key(Plain(elliptic), attributes_of("ec", b"1"))))
    diagnosis = maker.look(with_elliptic)
    assert diagnosis.opened
    assert not diagnosis.has("key_unsupported")
    assert diagnosis.has("etk_certificate_missing")
    assert diagnosis.has("etk_not_rsa")
    assert len(diagnosis.keys) == 3
    assert diagnosis.not_after == maker.keystore_maker.end
    pkcs8 = bytearray(store_private_key(maker.keystore_maker.keys["stranger"]))
    pkcs8[-3] ^= 1
    damaged = Pkcs12Contents(
        (*contents.keys, Key(Plain(bytes(pkcs8)), attributes_of("x", b"2"))), contents.certificates
    )
    assert maker.look(damaged).has("damaged_key")


def test_the_certificate_of_a_key_in_the_file_counts_for_it(maker: Maker) -> None:
    keystore_maker = maker.keystore_maker
    extra = CertificateBag(
        encoded(keystore_maker.encryption_certificate()), attributes_of("CN=copy", trusted=True)
    )
    contents = replace(
        keystore_maker.complete.contents, certificates=(*keystore_maker.complete.contents.certificates, extra)
    )
    assert "etk_key_missing" not in maker.keys(contents)
