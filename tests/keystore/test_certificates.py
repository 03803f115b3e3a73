"""The stand-in certificate, and subjects as Java prints them."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from asn1crypto import core
from asn1crypto import x509 as raw
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from ehtoolkit import errors
from ehtoolkit.keystore import is_placeholder, placeholder_certificate
from ehtoolkit.keystore.certificates import encoded, java_name, key_id_of, load_certificate, raw_key_id
from tests.keystore.other_programs import BRIEFLY

if TYPE_CHECKING:
    from tests.keystore.conftest import KeystoreMaker

# Each RDN is a list of (type, kind of string, value); the order is the certificate's.
Rdn = list[tuple[str, type[core.Asn1Value], object]]

NAMES: list[tuple[list[Rdn], str]] = [
    (
        [[("2.5.4.6", core.PrintableString, "BE")], [("2.5.4.3", core.UTF8String, "SSIN=79031421872")]],
        "CN=SSIN\\=79031421872,C=BE",
    ),
    ([[("2.5.4.3", core.UTF8String, 'a,b+c"d\\e<f>g;h#i=j')]], 'CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\#i\\=j'),
    ([[("2.5.4.3", core.UTF8String, "  blanks  ")]], "CN=\\ \\ blanks\\ \\ "),
    ([[("2.5.4.3", core.UTF8String, "JÉRÔME ’ ŁØ 😀")]], "CN=JÉRÔME ’ ŁØ 😀"),
    ([[("2.5.4.3", core.BMPString, "Ab")]], "CN=Ab"),
    ([[("2.5.4.3", core.TeletexString, "Cafe")]], "CN=Cafe"),
    ([[("2.5.4.3", core.UTF8String, "a\0b")]], "CN=a\\00b"),
    ([[("2.5.4.3", core.UTF8String, " ")]], "CN=\\ "),
    ([[("2.5.4.3", core.UTF8String, "")]], "CN="),
    ([[("2.5.4.3", core.UTF8String, "\r\nx\r")]], "CN=\\\r\nx\\\r"),
    ([[("2.5.4.5", core.PrintableString, "001")]], "2.5.4.5=#1303303031"),
    ([[("1.2.840.113549.1.9.1", core.IA5String, "a@b.be")]], "1.2.840.113549.1.9.1=#16066140622e6265"),
    (
        [
            [("2.5.4.8", core.UTF8String, "Liège"), ("2.5.4.7", core.UTF8String, "Huy")],
            [("0.9.2342.19200300.100.1.25", core.IA5String, "be")],
            [("0.9.2342.19200300.100.1.1", core.UTF8String, "u1")],
            [("2.5.4.9", core.PrintableString, "Rue 1")],
        ],
        "STREET=Rue 1,UID=u1,DC=be,L=Huy+ST=Liège",
    ),
]

JAVA = """
import java.io.*; import java.nio.file.*; import java.security.cert.*;
import javax.security.auth.x500.X500Principal;
public class Names {
  public static void main(String[] files) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, "UTF-8");
    for (String file : files)
      out.print(new X500Principal(Files.readAllBytes(Path.of(file))).getName(X500Principal.RFC2253) + "\\u0001");
  }
}
"""


def name_der(rdns: list[Rdn]) -> bytes:
    class Value(core.Sequence):
        _fields = [("type", core.ObjectIdentifier), ("value", core.Any)]  # noqa: RUF012

    class Values(core.SetOf):
        _child_spec = Value

    class Rdns(core.SequenceOf):
        _child_spec = Values

    encoded_name: bytes = Rdns(
        [
            Values([Value({"type": oid, "value": core.Any(kind(value))}) for oid, kind, value in rdn])
            for rdn in rdns
        ]
    ).dump()
    return encoded_name


def certificate_of(bench: KeystoreMaker, subject: bytes) -> bytes:
    certificate = raw.Certificate.load(encoded(bench.chain[0]))
    certificate["tbs_certificate"]["subject"] = raw.Name.load(subject)
    der: bytes = certificate.dump(force=True)
    return der


@pytest.mark.parametrize(("rdns", "text"), NAMES)
def test_subjects_as_java_prints_them(bench: KeystoreMaker, rdns: list[Rdn], text: str) -> None:
    assert java_name(certificate_of(bench, name_der(rdns))) == text


@pytest.mark.interop
def test_java_prints_the_same(tmp_path: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("no Java here")
    source = tmp_path / "Names.java"
    source.write_text(JAVA)
    files = []
    for number, (rdns, _) in enumerate(NAMES):
        files.append(tmp_path / f"{number}.der")
        files[-1].write_bytes(name_der(rdns))
    printed = subprocess.run(
        ["java", BRIEFLY, source, *files], capture_output=True, check=True
    ).stdout.decode()
    assert printed.split("\1") == [*(text for _, text in NAMES), ""]


def test_the_stand_in(bench: KeystoreMaker) -> None:
    key = bench.keys["authentication"]
    now = datetime(2026, 11, 24, 16, 0, 0, 123, tzinfo=timezone(timedelta(hours=1)))
    der = placeholder_certificate(key, now)
    assert is_placeholder(der)
    assert load_certificate(der) is None
    assert raw_key_id(der) == key_id_of(bench.chain[0])
    assert java_name(der) == "C=Dummy"
    certificate = raw.Certificate.load(der, strict=True)
    signed = certificate["tbs_certificate"]
    assert signed["serial_number"].native == 0
    assert signed["version"].native == "v3"
    assert signed["issuer"] == signed["subject"]
    assert signed["validity"]["not_after"].native == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert signed["validity"]["not_before"].native == datetime(2026, 11, 23, 14, 59, tzinfo=UTC)
    assert [each["extn_id"].native for each in signed["extensions"]] == ["key_usage"]
    assert certificate.key_usage_value.native == {"key_encipherment", "data_encipherment"}
    assert "key_usage" in certificate.critical_extensions
    assert certificate["signature_algorithm"]["algorithm"].native == "sha256_rsa"
    key.public_key().verify(certificate.signature, signed.dump(), PKCS1v15(), SHA256())


def test_the_stand_in_after_2049(bench: KeystoreMaker) -> None:
    der = placeholder_certificate(bench.keys["authentication"], datetime(2055, 1, 2, tzinfo=UTC))
    assert raw.Certificate.load(der)["tbs_certificate"]["validity"]["not_after"].name == "general_time"


def test_other_certificates_are_no_stand_in(bench: KeystoreMaker) -> None:
    assert not is_placeholder(encoded(bench.chain[0]))
    assert not is_placeholder(b"")
    assert not is_placeholder(b"\x30\x00")
    zero = raw.Certificate.load(encoded(bench.chain[2]))
    zero["tbs_certificate"]["serial_number"] = 0
    assert not is_placeholder(zero.dump(force=True))
    assert load_certificate(zero.dump(force=True)) is None  # an old root


def test_what_is_no_certificate() -> None:
    for der in (b"", b"\x30\x00", b"text"):
        with pytest.raises(errors.KeystoreDamaged):
            load_certificate(der)
