"""Keystores that programs refuse: foreign, damaged, with the wrong password or a rare protection."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from ehtoolkit.crypto import der
from tests.keystore.other_programs import BRIEFLY, need, run

PASSWORD = "Kine-2026"
WRONG = "Kine-2027"
CORPUS_PASSWORD = "Test-Pass1"
_PROTECTIONS = {
    "aes": (),
    "3des": ("-legacy",),
    "rc2": ("-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40"),
    "rc4": ("-legacy", "-certpbe", "PBE-SHA1-RC4-128", "-keypbe", "PBE-SHA1-RC4-128"),
    "des": ("-legacy", "-certpbe", "PBE-MD5-DES", "-keypbe", "PBE-MD5-DES"),
    "aes192": ("-certpbe", "aes-192-cbc", "-keypbe", "aes-192-cbc"),
    "camellia": ("-certpbe", "camellia-256-cbc", "-keypbe", "camellia-256-cbc"),
    "sha224": ("-macalg", "sha224"),
    "sha3": ("-macalg", "sha3-256"),
    "pbmac1": ("-pbmac1_pbkdf2",),
    "no mac": ("-nomac",),
}


def wrecks(folder: Path, corpus: Path) -> list[tuple[Path, str]]:
    """Write the files to ``folder``; return each with the password to try, those of ``corpus`` too."""
    files = [*_of_corpus(corpus), *_protected(folder)]
    # The same damage in each run: of new files, programs would say something new now and then.
    good = (corpus / "ossl3.p12").read_bytes()
    foreign = {"zero": b"", "zeros": bytes(3000), **_damaged("aes", good), **_transferred(good)}
    foreign |= _damaged("3des", (corpus / "ossl3_legacy.p12").read_bytes())
    for name, data in foreign.items():
        path = folder / f"{name}.wreck.p12"
        path.write_bytes(data)
        files.append((path, CORPUS_PASSWORD))
    return [*files, *_of_keytool(folder)]


def _of_corpus(corpus: Path) -> Iterator[tuple[Path, str]]:
    for sample in json.loads((corpus / "manifest.json").read_text(encoding="utf-8")):
        if sample["file"] in ("z_evil_iter.p12", "sun_600k.p12"):
            continue  # minutes of computing
        for password in (sample["password"], WRONG):
            yield corpus / sample["file"], password


def _protected(folder: Path) -> Iterator[tuple[Path, str]]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = (
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-noenc",
        "-subj",
        "/CN=Zoe",
        "-keyout",
        key,
        "-out",
        certificate,
    )
    assert run(need("openssl"), *made) is not None
    for name, options in _PROTECTIONS.items():
        path = folder / f"{name}.p12"
        given = ("-inkey", key, "-in", certificate, "-passout", f"pass:{PASSWORD}", "-out", path)
        if run("openssl", "pkcs12", "-export", *given, *options) is not None:
            yield path, PASSWORD
            yield path, WRONG


def _damaged(name: str, good: bytes) -> dict[str, bytes]:
    """Return ``good`` cut off, and with a bit changed, at places all over the file."""
    length = len(good)
    cut = {f"{name}-cut-{place}": good[:place] for place in range(1, length, length // 8)}
    flipped = {}
    for place in [*range(0, 60, 2), *range(60, length, length // 12), *range(length - 90, length, 3)]:
        flipped[f"{name}-flip-{place}"] = good[:place] + bytes([good[place] ^ 0x20]) + good[place + 1 :]
    return {**cut, **flipped}


def _transferred(good: bytes) -> dict[str, bytes]:
    text = base64.encodebytes(good)
    return {
        "base64": text,
        "base64-line": base64.b64encode(good),
        "pem": b"-----BEGIN PKCS12-----\n" + text + b"-----END PKCS12-----\n",
        "crlf": good.replace(b"\n", b"\r\n"),
        "utf8": good.decode("latin-1").encode(),
        "bom": b"\xef\xbb\xbf" + good,
        "doubled": good + good,
        "trailing": good + b"\0" * 16,
        "html": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        "zip": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + good,
        "pdf": b"%PDF-1.7\n" + good,
        "sequence": der.sequence(),
        "version": good.replace(b"\x02\x01\x03", b"\x02\x01\x04", 1),
        "rounds": good.replace(b"\x02\x02\x08\x00", b"\x02\x02\x7f\xff"),
    }


def _of_keytool(folder: Path) -> Iterator[tuple[Path, str]]:
    for kind in ("JKS", "JCEKS", "PKCS12"):
        path = folder / f"{kind.lower()}.keytool.p12"
        made = ("-genkeypair", "-keyalg", "EC", "-storetype", kind, "-alias", "zoe", "-dname", "CN=Zoe")
        given = (
            "-keystore",
            path,
            "-storepass",
            PASSWORD,
            "-keypass",
            WRONG if kind != "PKCS12" else PASSWORD,
        )
        assert run(need("keytool"), f"-J{BRIEFLY}", *made, *given) is not None
        yield path, PASSWORD
        yield path, WRONG
