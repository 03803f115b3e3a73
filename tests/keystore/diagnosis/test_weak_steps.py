"""Protections that are not read, and a file that lacks only its integrity code: the step is the one that helps."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.repair.recovery import recover
from tests.keystore.diagnosis.conftest import Maker
from tests.keystore.other_programs import need


@pytest.fixture
def by_openssl(maker: Maker, tmp_path: Path) -> Callable[..., bytes]:
    """Writes the authentication key and its chain with options of openssl."""
    key = maker.keystore_maker.keys["authentication"]
    sources = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    sources += b"".join(each.public_bytes(Encoding.PEM) for each in maker.keystore_maker.chain)
    (tmp_path / "sources.pem").write_bytes(sources)
    (tmp_path / "password").write_text(maker.password.reveal())

    def write(*options: str) -> bytes:
        command = [need("openssl"), "pkcs12", "-export", "-in", "sources.pem", "-name", "authentication"]
        command += [*options, "-passout", "file:password", "-out", "made.p12"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "made.p12").read_bytes()

    return write


def keys(found: Diagnosis) -> dict[str, str]:
    return {finding.key: finding.variant for finding in found.findings}


def test_a_mac_that_is_not_read(maker: Maker, by_openssl: Callable[..., bytes]) -> None:
    data = by_openssl("-macalg", "sha3-256")
    found = diagnose(data, maker.password, maker.now)
    assert keys(found)["unsupported"] == "partly"
    assert "rescuable_all" in keys(found)
    (refused,) = (finding for finding in found.findings if finding.key == "unsupported")
    assert "SHA3-256" in refused.message(Translator("en"))
    assert "keystore rescue" in refused.next_step(Translator("en"))
    saved = recover(data, maker.password)
    assert (len(saved.contents.keys), len(saved.contents.certificates), saved.lost) == (1, 3, ())


def test_a_protection_that_is_not_read_at_all(maker: Maker, by_openssl: Callable[..., bytes]) -> None:
    """openssl writes PBKDF2 alone: scrypt in its place, at which reading ends."""
    data = by_openssl()
    pbkdf2, scrypt = bytes.fromhex("06092a864886f70d01050c"), bytes.fromhex("06092b06010401da47040b")
    assert pbkdf2 in data
    found = diagnose(data.replace(pbkdf2, scrypt), maker.password, maker.now)
    assert keys(found)["unsupported"] == ""
    (refused,) = (finding for finding in found.findings if finding.key == "unsupported")
    assert "scrypt" in refused.message(Translator("en"))
    assert not any(key.startswith("rescuable") for key in keys(found))


def test_only_the_integrity_code_is_cut(maker: Maker) -> None:
    data = maker.write(maker.keystore_maker.complete)
    mac = outline_pkcs12(data).mac
    assert isinstance(mac, Mac)
    begin = data.index(mac.value) - 17  # of the MacData
    for cut in range(begin, len(data), 7):
        assert recover(data[:cut], maker.password).lost == (), cut
    assert "rescuable_all" in keys(diagnose(data[: begin + 5], maker.password, maker.now))
    assert recover(data[: begin - 60], maker.password).lost != ()


def test_the_clock_that_has_to_move_is_the_one_that_counts(maker: Maker) -> None:
    """A certificate of training is judged by the training clock."""
    early = maker.keystore_maker.start - timedelta(hours=1)
    found = maker.look(maker.keystore_maker.complete, now=early)
    assert keys(found)["state_not_yet_valid"] == "training"
    other = maker.look(maker.issued_by("Somebody else"), now=early)
    assert keys(other)["state_not_yet_valid"] == ""
