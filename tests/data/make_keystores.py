"""Make the corpora keystores and keystores-ec anew: ``python -m tests.data.make_keystores [FOLDER]``.

FOLDER, by default tests/data, then has both, with new keys. Needs Java, keytool, BouncyCastle and openssl 3.4 or newer.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec import structure
from ehtoolkit.keystore.codec.contents import (
    Attributes,
    CertificateBag,
    Key,
    Pkcs12Contents,
    Plain,
    attributes_of,
    with_local_key_id,
)
from ehtoolkit.keystore.codec.pkcs12 import read_pkcs12
from ehtoolkit.keystore.codec.protection import Mac
from ehtoolkit.keystore.codec.writer import EncryptionProfile, write_pkcs12
from ehtoolkit.keystore.key_pairs import placeholder_certificate
from ehtoolkit.secret import Secret
from tests.keystore.other_programs import Java

HERE: Final = Path(__file__).parent
PASSWORD, NEW_PASSWORD, CONNECTOR_PASSWORD = "Test-Pass1", "New-Pass2!", "s3cret-pw"
BEGIN: Final = "2026-11-23T13:49:07"
PBES: Final = "keystore.pkcs12."
"""How Java's properties for PKCS#12 files begin."""
AUTHENTICATION: Final = "authentication"
TYPES: Final = {
    "CN": NameOID.COMMON_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "C": NameOID.COUNTRY_NAME,
    "SN": NameOID.SERIAL_NUMBER,
}
USAGES: Final = {
    "authority": {"key_cert_sign", "crl_sign"},
    "signing": {"digital_signature", "content_commitment"},
    "encryption": {"key_encipherment", "data_encipherment"},
}
EVERY_USAGE: Final = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Signed:
    """A certificate with its key; ``above``: the authorities, the root last."""

    key: PrivateKey
    certificate: x509.Certificate
    above: tuple[Signed, ...] = ()

    @property
    def chain(self) -> list[bytes]:
        return [signed.certificate.public_bytes(Encoding.DER) for signed in (self, *self.above)]

    @property
    def pkcs8(self) -> bytes:
        return self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def new_key(kind: str) -> PrivateKey:
    return ec.generate_private_key(ec.SECP384R1()) if kind == "EC" else rsa.generate_private_key(65537, 2048)


def name(*parts: tuple[str, str]) -> x509.Name:
    """Return a name, from its last part to its first as RFC 4514 writes it."""
    return x509.Name(x509.NameAttribute(TYPES[kind], text) for kind, text in reversed(parts))


def holder(identifier: str, text: str, application: str = "") -> x509.Name:
    common = f"{identifier}, {application}" if application else identifier
    units = (("OU", "eHealth-platform Belgium"), ("OU", text), ("OU", identifier))
    return name(("CN", common), *units, ("O", "Federal Government"), ("C", "BE"))


