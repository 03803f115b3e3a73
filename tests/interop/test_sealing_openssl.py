"""What we seal, opened layer by layer by OpenSSL, which knows nothing of us; and what it seals, opened here."""

from __future__ import annotations

import random
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.ehealth.sealing.seal import seal
from ehtoolkit.ehealth.sealing.unseal import unseal
from tests.ehealth.composing import LONG, NOW, Actor, World, world

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here"),
]
AT = str(int(NOW.timestamp()))


@pytest.fixture(scope="module")
def made() -> World:
    return world()


def cms(folder: Path, line: str) -> None:
    done = subprocess.run(
        ["openssl", "cms", *line.split()], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def pem(actor: Actor, *, encryption: bool) -> bytes:
    key = actor.encryption_key if encryption else actor.key
    certificate = actor.encryption if encryption else actor.certificate
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


@pytest.fixture
def folder(tmp_path: Path, made: World) -> Path:
    (tmp_path / "roots").write_bytes(made.root.public_bytes(Encoding.PEM))
    for name in ("rsa", "elliptic", "other"):
        actor = getattr(made, name)
        # OpenSSL signs by the clock of the computer, whatever that says by then.
        lasting = made.actor(f"CN {name}", actor.key, actor.encryption_key, end=LONG)
        (tmp_path / f"{name}.lasting").write_bytes(pem(lasting, encryption=False))
        (tmp_path / f"{name}.key").write_bytes(pem(actor, encryption=True))
        (tmp_path / f"{name}.pem").write_bytes(actor.encryption.public_bytes(Encoding.PEM))
    (tmp_path / "issuing.pem").write_bytes(made.issuing.public_bytes(Encoding.PEM))
    return tmp_path


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_048_576])
@pytest.mark.parametrize("recipients", [("other",), ("other", "rsa")])
@pytest.mark.parametrize("sender", ["rsa", "elliptic"])
def test_openssl_opens_every_layer(
    made: World, folder: Path, sender: str, recipients: tuple[str, ...], size: int
) -> None:
    content = random.Random(size).randbytes(size)  # noqa: S311
    certificates = [getattr(made, recipient).encryption for recipient in recipients]
    _, message = seal(content, certificates, getattr(made, sender).credentials, NOW)
    (folder / "message").write_bytes(message)
    verify = f"-verify -binary -inform DER -CAfile roots -purpose any -attime {AT}"
    for recipient in recipients:
        cms(folder, f"{verify} -in message -certsout signer -out envelope")
        cms(folder, f"-decrypt -binary -inform DER -in envelope -recip {recipient}.key -out inner")
        cms(folder, f"{verify} -in inner -certfile signer -out content")
        assert (folder / "content").read_bytes() == content


@pytest.mark.parametrize(
    ("sender", "stream"),
    [("rsa", ""), ("elliptic", ""), ("elliptic", "-stream")],  # openssl cms does not stream with RSASSA-PSS
)
def test_what_openssl_seals_is_opened(made: World, folder: Path, sender: str, stream: str) -> None:
    content = random.Random(7).randbytes(100_001)  # noqa: S311
    (folder / "content").write_bytes(content)
    pss = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32" if sender == "rsa" else ""
    sign = f"-sign -nodetach -binary -md sha256 -outform DER -signer {sender}.lasting {stream}"
    cms(folder, f"{sign} -nocerts -in content -out inner -inkey {sender}.lasting {pss}")
    cms(folder, f"-encrypt -binary -aes-128-cbc -outform DER -in inner -out envelope {stream} other.pem")
    outer = f"{sign} -in envelope -out message -certfile issuing.pem -inkey {sender}.lasting {pss}"
    cms(folder, outer)
    message = (folder / "message").read_bytes()
    found, opened = unseal(message, [made.other.decryption_key], made.authorities, datetime.now(UTC))
    assert {finding.key for finding in found.findings if finding.severity == "error"} == set()
    assert (found.state, opened) == ("proven", content)
