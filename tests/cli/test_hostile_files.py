"""Keystores that were made to hurt, in commands as they are typed: each says something of each, and none breaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

import ehtoolkit
from ehtoolkit.auditing.export.formats import FORMATS, ExportOptions
from ehtoolkit.cli.run import run
from ehtoolkit.keystore.codec.writer import write_pkcs12
from ehtoolkit.secret import Secret
from tests.keystore.shapes import CERTIFICATES, KEYS, SLOW_TEXTS, bare, with_certificates, with_key

PASSWORD = Secret("Kine-2026")
LOOKS = (("diagnose", "--json"), ("show", "--verbose", "--lang", "nl"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    contents = {
        **{name: with_key(make()) for name, make in KEYS.items()},
        **{name: with_certificates(make()) for name, make in CERTIFICATES.items()},
    }
    files = {name: write_pkcs12(content, PASSWORD) for name, content in contents.items()}
    files |= {f"bare {name}": bare(make()) for name, make in KEYS.items()} | SLOW_TEXTS
    for name, data in files.items():
        (folder / f"{name}.p12").write_bytes(data)
    return folder


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("Kine-2026")
    return path


@pytest.mark.parametrize(("look", "form"), [(look, form) for look, *form in LOOKS])
def test_a_look_at_each(
    folder: Path, password: Path, look: str, form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for file in sorted(folder.iterdir()):
        code = run(["keystore", look, str(file), *form, "--password-file", str(password)])
        shown = capsys.readouterr()
        assert code in (0, 1), (file.name, shown.err)
        assert shown.out + shown.err


def test_an_audit_of_all_in_each_format(folder: Path) -> None:
    found = ehtoolkit.audit(folder, PASSWORD, language="en")
    assert found.is_due
    for form in FORMATS.values():
        assert len(form.file(found, found.texts, ExportOptions())) > 100


def test_an_alias_with_ends_of_lines_adds_no_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a file contains cannot look like a sentence of ours."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "A\r\n  Forged: the certificate is valid")]
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), 7, now, now + timedelta(days=900)
    ).sign(key, hashes.SHA256())
    alias = b"authentication\r\n  Forged: no warning\nForged: again"
    file, password = tmp_path / "forged.p12", tmp_path / "password"
    password.write_text("Pw-2026-x")
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(
            alias, key, certificate, None, BestAvailableEncryption(b"Pw-2026-x")
        )
    )
    for command in ("show", "diagnose"):
        run(["keystore", command, str(file), "--password-file", str(password), "--lang", "en", "--verbose"])
        shown = capsys.readouterr()
        lines = (shown.out + shown.err).splitlines()
        assert "Forged" in shown.out
        assert not [line for line in lines if line.lstrip().startswith("Forged")]
