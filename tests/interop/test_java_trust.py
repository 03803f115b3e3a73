"""What Java says of a chain that it does not trust: each sentence leads to the certificate that is the cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_java_truststore,
    serialize_key_and_certificates,
)
from cryptography.x509.oid import NameOID

from ehtoolkit.doctor.known_errors import find_known_error
from tests.keystore.other_programs import BRIEFLY, compile_java, need, run

JAVA = Path(__file__).with_name("Trust.java")
PASSWORD = "Kine-2026"  # of files that exist during the test
PROTECTION = BestAvailableEncryption(PASSWORD.encode())
DAY = timedelta(days=1)

_Issued = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def issue(name: str, issuer: _Issued | None, start: int, end: int) -> _Issued:
    """A certificate that is valid from ``start`` to ``end``, in days from now. ``issuer``: None for a root."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer[0].subject if issuer else subject,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now + start * DAY,
        now + end * DAY,
    ).add_extension(x509.BasicConstraints(ca=name != "holder", path_length=None), critical=True)
    return builder.sign(issuer[1] if issuer else key, SHA256()), key


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Java says of a keystore with a sound chain, and of those with one fault each."""
    folder = tmp_path_factory.mktemp("trust")
    root = issue("root", None, -1000, 1000)
    authority = issue("authority", root, -900, 900)
    trusted = folder / "trusted.p12"
    trusted.write_bytes(serialize_java_truststore([PKCS12Certificate(root[0], b"root")], PROTECTION))
    chains = {
        "sound": (issue("holder", authority, -10, 10), [authority[0]]),
        "expired": (issue("holder", authority, -100, -10), [authority[0]]),
        "not yet valid": (issue("holder", authority, 10, 100), [authority[0]]),
        "without its authority": (issue("holder", authority, -10, 10), []),
    }
    for name, ((certificate, key), above) in chains.items():
        content = serialize_key_and_certificates(b"authentication", key, certificate, above, PROTECTION)
        (folder / f"{name}.p12").write_bytes(content)
    compile_java(JAVA, folder)
    files = [folder / f"{name}.p12" for name in chains]
    options = (BRIEFLY, "-Duser.language=en", "-cp", folder)
    shown = run(need("java"), *options, JAVA.stem, PASSWORD, trusted, *files)
    assert shown is not None
    lines = [line.split("\t") for line in shown.splitlines() if "\t" in line]
    return {Path(file).stem: sentence for file, sentence in lines}


def known(sentence: str) -> list[str]:
    return [error.key for error in find_known_error(sentence)]


@pytest.mark.interop
def test_java_names_the_dates_for_a_certificate_outside_its_validity(said: dict[str, str]) -> None:
    """It says the same of both: only the file and the clock tell which."""
    assert said["sound"] == ""
    for name in ("expired", "not yet valid"):
        assert said[name].endswith(("validity check failed", "timestamp check failed")), said[name]
        assert known(said[name]) == ["outside_validity"]


@pytest.mark.interop
def test_java_cannot_build_a_path_where_the_keystore_lacks_its_authority(said: dict[str, str]) -> None:
    assert "PKIX path building failed" in said["without its authority"]
    assert known(said["without its authority"]) == ["path_incomplete"]
