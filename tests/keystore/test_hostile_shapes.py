"""Keys and certificates of every kind and size, made to keep programs busy or to break them: each costs less than a
second, and is a finding, not an exception."""

from __future__ import annotations

import contextlib
import random
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ehtoolkit import der, errors
from ehtoolkit.audit.patience import Patience
from ehtoolkit.audit.reading import look
from ehtoolkit.keystore import Contents, Keystore, mend, read_any, read_pkcs12, rescue, write_pkcs12
from ehtoolkit.keystore.certificates import load_certificate
from ehtoolkit.keystore.contents import CertificateBag, KeyBag, attributes_of
from ehtoolkit.keystore.diagnosis import Diagnosis, describe_diagnosis, diagnose
from ehtoolkit.keystore.html import keystore_html
from ehtoolkit.secret import Secret
from ehtoolkit.texts import LANGUAGES, Texts

PASSWORD = Secret("Kine-2026")
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SECONDS, MEGABYTES = 1.0, 100.0

_RANDOM = random.Random(14)  # noqa: S311  # the same files each time


def number(bits: int, *, odd: bool = True) -> int:
    return 1 << (bits - 1) | _RANDOM.getrandbits(bits - 2) << 1 | odd


def private(oid: str, key: bytes, *parameters: bytes) -> bytes:
    algorithm = der.sequence(der.object_identifier(oid), *parameters)
    return der.sequence(der.integer(0), algorithm, der.octet_string(key))


def dsa(bits: int) -> bytes:
    domain = der.sequence(der.integer(number(bits)), der.integer(number(256)), der.integer(number(bits - 2)))
    return private("1.2.840.10040.4.1", der.integer(number(bits - 3)), domain)


def dh(bits: int, *, odd: bool = True) -> bytes:
    domain = der.sequence(der.integer(number(bits, odd=odd)), der.integer(2))
    return private("1.2.840.113549.1.3.1", der.integer(number(bits - 1)), domain)


def rsa_of(*numbers: int) -> bytes:
    values = der.sequence(der.integer(0), *map(der.integer, numbers))
    return private("1.2.840.113549.1.1.1", values, der.NULL)


def rsa_with(bits: int, exponent_bits: int, private_bits: int = 2048) -> bytes:
    return rsa_of(
        number(bits), number(exponent_bits), number(private_bits), *(number(1024) for _ in range(5))
    )


def edwards(oid: str, size: int) -> bytes:
    return private(oid, der.octet_string(bytes(range(size))))


def curve(oid: str, scalar: bytes, *more: bytes) -> bytes:
    value = der.sequence(der.integer(1), der.octet_string(scalar), *more)
    return private("1.2.840.10045.2.1", value, der.object_identifier(oid))


KEYS: dict[str, Callable[[], bytes]] = {
    "DSA 4096": lambda: dsa(4096),
    "DSA 8192": lambda: dsa(8192),
    "DSA 32768": lambda: dsa(32_768),
    "DH 2048": lambda: dh(2048),
    "DH 12000": lambda: dh(12_000),
    "DH of an even prime": lambda: dh(2048, odd=False),
    "RSA 60000": lambda: rsa_with(60_000, 17),
    "RSA with an exponent of 3072 bits": lambda: rsa_with(3072, 3072),
    "RSA with a private exponent of 400000 bits": lambda: rsa_with(2048, 17, 400_000),
    "RSA of zeros": lambda: rsa_of(0, 0, 0, 0, 0, 0, 0, 0),
    "RSA of ones": lambda: rsa_of(1, 1, 1, 1, 1, 1, 1, 1),
    "RSA of too few numbers": lambda: rsa_of(number(2048), 65537),
    **{
        f"Ed25519 of {size} bytes": (lambda size=size: edwards("1.3.101.112", size))  # type: ignore[misc]
        for size in (0, 31, 32, 33)
    },
    "Ed448 of 31 bytes": lambda: edwards("1.3.101.113", 31),
    "X25519 of 31 bytes": lambda: edwards("1.3.101.110", 31),
    "X448 of 31 bytes": lambda: edwards("1.3.101.111", 31),
    "P-384 of zero": lambda: curve("1.3.132.0.34", bytes(48)),
    "P-384 over its order": lambda: curve("1.3.132.0.34", b"\xff" * 48),
    "P-384 of 10000 bytes": lambda: curve("1.3.132.0.34", b"\x01" * 10_000),
    "P-384 with a point that is none": lambda: curve(
        "1.3.132.0.34", b"\x01" * 48, der.explicit(1, b"\x03\x62\x00\x04" + b"\x01" * 96)
    ),
    "a binary curve": lambda: curve("1.3.132.0.39", b"\x01" * 72),
    "no curve": lambda: private("1.2.840.10045.2.1", der.sequence(der.integer(1)), der.NULL),
    "nested": lambda: private("1.2.840.113549.1.1.1", b"\x30\x80" * 40_000),
    "no algorithm": lambda: der.sequence(der.integer(0), der.sequence(), der.octet_string(b"")),
}


