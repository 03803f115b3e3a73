"""Protection that is weak or that other programs refuse, and who can read the file."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionParams, EncryptionProfile, seal, write_pkcs12
from ehtoolkit.keystore.diagnosis.content import PBMAC1, FileContent, Outline, outline_of
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.protection_rules import protection, readers
from ehtoolkit.secret import Secret
from tests.keystore.diagnosis.conftest import Maker
from tests.support.keys import CHEAP

READERS = {"java_readable", "java_partly", "java_unreadable", "dotnet_readable", "dotnet_unreadable"}


@pytest.fixture(scope="module")
def case(complete: bytes) -> Outline:
    return outline_of(outline_pkcs12(complete), FileContent.of((), opened=False))


def found(case: Outline, **changes: object) -> dict[str, Severity]:
    """Keys and severities for a file whose outline differs in ``changes``."""
    changed = replace(case, **changes)  # type: ignore[arg-type]
    findings = list(protection(changed))
    findings += readers(changed, frozenset(finding.key for finding in findings))
    return {finding.key: finding.severity for finding in findings}


def test_what_we_write_is_fine_for_everyone(maker: Maker, case: Outline) -> None:
    assert found(case).keys() == {"java_readable", "dotnet_readable", "old_readable"}
    modern = write_pkcs12(maker.keystore_maker.complete.contents, maker.password, EncryptionProfile.MODERN)
    assert {"java_readable", "dotnet_readable", "old_unreadable"} <= maker.keys(modern)
    assert not maker.keys(modern) & {"cipher_weak", "cipher_old", "iterations_low"}


@pytest.mark.parametrize(
    ("changes", "key", "severity"),
    [
        ({"safe_ciphers": ("rc2-40-cbc",)}, "cipher_weak", Severity.INFO),
        ({"key_ciphers": ("rc2-40-cbc",)}, "cipher_weak_key", Severity.ERROR),
        ({"key_ciphers": ("rc4-40",)}, "cipher_weak_key", Severity.ERROR),
        ({"safe_ciphers": ("rc2-128-cbc",)}, "cipher_old", Severity.INFO),
        ({"safe_ciphers": ("rc4-128",)}, "cipher_old", Severity.INFO),
        ({"key_ciphers": ("des-ede2-cbc",)}, "cipher_rare", Severity.WARNING),
        ({"key_ciphers": ("aes256-gcm",)}, "cipher_gcm", Severity.WARNING),
        ({"mac": None, "mac_iterations": None}, "mac_missing", Severity.WARNING),
        ({"mac": PBMAC1}, "mac_pbmac1", Severity.WARNING),
        ({"iterations": (300_001,)}, "iterations_high", Severity.WARNING),
        ({"mac_iterations": 300_001}, "iterations_high", Severity.WARNING),
        ({"iterations": (300_000,) * 4}, "iterations_total", Severity.WARNING),
        ({"iterations": (2_048,)}, "iterations_low", Severity.INFO),
        ({"iterations": (1,)}, "iterations_low", Severity.WARNING),
        ({"open_keys": 2}, "key_unprotected", Severity.ERROR),
        ({"open_certificates": 3}, "certificates_unprotected", Severity.INFO),
    ],
)
def test_one_thing_at_a_time(case: Outline, changes: dict[str, object], key: str, severity: Severity) -> None:
    others = {name: each for name, each in found(case, **changes).items() if not name.endswith("able")}
    others.pop("java_partly", None)
    assert others == {key: severity}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mac": PBMAC1}, {"java_unreadable", "dotnet_unreadable"}),
        ({"key_ciphers": ("aes256-gcm",)}, {"java_unreadable", "dotnet_unreadable"}),
        ({"iterations": (300_001,)}, {"java_readable", "dotnet_unreadable"}),
        ({"iterations": (300_000,) * 4}, {"java_readable", "dotnet_unreadable"}),
        ({"open_keys": 1}, {"java_partly", "dotnet_readable"}),
        ({"mac": "sha224"}, {"java_readable", "dotnet_unreadable"}),
        ({"mac": "sha512_256"}, {"java_readable", "dotnet_unreadable"}),
        ({"iterations": (300_000,) * 3}, {"java_readable", "dotnet_readable"}),
    ],
)
def test_who_can_read_it(case: Outline, changes: dict[str, object], expected: set[str]) -> None:
    assert READERS & found(case, **changes).keys() == expected


def test_old_software_wants_sha1_and_the_old_ciphers(case: Outline) -> None:
    old = {"key_ciphers": ("des-ede3-cbc",), "safe_ciphers": ("rc2-40-cbc",), "has_pbes2": False}
    assert "old_readable" in found(case, **old, mac="sha1")
    assert "old_unreadable" in found(case, **old, mac="sha256")


def test_unknown_protection_has_no_finding(case: Outline) -> None:
    assert list(readers(case, frozenset({"unsupported"}))) == []
    assert list(readers(case, frozenset({"damaged_key"}))) == []
    assert {reader.key for reader in readers(case, frozenset({"unsupported", "mac_pbmac1"}))} >= {
        "java_unreadable"
    }


def test_a_password_with_accents_makes_no_promise(maker: Maker) -> None:
    """Java 17 refuses some such files; .NET Core 3.1, BouncyCastle 1.55 and OpenSSL those that Java wrote."""
    password = Secret("clé-2026")
    found = diagnose(write_pkcs12(maker.keystore_maker.complete.contents, password), password, maker.now)
    keys = {finding.key for finding in found.findings}
    assert {"java_partly", "dotnet_partly"} <= keys
    assert not keys & {"java_readable", "dotnet_readable", "old_readable"}
    (partly,) = (finding for finding in found.findings if finding.key == "java_partly")
    assert "refuse" in partly.message(Translator("en"))


def test_few_iterations_in_a_real_file(maker: Maker) -> None:
    sealing = EncryptionParams.new(EncryptionProfile.MODERN)
    few = replace(
        sealing, bags=replace(sealing.bags, iterations=500), mac=replace(sealing.mac, iterations=400_000)
    )
    diagnosis = maker.look(seal(maker.keystore_maker.prepared.contents, DerivedKeyCache(maker.password), few))
    facts = {finding.key: finding.facts for finding in diagnosis.findings}
    assert facts["iterations_low"]["iterations"] == 500
    assert facts["iterations_high"] == {"iterations": 400_000, "limit": 300_000}
    assert diagnosis.outline is not None
    assert diagnosis.outline.mac_iterations == 400_000


def test_the_outline(maker: Maker, complete: bytes) -> None:
    diagnosis = diagnose(complete, None, maker.now)
    outline = diagnosis.outline
    assert isinstance(outline, Outline)
    serial = str((1 << 127) + 7)
    assert [key.alias for key in diagnosis.keys] == ["authentication", serial]
    assert diagnosis.keys[0].local_key_id == maker.keystore_maker.complete.key_id
    assert diagnosis.etk_serials == (serial,)
    assert outline.ciphers == ("des-ede3-cbc",)
    assert (outline.mac, outline.mac_iterations) == ("sha1", CHEAP[EncryptionProfile.COMPATIBLE].mac)
    assert outline.last_written is None
    assert outline.sealed


def test_a_mac_that_was_forged_is_damage(maker: Maker, complete: bytes) -> None:
    forged = bytearray(complete)
    digest = hmac.digest(b"key", b"text", hashlib.sha1)
    place = complete.rindex(outline_pkcs12(complete).mac.value)  # type: ignore[union-attr]
    forged[place : place + len(digest)] = digest
    assert "damaged_integrity" in maker.keys(bytes(forged))
