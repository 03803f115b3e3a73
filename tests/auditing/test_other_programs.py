"""Columns of the audit beside what openssl and keytool show of the same files."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from ehtoolkit.auditing.audit import Audit, audit_folder
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.secret import Secret
from tests.auditing.conftest import NOW
from tests.keystore.other_programs import need, run

DATA = Path(__file__).parents[1] / "data"
FILES = {
    "keystores": (
        "connector_rsa-3-etk",
        "k_storepasswd",
        "ossl3",
        "sun17_three",
        "w_reversed",
        "ossl_plain_nomac",
    ),
    "keystores-ec": ("ec_acc_bc_renewed", "ec_acc_bc_complete", "ec_prod_bc_mixedrsa"),
}
"""Keystores of several programs, by folder of `DATA`."""
PAIR = re.compile(r"serial=(?P<serial>\w+)\s+sha1 Fingerprint=(?P<thumbprint>[\w:]+)", re.IGNORECASE)
JAVA = re.compile(r"Serial number: (?P<serial>\w+)\n.*?SHA1: (?P<thumbprint>[\w:]+)", re.DOTALL)
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)


@cache
def audited(corpus: str) -> tuple[Audit, dict[str, str]]:
    """Return the audit of the files of a corpus, and the password of each file."""
    entries = json.loads((DATA / corpus / "manifest.json").read_text(encoding="utf-8"))
    passwords = {sample["file"]: sample["password"] or "" for sample in entries}
    options = AuditOptions(now=NOW, processes=1)
    files = [DATA / corpus / f"{name}.p12" for name in FILES[corpus]]
    return audit_folder(files, lambda file: Secret(passwords[file.name]), options), passwords


def by_openssl(file: Path, password: str) -> set[tuple[str, str]]:
    """Return serial number and SHA-1 of each certificate in ``file``."""
    program = need("openssl")
    shown = run(program, "pkcs12", "-legacy", "-in", file, "-passin", f"pass:{password}", "-nokeys") or ""
    found = set()
    for block in PEM.findall(shown):
        command = [program, "x509", "-noout", "-serial", "-fingerprint", "-sha1"]
        lines = subprocess.run(command, input=block, capture_output=True, text=True, check=True).stdout
        (pair,) = PAIR.findall(lines)
        found.add((pair[0], pair[1].replace(":", "")))
    return found


@pytest.mark.parametrize("corpus", FILES)
def test_serial_numbers_and_thumbprints_are_those_of_openssl(corpus: str) -> None:
    audit, passwords = audited(corpus)
    assert len(audit.rows.keystores) == len(FILES[corpus])
    for row in audit.rows.keystores:
        found = by_openssl(Path(row.file), passwords[Path(row.file).name])
        assert (row.serial_hex, row.thumbprint) in found, row.file


def test_serial_number_and_thumbprint_of_keytool() -> None:
    audit, passwords = audited("keystores-ec")
    (row,) = (row for row in audit.rows.keystores if row.file.endswith("ec_acc_bc_complete.p12"))
    password = passwords["ec_acc_bc_complete.p12"]
    options = ("-list", "-v", "-alias", "authentication", "-storepass", password, "-keystore", row.file)
    found = JAVA.search(run(need("keytool"), *options) or "")
    assert found is not None
    assert found["serial"].upper().zfill(len(row.serial_hex or "")) == row.serial_hex
    assert found["thumbprint"].replace(":", "") == row.thumbprint


def test_serial_numbers_and_thumbprints_are_not_masked() -> None:
    audit, _ = audited("keystores")
    kept = [(row.serial_hex, row.thumbprint) for row in audit.rows.keystores]
    assert [(row.serial_hex, row.thumbprint) for row in audit.masked().rows.keystores] == kept
