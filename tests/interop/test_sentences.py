"""Every sentence that the programs here print on keystores that they refuse is known to ``doctor --says``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from ehtoolkit.cli.run import run as ehtoolkit
from ehtoolkit.doctor.known_errors import find_known_error
from ehtoolkit.i18n import Translator
from tests.interop.refused_keystores import wrecks
from tests.keystore.other_programs import BRIEFLY, Java, compile_java, missing, need, run

JAVA = Path(__file__).with_name("Sentences.java")
MONO = Path(__file__).with_name("Sentences.cs")
ANY_PROGRAM = "the message comes from Java or Mono itself: any program prints it, about anything"
EXCEPTIONS = {
    r"(keytool error: )?java\.io\.EOFException": ANY_PROGRAM,
    r"(keytool error: )?java\.io\.IOException": ANY_PROGRAM,
    r"System\.IndexOutOfRangeException: .*": ANY_PROGRAM,
    r"System\.NullReferenceException: .*": ANY_PROGRAM,
    r"System\.OutOfMemoryException: .*": ANY_PROGRAM,
    r"System\.OverflowException: .*": ANY_PROGRAM,
    r"System\.ArgumentNullException: .*": ANY_PROGRAM,
    r"System\.ArgumentOutOfRangeException: .*": ANY_PROGRAM,
    r"System\.ArgumentException: Offset and length were out of bounds .*": ANY_PROGRAM,
    r".*Exception: [Ii]nvalid (data|content|salt|MAC)": "two words that every log has, of other things",
}
"""Sentences that `find_known_error` does not know, and why."""

OTHER_VERSIONS = [
    ("Java", "8u292", ("java.io.IOException: Integrity check failed: java.security.NoSuchAlgorithmException: "
     "Algorithm HmacPBESHA256 not available"), "protection_unknown"),
    ("Java", "8u292", ("java.io.IOException: parseAlgParameters failed: ObjectIdentifier() -- data isn't an object ID "
     "(tag = 48)"), "protection_unknown"),
    ("Java", "8u292", "java.io.IOException: DerInputStream.getLength(): lengthTag=109, too big.", "not_pkcs12"),
    ("Java", "8u152", "java.security.InvalidKeyException: Illegal key size", "protection_unknown"),
    ("Java", "8u152", "java.security.InvalidKeyException: Illegal key size or default parameters",
     "protection_unknown"),
    ("Java", "8", "java.io.IOException: Keystore was tampered with, or password was incorrect", "password"),
    ("Java", "11", ("java.io.IOException: parseAlgParameters failed: PBE parameter parsing error: expecting the object "
     "identifier for AES cipher"), "protection_unknown"),
    ("Java", "11", ("java.io.IOException: Integrity check failed: java.security.UnrecoverableKeyException: "
     "Failed PKCS12 integrity checking"), "password"),
    ("Java", "21", "java.io.IOException: MAC iteration count too large", "protection_unknown"),
    ("Java", "21", "java.io.IOException: keystore password was incorrect", "password"),
    ("Java", "25", "java.io.IOException: PBE parameter parsing error: expecting the object identifier for AES cipher",
     "protection_unknown"),
    ("Java", "25", "java.io.IOException: cert PBE iteration count too large", "protection_unknown"),
    ("keytool", "17", ("keytool error: java.security.KeyStoreException: Unrecognized keystore format. Please load it "
     "with a specified type"), "not_pkcs12"),
    ("keytool", "17", "keytool error: java.lang.Exception: Keystore file exists, but is empty: bram.p12", "damaged"),
    ("Windows", "10", "0x8007000d", "not_pkcs12"),
    ("Windows", "10", "The data is invalid. 0x8007000D (WIN32: 13 ERROR_INVALID_DATA)", "not_pkcs12"),
    ("Windows", "10", "ASN1 bad tag value met. 0x8009310b (ASN: 267 CRYPT_E_ASN1_BADTAG)", "not_pkcs12"),
    ("Windows", "10", "Cannot find the requested object. 0x80092009 (-2146885623 CRYPT_E_NO_MATCH)", "not_pkcs12"),
    (".NET", "8", "System.Security.Cryptography.CryptographicException: ASN1 corrupted data.", "not_pkcs12"),
    (".NET", "9", "The PKCS#12/PFX violated the 'MacIterationLimit' limit.", "protection_unknown"),
    ("official card library", "5", "CKR_PIN_INCORRECT", "pin_refused"),
    ("official card library", "5", "CKR_PIN_LOCKED", "pin_blocked"),
    ("official card library", "5", "CKR_TOKEN_NOT_RECOGNIZED", "virtual_reader"),
    ("official card library", "5", "CKR_DEVICE_ERROR", "virtual_reader"),
]  # fmt: skip
"""Program, version, sentence and what it means, of versions that CI does not have. Those of Java 25 were run with
25.0.3; the others were not run, and their versions are examples."""


def unknown(sentences: Iterable[str]) -> set[str]:
    """Return the sentences that are neither known nor excepted."""
    return {
        sentence
        for sentence in sentences
        if not find_known_error(sentence)
        and not any(re.fullmatch(pattern, sentence.strip()) for pattern in EXCEPTIONS)
    }


@pytest.fixture(scope="module")
def refused(
    request: pytest.FixtureRequest, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Path, str]]:
    """Files that programs refuse, with a password: in the short run every fifth."""
    files = wrecks(tmp_path_factory.mktemp("wrecks"), data_folder / "keystores")
    return files if request.config.getoption("--all") else files[::5]


@pytest.fixture(scope="module")
def jobs(refused: list[tuple[Path, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("jobs") / "jobs.txt"
    path.write_text("".join(f"{file}\t{password or 'x'}\n" for file, password in refused), encoding="utf-8")
    return path


def third_column(shown: str | None) -> list[str]:
    assert shown
    return [columns[2] for line in shown.splitlines() if len(columns := line.split("\t")) == 3]


@pytest.mark.interop
def test_java_and_bouncycastle(jobs: Path, tmp_path: Path) -> None:
    for jar in Java.path().split(":"):
        if not Path(jar).exists():
            missing(f"{jar} (libbcprov-java, libbcpkix-java)")
    path = Java.path(tmp_path)
    compile_java(JAVA, tmp_path, path)
    few_rounds = "-Dorg.bouncycastle.pkcs12.max_it_count=60000"
    sentences = third_column(run("java", BRIEFLY, few_rounds, "-cp", path, JAVA.stem, jobs))
    assert any("HmacPBE" in sentence for sentence in sentences)
    assert any("BC" in sentence for sentence in sentences)
    assert unknown(sentences) == set()


@pytest.mark.interop
def test_mono(jobs: Path, tmp_path: Path) -> None:
    program = tmp_path / "Sentences.exe"
    assert run(need("mcs"), "-r:Mono.Security", f"-out:{program}", MONO) is not None
    sentences = third_column(run("mono", program, jobs))
    assert any("unsupported HMAC" in sentence for sentence in sentences)
    assert unknown(sentences) == set()


@pytest.mark.interop
@pytest.mark.parametrize(
    "command",
    [
        ("openssl", "pkcs12", "-noenc", "-passin", "pass:{password}", "-in", "{file}"),
        ("openssl", "pkcs12", "-noenc", "-legacy", "-passin", "pass:{password}", "-in", "{file}"),
        ("pk12util", "-W", "{password}", "-l", "{file}"),
        ("certtool", "--p12-info", "--inder", "--password", "{password}", "--infile", "{file}"),
    ],
    ids=["openssl", "openssl -legacy", "NSS", "GnuTLS"],
)
def test_openssl_nss_and_gnutls(refused: list[tuple[Path, str]], command: tuple[str, ...]) -> None:
    need(command[0])
    sentences = set()
    for file, password in refused:
        given = [part.format(file=file, password=password) for part in command]
        shown = run(*given, accept=range(1, 256))
        if shown:  # openssl prints nothing about an empty file
            sentences.add(shown.replace(str(file), "F"))
    assert len(sentences) > 5
    assert unknown(sentences) == set()


@pytest.mark.interop
@pytest.mark.parametrize("kind", ["PKCS12", "JKS"])
def test_keytool(refused: list[tuple[Path, str]], kind: str) -> None:
    """Every twentieth file: a new Java starts for each."""
    given = (need("keytool"), f"-J{BRIEFLY}", "-J-Duser.language=en", "-list", "-storetype", kind)
    shown = [
        run(*given, "-storepass", password or "x", "-keystore", file, accept=(1,))
        for file, password in refused[::20]
    ]
    assert unknown(sentence for sentence in shown if sentence is not None) == set()


@pytest.mark.parametrize(("program", "version", "sentence", "key"), OTHER_VERSIONS)
def test_other_versions(program: str, version: str, sentence: str, key: str) -> None:
    assert [known.key for known in find_known_error(sentence)] == [key], (program, version)


def test_the_command_answers(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "java.io.IOException: Integrity check failed: Algorithm HmacPBESHA256 not available"
    ehtoolkit(["doctor", "--says", sentence, "--lang", "en"])
    assert capsys.readouterr().out.startswith(Translator("en").get("advice.protection_unknown"))


@pytest.mark.parametrize(
    "sentence",
    ["Too short", "invalid data", "java.io.EOFException: SSL peer shut down", "The password is too short."],
)
def test_common_words_are_not_taken_for_a_keystore(sentence: str) -> None:
    assert find_known_error(sentence) == ()
