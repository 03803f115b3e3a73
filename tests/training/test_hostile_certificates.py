"""Certificates, keys and requests for certificates that somebody has damaged, or made to hurt: each is refused for what
is wrong with it, and none of them is a mistake of the platform's."""

from __future__ import annotations

import base64
import copy
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.crypto import der
from ehtoolkit.ehealth import certra, etk
from ehtoolkit.ehealth.certra import certificate_request
from ehtoolkit.ehealth.soap import operations
from ehtoolkit.ehealth.soap.signature import sign_element
from ehtoolkit.ehealth.soap.xml import SIGNATURE, wrap
from ehtoolkit.training import TrainingPlatform
from ehtoolkit.training.authority.trust import read_certificate
from tests.keystore.shapes import number
from tests.training.signed_messages import CERTRA_URL, CONTACT, ETKRA_URL, NOW, codes, qualities

if TYPE_CHECKING:
    from tests.training.conftest import Client, Wire

    MakeClient = Callable[..., Client]

SECONDS = 1.0
COUNTRY = der.object_identifier("2.5.4.6")
RSA = "1.2.840.113549.1.1.1"


def parts_of(certificate: bytes) -> tuple[list[bytes], bytes]:
    """The parts of what is signed, and what stands behind it."""
    parsed = Certificate.load(certificate)
    signed = parsed["tbs_certificate"]
    behind = parsed["signature_algorithm"].dump() + parsed["signature_value"].dump()
    return [field for field in (signed[place].dump() for place in range(len(signed))) if field], behind


