"""Files that cannot even be read, or are no keystore: each is a finding, none an exception."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from ehtoolkit.finding import Severity
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.diagnosis.content import inspect_bytes
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.system.text_safety import printable
from tests.keystore.diagnosis.conftest import NAME, Maker


def only(diagnosis: Diagnosis) -> str:
    (finding,) = diagnosis.findings
    assert not diagnosis.opened
    assert diagnosis.keys == ()
    assert diagnosis.certificates is None
    for language in LANGUAGES:
        assert finding.message(Translator(language))
    return finding.key


def test_what_is_no_file(maker: Maker, tmp_path: Path) -> None:
    assert only(diagnose(tmp_path / "a.p12", None, maker.now)) == "file_missing"
    assert only(diagnose(tmp_path, None, maker.now)) == "file_folder"
    assert only(diagnose(Path("a\0b.p12"), None, maker.now)) == "file_unreadable"
    os.mkfifo(tmp_path / "pipe.p12")
    assert only(diagnose(tmp_path / "pipe.p12", None, maker.now)) == "file_special"
    (tmp_path / "circle.p12").symlink_to(tmp_path / "circle.p12")
    assert only(diagnose(tmp_path / "circle.p12", None, maker.now)) == "file_loop"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file_empty"),
        (bytes(100), "file_zeros"),
        (bytes.fromhex("feedfeed") + bytes(40), "file_jks"),
        (bytes.fromhex("cececece") + bytes(40), "file_jceks"),
        (b"-----BEGIN CERTIFICATE-----\n", "file_certificate"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "file_pem"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", "file_pem"),
        (b"-----BEGIN PKCS12-----\n", "file_base64"),
        (bytes.fromhex("308201f006092a864886f70d010702a0") + bytes(600), "file_cms"),
        (b"MIIK" * 40, "file_base64"),
        (b"<html></html>", "file_html"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML>\n<title>Log in</title>", "file_html"),
        (b'<?xml version="1.0"?>\n<!-- saved -->\n<html xmlns="http://www.w3.org/1999/xhtml">', "file_html"),
        ("\ufeff<html>".encode("utf-16-le"), "file_html"),
        (b"<keystore/>", "file_unknown"),
        (b"%PDF-1.7\n", "file_pdf"),
        (b"PK\3\4" + bytes(50), "file_archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "file_archive"),
        (b"Rar!\x1a\7\1\0" + bytes(50), "file_archive"),
        (gzip.compress(b"a", mtime=0), "file_archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "file_image"),
        (b"\x89PNG\n\x1a\n" + bytes(50), "file_image"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "file_image"),
        (b"\x30", "damaged_truncated"),
        (b"\x30\x82\x40\x00\x02\x01\x03\x30", "damaged_truncated"),
        (b"\x30\x03\x02\x01\x03", "damaged_structure"),
    ],
)
def test_what_is_no_keystore(data: bytes, key: str, maker: Maker) -> None:
    assert only(diagnose(data, maker.password, maker.now)) == key
    assert only(diagnose(data, None, maker.now)) == key


@pytest.mark.parametrize(
    ("data", "key", "count"),
    [
        (b"-----BEGIN PRIVATE KEY-----\n", "file_pem", 1),
        (b"-----BEGIN RSA PRIVATE KEY-----\nMII\n-----BEGIN EC PRIVATE KEY-----\n", "file_pem", 2),
        (bytes.fromhex("3082010002010030") + bytes(260), "file_private_key", 1),
    ],
)
def test_a_key_without_encryption_is_an_error(data: bytes, key: str, count: int, maker: Maker) -> None:
    for password in (maker.password, None):
        found = {finding.key: finding for finding in diagnose(data, password, maker.now).findings}
        assert found.keys() == {key, "key_in_clear"}
        assert found["key_in_clear"].severity is Severity.ERROR
        assert found["key_in_clear"].facts == {"count": count}


def test_bytes_after_the_end_are_a_warning(maker: Maker, complete: bytes) -> None:
    found = {
        finding.key: finding for finding in diagnose(complete + bytes(8), maker.password, maker.now).findings
    }
    assert found["trailing_bytes"].severity is Severity.WARNING
    assert found["trailing_bytes"].facts == {"count": 8}
    assert "trailing_bytes" not in maker.keys(complete)


def test_a_file_that_is_too_large_is_not_opened(maker: Maker, complete: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(complete + bytes(2_000_000))
    diagnosis = diagnose(path, maker.password, maker.now)
    assert only(diagnosis) == "hostile_size"
    assert diagnosis.file.size == len(complete) + 2_000_000


def test_the_facts_of_a_file(maker: Maker, complete: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(complete)
    facts, data = inspect_bytes(path)
    assert data == complete
    assert (facts.name, facts.size, facts.kind, facts.shown) == (NAME, len(complete), "pkcs12", str(path))
    assert facts.named is not None
    assert facts.named.regular
    assert facts.changed is not None
    handed, _ = inspect_bytes(complete, NAME)
    assert (handed.path, handed.shown, handed.changed, handed.named) == (None, NAME, None, facts.named)
    assert inspect_bytes(complete)[0].shown is None


def test_a_name_that_is_no_text_is_shown_all_the_same(maker: Maker, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.p12")
    path.write_bytes(b"")
    diagnosis = diagnose(path, None, maker.now)
    assert diagnosis.file.shown is not None
    assert diagnosis.file.shown.encode().endswith("caf\ufffd.p12".encode())
    assert printable("café") == "café"
    assert printable("a\nb\x1b[31m\u202etxt.p12") == "a\ufffdb\ufffd[31m\ufffdtxt.p12"
    assert "�" in diagnosis._repr_html_()
