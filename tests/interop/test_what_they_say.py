"""What other programs really say of keystores that they do not open, and that ``doctor --says`` knows it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from ehtoolkit.cli.run import run as ehtoolkit
from ehtoolkit.doctor.known_errors import find_known_error
from ehtoolkit.i18n import LANGUAGES, Translator
from tests.keystore.other_programs import BRIEFLY, compile_java, need, run

pytestmark = pytest.mark.interop

LOADS = Path(__file__).with_name("Loads.java")
WRONG_KEYS = Path(__file__).with_name("WrongKeys.java")
KEY = ec.generate_private_key(ec.SECP256R1())
CHEAP = base64.b64decode("""
MIIEFwIBAzCCA80GCSqGSIb3DQEHAaCCA74EggO6MIIDtjCCAjkGCSqGSIb3DQEHBqCCAiowggImAgEAMIICHwYJKoZIhvcNAQcB
MF4GCSqGSIb3DQEFDTBRMDAGCSqGSIb3DQEFDDAjBBA1CjDtH6KR/j6zWWTjMSx8AgEBMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUD
BAEqBBAFBVpB9X67S2t3XnlRFR10gIIBsM7clo4RxiootsByHT29zIk5ERvGVPG/nNp09q9tD3xQXGPQbvLws7nFypisztM41Q2x
0HXdz3k1jec0jOVtXFFTRPl347rHOB3/0du7YbTitREtpNjtmEtr+27bxnIijhRdzq3EjMOb/J9gyJYKnKUkdvyf+vsQGiD48sb6
UJkoBBFe4XfQ+mlt767lyxsWJjRhWILKS8K+XDDsHM5vexMOEHl1mbMVE7gXqZtrs2oT5ZlfPhiV//adMs8Vjy+0ymXfGjZa7C4g
VAFdxWd8DncEIlvcV7VFCB+LsWRfSon5zT0B/lAN1L6ydhhsGc4EbD863y3nHDOFrXD1GPRUUwL10v26IOymLZActZ2T1EwalKHV
CwVlvXhK9YVWRdA4dIDsu8AHDQK2tBTgHBg22EzqFE+UbF0YpvMOGp1B/YLCjWY2aj0mNG2QbxR1iUBbdNafj3jiC8NNBeqFxUiB
WaDcemNtXwmbMZVu1ODs2jlM2CSc5RD3s5FOtJbhnEhY9HeaJTqgCus0hUgN/D30O4Dk4iKY2sIwCuNW0zQxrSqTIECtscx7mKBw
ZJ2Jz0ImRTCCAXUGCSqGSIb3DQEHAaCCAWYEggFiMIIBXjCCAVoGCyqGSIb3DQEMCgECoIH2MIHzMF4GCSqGSIb3DQEFDTBRMDAG
CSqGSIb3DQEFDDAjBBAhMdbvtGZBlNC5fVpkjMz9AgEBMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBApcMRYWBgTKSrULCSS
vSaSBIGQqAegObspHfttnBuuGl9WZ146UQRz94XbFFJOA7iQCMOxYXxHl39xIThT7wj31dcPUqHL7/0cOk8GgeRHbxTybE9ol2P7
lsJfvmpMtpwS/8D9fE2EPuYOS4NDX32CqkeJy8S7roZ3ON38THfPCctutam+zVQ5EauLQinGenG1K9hnRD7nMKv4Mi/legjIunX+
MVIwIwYJKoZIhvcNAQkVMRYEFIjFYxjVEroMbRs1JBa+LIvReFanMCsGCSqGSIb3DQEJFDEeHhwAYQB1AHQAaABlAG4AdABpAGMA
YQB0AGkAbwBuMEEwMTANBglghkgBZQMEAgEFAAQgv8OoBIsgViyLxL92rsz6xq8mbrNrcflcgjkGcm7XzfcECKOcipzfJTT3AgII
AA==
""")
"""A keystore like the others, with one round: always the same, since what Java says of a wrong password of its key
depends on its salt."""
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``good.p12`` with the password ``Kine-2026``, and what people have in its place."""
    folder = tmp_path_factory.mktemp("they")
    good = keystore(NOW - DAY, NOW + DAY)
    (folder / "good.p12").write_bytes(good)
    (folder / "cheap.p12").write_bytes(CHEAP)
    (folder / "over.p12").write_bytes(keystore(NOW - 3 * DAY, NOW - DAY))
    (folder / "early.p12").write_bytes(keystore(NOW + DAY, NOW + 3 * DAY))
    (folder / "half.p12").write_bytes(good[: len(good) // 2])
    (folder / "mail.p12").write_bytes(base64.encodebytes(good))
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "text.p12").write_bytes(pem + certificate(NOW - DAY, NOW + DAY).public_bytes(Encoding.PEM))
    return folder


def certificate(begin: datetime, end: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SSIN=79031421872")])
    made = x509.CertificateBuilder(name, name, KEY.public_key(), 1, begin, end)
    return made.sign(KEY, hashes.SHA256())


def keystore(begin: datetime, end: datetime) -> bytes:
    kept = BestAvailableEncryption(b"Kine-2026")
    return pkcs12.serialize_key_and_certificates(b"authentication", KEY, certificate(begin, end), None, kept)


def said(*command: object) -> str:
    shown = run(*command, accept=(1,))
    assert shown is not None
    return shown


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `LOADS`, compiled."""
    folder = tmp_path_factory.mktemp("classes")
    compile_java(LOADS, folder)
    return folder


def loads(classes: Path, *arguments: object) -> str:
    return said("java", BRIEFLY, "-cp", classes, LOADS.stem, *arguments)


def known(shown: str) -> list[str]:
    return [error.key for error in find_known_error(shown)]


def openssl(file: Path, password: str) -> str:
    return said(need("openssl"), "pkcs12", "-in", file, "-passin", f"pass:{password}", "-nodes")


def test_openssl_and_a_wrong_password(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = openssl(folder / "good.p12", "Kine-2027")
    assert "Mac verify error" in shown
    assert known(shown) == ["password"]
    assert ehtoolkit(["doctor", "--says", shown, "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith(Translator("en").get("advice.password"))


def test_openssl_and_old_ciphers(folder: Path, tmp_path: Path) -> None:
    text, old = folder / "text.p12", tmp_path / "old.p12"
    given = ("-in", text, "-passout", "pass:Kine-2026", "-certpbe", "PBE-SHA1-RC2-40")
    assert run(need("openssl"), "pkcs12", "-export", "-legacy", *given, "-out", old) is not None
    shown = openssl(old, "Kine-2026")
    assert "error:0308010C" in shown
    assert known(shown) == ["old_protection"]


@pytest.mark.parametrize(("file", "key"), [("text.p12", "not_pkcs12"), ("half.p12", "damaged")])
def test_openssl_and_what_is_no_keystore(folder: Path, file: str, key: str) -> None:
    assert known(openssl(folder / file, "Kine-2026")) == [key]


@pytest.mark.parametrize("language", LANGUAGES)
def test_keytool_in_every_language(folder: Path, language: str) -> None:
    """Java says the beginning of the line in some languages, and the cause in English in all."""
    keytool = (
        need("keytool"),
        f"-J{BRIEFLY}",
        f"-J-Duser.language={language}",
        "-list",
        "-storetype",
        "PKCS12",
        "-keystore",
    )
    assert known(said(*keytool, folder / "good.p12", "-storepass", "Kine-2027")) == ["password"]
    shown = said(*keytool, folder / "text.p12", "-storepass", "Kine-2026")
    assert "toDerInputStream rejects tag type" in shown
    assert known(shown) == ["not_pkcs12"]


@pytest.mark.parametrize(
    ("file", "kind", "passwords", "says", "key"),
    [
        ("good.p12", "PKCS12", ("Kine-2027", "Kine-2027"), "keystore password was incorrect", "password"),
        ("cheap.p12", "PKCS12", ("Kine-2026", "Kine-2027"), "Get Key failed: Given final", "key_password"),
        ("mail.p12", "PKCS12", ("Kine-2026", "Kine-2026"), "toDerInputStream rejects tag", "not_pkcs12"),
        ("text.p12", "JKS", ("Kine-2026", "Kine-2026"), "Invalid keystore format", "not_pkcs12"),
        ("over.p12", "PKCS12", ("Kine-2026", "Kine-2026"), "CertificateExpiredException", "expired"),
        ("early.p12", "PKCS12", ("Kine-2026", "Kine-2026"), "CertificateNotYetValid", "not_yet_valid"),
    ],
)
def test_a_whole_trace_of_java(
    classes: Path, folder: Path, file: str, kind: str, passwords: tuple[str, str], says: str, key: str
) -> None:
    shown = loads(classes, folder / file, kind, *passwords)
    assert says in shown
    assert known(shown) == [key]


def test_every_java_message_about_a_wrong_key_password_is_known(folder: Path, tmp_path: Path) -> None:
    """What a wrong password makes of a key looks padded once in some 240 times, and then Java says something else."""
    compile_java(WRONG_KEYS, tmp_path)
    seen = run("java", BRIEFLY, "-cp", tmp_path, WRONG_KEYS.stem, folder / "cheap.p12", "Kine-2026", 20_000)
    assert seen is not None
    messages = [line.partition("\t")[2] for line in seen.splitlines()]
    assert len(messages) > 4
    assert {message: known(message) for message in messages} == {
        message: ["key_password"] for message in messages
    }


def test_the_key_of_a_jks_with_a_password_of_its_own(classes: Path, tmp_path: Path) -> None:
    file = tmp_path / "two.jks"
    given = ("-storepass", "Kine-2026", "-keypass", "Kine-2027", "-alias", "one", "-dname", "CN=one")
    keytool = (need("keytool"), f"-J{BRIEFLY}", "-genkeypair", "-keyalg", "EC", "-storetype", "JKS")
    assert run(*keytool, "-keystore", file, *given) is not None
    shown = loads(classes, file, "JKS", "Kine-2026", "Kine-2026")
    assert "Cannot recover key" in shown
    assert known(shown) == ["key_password"]


def test_nss_and_a_wrong_password(folder: Path) -> None:
    shown = run(need("pk12util"), "-l", folder / "good.p12", "-W", "Kine-2027", accept=range(1, 256))
    assert shown is not None
    assert known(shown) == ["password"]