def with_parts(certificate: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    parts, behind = parts_of(certificate)
    return der.sequence(der.sequence(*change(parts)), behind)


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(certificate: bytes) -> bytes:
        assert old in certificate
        assert len(old) == len(new)
        return certificate.replace(old, new)

    return change


def part(place: int, new: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Another thing at a place of what is signed: 1 serial number, 3 issuer, 4 dates, 5 subject, 6 key, 7 more."""
    return lambda certificate: with_parts(
        certificate, lambda parts: [*parts[:place], new(parts[place]), *parts[place + 1 :]]
    )


def name(*values: bytes) -> bytes:
    """A name of organisations."""
    kind = der.object_identifier("2.5.4.10")
    return der.sequence(*(der.set_of(der.sequence(kind, value)) for value in values))


def text(value: str) -> bytes:
    return der.value(0x0C, value.encode())


def public(oid: str, key: bytes, *parameters: bytes) -> bytes:
    return der.sequence(der.sequence(der.object_identifier(oid), *parameters), der.value(3, b"\0" + key))


def rsa_key(bits: int, exponent_bits: int) -> bytes:
    numbers = der.sequence(der.integer(number(bits)), der.integer(number(exponent_bits)))
    return public(RSA, numbers, der.NULL)


def dsa_key(bits: int) -> bytes:
    domain = der.sequence(der.integer(number(bits)), der.integer(number(256)), der.integer(2))
    return public("1.2.840.10040.4.1", der.integer(number(bits - 1)), domain)


SIGNER_SHAPES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a serial number of zero": (part(1, lambda _: der.integer(0)), "SIGNATURE_INVALID"),
    "a negative serial number": (part(1, lambda _: b"\x02\x01\x80"), "SIGNATURE_INVALID"),
    "a serial number of 3000 bytes": (
        part(1, lambda _: b"\x02\x82\x0b\xb8" + b"\x11" * 3000),
        "SIGNATURE_INVALID",
    ),
    "an issuer with an escape": (part(3, lambda _: name(text("\x1b[31mX\x07"))), "SIGNER_NOT_TRUSTED"),
    "an issuer of what XML has not": (
        part(3, lambda _: name(text("a\ufffeb\uffffc\0"))),
        "SIGNER_NOT_TRUSTED",
    ),
    "an issuer that turns round": (part(3, lambda _: name(text("\u202ea\u200b"))), "SIGNER_NOT_TRUSTED"),
    "an issuer of digits": (part(3, lambda _: name(b"\x12\x0512345")), "SIGNER_NOT_TRUSTED"),
    "an issuer that is no text": (part(3, lambda _: name(b"\x0c\x02\xff\xff")), "SIGNATURE_INVALID"),
    "an issuer that is a bit string": (part(3, lambda _: name(b"\x03\x02\x00\x01")), "SIGNATURE_INVALID"),
    "a country of three letters": (
        part(3, lambda _: der.sequence(der.set_of(der.sequence(COUNTRY, b"\x13\x03BEL")))),
        "SIGNER_NOT_TRUSTED",
    ),
    "a subject of digits": (part(5, lambda _: name(b"\x12\x0512345")), "SIGNER_NOT_TRUSTED"),
    "no subject at all": (part(5, lambda _: name()), "SIGNER_NOT_TRUSTED"),
    "dates that are none": (
        part(4, lambda _: der.sequence(b"\x17\x0d261301000000Z", b"\x17\x0d260230000000Z")),
        "SIGNATURE_INVALID",
    ),
    "from the year 0 to 9999": (
        part(4, lambda _: der.sequence(b"\x18\x0f00000101000000Z", b"\x18\x0f99991231235959Z")),
        "SIGNATURE_INVALID",
    ),
    "dates before 1950": (
        part(4, lambda _: der.sequence(b"\x18\x0f19490101000000Z", b"\x18\x0f19490201000000Z")),
        "SIGNER_NOT_TRUSTED",
    ),
    "RSA of 60000 bits": (part(6, lambda _: rsa_key(60_000, 17)), "SIGNATURE_INVALID"),
    "an exponent of 3072 bits": (part(6, lambda _: rsa_key(3072, 3071)), "SIGNATURE_INVALID"),
    "DSA of 32768 bits": (part(6, lambda _: dsa_key(32_768)), "SIGNATURE_INVALID"),
    "DH of 12000 bits": (
        part(
            6,
            lambda _: public(
                "1.2.840.113549.1.3.1",
                der.integer(number(11_999)),
                der.sequence(der.integer(number(12_000)), der.integer(2)),
            ),
        ),
        "SIGNATURE_INVALID",
    ),
    "Ed25519 of 31 bytes": (part(6, lambda _: public("1.3.101.112", bytes(31))), "SIGNATURE_INVALID"),
    "a point that is none": (
        part(6, lambda _: public("1.2.840.10045.2.1", b"\4" * 97, der.object_identifier("1.3.132.0.34"))),
        "SIGNATURE_INVALID",
    ),
    "every extension twice": (
        part(7, lambda _: der.explicit(3, der.sequence(*[EXTENSION] * 2))),
        "SIGNATURE_INVALID",
    ),
    "an extension that is none": (part(7, lambda _: der.explicit(3, der.NULL)), "SIGNATURE_INVALID"),
    "an unknown version": (part(0, lambda _: der.explicit(0, der.integer(7))), "SIGNATURE_INVALID"),
    "signed with an unknown algorithm": (
        lambda certificate: certificate.replace(
            der.object_identifier("1.2.840.113549.1.1.11"), der.object_identifier("1.2.840.113549.1.1.99")
        ),
        "SIGNATURE_INVALID",
    ),
    "nested": (lambda _: b"\x30\x80" * 20_000, "SIGNATURE_INVALID"),
}
EXTENSION: bytes = der.sequence(der.object_identifier("2.5.29.15"), der.octet_string(b"\x03\x02\x06\x40"))


def certificates_in(message: etree._Element) -> list[etree._Element]:
    """The signer's certificate and those above it: what a signature names and does not cover."""
    return message.findall(f".//{SIGNATURE('X509Certificate')}")


def bytes_of(element: etree._Element) -> bytes:
    return base64.b64decode("".join((element.text or "").split()))


@pytest.mark.parametrize("shape", SIGNER_SHAPES)
def test_a_signer_s_certificate(shape: str, client: MakeClient, wire: Wire) -> None:
    change, code = SIGNER_SHAPES[shape]
    message = qualities(client("elise"))
    element = certificates_in(message)[0]
    assert change(bytes_of(element)) != bytes_of(element)
    element.text = base64.b64encode(change(bytes_of(element))).decode()
    began = time.process_time()
    answer = wire.post(CERTRA_URL, wrap(message), {})
    assert time.process_time() - began < SECONDS
    assert codes(answer) == [code]


@pytest.mark.parametrize("shape", SIGNER_SHAPES)
def test_an_authority_s_certificate(shape: str, client: MakeClient, wire: Wire) -> None:
    """In the place of the citizen CA: with it no way leads to the root."""
    change, _ = SIGNER_SHAPES[shape]
    message = qualities(client("elise"))
    element = certificates_in(message)[1]
    element.text = base64.b64encode(change(bytes_of(element))).decode()
    began = time.process_time()
    answer = wire.post(CERTRA_URL, wrap(message), {})
    assert time.process_time() - began < SECONDS
    assert codes(answer)[0] in ("SIGNATURE_INVALID", "SIGNER_NOT_TRUSTED")


def test_an_even_modulus_is_no_key(client: MakeClient, wire: Wire) -> None:
    person = client()
    person.deliver()
    numbers = der.sequence(der.integer(number(2048, odd=False)), der.integer(65_537))
    request = etk.build_start(NOW, person.encryption_key.public_key())
    key = next(element for element in request.iter() if len(element.text or "") > 100)
    key.text = base64.b64encode(public(RSA, numbers, der.NULL)).decode()
    for _ in range(2):  # refused, and nothing was written down of it
        answer = wire.post(ETKRA_URL, wrap(sign_element(request, person.holder)), {})
        assert codes(answer) == ["KEY_UNFIT"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (replaced(b"\x02\x01\x00", b"\x02\x01\x07"), "CSR_INVALID"),
        (replaced(b"\x13\x02BE", b"\x12\x02BE"), "CSR_SIGNATURE_INVALID"),
        (lambda data: data[:-300], "CSR_INVALID"),
    ],
    ids=["version", "name", "cut"],
)
def test_a_request_for_a_certificate(
    change: Callable[[bytes], bytes], code: str, client: MakeClient, wire: Wire
) -> None:
    person = client()
    contract = person.contract()
    csr = certificate_request(person.key, contract.distinguished_name).public_bytes(Encoding.DER)
    request = certra.build_generate_certificate(NOW, change(csr), contract, CONTACT)
    signed = sign_element(request, person.signer(CardKey.SIGNATURE))
    assert codes(wire.post(CERTRA_URL, wrap(signed), {})) == [code]


def test_base64_that_is_not_even_ascii(client: MakeClient, wire: Wire) -> None:
    person = client()
    person.deliver()
    request = etk.build_start(NOW, person.encryption_key.public_key())
    next(element for element in request.iter() if len(element.text or "") > 100).text = "MIIé"
    answer = wire.post(ETKRA_URL, wrap(sign_element(request, person.holder)), {})
    assert codes(answer) == ["SOA-03001"]


def test_a_question_about_a_certificate_that_is_not_even_ascii(training: TrainingPlatform) -> None:
    from ehtoolkit.training.authority.pki import OCSP_PATH
    from ehtoolkit.training.authority.status_responder import answer_status, ocsp_answer

    for asked in ("%C3%A9", "MIIé", "AAAA"):
        answer = answer_status(training, f"{OCSP_PATH}/{asked}", None)
        assert answer.status == 200
        assert answer.body == ocsp_answer(training, b"")


READABLE = ("DSA of 32768 bits", "a serial number of 3000 bytes")
"""Refused as signers alone: nothing is signed with them here."""


@pytest.mark.parametrize(
    "shape",
    [
        shape
        for shape, (_, code) in SIGNER_SHAPES.items()
        if code == "SIGNATURE_INVALID" and shape not in READABLE
    ],
)
def test_a_root_that_a_trainer_gives(shape: str, client: MakeClient) -> None:
    change, _ = SIGNER_SHAPES[shape]
    whole = client("elise").card.chain(CardKey.AUTHENTICATION)[0].public_bytes(Encoding.DER)
    with pytest.raises(errors.InputInvalid) as refused:
        read_certificate(change(whole))
    assert refused.value.facts["reason"] == "certificate"


# ── damage at random ─────────────────────────────────────────────────────────────────────────────────────
def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        place = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1 | 2:
                changed[place] = chance.choice(
                    (0, 1, 2, 3, 6, 0x0C, 0x12, 0x13, 0x17, 0x30, 0x7F, 0x80, 0x82, 0xFF)
                )
            case 3:
                del changed[place : place + chance.choice((1, 2, 8))]
            case _:
                changed[place:place] = chance.randbytes(chance.choice((1, 3)))
    return bytes(changed)


def sources(person: Client, other: Client) -> Iterator[Callable[[random.Random], tuple[str, etree._Element]]]:
    """Messages with something damaged in them that is a certificate, a key, or a request for a certificate."""
    contract = other.contract()
    csr = certificate_request(other.key, contract.distinguished_name).public_bytes(Encoding.DER)
    key = person.encryption_key.public_key()
    encryption = person.encryption_certificate(person.serial())
    messages = [
        (CERTRA_URL, qualities(person)),
        (CERTRA_URL, sign_element(operations.GET_CERTIFICATE_INFO.new_request(NOW), person.holder)),
        (ETKRA_URL, sign_element(etk.build_start(NOW, key), person.holder)),
    ]

    def a_chain(chance: random.Random) -> tuple[str, etree._Element]:
        url, message = chance.choice(messages)
        message = copy.deepcopy(message)
        element = chance.choice(certificates_in(message))
        element.text = base64.b64encode(damaged(bytes_of(element), chance)).decode()
        return url, message

    def a_request(chance: random.Random) -> tuple[str, etree._Element]:
        build = certra.build_generate_certificate
        return CERTRA_URL, sign_element(
            build(NOW, damaged(csr, chance), contract, CONTACT), other.signer(CardKey.SIGNATURE)
        )

    def a_key(chance: random.Random) -> tuple[str, etree._Element]:
        request = etk.build_start(NOW, key)
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        element = next(child for child in request.iter() if len(child.text or "") > 100)
        element.text = base64.b64encode(damaged(spki, chance)).decode()
        return ETKRA_URL, sign_element(request, person.holder)

    def an_encryption_certificate(chance: random.Random) -> tuple[str, etree._Element]:
        return ETKRA_URL, sign_element(etk.build_complete(NOW, damaged(encryption, chance)), person.holder)

    yield from (a_chain, a_chain, a_request, a_key, an_encryption_certificate)


def test_no_damage_to_a_certificate_is_a_mistake_of_the_platform(
    request: pytest.FixtureRequest, client: MakeClient, wire: Wire
) -> None:
    rounds = 600 if request.config.getoption("--all") else 240
    person, other = client(), client("bram", first=2)
    person.deliver()
    chance = random.Random(20261127)  # noqa: S311
    makers = list(sources(person, other))
    counts: Counter[str] = Counter()
    for place in range(rounds):
        url, message = makers[place % len(makers)](chance)
        found = codes(wire.post(url, wrap(message), {}))
        counts.update(found or ["answered"])
        assert found != ["SOA-02001"], place
    print(f"{rounds} damaged certificates, keys and requests: {dict(counts.most_common())}")
    assert len(counts) > 8
