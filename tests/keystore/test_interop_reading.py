"""Keystores that other programs write: each variant is read with all that is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit import errors
from ehtoolkit.keystore.codec.derivation import Function
from ehtoolkit.keystore.codec.file_type import detect_file_type
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12, read_pkcs12
from ehtoolkit.keystore.codec.protection import Encryption, Mac
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.repair.java_store import read_java_store
from ehtoolkit.keystore.rewrite import change_password, rewrite_file
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import BRIEFLY, Java, need, run

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = pytest.mark.interop

PASSWORDS = {
    "ascii": "Kine-2026",
    "accents": "clé-€-ü",
    "long": "é" + "abcdefghij" * 4,
    "pictures": "clé \U0001f600",
    "empty": "",
}
# As openssl calls them; those that it writes for its old provider, too.
CIPHERS = {
    "PBE-SHA1-RC4-128": "rc4-128",
    "PBE-SHA1-RC4-40": "rc4-40",
    "PBE-SHA1-3DES": "des-ede3-cbc",
    "PBE-SHA1-2DES": "des-ede2-cbc",
    "PBE-SHA1-RC2-128": "rc2-128-cbc",
    "PBE-SHA1-RC2-40": "rc2-40-cbc",
    "aes-128-cbc": "aes128-cbc",
    "aes-192-cbc": "aes192-cbc",
    "aes-256-cbc": "aes256-cbc",
    "des-ede3-cbc": "des-ede3-cbc",
}
# The place of BouncyCastle among Java's providers, the provider and the format that write, and how.
JAVAS = {
    "Java alone": (0, "SUN", "PKCS12", "new"),
    "Java alone, as before": (0, "SUN", "PKCS12", "legacy"),
    "Java behind BouncyCastle": (1, "SUN", "PKCS12", "new"),
    "Java behind BouncyCastle, as before": (1, "SUN", "PKCS12", "legacy"),
    "Java before BouncyCastle": (90, "SUN", "PKCS12", "new"),
    "BouncyCastle": (90, "BC", "PKCS12", "new"),
}
# Other formats, by file name: the place of BouncyCastle, the provider, the format, and the password of the file. What
# follows the header of UBER is random, so there are several of it.
OTHERS = {
    "old.jks": (0, "SUN", "JKS", "ascii"),
    "old.jceks": (0, "SunJCE", "JCEKS", "ascii"),
    "pictures.jks": (0, "SUN", "JKS", "pictures"),
    "0.bks": (90, "BC", "BKS", "ascii"),
    "0.bcfks": (90, "BC", "BCFKS", "ascii"),
    **{f"{number}.uber": (90, "BC", "UBER", "ascii") for number in range(3)},
}
DIGESTS = ("sha1", "sha224", "sha256", "sha384", "sha512", "sha512-224", "sha512-256")


@pytest.fixture(scope="module")
def folder(keystore_maker: KeystoreMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificates as PEM, and a file that Java reads, all under passwords in files."""
    folder = tmp_path_factory.mktemp("sources")
    key = keystore_maker.keys["authentication"].private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (folder / "key.pem").write_bytes(key)
    (folder / "chain.pem").write_bytes(
        b"".join(certificate.public_bytes(Encoding.PEM) for certificate in keystore_maker.chain)
    )
    for name, text in PASSWORDS.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "source.p12").write_bytes(
        write_pkcs12(keystore_maker.complete.contents, Secret(PASSWORDS["ascii"]))
    )
    return folder


def openssl(folder: Path, out: Path, *options: str, password: str = "ascii") -> bytes:
    command = ("pkcs12", "-export", "-legacy", "-inkey", folder / "key.pem", "-in", folder / "chain.pem")
    secret = f"file:{folder / password}" if PASSWORDS[password] else "pass:"
    given = ("-passout", secret, "-name", "authentication", "-out", out)
    done = run(need("openssl"), *command, *given, *options)
    if done is None:
        pytest.skip(f"this openssl does not write {' '.join(options)}")
    return out.read_bytes()


