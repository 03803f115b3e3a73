"""Keys, certificates and texts of every kind and size, made to keep programs busy or to break them: some by name, and
any at all for the fuzzer."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ehtoolkit.crypto import der
from ehtoolkit.keystore.codec.contents import CertificateBag, Key, Pkcs12Contents, Plain, attributes_of

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
    **{f"Ed25519 of {size} bytes": partial(edwards, "1.3.101.112", size) for size in (0, 31, 32, 33)},
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
    public: CertificatePublicKeyTypes | None = None,
    *,
    name: str = "SSIN=79031421872",
    begin: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2029, 1, 1, tzinfo=UTC),
    serial: int = 5,
) -> bytes:
    kind = NameOID.COMMON_NAME if len(name) <= 64 else NameOID.ORGANIZATION_NAME
    subject = x509.Name([x509.NameAttribute(kind, name)])
    builder = x509.CertificateBuilder(subject, subject, public or signer().public_key(), serial, begin, end)
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
        certificate(ec.generate_private_key(ec.SECP521R1()).public_key(), serial=index)
        for index in range(1, 141)
    ],
    "a name of digits": lambda: [retagged(certificate(name="12345"), 0x0C, 0x12, b"12345")],
    "a name of a kind that is none": lambda: [retagged(certificate(name="12345"), 0x0C, 0x17, b"12345")],
    "a name of 60000 blanks": lambda: [certificate(name="x" + " " * 60_000 + "x", serial=7)],
    "until 9999": lambda: [aged(b"20550101000000Z", b"99991231235959Z")],
    "from the year 0": lambda: [aged(b"00000101000000Z", b"99991231235959Z")],
    "before 1950": lambda: [aged(b"19490101000000Z", b"19490201000000Z")],
    "no day at all": lambda: [aged(b"20551301000000Z", b"20600230000000Z")],
}


def with_key(pkcs8: bytes) -> Pkcs12Contents:
    named = attributes_of("authentication", b"\x01" * 20)
    return Pkcs12Contents((Key(Plain(pkcs8), named),), (CertificateBag(certificate(), named),))


def with_certificates(ders: list[bytes]) -> Pkcs12Contents:
    key = signer().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    named = attributes_of("authentication", b"\x01" * 20)
    first, *others = [CertificateBag(der) for der in ders]
    return Pkcs12Contents((Key(Plain(key), named),), (CertificateBag(first.der, named), *others))


def bare(pkcs8: bytes) -> bytes:
    """A keystore of one key, without any protection."""
    key = der.sequence(
        der.object_identifier("1.2.840.113549.1.12.10.1.1"), der.explicit(0, pkcs8), der.set_of()
    )
    safe = der.sequence(
        der.object_identifier("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(der.sequence(key)))
    )
    whole = der.sequence(
        der.object_identifier("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(der.sequence(safe)))
    )
    return der.sequence(der.integer(3), whole)


def overlapping(cipher: str, opens: bytes, count: int, rest: bytes) -> bytes:
    """What is no keystore, with ``count`` encrypted parts of which each goes on to the end."""
    salt = der.sequence(der.octet_string(b"saltsalt"), der.integer(1))
    begin = der.octet_string(der.object_identifier(cipher) + salt + opens)
    return b"?" + begin * count + rest


OVERLAPPING = {
    "segments": overlapping("1.2.840.113549.1.12.1.3", b"\xa0\x80", 30, b"\x04\x00" * 120_000),
    "parts": overlapping("1.2.840.113549.1.12.1.6", b"\x80\x83\x08\x00\x00", 60, bytes(524_288)),
}

SLOW_TEXTS = {
    "blanks": b"MIIA" + b" " * 150_000 + b"!",
    "letters and blanks": b"A B " * 40_000 + b"!",
    "equal signs": b"MIIA" + b"=" * 150_000,
    "pem": b"-----BEGIN PKCS12-----\n" + b"A \n" * 50_000 + b"!",
}


# ── any at all ───────────────────────────────────────────────────────────────────────────────────────────
SIZES = (0, 1, 8, 512, 1023, 1024, 2048, 2049, 3072, 4096, 4097, 8192, 8193, 16_384, 32_768, 60_000)
"""Bits of a modulus or a prime."""
EXPONENTS = (1, 2, 17, 33, 64, 65, 256, 2048, 3072)
CURVES = (
    "1.2.840.10045.3.1.7",
    "1.3.132.0.34",
    "1.3.132.0.35",
    "1.3.132.0.10",
    "1.3.132.0.39",
    "1.3.36.3.3.2.8.1.1.7",
)
EDWARDS = ("1.3.101.110", "1.3.101.111", "1.3.101.112", "1.3.101.113")
STRINGS = (0x0C, 0x12, 0x13, 0x14, 0x16, 0x17, 0x1A, 0x1B, 0x1C, 0x1E, 0x24, 0x30, 0x80)
"""Kinds of strings of ASN.1, and some that are none."""


def any_number(source: random.Random, bits: int) -> int:
    return source.getrandbits(bits) | (source.random() < 0.8) if bits else 0


def any_key(source: random.Random) -> bytes:
    """A private key of any kind and size; hardly ever one that is any good."""
    bits, small = source.choice(SIZES), source.choice(EXPONENTS)
    match source.choice(("rsa", "rsa", "dsa", "dh", "curve", "edwards", "nested")):
        case "rsa":
            sizes = (bits, small, bits, bits // 2, bits // 2, bits // 2, small, bits // 2)
            return rsa_of(*(any_number(source, size) for size in sizes[: source.choice((8, 8, 8, 2, 5))]))
        case "dsa":
            parameters = (bits, source.choice((160, 256, bits)), bits)
            domain = der.sequence(*(der.integer(any_number(source, size)) for size in parameters))
            return private("1.2.840.10040.4.1", der.integer(any_number(source, bits)), domain)
        case "dh":
            domain = der.sequence(
                der.integer(any_number(source, bits)), der.integer(any_number(source, small))
            )
            return private("1.2.840.113549.1.3.1", der.integer(any_number(source, bits)), domain)
        case "curve":
            return curve(
                source.choice(CURVES), source.randbytes(source.choice((0, 1, 32, 48, 66, 72, 10_000)))
            )
        case "edwards":
            return edwards(source.choice(EDWARDS), source.choice((0, 31, 32, 33, 57)))
        case _:
            return private(
                "1.2.840.113549.1.1.1", source.choice((b"\x30\x80", b"\x24\x80")) * source.choice((9, 4000))
            )


def any_date(source: random.Random) -> bytes:
    """From the year 0 to 9999, before 1950 too, in both forms, and now and then no day at all."""
    year, month, day = (
        source.choice((0, 1, 1900, 1949, 1950, 2049, 2050, 9999)),
        source.choice((1, 12, 13)),
        30,
    )
    text = f"{year:04}{month:02}{day:02}000000Z".encode()
    return der.value(0x18, text) if source.random() < 0.7 else der.value(0x17, text[2:])


def any_certificate(source: random.Random) -> bytes:
    """A certificate, signed by nobody, with names, dates, numbers and a key of any kind."""

    def name() -> bytes:
        text = source.choice((b"12345", b"\xff\xfe", b"", b"SSIN=79031421872", b" " * 60_000, b"\x1b[31m"))
        value = der.value(source.choice(STRINGS), text)
        part = der.sequence(der.object_identifier(source.choice(("2.5.4.3", "2.5.4.6", "2.5.4.11"))), value)
        return der.sequence(*[der.set_of(part)] * source.choice((0, 1, 1, 1, 50)))

    algorithm = der.sequence(der.object_identifier("1.2.840.113549.1.1.11"), der.NULL)
    bits, small = source.choice(SIZES), source.choice(EXPONENTS)
    numbers = der.sequence(der.integer(any_number(source, bits)), der.integer(any_number(source, small)))
    key = der.sequence(
        der.sequence(der.object_identifier("1.2.840.113549.1.1.1"), der.NULL), der.value(3, b"\0" + numbers)
    )
    serial = der.value(2, source.choice((b"\0", b"\x80", b"\x05", b"\x11" * 40)))
    dates = der.sequence(any_date(source), any_date(source))
    signed = der.sequence(der.explicit(0, der.integer(2)), serial, algorithm, name(), dates, name(), key)
    return der.sequence(signed, algorithm, der.value(3, b"\0" + source.randbytes(256)))


def any_contents(source: random.Random) -> Pkcs12Contents:
    """A keystore with some of these in it."""
    named = attributes_of("authentication", b"\x01" * 20)
    keys = tuple(Key(Plain(any_key(source)), named) for _ in range(source.choice((1, 1, 2))))
    others = [any_certificate(source) for _ in range(source.choice((0, 1, 3, 20)))]
    found = [CertificateBag(certificate(), named), *map(CertificateBag, others)]
    source.shuffle(found)
    return Pkcs12Contents(keys, tuple(found))


def any_text(source: random.Random) -> bytes:
    """Letters, blanks, signs and line ends in runs, as a pattern of text is slow on."""
    pieces = (b"A", b" ", b"=", b"\n", b"A ", b"-----BEGIN PKCS12-----\n", b"!", b"\t")
    return b"MIIA" + b"".join(source.choice(pieces) * source.choice((1, 60, 40_000)) for _ in range(4)) + b"!"