@cache
def signer() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(
    public: object = None,
    *,
    name: str = "SSIN=79031421872",
    begin: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2029, 1, 1, tzinfo=UTC),
    serial: int = 5,
) -> bytes:
    kind = NameOID.COMMON_NAME if len(name) <= 64 else NameOID.ORGANIZATION_NAME
    subject = x509.Name([x509.NameAttribute(kind, name)])
    builder = x509.CertificateBuilder(subject, subject, public or signer().public_key(), serial, begin, end)  # type: ignore[arg-type]
    return builder.sign(signer(), SHA256()).public_bytes(Encoding.DER)


def long_exponents(count: int, bits: int) -> list[bytes]:
    keys = (rsa.RSAPublicNumbers(number(bits - 1), number(bits)).public_key() for _ in range(count))
    return [certificate(key, serial=place + 1) for place, key in enumerate(keys)]


def retagged(data: bytes, old: int, new: int, text: bytes) -> bytes:
    """A string of another kind in the place of ``text``; the signature no longer fits, which nobody minds."""
    before, after = bytes([old, len(text)]) + text, bytes([new, len(text)]) + text
    assert before in data
    return data.replace(before, after)


def aged(begin: bytes, end: bytes) -> bytes:
    data = certificate(end=datetime(2060, 1, 1, tzinfo=UTC), begin=datetime(2055, 1, 1, tzinfo=UTC))
    return data.replace(b"20550101000000Z", begin).replace(b"20600101000000Z", end)


CERTIFICATES: dict[str, Callable[[], list[bytes]]] = {
    "60 with exponents of 3072 bits": lambda: long_exponents(60, 3072),
    "140 of one name": lambda: [
        certificate(ec.generate_private_key(ec.SECP521R1()).public_key(), serial=one) for one in range(1, 141)
    ],
    "a name of digits": lambda: [retagged(certificate(name="12345"), 0x0C, 0x12, b"12345")],
    "a name of a kind that is none": lambda: [retagged(certificate(name="12345"), 0x0C, 0x17, b"12345")],
    "a name of 60000 blanks": lambda: [certificate(name="x" + " " * 60_000 + "x", serial=7)],
    "until 9999": lambda: [aged(b"20550101000000Z", b"99991231235959Z")],
    "from the year 0": lambda: [aged(b"00000101000000Z", b"99991231235959Z")],
    "before 1950": lambda: [aged(b"19490101000000Z", b"19490201000000Z")],
    "no day at all": lambda: [aged(b"20551301000000Z", b"20600230000000Z")],
}


def with_key(pkcs8: bytes) -> Contents:
    named = attributes_of("authentication", b"\x01" * 20)
    return Contents((KeyBag(pkcs8, named),), (CertificateBag(certificate(), named),))


def with_certificates(ders: list[bytes]) -> Contents:
    key = signer().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    named = attributes_of("authentication", b"\x01" * 20)
    first, *others = [CertificateBag(one) for one in ders]
    return Contents((KeyBag(key, named),), (CertificateBag(first.der, named), *others))


