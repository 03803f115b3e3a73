"""What others make of the files that we write: keytool and openssl."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ehtoolkit.cli.run import run as ehtoolkit
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.repair.key_names import rename_key
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import BRIEFLY

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

pytestmark = pytest.mark.interop

ISSUING = "2.5.4.5=20260001,cn=ehtoolkit training ehealth issuing ca 001,o=training,c=be"
ROOT = "cn=training root,o=training,c=be"


@pytest.fixture(params=list(EncryptionProfile))
def path(
    request: pytest.FixtureRequest, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> Path:
    """A complete keystore that was saved at each of its stages."""
    path = tmp_path / "SSIN=79031421872 20261124-130000.p12"
    file = KeystoreFile.create(path, keystore_maker.prepared, password, request.param)
    file.save(keystore_maker.installed)
    file.save(keystore_maker.complete)
    return path


def run(*command: object) -> str:
    program = str(command[0])
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def keytool(path: Path, password: Secret, *arguments: str) -> str:
    return run(
        *("keytool", f"-J{BRIEFLY}", "-J-Duser.language=en", "-storetype", "PKCS12", "-keystore", path),
        *("-storepass", password.reveal(), *arguments),
    )


def entries(listing: str) -> dict[str, tuple[str, list[str]]]:
    """Alias → kind of entry, serial numbers of its certificates (hexadecimal), as keytool lists them."""
    found = {}
    for block in listing.split("Alias name: ")[1:]:
        kind = re.search(r"Entry type: (\w+)", block)
        assert kind is not None
        found[block.splitlines()[0]] = (kind[1], re.findall(r"Serial number: (\w+)", block))
    return found


def complete_entries(
    keystore_maker: KeystoreMaker, name: str = "authentication"
) -> dict[str, tuple[str, list[str]]]:
    """What keytool lists of a complete keystore. ``name``: the alias of the authentication key."""
    leaf, issuing, root = (f"{certificate.serial_number:x}" for certificate in keystore_maker.chain)
    encryption = keystore_maker.encryption_certificate().serial_number
    # Java follows the issuer's name, and so finds the authentication certificate behind the encryption one: it
    # does the same with the files of the official program.
    return {
        name: ("PrivateKeyEntry", [leaf, issuing, root]),
        str(encryption): ("PrivateKeyEntry", [f"{encryption:x}", leaf, issuing, root]),
        ISSUING: ("trustedCertEntry", [issuing]),
        ROOT: ("trustedCertEntry", [root]),
    }


def test_keytool_lists_every_entry_with_its_chain_in_order(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    assert entries(keytool(path, password, "-list", "-v")) == complete_entries(keystore_maker)


def test_keytool_lists_a_keystore_that_waits(
    tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    path = tmp_path / "a.p12"
    KeystoreFile.create(path, keystore_maker.prepared, password)
    assert entries(keytool(path, password, "-list", "-v")) == {"authentication": ("PrivateKeyEntry", ["0"])}


@pytest.mark.long  # in the short run Java signs with each key of a file in each profile in `test_readers`
def test_keytool_reads_every_key(
    path: Path, tmp_path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    signing_request = tmp_path / "request.pem"
    for alias in ("authentication", str(keystore_maker.encryption_certificate().serial_number)):
        keytool(path, password, "-certreq", "-alias", alias, "-file", str(signing_request))
        assert "verify OK" in run("openssl", "req", "-in", signing_request, "-verify", "-noout")


def test_openssl_opens_it(path: Path, keystore_maker: KeystoreMaker, password: Secret) -> None:
    shown = run("openssl", "pkcs12", "-info", "-in", path, "-passin", f"pass:{password.reveal()}", "-noenc")
    assert shown.count("BEGIN PRIVATE KEY") == 2
    assert shown.count("BEGIN CERTIFICATE") == 4
    ids = re.findall(r"localKeyID: ([0-9A-F ]+)", shown)
    assert sorted({id_.replace(" ", "") for id_ in ids}) == sorted(
        key.key_id.hex().upper()
        for key in (keystore_maker.complete.authentication, *keystore_maker.complete.encryption)
    )
    assert len(ids) == 4  # each on a key and on its certificate
    aliases = re.findall(r"friendlyName: (.+)", shown)
    assert len(aliases) == 6
    assert aliases[0] == "authentication"


def test_a_reader_of_one_key_takes_the_authentication_key(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    loaded = load_pkcs12(path.read_bytes(), password.reveal().encode())
    assert isinstance(loaded.key, RSAPrivateKey)
    assert loaded.key.private_numbers() == keystore_maker.keys["authentication"].private_numbers()
    assert loaded.cert is not None
    assert loaded.cert.certificate == keystore_maker.chain[0]
    assert loaded.cert.friendly_name == b"authentication"


def test_a_renamed_key_is_whole_for_others(
    path: Path, keystore_maker: KeystoreMaker, password: Secret
) -> None:
    rename_key(path, password, "authentication", "signing")
    assert entries(keytool(path, password, "-list", "-v")) == complete_entries(keystore_maker, "signing")
    names = re.findall(
        r"friendlyName: (.+)",
        run("openssl", "pkcs12", "-in", path, "-passin", f"pass:{password.reveal()}", "-noenc"),
    )
    assert names.count("signing") == 2
    assert "authentication" not in names


# ── Files of openssl and keytool, imported ───────────────────────────────────────────────────────────────
STORE, KEY = "Store-2026", "Other-2026"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key of openssl and its certificate as PEM, PFX, JKS and JCEKS; in the last two the key has its own password."""
    folder = tmp_path_factory.mktemp("sources")
    key, leaf, pfx = (folder / name for name in ("key.pem", "leaf.pem", "a.pfx"))
    new = ("-x509", "-newkey", "rsa:2048", "-subj", "/CN=Bram", "-days", "90")
    run("openssl", "req", *new, "-passout", f"pass:{KEY}", "-keyout", key, "-out", leaf)
    export = ("-export", "-inkey", key, "-passin", f"pass:{KEY}", "-in", leaf, "-name", "Bram")
    run("openssl", "pkcs12", *export, "-passout", f"pass:{STORE}", "-out", pfx)
    for kind in ("JKS", "JCEKS"):
        store = folder / f"a.{kind.lower()}"
        run(
            *("keytool", f"-J{BRIEFLY}", "-importkeystore", "-srckeystore", pfx, "-srcstorepass", STORE),
            *("-srcalias", "Bram", "-srcstoretype", "PKCS12", "-destkeystore", store, "-deststoretype", kind),
            *("-deststorepass", STORE, "-destkeypass", KEY),
        )
    for name, text in (("store", STORE), ("key", KEY)):
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("names", ["key.pem leaf.pem", "a.pfx", "a.jks", "a.jceks"])
def test_what_openssl_and_keytool_wrote_is_imported(
    sources: Path, tmp_path: Path, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "new.p12"
    files = [str(sources / name) for name in names.split()]
    own_password = [] if names == "a.pfx" else ["--key-password-file", str(sources / "key")]
    given = ["--password-file", str(sources / "store"), "--new-password-file", str(sources / "store")]
    assert ehtoolkit(["keystore", "import", *files, "-o", str(target), *given, *own_password]) == 0
    shown = capsys.readouterr()
    assert not [text for text in (STORE, KEY) if text in shown.out + shown.err]
    serial = run("openssl", "x509", "-in", sources / "leaf.pem", "-noout", "-serial").strip()
    listed = entries(keytool(target, Secret(STORE), "-list", "-v"))
    ((alias, (kind, serials)),) = listed.items()
    assert alias == ("authentication" if "pem" in names else "bram")
    assert (kind, int(serials[0], 16)) == ("PrivateKeyEntry", int(serial.partition("=")[2], 16))
    moduli = {
        run("openssl", "rsa", "-in", source, "-passin", f"pass:{password}", "-noout", "-modulus")
        for source, password in ((sources / "key.pem", KEY), (target, STORE))
    }
    assert len(moduli) == 1