@pytest.mark.parametrize(("called", "cipher"), CIPHERS.items())
def test_ciphers_of_openssl(
    folder: Path, tmp_path: Path, keystore_maker: KeystoreMaker, called: str, cipher: str
) -> None:
    data = openssl(folder, tmp_path / "a.p12", "-keypbe", called, "-certpbe", called)
    contents = read_pkcs12(data, Secret(PASSWORDS["ascii"]))
    assert contents.protection is not None
    assert {part.cipher for part in contents.protection.encryptions if isinstance(part, Encryption)} == {
        cipher
    }
    _is_the_same(Keystore.of(contents), keystore_maker)
    with pytest.raises(errors.KeystorePasswordWrong):
        read_pkcs12(data, Secret("another"))


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize("kind", ["-macalg", "-pbmac1_pbkdf2", "-pbmac1_pbkdf2_md"])
def test_macs_of_openssl(
    folder: Path, tmp_path: Path, keystore_maker: KeystoreMaker, digest: str, kind: str
) -> None:
    options = {
        "-macalg": ("-macalg", digest),
        "-pbmac1_pbkdf2": ("-pbmac1_pbkdf2", "-macalg", digest),
        "-pbmac1_pbkdf2_md": ("-pbmac1_pbkdf2", "-pbmac1_pbkdf2_md", digest, "-macalg", "sha256"),
    }[kind]
    data = openssl(folder, tmp_path / "a.p12", *options)
    mac = outline_pkcs12(data).mac
    assert isinstance(mac, Mac)
    assert mac.is_pbmac1 == (kind != "-macalg")
    assert mac.key.digest == digest.replace("-", "_")
    assert mac.digest == ("sha256" if kind == "-pbmac1_pbkdf2_md" else mac.key.digest)
    _is_the_same(Keystore.of(read_pkcs12(data, Secret(PASSWORDS["ascii"]))), keystore_maker)
    with pytest.raises(errors.KeystorePasswordWrong):
        read_pkcs12(data, Secret("another"))


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(
    "options", [(), ("-nomac",), ("-keypbe", "NONE", "-certpbe", "NONE"), ("-pbmac1_pbkdf2",)]
)
def test_passwords_of_openssl(
    folder: Path, tmp_path: Path, keystore_maker: KeystoreMaker, password: str, options: tuple[str, ...]
) -> None:
    data = openssl(folder, tmp_path / "a.p12", *options, password=password)
    _is_the_same(Keystore.of(read_pkcs12(data, Secret(PASSWORDS[password]))), keystore_maker)


@pytest.fixture(scope="module")
def javas(java: Java, folder: Path) -> dict[tuple[str, str], Path]:
    """What Java and BouncyCastle wrote, by who it was and the password, and beside it `OTHERS`: one run for all, since
    each takes long to begin."""
    made = {
        (program, password): folder / f"{number}-{password}.p12"
        for number, program in enumerate(JAVAS)
        for password in PASSWORDS
        if PASSWORDS[password].isascii() or "alone" not in program  # which refuses others
    }
    jobs: list[tuple[object, ...]] = [
        (folder / "source.p12", folder / "ascii", path, folder / password, *JAVAS[program])
        for (program, password), path in made.items()
    ]
    jobs += [
        (folder / "source.p12", folder / "ascii", folder / name, folder / password, *options, "new")
        for name, (*options, password) in OTHERS.items()
    ]
    java.write(jobs, folder)
    return made


@pytest.mark.parametrize("program", JAVAS)
def test_passwords_of_java_alone_and_beside_bouncy_castle(
    javas: dict[tuple[str, str], Path], tmp_path: Path, keystore_maker: KeystoreMaker, program: str
) -> None:
    read = 0
    for (who, password), source in javas.items():
        if who != program:
            continue
        secret, path = Secret(PASSWORDS[password]), tmp_path / "again.p12"
        contents = read_pkcs12(source.read_bytes(), secret)
        keystore = Keystore.of(contents)
        assert contents.keys[0].alias == "authentication", password
        assert keystore.chain == keystore_maker.chain, password
        assert len(keystore.current_encryption) == 1, password
        path.write_bytes(source.read_bytes())
        change_password(path, secret, Secret("New-2026"), EncryptionProfile.COMPATIBLE)
        assert read_pkcs12(path.read_bytes(), Secret("New-2026")).keys == contents.keys
        path.unlink()
        read += 1
    assert read == (2 if "alone" in program else len(PASSWORDS))


def test_aes_gcm_of_bouncy_castle(
    java: Java, folder: Path, tmp_path: Path, keystore_maker: KeystoreMaker
) -> None:
    out = tmp_path / "gcm.p12"
    java.call("gcm", folder / "source.p12", folder / "ascii", out, briefly=True)
    protection = outline_pkcs12(out.read_bytes()).protection
    parts = [part for part in protection.encryptions if isinstance(part, Encryption)]
    assert {(part.cipher, part.key.function) for part in parts} == {("aes256-gcm", Function.PBKDF2)}
    contents = read_pkcs12(out.read_bytes(), Secret(PASSWORDS["ascii"]))
    assert {key.pkcs8 for key in contents.keys} == {
        key.pkcs8 for key in keystore_maker.complete.contents.keys
    }
    assert len(contents.certificates) == 2
    with pytest.raises(errors.KeystorePasswordWrong):
        read_pkcs12(out.read_bytes(), Secret("another"))
    assert diagnose(out, Secret(PASSWORDS["ascii"]), keystore_maker.start).has("cipher_gcm")
    change_password(out, Secret(PASSWORDS["ascii"]), Secret("New-2026"))
    assert not diagnose(out, Secret("New-2026"), keystore_maker.start).has("cipher_gcm")


def test_a_secret_key_of_java_gets_the_new_password_too(java: Java, folder: Path, tmp_path: Path) -> None:
    path, new = tmp_path / "secret.p12", tmp_path / "new"
    java.call("secret", path, folder / "ascii", briefly=True)
    change_password(path, Secret(PASSWORDS["ascii"]), Secret("New-2026"))
    new.write_text("New-2026")
    assert java.open([path], new)["SUN", path] == {"shared": "secret"}


