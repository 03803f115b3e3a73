"""Statements about keystores of other programs, each held against what the program does."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from ehtoolkit import audit, errors
from ehtoolkit.cli.run import run as ehtoolkit
from ehtoolkit.clock import brussels_day, days_until
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.storage.filenames import parse_name
from ehtoolkit.keystore.storage.found_keystore import LONG_AGO, FoundKeystore
from ehtoolkit.secret import Secret
from tests.keystore.conftest import KeystoreMaker
from tests.keystore.other_programs import BRIEFLY, Java, gnutls_keys, need, run

PASSWORD = Secret("Kine-2026")
X509 = Path(__file__).with_name("mono") / "Certificates.cs"
_VERSION = re.compile(r'version "(\d+)(?:\.(\d+)\.(\d+))?')


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD.reveal())
    return path


def look(path: Path) -> Diagnosis:
    return diagnose(path, PASSWORD, datetime.now(UTC))


def keytool(*arguments: object, accept: tuple[int, ...] = (0,)) -> str:
    shown = run(need("keytool"), f"-J{BRIEFLY}", "-J-Duser.language=en", *arguments, accept=accept)
    assert shown is not None
    return shown


def java_store(path: Path, kind: str, key_password: str = PASSWORD.reveal()) -> Path:
    made = (
        "-genkeypair",
        "-keyalg",
        "RSA",
        "-storetype",
        kind,
        "-alias",
        "bram",
        "-dname",
        "CN=SSIN=79031421872",
    )
    keytool(*made, "-keystore", path, "-storepass", PASSWORD.reveal(), "-keypass", key_password)
    return path


# ── JKS and JCEKS ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.interop
def test_a_key_with_a_password_of_its_own_is_no_wrong_password(
    tmp_path: Path, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = java_store(tmp_path / "a.p12", "JCEKS", "Kine-2027")
    found = look(path)
    assert found.has("key_password_other")
    assert not found.has("password_wrong")
    assert found.not_after is not None
    arguments = [str(path), "-o", str(tmp_path / "b.p12"), "--password-file", str(given), "--lang", "en"]
    key_passwords = {"wrong": tmp_path / "wrong", "right": tmp_path / "right"}
    key_passwords["wrong"].write_text("Kine-2028")
    key_passwords["right"].write_text("Kine-2027")
    for command in ("rescue", "convert"):
        assert ehtoolkit(["keystore", command, *arguments]) == 1
        sentence = Translator("en").error(errors.KeyPasswordWrong(alias="bram"))
        assert sentence in capsys.readouterr().err
        wrong = ("--key-password-file", str(key_passwords["wrong"]))
        assert ehtoolkit(["keystore", command, *arguments, *wrong]) == 1
        sentence = Translator("en").error(errors.KeyPasswordWrong(alias="bram", reason="given"))
        assert sentence in capsys.readouterr().err
    # the cure that the finding names
    cure = ("--key-password-file", str(key_passwords["right"]))
    show = ["keystore", "show", str(path), "--password-file", str(given)]
    assert [ehtoolkit(show), ehtoolkit([*show, *cure])] == [1, 0]
    assert ehtoolkit(["keystore", "convert", *arguments, *cure]) == 0
    assert look(tmp_path / "b.p12").opened


@pytest.mark.interop
def test_the_end_of_a_java_keystore_is_that_of_keytool(
    tmp_path: Path, given: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = java_store(tmp_path / "a.p12", "JKS")
    shown = keytool(
        "-J-Duser.timezone=GMT", "-list", "-v", "-keystore", path, "-storepass", PASSWORD.reveal()
    )
    until = re.search(r"until: \w+ (\w+) (\d+) ([\d:]+) GMT (\d+)", shown)
    assert until is not None
    month, day, time, year = until.groups()
    end = parsedate_to_datetime(f"{day} {month} {year} {time} +0000")

    found = look(path)

    assert found.not_after == end
    assert diagnose(path, Secret("Kine-2027"), datetime.now(UTC)).has("password_wrong")
    closed = diagnose(path, None, datetime.now(UTC))  # keytool shows the certificate without a password, too
    assert (closed.not_after, closed.opened) == (end, False)
    assert ehtoolkit(["keystore", "show", str(path), "--password-file", str(given), "--lang", "en"]) == 0
    assert (
        Translator("en").get("cli.keystore.until", date=end, days=found.days_left) in capsys.readouterr().out
    )
    ehtoolkit(["audit", str(tmp_path), "--no-registry", "--password-file", str(given), "--lang", "en"])
    assert f"{found.days_left}" in capsys.readouterr().out
    (row,) = audit(tmp_path, PASSWORD, processes=1, language="en").keystores.to_dict("records")
    assert (row["state"], row["opened"], row["not_after"].date()) == ("no_etk", True, brussels_day(end))


@pytest.mark.parametrize("days", [0, 1, 62])
def test_an_expired_keystore_has_no_days_left(
    keystore_maker: KeystoreMaker, tmp_path: Path, given: Path, capsys: pytest.CaptureFixture[str], days: int
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    end = now - timedelta(days=days, seconds=2)
    made = KeystoreMaker(keystore_maker.keys, now - timedelta(days=400), end)
    path = tmp_path / "a.p12"
    path.write_bytes(write_pkcs12(made.complete.contents, PASSWORD))
    for language in LANGUAGES:
        texts = Translator(language)
        for options in ((), ("--password-file", str(given))):
            ehtoolkit(["keystore", "show", str(path), *options, "--lang", language])
            said = capsys.readouterr().out
            assert "-" + str(days) not in said.replace(str(path), "")
            if options:
                assert texts.counted("cli.keystore.ended", -days_until(end, now), date=end) in said


# ── what others read ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.interop
def test_bytes_after_the_end_and_gnutls(keystore_maker: KeystoreMaker, tmp_path: Path) -> None:
    path = tmp_path / "a.p12"
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    assert gnutls_keys(path, PASSWORD)
    path.write_bytes(path.read_bytes() + bytes(8))
    assert gnutls_keys(path, PASSWORD) is None
    assert look(path).has("trailing_bytes")


@pytest.mark.interop
def test_pbmac1_and_java(keystore_maker: KeystoreMaker, java: Java, given: Path, tmp_path: Path) -> None:
    """… as the sentence says: Java reads it from 25.0.5 on, BouncyCastle 1.80 does not."""
    path, pem = tmp_path / "a.p12", tmp_path / "a.pem"
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    shown = run(need("openssl"), "pkcs12", "-in", path, "-passin", f"file:{given}", "-noenc", "-out", pem)
    assert shown is not None
    made = ("-in", pem, "-pbmac1_pbkdf2", "-passout", f"file:{given}", "-out", path)
    if run("openssl", "pkcs12", "-export", *made) is None:
        pytest.skip("this openssl does not write PBMAC1")
    version = _VERSION.search(subprocess.run(["java", "-version"], capture_output=True, text=True).stderr)
    assert version is not None
    numbers = tuple(int(number or 0) for number in version.groups())
    opened = java.open([path], given)
    assert look(path).has("mac_pbmac1")
    assert (opened["SUN", path] is not None) is (numbers >= (25, 0, 5))
    assert opened["BC", path] is None


@pytest.mark.interop
def test_a_protection_that_we_do_not_know_may_open_elsewhere(
    keystore_maker: KeystoreMaker, java: Java, given: Path, tmp_path: Path
) -> None:
    path, pem = tmp_path / "a.p12", tmp_path / "a.pem"
    path.write_bytes(write_pkcs12(keystore_maker.complete.contents, PASSWORD))
    run(need("openssl"), "pkcs12", "-in", path, "-passin", f"file:{given}", "-noenc", "-out", pem)
    made = ("-in", pem, "-legacy", "-keypbe", "PBE-MD5-DES", "-certpbe", "PBE-MD5-DES", "-out", path)
    assert run("openssl", "pkcs12", "-export", *made, "-passout", f"file:{given}") is not None
    (finding,) = (finding for finding in look(path).findings if finding.key == "unsupported")
    assert "Other programs may open it" in finding.message(Translator("en"))
    assert java.open([path], given)["SUN", path] is not None


@pytest.mark.interop
def test_mono_with_one_key_and_with_several(
    keystore_maker: KeystoreMaker, given: Path, tmp_path: Path
) -> None:
    program = tmp_path / "Certificates.exe"
    assert run(need("mcs"), f"-out:{program}", X509) is not None
    answers: dict[tuple[bool, EncryptionProfile], str] = {}
    for keystore in (keystore_maker.installed, keystore_maker.complete):
        for profile in EncryptionProfile:
            path = tmp_path / f"{len(answers)}.p12"
            path.write_bytes(write_pkcs12(keystore.contents, PASSWORD, profile))
            shown = run("mono", program, given, path)
            assert shown is not None
            answers[keystore is keystore_maker.complete, profile] = shown.strip()
    for profile in EncryptionProfile:
        assert "MonoBtlsPkcs12.Import" in answers[True, profile]
    assert answers[False, EncryptionProfile.COMPATIBLE] == "True"


# ── what is in a file ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.interop
@pytest.mark.parametrize("kind", ["certificates", "secret key"])
def test_a_file_without_a_private_key(
    keystore_maker: KeystoreMaker,
    java: Java,
    given: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    path = tmp_path / "a.p12"
    if kind == "certificates":
        certificates = keystore_maker.complete.contents.certificates
        contents = type(keystore_maker.complete.contents)((), certificates)
        path.write_bytes(write_pkcs12(contents, PASSWORD))
    else:
        java.call("secret", path, given)
    ehtoolkit(["keystore", "diagnose", str(path), "--password-file", str(given), "--lang", "en"])
    shown = capsys.readouterr().out
    assert "without the password" not in shown
    assert "only certificates" not in shown
    assert Translator("en").get("finding.content_no_key") in shown


# ── the files of a holder ────────────────────────────────────────────────────────────────────────────────
def test_the_keys_of_a_file_are_read_once_for_all_its_copies() -> None:
    read: list[int] = []

    def keys() -> tuple[()]:
        read.append(1)
        return ()

    file = FoundKeystore(Path("a.p12"), parse_name("a.p12"), LONG_AGO, keys)
    copy = file.at(datetime.now(UTC), None, "")
    assert file.keys == copy.keys == copy.at(datetime.now(UTC), None, "").keys == ()
    assert read == [1]
