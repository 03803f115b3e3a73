"""The table of readers: what it says of the programs that are here is true of files that we write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.software_compatibility import KEYSTORE_READERS, readers_without, readers_without_rc2
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import Java, gnutls_keys, mono_keys, need, nss_keys, openssl_keys, run

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker, Sample

PASSWORD = Secret("Kine-2026")


def test_everything_reads_what_is_written_by_default() -> None:
    assert readers_without(EncryptionProfile.COMPATIBLE) == "Mono 6.12 (X509Certificate2)"
    assert readers_without(EncryptionProfile.MODERN) == (
        "BouncyCastle 1.60–1.69 (Java ≥ 17); BouncyCastle 1.55; Mono 6.12 (Mono.Security, RSA keys); "
        "Mono 6.12 (X509Certificate2)"
    )


@pytest.mark.interop
@pytest.mark.parametrize("profile", list(EncryptionProfile))
def test_the_programs_that_are_here(
    java: Java, keystore_maker: KeystoreMaker, tmp_path: Path, profile: EncryptionProfile
) -> None:
    path, given = tmp_path / "keystore.p12", tmp_path / "secret.txt"
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, PASSWORD, profile))
    given.write_text(PASSWORD.reveal(), encoding="utf-8")
    aliases = {key.alias for key in keystore_maker.complete.contents.keys}

    by_java = java.open([path], given)
    plain = run(need("openssl"), "pkcs12", "-in", path, "-passin", f"file:{given}", "-noenc", "-nocerts")

    assert plain is not None, "OpenSSL 3 without -legacy"
    assert plain.count("BEGIN PRIVATE KEY") == len(aliases)
    for name, found in {
        "SUN": by_java["SUN", path],
        "BC": by_java["BC", path],
        "openssl -legacy": openssl_keys(path, given),
        "NSS": nss_keys(path, given, tmp_path / "nss"),
        "GnuTLS": gnutls_keys(path, PASSWORD),
    }.items():
        keys = {alias for alias, kind in (found or {}).items() if kind != "certificate"}
        assert keys == aliases, name


@pytest.mark.interop
def test_rc2_over_certificates(java: Java, keystore_maker: KeystoreMaker, tmp_path: Path) -> None:
    """… as the official program writes it: all but one open it, as the table says."""
    path, given, pem = tmp_path / "keystore.p12", tmp_path / "secret.txt", tmp_path / "keystore.pem"
    given.write_text(PASSWORD.reveal(), encoding="utf-8")
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    shown = run(need("openssl"), "pkcs12", "-in", path, "-passin", f"file:{given}", "-noenc", "-out", pem)
    assert shown is not None
    made = ("-in", pem, "-name", "authentication", "-certpbe", "PBE-SHA1-RC2-40", "-out", path)
    assert run("openssl", "pkcs12", "-export", "-legacy", *made, "-passout", f"file:{given}") is not None
    plain = run("openssl", "pkcs12", "-in", path, "-passin", f"file:{given}", "-noenc")
    by_java = java.open([path], given)
    opened = {
        "Java 17": by_java["SUN", path],
        "BouncyCastle ≥ 1.70": by_java["BC", path],
        "Mono 6.12 (Mono.Security": [
            key for key in mono_keys([path], given, tmp_path) if key.isdigit() and key != "0"
        ],
        "OpenSSL 3, without -legacy": plain,
        "OpenSSL 3, with -legacy": openssl_keys(path, given),
        "NSS": nss_keys(path, given, tmp_path / "nss"),
        "GnuTLS": gnutls_keys(path, PASSWORD),
    }

    for start, found in opened.items():
        (reader,) = (candidate for candidate in KEYSTORE_READERS if candidate.name.startswith(start))
        assert bool(found) is reader.opens_rc2, start
    assert readers_without_rc2() == "OpenSSL 3, without -legacy"


@pytest.mark.interop
def test_mono(keystore_maker: KeystoreMaker, data_folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "secret.txt"
    given.write_text(PASSWORD.reveal(), encoding="utf-8")
    elliptic = (data_folder / "keystores-ec" / "ec_acc_bc_complete.p12").read_bytes()
    files: list[Path] = []
    for contents, profile in (
        (keystore_maker.complete.contents, EncryptionProfile.COMPATIBLE),
        (keystore_maker.complete.contents, EncryptionProfile.MODERN),
        (read_pkcs12(elliptic, Secret("Test-Pass1")), EncryptionProfile.COMPATIBLE),
    ):
        files.append(tmp_path / f"{len(files)}.p12")
        files[-1].write_bytes(write_pkcs12(contents, PASSWORD, profile))

    compatible, modern, curve = mono_keys(files, given, tmp_path)

    assert int(compatible) == len(keystore_maker.complete.contents.keys)
    assert "unsupported HMAC" in modern
    assert "Unknown private key format" in curve


def test_another_password_keeps_the_profile(sound: list[Sample], tmp_path: Path) -> None:
    """What opened a file before opens it after."""
    kept = set()
    for sample in sound:
        path = tmp_path / sample.name
        path.write_bytes(sample.path.read_bytes())
        before = EncryptionProfile.of(outline_pkcs12(path.read_bytes()).protection)

        changed = change_password(path, sample.secret, PASSWORD)

        assert changed.profile is before
        assert EncryptionProfile.of(outline_pkcs12(path.read_bytes()).protection) is before
        kept.add(before)
    assert kept == set(EncryptionProfile)