@pytest.mark.parametrize("kind", ["JKS", "JCEKS"])
def test_older_formats_of_java(
    java: Java,
    folder: Path,
    javas: dict[tuple[str, str], Path],
    tmp_path: Path,
    keystore_maker: KeystoreMaker,
    kind: str,
) -> None:
    old, new = tmp_path / "old.ks", tmp_path / "new.p12"
    old.write_bytes((folder / f"old.{kind.lower()}").read_bytes())
    certificate = keystore_maker.chain[2].public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(certificate)
    given = ("-keystore", old, "-storetype", kind, "-storepass", PASSWORDS["ascii"], "-noprompt")
    assert run(
        need("keytool"),
        f"-J{BRIEFLY}",
        "-importcert",
        "-alias",
        "Racine é",
        "-file",
        tmp_path / "root.pem",
        *given,
    )
    secret = Secret(PASSWORDS["ascii"])
    contents = read_java_store(old.read_bytes(), secret)
    assert {key.alias for key in contents.keys} == {"authentication", str((1 << 127) + 7)}
    assert "racine é" in contents.aliases
    assert {key.pkcs8 for key in contents.keys} == {
        key.pkcs8 for key in keystore_maker.complete.contents.keys
    }
    for wrong in (Secret("another"), Secret("")):
        with pytest.raises(errors.KeystorePasswordWrong):
            read_java_store(old.read_bytes(), wrong)
    rewrite_file(old, secret, new)
    opened = java.open([new], folder / "ascii")
    for program in ("SUN", "BC"):
        found = opened[program, new]
        assert found is not None
        assert found["authentication"] == found[str((1 << 127) + 7)] == "key"
        assert found["racine é"] == "certificate"
    keystore = Keystore.of(read_pkcs12(new.read_bytes(), secret))
    assert keystore.chain == keystore_maker.chain
    assert len(keystore.current_encryption) == 1


def test_a_jks_file_with_a_password_that_ascii_does_not_hold(
    folder: Path, javas: dict[tuple[str, str], Path], keystore_maker: KeystoreMaker
) -> None:
    contents = read_java_store((folder / "pictures.jks").read_bytes(), Secret(PASSWORDS["pictures"]))
    assert {key.pkcs8 for key in contents.keys} == {
        key.pkcs8 for key in keystore_maker.complete.contents.keys
    }


@pytest.mark.parametrize("name", [name for name, (_, provider, *_) in OTHERS.items() if provider == "BC"])
def test_formats_of_bouncy_castle_are_distinguished(
    folder: Path, javas: dict[tuple[str, str], Path], name: str
) -> None:
    data = (folder / name).read_bytes()
    assert detect_file_type(data) == name.partition(".")[2]
    with pytest.raises(errors.NotAKeystore):
        outline_pkcs12(data)


@pytest.mark.parametrize("cipher", ["aes-256", "aes-128", "3des", "rc2-40", "arcfour"])
def test_files_of_gnutls(folder: Path, tmp_path: Path, keystore_maker: KeystoreMaker, cipher: str) -> None:
    out = tmp_path / "a.p12"
    done = run(
        *(need("certtool"), "--to-p12", "--load-privkey", folder / "key.pem"),
        *("--load-certificate", folder / "chain.pem", "--p12-name", "authentication", "--outder"),
        *("--password", PASSWORDS["ascii"], "--pkcs-cipher", cipher, "--outfile", out),
    )
    if done is None:
        pytest.skip(f"this GnuTLS does not write {cipher}")
    _is_the_same(Keystore.of(read_pkcs12(out.read_bytes(), Secret(PASSWORDS["ascii"]))), keystore_maker)


@pytest.fixture(scope="module")
def nss(folder: Path) -> tuple[str, str]:
    """Options that name a database of NSS with the key in it; no test changes it."""
    database = folder / "nss"
    database.mkdir()
    where = ("-d", f"sql:{database}")
    assert run("certutil", "-N", *where, "--empty-password") is not None
    assert run(need("pk12util"), "-i", folder / "source.p12", "-w", folder / "ascii", *where) is not None
    return where


@pytest.mark.parametrize("password", ["ascii", "accents"])
@pytest.mark.parametrize(
    "cipher", ["AES-256-CBC", "PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC", "RC4"]
)
def test_files_of_nss(
    folder: Path,
    nss: tuple[str, str],
    tmp_path: Path,
    keystore_maker: KeystoreMaker,
    cipher: str,
    password: str,
) -> None:
    out = tmp_path / "a.p12"
    options = ("-c", cipher, "-C", cipher, "-n", "authentication", "-w", folder / password)
    if run("pk12util", "-o", out, *options, *nss) is None:
        pytest.skip(f"this NSS does not write {cipher}")
    contents = read_pkcs12(out.read_bytes(), Secret(PASSWORDS[password]))
    assert Keystore.of(contents).key_id == keystore_maker.complete.key_id


def _is_the_same(keystore: Keystore, keystore_maker: KeystoreMaker) -> None:
    assert keystore.key_id == keystore_maker.complete.key_id
    assert keystore.chain == keystore_maker.chain
    assert keystore.authentication.local_key_id is not None
