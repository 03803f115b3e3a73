"""What is said of Java is what Java does: files of every cipher, and of every way to join keys and certificates."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.keystore.codec.contents import (
    LOCAL_KEY_ID,
    CertificateBag,
    Key,
    Pkcs12Contents,
    with_local_key_id,
)
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import BRIEFLY, Java, need, openssl_keys

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = pytest.mark.interop
PASSWORD = Secret("Kine-2026")
CIPHERS = (
    *("PBE-SHA1-2DES", "PBE-SHA1-3DES", "DES-EDE3-CBC", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC"),
    *("PBE-SHA1-RC4-128", "PBE-SHA1-RC4-40", "PBE-SHA1-RC2-40", "PBE-SHA1-RC2-128"),
)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD.reveal())
    return path


def look(path: Path) -> Diagnosis:
    return diagnose(path, PASSWORD, datetime.now(UTC))


def test_each_cipher_for_keys_and_for_certificates(
    keystore_maker: KeystoreMaker, java: Java, given: Path, tmp_path: Path
) -> None:
    keystore = keystore_maker.complete
    (tmp_path / "key.pem").write_bytes(
        keystore.authentication.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    chain = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in keystore.chain)
    (tmp_path / "chain.pem").write_bytes(chain)
    files = {}
    for cipher in CIPHERS:
        for keys, certificates in ((cipher, "AES-256-CBC"), ("AES-256-CBC", cipher)):
            path = tmp_path / f"{keys} {certificates}.p12"
            command = [need("openssl"), "pkcs12", "-export", "-legacy", "-provider", "default"]
            command += ["-provider", "legacy", "-inkey", "key.pem", "-in", "chain.pem", "-out", path.name]
            command += ["-name", "authentication", "-keypbe", keys, "-certpbe", certificates]
            subprocess.run([*command, "-passout", f"file:{given}"], check=True, cwd=tmp_path)
            files[path] = look(path)

    opened = java.open(files, given)

    for path, found in files.items():
        assert found.has("java_unreadable") is (opened["SUN", path] is None), path.name
        assert found.has("java_readable") is (opened["SUN", path] is not None), path.name
        assert opened["BC", path] is not None, "as `cipher_rare` says"
    assert sum(found.has("java_unreadable") for found in files.values()) == 6


def without_id(bag: Key | CertificateBag) -> Key | CertificateBag:
    return replace(
        bag, attributes=tuple(attribute for attribute in bag.attributes if attribute.oid != LOCAL_KEY_ID)
    )


def with_id(bag: Key | CertificateBag, number: int) -> Key | CertificateBag:
    return with_local_key_id(bag, bytes([number]) * 20)


WAYS: dict[str, Callable[[Pkcs12Contents], Pkcs12Contents]] = {
    "as it is": lambda found: found,
    "certificates without": lambda found: replace(
        found,
        certificates=tuple(map(without_id, found.certificates)),  # type: ignore[arg-type]
    ),
    "certificates with others": lambda found: replace(
        found,
        certificates=tuple(with_id(bag, n + 1) for n, bag in enumerate(found.certificates)),  # type: ignore[misc]
    ),
    "all with the same": lambda found: Pkcs12Contents(
        tuple(with_id(bag, 1) for bag in found.keys),  # type: ignore[misc]
        tuple(with_id(bag, 1) for bag in found.certificates),  # type: ignore[misc]
    ),
    "keys without": lambda found: replace(found, keys=tuple(map(without_id, found.keys))),  # type: ignore[arg-type]
}


def test_each_way_to_join(keystore_maker: KeystoreMaker, java: Java, given: Path, tmp_path: Path) -> None:
    contents = keystore_maker.complete.contents
    aliases = {str(key.alias) for key in contents.keys}
    files = {way: tmp_path / f"{way}.p12" for way in WAYS}
    for way, path in files.items():
        path.write_bytes(write_pkcs12(WAYS[way](contents), PASSWORD))

    opened = java.open(files.values(), given)

    for way, path in files.items():
        found = look(path)
        whole = all(
            {alias for alias, kind in (opened[provider, path] or {}).items() if kind == "key"} == aliases
            for provider in ("SUN", "BC")
        )
        assert found.has("java_readable") is whole, way
        assert found.has("java_partly") is not whole, way


def test_what_keytool_takes_over(data_folder: Path, java: Java, given: Path, tmp_path: Path) -> None:
    """It adds the certificates of the chain under names in small letters; all keys are there."""
    source, old = data_folder / "keystores-ec" / "ec_acc_bc_renewed.p12", tmp_path / "old"
    old.write_text("Test-Pass1")
    command: list[str | Path] = [need("keytool"), f"-J{BRIEFLY}", "-importkeystore", "-noprompt"]
    command += ["-srckeystore", source, "-srcstoretype", "PKCS12", "-deststoretype", "PKCS12"]
    command += ["-srcstorepass:file", old, "-deststorepass:file", given]
    files = [tmp_path / "new.acc-p12", tmp_path / "legacy.acc-p12"]
    subprocess.run([*command, "-destkeystore", files[0]], check=True, capture_output=True)
    legacy = [*command, "-J-Dkeystore.pkcs12.legacy", "-destkeystore", files[1]]
    subprocess.run(legacy, check=True, capture_output=True)

    opened = java.open(files, given)

    for path in files:
        found = look(path)
        for provider in ("SUN", "BC"):
            assert sum(kind == "key" for kind in (opened[provider, path] or {}).values()) == 3
        assert found.has("java_readable")
        assert not [finding.key for finding in found.findings if finding.severity == "error"]
        change_password(path, PASSWORD, Secret("Kine-2027"))

    given.write_text("Kine-2027")
    again = java.open(files, given)
    for path in files:
        for provider in ("SUN", "BC"):
            assert sum(kind == "key" for kind in (again[provider, path] or {}).values()) == 3
        assert len(openssl_keys(path, given) or ()) == 3
