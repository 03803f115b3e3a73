"""Seal a message for a token and open it with a key of a keystore, both by openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ehtoolkit.ehealth.etk import Etk
from ehtoolkit.keystore.codec.contents import Key


def seal(etk: Etk, text: bytes, folder: Path) -> bytes:
    """CMS EnvelopedData for a token."""
    certificate = folder / "recipient.pem"
    certificate.write_bytes(etk.encryption_certificate.public_bytes(Encoding.PEM))
    command: list[str | Path] = [
        "openssl",
        "cms",
        "-encrypt",
        "-binary",
        "-aes256",
        "-outform",
        "DER",
        certificate,
    ]
    return subprocess.run(command, input=text, capture_output=True, check=True).stdout


def opened(message: bytes, own: Key, folder: Path) -> bytes | None:
    """The content of a message, or None when the key of ``entry`` does not open it."""
    key, certificate = folder / "key.pem", folder / "own.pem"
    key.write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(own.chain[0].public_bytes(Encoding.PEM))
    command: list[str | Path] = [
        "openssl",
        "cms",
        "-decrypt",
        "-binary",
        "-inform",
        "DER",
        "-inkey",
        key,
        "-recip",
        certificate,
    ]
    done = subprocess.run(command, input=message, capture_output=True)
    return done.stdout if done.returncode == 0 else None