SHAPES = {
    **{name: (lambda make=make: with_key(make())) for name, make in KEYS.items()},  # type: ignore[misc]
    **{name: (lambda make=make: with_certificates(make())) for name, make in CERTIFICATES.items()},  # type: ignore[misc]
}


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of processor time, the best of three, and megabytes; only our own errors pass."""
    times = []
    for _ in range(3):
        load_certificate.cache_clear()
        began = time.process_time()
        with contextlib.suppress(errors.EhToolkitError):
            work()
        times.append(time.process_time() - began)
        if times[-1] < SECONDS / 2:
            break
    tracemalloc.start()
    try:
        with contextlib.suppress(errors.EhToolkitError):
            work()
        return min(times), tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def all_of_it(found: Diagnosis) -> None:
    """Everything that is shown of a file."""
    assert not found.has("file_unjudged"), found.findings
    for language in LANGUAGES:
        texts = Texts(language)
        assert describe_diagnosis(found, texts)
        assert all(one.message(texts) for one in found.findings)


def opened(data: bytes) -> object:
    keystore = Keystore.of(read_pkcs12(data, PASSWORD))
    return keystore_html(keystore, Texts("en"), NOW), keystore.chain, keystore.current_encryption


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_costs_no_more_than_others(name: str, tmp_path: Path) -> None:
    data = write_pkcs12(SHAPES[name](), PASSWORD)
    path = tmp_path / "keystore.p12"
    path.write_bytes(data)
    works: dict[str, Callable[[], object]] = {
        "diagnose": lambda: all_of_it(diagnose(data, PASSWORD, NOW)),
        "without a password": lambda: all_of_it(diagnose(data, None, NOW)),
        "read": lambda: read_any(data, PASSWORD),
        "open": lambda: opened(data),
        "rescue": lambda: rescue(data, PASSWORD),
        "rescue of a part": lambda: rescue(data[:-40], PASSWORD),
        "audit": lambda: look(path, [PASSWORD], Patience(), chains=True),
    }
    for what, work in works.items():
        seconds, megabytes = cost(work)
        assert seconds < SECONDS, (what, seconds)
        assert megabytes < MEGABYTES, (what, megabytes)


@pytest.mark.parametrize("name", KEYS)
def test_a_bare_key_costs_no_more_either(name: str) -> None:
    """Without any protection: nobody needs a password to have it loaded."""
    key = der.sequence(
        der.object_identifier("1.2.840.113549.1.12.10.1.1"), der.explicit(0, KEYS[name]()), der.set_of()
    )
    safe = der.sequence(
        der.object_identifier("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(der.sequence(key)))
    )
    whole = der.sequence(
        der.object_identifier("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(der.sequence(safe)))
    )
    data = der.sequence(der.integer(3), whole)
    for work in (
        lambda: all_of_it(diagnose(data, None, NOW)),
        lambda: rescue(data, Secret("")),
        lambda: read_any(data, Secret("")),
    ):
        seconds, megabytes = cost(work)
        assert seconds < SECONDS
        assert megabytes < MEGABYTES


SLOW_TEXTS = {
    "blanks": b"MIIA" + b" " * 150_000 + b"!",
    "letters and blanks": b"A B " * 40_000 + b"!",
    "equal signs": b"MIIA" + b"=" * 150_000,
    "pem": b"-----BEGIN PKCS12-----\n" + b"A \n" * 50_000 + b"!",
}


@pytest.mark.parametrize("name", SLOW_TEXTS)
def test_patterns_take_no_longer_than_the_text(name: str) -> None:
    data = SLOW_TEXTS[name]
    for work in (lambda: mend(data), lambda: all_of_it(diagnose(data, PASSWORD, NOW))):
        assert cost(work)[0] < SECONDS


def test_what_nobody_foresaw_is_a_fault_of_that_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that raises what it never has."""
    data = write_pkcs12(with_certificates([certificate()]), PASSWORD)

    def fail(_: bytes) -> None:
        raise RuntimeError("secret text")

    monkeypatch.setattr(x509, "load_der_x509_certificate", fail)
    load_certificate.cache_clear()
    found = diagnose(data, PASSWORD, NOW)
    assert [one.key for one in found.findings] == ["file_unjudged"]
    assert "RuntimeError" in found.findings[0].message(Texts("en"))
    assert "secret text" not in str(describe_diagnosis(found, Texts("en")))
    load_certificate.cache_clear()
