"""The table of readers: what it says of the programs that are here is true of files that we write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit.keystore import EncryptionProfile, change_password, outline_pkcs12, read_pkcs12, write_pkcs12
from ehtoolkit.keystore.compatible_software import KEYSTORE_READERS, readers_without
from ehtoolkit.secret import Secret
from tests.keystore.others import Java, gnutls_keys, mono_keys, need, nss_keys, openssl_keys, run

if TYPE_CHECKING:
    from tests.keystore.conftest import Bench, Sample

PASSWORD = Secret("Kine-2026")


def test_everything_reads_what_is_written_by_default() -> None:
    assert readers_without(EncryptionProfile.COMPATIBLE) == ""
    assert readers_without(EncryptionProfile.MODERN) == (
        "BouncyCastle 1.60–1.69 (Java 17); BouncyCastle 1.55; Mono 6.12 (RSA keys)"
    )
    assert all(one.source and one.seen.year >= 2026 for one in KEYSTORE_READERS)


@pytest.mark.interop
@pytest.mark.parametrize("profile", list(EncryptionProfile))
def test_the_programs_that_are_here(bench: Bench, tmp_path: Path, profile: EncryptionProfile) -> None:
    path, given = tmp_path / "keystore.p12", tmp_path / "secret.txt"
    path.write_bytes(write_pkcs12(bench.complete.contents, PASSWORD, profile))
    given.write_text(PASSWORD.reveal(), encoding="utf-8")
    aliases = {key.alias for key in bench.complete.contents.keys}

    java = Java.compiled(tmp_path).open([path], given)
    plain = run(need("openssl"), "pkcs12", "-in", path, "-passin", f"file:{given}", "-noenc", "-nocerts")

    assert plain is not None, "OpenSSL 3 without -legacy"
    assert plain.count("BEGIN PRIVATE KEY") == len(aliases)
    for name, found in {
        "SUN": java["SUN", path],
        "BC": java["BC", path],
        "openssl -legacy": openssl_keys(path, given),
        "NSS": nss_keys(path, given, tmp_path / "nss"),
        "GnuTLS": gnutls_keys(path, PASSWORD),
    }.items():
        keys = {alias for alias, kind in (found or {}).items() if kind != "certificate"}
        assert keys == aliases, name


@pytest.mark.interop
def test_mono(bench: Bench, shared: Path, tmp_path: Path) -> None:
    given = tmp_path / "secret.txt"
    given.write_text(PASSWORD.reveal(), encoding="utf-8")
    elliptic = (shared / "keystore" / "corpus-ec" / "ec_acc_bc_complete.p12").read_bytes()
    files = []
    for contents, profile in (
        (bench.complete.contents, EncryptionProfile.COMPATIBLE),
        (bench.complete.contents, EncryptionProfile.MODERN),
        (read_pkcs12(elliptic, Secret("Test-Pass1")), EncryptionProfile.COMPATIBLE),
    ):
        files.append(tmp_path / f"{len(files)}.p12")
        files[-1].write_bytes(write_pkcs12(contents, PASSWORD, profile))

    compatible, modern, curve = mono_keys(files, given, tmp_path)

    assert int(compatible) == len(bench.complete.contents.keys)
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