def sign(
    subject: x509.Name, key: PrivateKey, issuer: Signed | None, serial: int, begin: str, end: str, usage: str
) -> Signed:
    """Return a certificate; ``usage``: authority, signing or encryption. Without an issuer it is self-signed."""
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (begin, end)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(moments[0])
        .not_valid_after(moments[1])
        .add_extension(x509.KeyUsage(**{word: word in USAGES[usage] for word in EVERY_USAGE}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if usage == "authority":
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signer = issuer.key if issuer else key
    digest = hashes.SHA384() if isinstance(signer, ec.EllipticCurvePrivateKey) else hashes.SHA256()
    return Signed(key, builder.sign(signer, digest), (issuer, *issuer.above) if issuer else ())


# ── keystores ────────────────────────────────────────────────────────────────────────────────────────────
def contents(*entries: tuple[str, Signed]) -> Pkcs12Contents:
    """Return the contents of a keystore: a key and its chain for each entry, each certificate once."""
    keys = list[Key]()
    certificates = dict[bytes, Attributes]()
    for number, (alias, signed) in enumerate(entries, 1):
        attributes = attributes_of(alias, bytes([number]))
        keys.append(Key(Plain(signed.pkcs8), attributes))
        for der_, above in zip(signed.chain, (False, True, True), strict=False):
            certificates.setdefault(der_, () if above else attributes)
    return Pkcs12Contents(
        tuple(keys), tuple(CertificateBag(raw, attributes) for raw, attributes in certificates.items())
    )


def laboratory() -> Mapping[str, Signed]:
    """Return the certificate of a physician and two for encryption, below authorities of their own."""
    root = sign(
        name(("CN", "Lab Root CA"), ("O", "Lab"), ("C", "BE")),
        new_key("RSA"),
        None,
        1,
        BEGIN,
        "2036-11-21",
        "authority",
    )
    issuing = name(("SN", "20260001"), ("CN", "Lab Issuing CA"), ("O", "Lab"), ("C", "BE"))
    authority = sign(issuing, new_key("RSA"), root, 2, BEGIN, "2035-02-10", "authority")
    subject = holder("NIHII=10000007", "JÉRÔME DE WITTE", "APPLICATION")
    number = 11031303108506711971
    physician = sign(subject, new_key("RSA"), authority, number, BEGIN, "2029-02-21", "signing")
    first, second = (233402812345678901234567890123456789012 + more for more in (0, 1))
    return {
        AUTHENTICATION: physician,
        str(second): for_encryption(physician, second, BEGIN, "2029-02-21"),
        str(first): for_encryption(physician, first, BEGIN, "2029-02-21"),
    }


def for_encryption(authentication: Signed, serial: int, begin: str, end: str) -> Signed:
    """Return a certificate for encryption, which the authentication key signs."""
    subject = authentication.certificate.subject
    return replace(sign(subject, new_key("RSA"), authentication, serial, begin, end, "encryption"), above=())


def placeholder(kind: str, begin: str) -> Signed:
    """Return what a keystore has before its certificate is issued."""
    key = new_key(kind)
    raw = placeholder_certificate(key, datetime.fromisoformat(begin).replace(tzinfo=UTC))
    return Signed(key, x509.load_der_x509_certificate(raw))


class Workshop:
    """Writes keystores by other programs into ``folder``; ``work`` has what they read."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder, self.work, self.java = folder, work, Java.compiled(work)
        folder.mkdir(parents=True, exist_ok=True)
        self.passwords: dict[str, str] = {}

    def put(self, file: str, data: bytes, password: str = PASSWORD) -> bytes:
        (self.folder / file).write_bytes(data)
        self.passwords[file] = password
        return data

    def source(self, made: Pkcs12Contents) -> Path:
        path = self.work / "source.p12"
        path.write_bytes(write_pkcs12(made, Secret(PASSWORD)))
        return path

    def by_java(
        self, file: str, made: Pkcs12Contents, provider: str, kind: str = "PKCS12", password: str = PASSWORD
    ) -> bytes:
        """Write by a provider of Java; see tests/keystore/java/Keystores.java."""
        secrets = {}
        for text in (PASSWORD, password):
            secrets[text] = self.work / f"password-{len(text)}.txt"
            secrets[text].write_text(text, encoding="utf-8")
        place = "2" if provider == "BC" else "0"
        job = [
            self.source(made),
            secrets[PASSWORD],
            self.folder / file,
            secrets[password],
            place,
            provider,
            kind,
            "new",
        ]
        self.java.write([job], self.work)
        return self.put(file, (self.folder / file).read_bytes(), password)

    def by_keytool(self, file: str, made: Pkcs12Contents, **properties: object) -> None:
        """Write by keytool with these properties of Java's PKCS#12 files."""
        target = self.folder / file
        target.unlink(missing_ok=True)
        options = [f"-J-D{PBES}{key}={value}" for key, value in properties.items()]
        source = ["-srckeystore", self.source(made), "-srcstoretype", "PKCS12", "-srcstorepass", PASSWORD]
        written = ["-destkeystore", target, "-deststoretype", "PKCS12", "-deststorepass", PASSWORD]
        run("keytool", *options, "-importkeystore", "-noprompt", *source, *written)
        self.put(file, target.read_bytes())

    def by_openssl(
        self, file: str, signed: Signed, *options: str, chain: bool = True, alias: str = AUTHENTICATION
    ) -> None:
        pem = self.work / "source.pem"
        certificates = [signed, *(signed.above if chain else ())]
        pem.write_bytes(
            pem_of(signed.key)
            + b"".join(certificate.certificate.public_bytes(Encoding.PEM) for certificate in certificates)
        )
        named = ["-name", alias] if alias else []
        run(
            "openssl",
            "pkcs12",
            "-export",
            "-in",
            pem,
            *named,
            *options,
            "-passout",
            f"pass:{PASSWORD}",
            "-out",
            self.folder / file,
        )
        self.put(file, (self.folder / file).read_bytes())

    def manifest(self, others: Mapping[str, Mapping[str, object]]) -> None:
        """Describe every file: ``others`` by what is given, each other one by its contents."""
        rows = []
        for file, password in self.passwords.items():
            data = (self.folder / file).read_bytes()
            rows.append(
                {
                    "file": file,
                    "password": password,
                    "bytes": len(data),
                    **(others.get(file) or described(data, password)),
                }
            )
        (self.folder / "manifest.json").write_text(
            json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def described(data: bytes, password: str) -> Mapping[str, object]:
    found = read_pkcs12(data, Secret(password))
    mac = found.protection.mac if found.protection else None
    stated = None
    if isinstance(mac, Mac):
        stated = {"alg": "PBMAC1/" * mac.is_pbmac1 + mac.key.digest, "it": mac.key.iterations}
    return {
        "mac": stated,
        "key_aliases": [key.alias for key in found.keys],
        "certificates": len(found.certificates),
    }


def pem_of(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def make_keystores(workshop: Workshop) -> None:
    entries = laboratory()
    physician = entries[AUTHENTICATION]
    newest = list(entries.items())
    two, three = contents(newest[0], newest[2]), contents(*newest)
    write_java(workshop, two, three, contents((AUTHENTICATION, physician)))
    write_openssl(workshop, physician)
    write_connector(workshop)
    complete = (workshop.folder / "bc_complete.p12").read_bytes()
    workshop.put("bc_complete_der.p12", structure.parse_whole(complete).der())
    no_ids = replace(
        three,
        keys=tuple(with_local_key_id(key, None) for key in three.keys),
        certificates=tuple(with_local_key_id(bag, None) for bag in three.certificates),
    )
    same_ids = replace(
        three,
        keys=tuple(with_local_key_id(key, b"\x01") for key in three.keys),
    )
    backwards = replace(three, keys=three.keys[::-1], certificates=three.certificates[::-1])
    for file, made in (("nolkid", no_ids), ("samelkid", same_ids), ("reversed", backwards)):
        data = write_pkcs12(made, Secret(NEW_PASSWORD), EncryptionProfile.MODERN)
        workshop.put(f"w_{file}.p12", data, NEW_PASSWORD)
    write_damaged(workshop, complete, physician)
    faults = {file: {"fault": fault} for file, fault in FAULTS.items()}
    notes = {
        f"connector_rsa-{stage}.p12": {"note": f"as the Java connector writes it: stage {stage[0]} of 3"}
        for stage in ("1-dummy", "2-chain", "3-etk")
    }
    workshop.manifest({**faults, **notes})


def write_java(workshop: Workshop, two: Pkcs12Contents, three: Pkcs12Contents, alone: Pkcs12Contents) -> None:
    workshop.by_java("bc_authonly.p12", alone, "BC")
    workshop.by_java("bc_complete.p12", two, "BC")
    workshop.by_java("bc_incomplete.p12", contents((AUTHENTICATION, placeholder("RSA", BEGIN))), "BC")
    workshop.by_java("bc_three.p12", three, "BC")
    for kind in ("PKCS12-3DES-3DES", "PKCS12-AES256-AES128"):
        workshop.by_java(f"bcty_{kind}.p12", three, "BC", kind)
    workshop.by_java("sun17_three.p12", three, "SunJSSE")
    workshop.by_java("sun_emptypw.p12", three, "SunJSSE", password="")
    for kind, provider in (("JKS", "SUN"), ("JCEKS", "SunJCE")):
        workshop.by_java(f"x_{kind}.p12", three, provider, kind)
    rounds = dict.fromkeys(("certPbeIterationCount", "keyPbeIterationCount", "macIterationCount"), 600_000)
    workshop.by_keytool("sun_600k.p12", three, macAlgorithm="HmacPBESHA512", **rounds)
    workshop.by_keytool("sun_nomac.p12", three, macAlgorithm="NONE")
    workshop.by_keytool(
        "sun_nomac_plaincerts.p12", three, macAlgorithm="NONE", certProtectionAlgorithm="NONE"
    )
    legacy = {
        "macAlgorithm": "HmacPBESHA1",
        "macIterationCount": 100_000,
        "certProtectionAlgorithm": "PBEWithSHA1AndRC2_40",
        "certPbeIterationCount": 50_000,
        "keyProtectionAlgorithm": "PBEWithSHA1AndDESede",
        "keyPbeIterationCount": 50_000,
    }
    workshop.by_keytool("sun_legacy50k.p12", three, **legacy)
    # As keytool -storepasswd leaves it with BouncyCastle: every certificate twice.
    doubled = replace(three, certificates=three.certificates * 2)
    workshop.put("k_storepasswd.p12", write_pkcs12(doubled, Secret(NEW_PASSWORD)), NEW_PASSWORD)


def write_openssl(workshop: Workshop, physician: Signed) -> None:
    workshop.by_openssl("ossl3.p12", physician)
    workshop.by_openssl("ossl3_legacy.p12", physician, "-legacy")
    workshop.by_openssl("ossl_pbmac1.p12", physician, "-pbmac1_pbkdf2")
    plain = ("-keypbe", "NONE", "-certpbe", "NONE", "-nomac")
    workshop.by_openssl("ossl_plain_nomac.p12", physician, *plain, chain=False, alias="")
    weak = ("-legacy", "-keypbe", "PBE-SHA1-RC2-128", "-certpbe", "PBE-SHA1-RC2-128", "-macalg", "sha1")
    workshop.by_openssl("ossl_rc2128.p12", physician, *weak, chain=False)


def write_connector(workshop: Workshop) -> None:
    """Write the three stages of a keystore of the Java connector, which writes by BouncyCastle."""
    begin, end = "2026-11-23T14:58:36", "2030-02-22"
    key_only = placeholder("RSA", begin)
    root, issuing = (
        name(("CN", f"TEST eHealth {kind} CA 001"), ("O", "TEST"), ("C", "BE"))
        for kind in ("root", "issuing")
    )
    above = sign(root, new_key("RSA"), None, 11, begin, "2037-11-06", "authority")
    authority = sign(issuing, new_key("RSA"), above, 12, begin, "2037-11-06", "authority")
    subject, number = holder("SSIN=80010112309", "DUPONT"), 318973556103501653311681573110204737335
    signed = sign(subject, key_only.key, authority, 13, begin, end, "signing")
    encryption = for_encryption(signed, number, begin, end)
    stages = {
        "1-dummy": [(AUTHENTICATION, key_only)],
        "2-chain": [(AUTHENTICATION, signed)],
        "3-etk": [(AUTHENTICATION, signed), (str(number), encryption)],
    }
    for stage, entries in stages.items():
        workshop.by_java(f"connector_rsa-{stage}.p12", contents(*entries), "BC", password=CONNECTOR_PASSWORD)


FAULTS: Final = {
    "bc_nullpw.p12": "empty file",
    "x_JCEKS.p12": "a Java JCEKS keystore",
    "x_JKS.p12": "a Java JKS keystore",
    "z_base64.p12": "base64 text of a keystore",
    "z_bitflip.p12": "damaged: password right, integrity broken",
    "z_certder.p12": "a bare certificate",
    "z_crlf.p12": "damaged by a text-mode transfer",
    "z_evil_iter.p12": "iteration count over any sane limit",
    "z_pem.p12": "PEM text",
    "z_trunc.p12": "truncated; its keys can be rescued",
    "z_zero.p12": "empty file",
    "z_zeros.p12": "only zero bytes",
}


def write_damaged(workshop: Workshop, complete: bytes, physician: Signed) -> None:
    flipped = bytearray(complete)
    flipped[5000] ^= 1
    small = sign(name(("CN", "Test")), new_key("EC"), None, 1, BEGIN, "2029-02-21", "signing")
    evil = write_pkcs12(contents((AUTHENTICATION, small)), Secret("p"), EncryptionProfile.MODERN)
    rounds = [der.integer(count) for count in (100_000, 2**31 - 1)]
    evil = with_last_rounds(evil, *rounds)
    text = pem_of(physician.key) + physician.certificate.public_bytes(Encoding.PEM)
    for file, data in {
        "bc_nullpw": b"",
        "z_base64": base64.encodebytes(complete),
        "z_bitflip": bytes(flipped),
        "z_certder": physician.chain[0],
        "z_crlf": complete.replace(b"\n", b"\r\n"),
        "z_pem": text,
        "z_trunc": complete[:3000],
        "z_zero": b"",
        "z_zeros": bytes(8192),
    }.items():
        workshop.put(f"{file}.p12", data)
    workshop.put("z_evil_iter.p12", evil, "p")


def with_last_rounds(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a file whose MAC has other rounds, which are its last value."""
    assert data.endswith(old)
    file = structure.parse_whole(data)
    version, safe, mac = file.parts(least=3)
    info, salt, _ = mac.parts(least=3)
    return der.sequence(version.der(), safe.der(), der.sequence(info.der(), salt.der(), new))


# ── keystores-ec ─────────────────────────────────────────────────────────────────────────────────────────
def zetes(prefix: str, number: str, kind: str) -> Signed:
    """Return an issuing authority of the platform's names, whose root is not in keystores."""
    begin, end = "2024-01-10", "2034-01-10"
    organisation = (("SN", number), ("O", "ZETES SA"), ("C", "BE"))
    common = "ZetesConfidens Private Trust PKI - "
    root = sign(
        name(("CN", f"{common}root CA {number}"), *organisation),
        new_key(kind),
        None,
        21,
        begin,
        end,
        "authority",
    )
    issuing = name(("CN", f"{prefix}{common}eHealth issuing CA {number}"), *organisation)
    return replace(sign(issuing, new_key(kind), root, 22, begin, end, "authority"), above=())


def make_keystores_ec(workshop: Workshop) -> None:
    pharmacy = holder("NIHII-PHARMACY=12345675", "PHARMACIE DE L ETANG")
    authority = zetes("UAT ", "002", "EC")
    leaf = sign(
        pharmacy, new_key("EC"), authority, 6270675453889697556, "2026-09-01", "2029-09-01", "signing"
    )
    new, old = 268731513201803044927471235252962043850, 119248525284969249217844484587987792312
    now = (str(new), for_encryption(leaf, new, "2026-09-01", "2029-09-01"))
    before = (str(old), for_encryption(leaf, old, "2023-10-01", "2026-09-30"))
    complete = contents((AUTHENTICATION, leaf), now)
    workshop.by_java("ec_acc_bc_complete.p12", complete, "BC")
    workshop.by_java("ec_acc_bc_renewed.p12", contents((AUTHENTICATION, leaf), now, before), "BC")
    workshop.by_java(
        "ec_acc_bc_waiting.p12", contents((AUTHENTICATION, placeholder("EC", "2026-11-26T01:03:35"))), "BC"
    )
    workshop.by_java("ec_acc_sun_complete.p12", complete, "SUN", "JKS")
    workshop.by_java("ec_acc_sunjsse_complete.p12", complete, "SunJSSE")
    elise, number = (
        holder("SSIN=79031421872", "ELISE MARIE VANDAMME"),
        147750319016405585140866001599670128699,
    )
    begin, end = "2023-10-01", "2026-09-30"
    person = sign(elise, new_key("RSA"), zetes("", "001", "RSA"), 6396593933252297759, begin, end, "signing")
    sealing = for_encryption(person, number, begin, end)
    workshop.by_java(
        "ec_prod_bc_mixedrsa.p12", contents((AUTHENTICATION, person), (str(number), sealing)), "BC"
    )
    described_before = json.loads((HERE / "keystores-ec" / "manifest.json").read_bytes())
    keys = ("writer", "key_aliases", "authentication_key", "environment", "state")
    workshop.manifest({row["file"]: {key: row[key] for key in keys} for row in described_before})


def main(into: Path) -> None:
    for corpus, make in (("keystores", make_keystores), ("keystores-ec", make_keystores_ec)):
        with tempfile.TemporaryDirectory() as work:
            make(Workshop(into / corpus, Path(work)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
