"""What it costs to seal and to open messages, beside OpenSSL on the same ones; and the memory for large ones.

``sealing.py [ROUNDS [MEGABYTES]]``. OpenSSL is asked with its command, once for each layer: CPU time of its processes,
the least of some rounds; ours is CPU time of this process, files read and written as there.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ehtoolkit.ehealth.etk import encryption_certificate
from ehtoolkit.ehealth.sealing.models import DecryptionKey, TrustedAuthorities
from ehtoolkit.ehealth.sealing.seal import seal
from ehtoolkit.ehealth.sealing.unseal import unseal
from ehtoolkit.ehealth.soap.signature import KeySigner

MEGABYTE = 1 << 20
NOW = datetime.now(UTC)


def main(rounds: int, megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("RSA", "EC"):
            compare(folder, kind, rounds)
        large(folder, megabytes)


class People:
    """A sender under a root, and a recipient."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        root_key = ec.generate_private_key(ec.SECP384R1())
        self.root = certificate("Root", root_key, "Root", root_key, ca=True)
        key = rsa_key() if kind == "RSA" else ec.generate_private_key(ec.SECP384R1())
        leaf = certificate("Sender", key, "Root", root_key)
        self.sender = KeySigner(key, (leaf, self.root))
        own = rsa_key()
        der = encryption_certificate(key, leaf, own.public_key(), x509.random_serial_number())
        self.recipient = x509.load_der_x509_certificate(der)
        self.key = DecryptionKey(self.recipient.serial_number, self.recipient, own)
        self.authorities = TrustedAuthorities((self.root,))
        write = {
            "root": self.root.public_bytes(Encoding.PEM),
            "sender": private(key) + leaf.public_bytes(Encoding.PEM),
            "recipient": private(own) + self.recipient.public_bytes(Encoding.PEM),
            "recipient.pem": self.recipient.public_bytes(Encoding.PEM),
        }
        for name, data in write.items():
            (folder / name).write_bytes(data)

    def seal(self) -> None:
        content = (self.folder / "content").read_bytes()
        (self.folder / "message").write_bytes(seal(content, [self.recipient], self.sender, NOW)[1])

    def unseal(self) -> None:
        found, content = unseal((self.folder / "message").read_bytes(), [self.key], self.authorities, NOW)
        assert found.proven, found.findings
        assert content is not None
        (self.folder / "opened").write_bytes(content)


def compare(folder: Path, kind: str, rounds: int) -> None:
    people = People(folder, kind)
    content = os.urandom(MEGABYTE)
    (folder / "content").write_bytes(content)
    people.seal()
    people.unseal()  # all is imported now
    assert (folder / "opened").read_bytes() == content
    pss = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32" if kind == "RSA" else ""
    sign = "-sign -nodetach -binary -md sha256 -outform DER -signer sender"
    sealing = (
        f"{sign} -nocerts -in content -out inner -inkey sender {pss}",
        "-encrypt -binary -aes-128-cbc -outform DER -in inner -out envelope recipient.pem",
        f"{sign} -in envelope -out theirs -inkey sender {pss}",
    )
    verify = "-verify -binary -inform DER -CAfile root -purpose any"
    opening = (
        f"{verify} -in message -certsout signer -out envelope",
        "-decrypt -binary -inform DER -in envelope -recip recipient -out inner",
        f"{verify} -in inner -certfile signer -out theirs",
    )
    for what, ours, lines in (("seal", people.seal, sealing), ("open", people.unseal, opening)):
        us = least(ours, rounds, own_time)
        them = least(partial(openssl, folder, lines), rounds, children_time)
        print(
            f"{what} 1 MB, {kind}: {us * 1e3:.1f} ms; openssl {them * 1e3:.1f} ms; "
            f"ratio {us / them:.2f} (aim: at most 1.5)"
        )


def large(folder: Path, megabytes: int) -> None:
    """Seal and open one large message, and open one that OpenSSL has written in segments."""
    people = People(folder, "EC")
    (folder / "content").write_bytes(os.urandom(megabytes * 1_000_000))
    measure("seal", people.seal, megabytes)
    measure("open", people.unseal, megabytes)
    compare_contents(folder)
    sign = "-sign -nodetach -binary -stream -md sha256 -outform DER -signer sender -inkey sender"
    openssl(
        folder,
        (
            f"{sign} -nocerts -in content -out inner",
            "-encrypt -binary -stream -aes-128-cbc -outform DER -in inner -out envelope recipient.pem",
            f"{sign} -in envelope -out message",
        ),
    )
    measure("open, in segments,", people.unseal, megabytes)
    compare_contents(folder)


def measure(what: str, work: Callable[[], None], megabytes: int) -> None:
    """Run ``work`` in a process of its own, for its peak of memory."""
    begun, child = time.perf_counter(), os.fork()
    if not child:
        work()
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    assert status == 0
    seconds, peak = time.perf_counter() - begun, used.ru_maxrss * 1024 / 1_000_000
    print(
        f"{what} {megabytes} MB: {seconds:.1f} s; memory at most {peak:.0f} MB, "
        f"{peak / megabytes:.1f} times the message (aim: at most 6)"
    )


def compare_contents(folder: Path) -> None:
    assert subprocess.run(["cmp", "content", "opened"], cwd=folder, check=False).returncode == 0


def least(work: Callable[[], object], rounds: int, clock: Callable[[], float]) -> float:
    times = []
    for _ in range(rounds):
        begun = clock()
        work()
        times.append(clock() - begun)
    return min(times)


def own_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def children_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def openssl(folder: Path, lines: tuple[str, ...]) -> None:
    for line in lines:
        subprocess.run(["openssl", "cms", *line.split()], cwd=folder, check=True, capture_output=True)


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate(
    name: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
) -> x509.Certificate:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    rest = ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    bits = dict.fromkeys((*names, *rest), False) | {"key_cert_sign" if ca else "digital_signature": True}
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**bits), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [20, 99][len(given) :]))
