"""Sealed messages: what we seal we open, and nothing is proven that was not."""

from __future__ import annotations

import hashlib
import json
import random
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, SubjectKeyIdentifier

from ehtoolkit import errors
from ehtoolkit.crypto import der
from ehtoolkit.ehealth.cms.signature_check import read_signer
from ehtoolkit.ehealth.etk import Etk
from ehtoolkit.ehealth.revocation_answers import RevocationResult, RevocationStatus
from ehtoolkit.ehealth.sealing.models import DecryptionKey, MessageState, TrustedAuthorities, UnsealedMessage
from ehtoolkit.ehealth.sealing.other_software_errors import names_elsewhere
from ehtoolkit.ehealth.sealing.seal import check_recipient, check_sender, seal
from ehtoolkit.ehealth.sealing.unseal import read_addresses, unseal
from ehtoolkit.ehealth.soap.signature import KeySigner
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.procedures.authorization import decryption_keys
from ehtoolkit.secret import Secret
from tests.ehealth.composing import NOW, Actor, World, enveloped, message, signed, world

TEXT = "Bonjour Élise, dit is een proefbericht. Grüße!\r\n\0".encode()
CHECKS = (
    *("outer_signature_good", "key_usage_good", "signer_valid", "signer_trusted", "revocation_not_asked"),
    *("decrypted", "inner_signature_good", "same_signer"),
)


@pytest.fixture(scope="session")
def made() -> World:
    return world()


def sealed(content: bytes, sender: Actor, *recipients: Actor) -> bytes:
    done, data = seal(content, [recipient.encryption for recipient in recipients], sender.credentials, NOW)
    assert (done.size, done.content_size) == (len(data), len(content))
    return data


def opened(
    data: bytes,
    reader: Actor | None,
    *,
    keys: tuple[DecryptionKey, ...] = (),
    authorities: TrustedAuthorities | None = None,
    now: Any = NOW,
) -> tuple[UnsealedMessage, bytes]:
    held = keys if reader is None else (reader.decryption_key, *keys)
    found, content = unseal(data, held, authorities or world().authorities, now)
    assert (content is None) == (found.size is None)
    return found, content or b""


def problems(found: UnsealedMessage) -> set[str]:
    return {
        finding.key for finding in found.findings if finding.severity in (Severity.ERROR, Severity.WARNING)
    }


@pytest.mark.parametrize("size", [0, 1, 15, 16, 127, 128, 65_535, 1_048_576])
@pytest.mark.parametrize("sender", ["rsa", "elliptic"])
def test_what_is_sealed_is_opened_with_every_check_done(made: World, sender: str, size: int) -> None:
    content = random.Random(size).randbytes(size)  # noqa: S311
    data = sealed(content, getattr(made, sender), made.rsa, made.other)
    for reader in (made.rsa, made.other):
        found, written = opened(data, reader)
        assert (found.state, written) == (MessageState.PROVEN, content)
        remarks = {"algorithm_elsewhere"} if sender == "elliptic" else set()
        assert problems(found) == remarks
        assert tuple(finding.key for finding in found.findings if finding.key not in remarks) == CHECKS
        assert found.opened_with == reader.encryption.serial_number
        assert [recipient.known for recipient in found.recipients].count(True) == 1
    assert opened(data, made.elliptic)[0].state is MessageState.NOT_ADDRESSED


def test_it_is_der_as_receivers_expect_it(made: World) -> None:
    data = sealed(TEXT, made.rsa, made.other)
    outer = cms.ContentInfo.load(data, strict=True)["content"]
    assert outer["encap_content_info"]["content_type"].native == "data"
    (info,) = outer["signer_infos"]
    assert info["signature_algorithm"]["algorithm"].native == "rsassa_pss"
    assert info["signature_algorithm"]["parameters"]["salt_length"].native == 32
    assert [certificate.chosen.serial_number for certificate in outer["certificates"]] == [
        certificate.serial_number for certificate in made.rsa.chain[:2]
    ]
    middle = cms.ContentInfo.load(bytes(outer["encap_content_info"]["content"]), strict=True)["content"]
    (recipient,) = middle["recipient_infos"]
    assert recipient.chosen["key_encryption_algorithm"]["algorithm"].native == "rsaes_pkcs1v15"
    assert recipient.chosen["rid"].chosen["serial_number"].native == made.other.encryption.serial_number
    algorithm = middle["encrypted_content_info"]["content_encryption_algorithm"]
    assert algorithm["algorithm"].native == "aes128_cbc"


def test_a_message_composed_by_others_is_opened(made: World) -> None:
    for options in ({}, {"scheme": "rsassa_pkcs1v15"}, {"scheme": "sha256_rsa"}):
        data = message(TEXT, made.rsa, made.other, outer=options, inner=options)
        found, written = opened(data, made.other)
        assert (found.state, written, problems(found)) == (MessageState.PROVEN, TEXT, set())


@pytest.mark.parametrize(
    ("sender", "signature", "envelope", "expected"),
    [
        ("elliptic", {}, {}, ["ECDSA, SHA-256"]),
        ("elliptic", {"digest": "sha384"}, {}, ["ECDSA, SHA-384"]),
        ("rsa", {"digest": "sha384"}, {}, ["RSASSA-PSS, SHA-384"]),
        ("rsa", {}, {"cipher": "aes192_cbc"}, ["AES-192"]),
        ("rsa", {}, {"cipher": "aes256_cbc"}, ["AES-256"]),
        ("elliptic", {"digest": "sha384"}, {"cipher": "aes256_cbc"}, ["ECDSA, SHA-384", "AES-256"]),
    ],
)
def test_a_proven_message_that_etee_crypto_refuses_gets_a_remark(
    made: World, sender: str, signature: dict[str, Any], envelope: dict[str, Any], expected: list[str]
) -> None:
    by = getattr(made, sender)
    data = message(TEXT, by, made.other, outer=signature, inner=signature, envelope=envelope)
    found, written = opened(data, made.other)
    assert (found.proven, written) == (True, TEXT)
    remarks = [finding for finding in found.findings if finding.key == "algorithm_elsewhere"]
    assert [remark.facts["algorithm"] for remark in remarks] == expected
    assert all(names_elsewhere(remark)["etee-crypto"] for remark in remarks)


def test_a_remark_on_the_inner_signature_alone(made: World) -> None:
    data = message(TEXT, made.rsa, made.other, inner={"digest": "sha384"})
    (remark,) = (
        finding for finding in opened(data, made.other)[0].findings if finding.key == "algorithm_elsewhere"
    )
    assert (remark.facts["layer"], remark.facts["algorithm"]) == ("inner", "RSASSA-PSS, SHA-384")


def test_the_signer_of_both_layers_is_trusted_in_both(made: World) -> None:
    found, _ = opened(sealed(TEXT, made.rsa, made.other), made.other)
    assert found.outer is not None
    assert found.inner is not None
    assert found.inner.path == found.outer.path == made.rsa.chain
    strangers = opened(sealed(TEXT, made.rsa, made.other), made.other, authorities=TrustedAuthorities())[0]
    assert strangers.outer is not None
    assert strangers.inner is not None
    assert strangers.inner.path == strangers.outer.path == ()


def test_a_recipient_that_is_named_by_its_key_is_found(made: World) -> None:
    data = message(TEXT, made.rsa, made.other, envelope={"by_key": True})
    found, written = opened(data, made.other)
    assert (found.proven, written) == (True, TEXT)
    assert problems(found) == {"recipient_by_identifier"}
    identifier = SubjectKeyIdentifier.from_public_key(made.other.encryption.public_key()).digest.hex()
    assert [recipient.key_name for recipient in found.recipients] == [identifier]
    closed = opened(data, made.rsa)[0]
    (finding,) = (finding for finding in closed.findings if finding.key == "not_for_this_keystore")
    assert finding.facts["serials"] == (identifier,)
    assert "None" not in finding.message(Translator("en"))


OUTER: list[tuple[str, dict[str, Any]]] = [
    ("outer_content_changed", {"signed_content": b"another"}),
    ("signer_certificate_missing", {"certificates": ()}),
    ("signer_certificate_missing", {"named_by_key": True}),
    ("signers_several", {"number": 2}),
    ("signature_missing", {"number": 0}),
    ("content_type_wrong", {"signed_type": "enveloped_data"}),
    ("algorithm_not_allowed", {"digest": "sha1", "scheme": "rsassa_pkcs1v15"}),
    ("signer_expired", {"signed_at": NOW + timedelta(days=401)}),
    ("signer_early", {"signed_at": NOW - timedelta(days=401)}),
]


@pytest.mark.parametrize(("key", "options"), OUTER)
def test_a_fault_of_the_envelope_is_found_and_nothing_is_proven(
    made: World, key: str, options: dict[str, Any]
) -> None:
    found, _ = opened(message(TEXT, made.rsa, made.other, outer=options), made.other)
    assert found.state is MessageState.UNPROVEN
    assert key in problems(found)


def test_something_else_than_data_is_not_proven(made: World) -> None:
    digested = der.object_identifier("1.2.840.113549.1.7.5")
    data = message(TEXT, made.rsa, made.other).replace(DATA, digested, 1)
    found, _ = opened(data, made.other)
    assert found.state is MessageState.UNPROVEN
    assert "content_type_wrong" in problems(found)


def test_faults_of_the_content_are_found(made: World) -> None:
    for key, options in (
        ("inner_content_changed", {"signed_content": b"another"}),
        ("inner_signature_wrong", {"key": made.spare_key}),
        ("signers_several", {"number": 2}),
        ("algorithm_not_allowed", {"digest": "sha1", "scheme": "rsassa_pkcs1v15"}),
        ("signer_certificate_missing", {"certificate": made.elliptic.certificate, "key": made.elliptic.key}),
    ):
        found, _ = opened(message(TEXT, made.rsa, made.other, inner=options), made.other)
        assert found.state is MessageState.UNPROVEN, key
        assert key in problems(found)
        assert not found.has("same_signer")


def test_a_content_by_another_signer_is_not_proven(made: World) -> None:
    theirs = {
        "key": made.elliptic.key,
        "certificate": made.elliptic.certificate,
        "certificates": made.elliptic.chain,
    }
    found, _ = opened(message(TEXT, made.rsa, made.other, inner=theirs), made.other)
    assert problems(found) == {"signers_differ", "algorithm_elsewhere"}


def test_certificates_are_judged(made: World) -> None:
    key = made.spare_key
    for expected, options in (
        ("signer_key_usage", {"usage": "key_encipherment"}),
        ("signer_key_usage", {"usage": None}),
        ("signer_expired", {"end": timedelta(days=-1)}),
        ("signer_not_trusted", {"digest": hashes.SHA224()}),
    ):
        certificate = made.issue("X", key, **options)
        if expected == "signer_not_trusted":
            certificate = made.certificate("X", key, "X", key)
        by = {"key": key, "certificate": certificate}
        data = message(
            TEXT, made.rsa, made.other, inner=by, outer=by | {"certificates": (certificate, made.issuing)}
        )
        found, _ = opened(data, made.other)
        assert found.state is MessageState.UNPROVEN
        assert expected in problems(found)
    usable = made.issue("X", key, usage="content_commitment")
    by = {"key": key, "certificate": usable}
    data = message(TEXT, made.rsa, made.other, inner=by, outer=by | {"certificates": (usable, made.issuing)})
    assert opened(data, made.other)[0].proven


@pytest.mark.parametrize("brought_by", ["outer", "inner"])
def test_both_certificates_of_a_card_are_judged(made: World, brought_by: str) -> None:
    person, key = "79031421872", made.spare_key

    def sealed_with(second: Certificate) -> UnsealedMessage:
        first = made.issue("Authentication", made.rsa.key, person=person)
        outside, inside = (first, made.issuing), (second, made.issuing)
        outer: dict[str, Any] = {"key": made.rsa.key, "certificate": first, "certificates": outside}
        inner: dict[str, Any] = {"key": key, "certificate": second, "certificates": inside}
        if brought_by == "outer":
            outer["certificates"], inner["certificates"] = (*outside, second), ()
        return opened(message(TEXT, made.rsa, made.other, outer=outer, inner=inner), made.other)[0]

    good = sealed_with(made.issue("Signature", key, usage="content_commitment", person=person))
    assert (good.proven, good.has("same_signer")) == (True, True)
    for expected, second in (
        ("signers_differ", made.issue("Signature", key, person="85110230740")),
        ("signer_expired", made.issue("Signature", key, person=person, end=timedelta(days=-1))),
        ("signer_key_usage", made.issue("Signature", key, person=person, usage="key_encipherment")),
        ("signer_not_trusted", made.certificate("Signature", key, "Issuing", key, person=person)),
    ):
        found = sealed_with(second)
        assert found.state is MessageState.UNPROVEN
        assert expected in problems(found)


def test_a_message_for_others_is_checked_as_far_as_it_goes(made: World) -> None:
    found, _ = opened(sealed(bytes(300_000), made.rsa, made.rsa), made.other)
    assert found.state is MessageState.NOT_ADDRESSED
    assert problems(found) == {"not_for_this_keystore"}
    assert tuple(finding.key for finding in found.findings)[:5] == CHECKS[:5]


def test_a_leaf_certificate_cannot_issue(made: World) -> None:
    forged = made.certificate("Forged", made.spare_key, "CN rsa", made.rsa.key)
    by = {"key": made.spare_key, "certificate": forged}
    brought = (forged, *made.rsa.chain[:2])
    data = message(TEXT, made.rsa, made.other, inner=by, outer=by | {"certificates": brought})
    assert "signer_not_trusted" in problems(opened(data, made.other)[0])
    # Not even one that says it may sign certificates: it is no authority.
    bold = made.issue("Bold", made.elliptic.key, usage="key_cert_sign")
    forged = made.certificate("Forged", made.spare_key, "Bold", made.elliptic.key)
    by = {"key": made.spare_key, "certificate": forged}
    brought = (forged, bold, made.issuing)
    data = message(TEXT, made.rsa, made.other, inner=by, outer=by | {"certificates": brought})
    assert "signer_not_trusted" in problems(opened(data, made.other)[0])


def test_short_keys_are_not_believed(made: World) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    certificate = made.issue("Short", key)
    by = {"key": key, "certificate": certificate}
    data = message(
        TEXT, made.rsa, made.other, inner=by, outer=by | {"certificates": (certificate, made.issuing)}
    )
    assert "signer_key_unfit" in problems(opened(data, made.other)[0])


def test_remarks_do_not_refuse(made: World) -> None:
    def remarks(outer: dict[str, Any], now: Any = NOW) -> set[str]:
        found, _ = opened(message(TEXT, made.rsa, made.other, outer=outer), made.other, now=now)
        assert found.proven
        return problems(found)

    assert remarks({"salt": 222}) == {"signature_salt"}
    assert remarks({"attributes": False}) == {"signing_time_missing"}
    assert remarks({"signed_at": None}) == {"signing_time_missing"}
    assert remarks({"signed_at": NOW + timedelta(hours=1)}) == {"signing_time_future"}
    assert remarks({}, NOW + timedelta(days=401)) == {"signing_time_old"}
    found, _ = opened(message(TEXT, made.rsa, made.other) + b"\0\0", made.other)
    assert problems(found) == {"bytes_behind"}


@pytest.mark.parametrize(
    ("answer", "key", "proven"),
    [
        (RevocationResult(RevocationStatus.GOOD, as_of=NOW), "signer_not_revoked", True),
        (RevocationResult(RevocationStatus.REVOKED, since=NOW - timedelta(days=1)), "signer_revoked", False),
        (
            RevocationResult(RevocationStatus.REVOKED, since=NOW + timedelta(days=1)),
            "signer_revoked_later",
            True,
        ),
        (
            RevocationResult(RevocationStatus.REVOKED, since=NOW + timedelta(days=1), compromised=True),
            "signer_revoked",
            False,
        ),
        (RevocationResult(RevocationStatus.SILENT), "revocation_unknown", True),
    ],
)
def test_revocation_is_checked_for_signers_with_a_known_authority(
    made: World, answer: RevocationResult, key: str, proven: bool
) -> None:
    asked: list[Sequence[Certificate]] = []

    def ask(path: Sequence[Certificate], _: object) -> RevocationResult:
        asked.append(path)
        return answer

    data = message(TEXT, made.rsa, made.other)
    keys = [made.other.decryption_key]
    found, _ = unseal(data, keys, made.authorities, NOW, ask)
    assert (found.has(key), found.proven) == (True, proven)
    assert asked == [made.rsa.chain]
    asked.clear()
    unknown, _ = unseal(data, keys, TrustedAuthorities(), NOW, ask)
    assert (unknown.has("revocation_not_asked"), asked) == (True, [])


def test_a_time_ahead_does_not_prolong_a_certificate(made: World) -> None:
    data = message(TEXT, made.rsa, made.other, outer={"signed_at": NOW - timedelta(days=390)})
    early = NOW - timedelta(days=401)
    assert "signer_early" in problems(opened(data, made.other, now=early)[0])


def test_keys_are_chosen_by_serial_and_a_wrong_one_proves_nothing(made: World) -> None:
    """OpenSSL gives random bytes for what was encrypted for another key, and no error."""
    wrong = DecryptionKey(made.other.encryption.serial_number, made.other.encryption, made.rsa.encryption_key)
    data = message(TEXT, made.rsa, made.other)
    for _ in range(20):
        found, _ = opened(data, None, keys=(wrong,))
        assert found.state is MessageState.UNREADABLE
        assert problems(found) <= {"wrong_key", "inner_damaged"}
    found, written = opened(data, made.other, keys=(wrong,))
    assert (found.state, written) == (MessageState.PROVEN, TEXT)
    unnamed = replace(made.other.decryption_key, certificate=None)
    assert opened(data, None, keys=(unnamed,))[0].proven


def test_other_ways_to_encrypt_are_named_and_not_used(made: World) -> None:
    for envelope in ({"cipher": "tripledes_3key"}, {"oaep": True}):
        found, written = opened(message(TEXT, made.rsa, made.other, envelope=envelope), made.other)
        assert (found.state, written) == (MessageState.UNREADABLE, b"")
        assert problems(found) == {"algorithm_not_allowed"}
    found, _ = opened(message(TEXT, made.rsa, made.other, envelope={"content_key": bytes(32)}), made.other)
    assert problems(found) == {"wrong_key"}


def test_what_is_no_message(made: World) -> None:
    data = sealed(TEXT, made.rsa, made.other)
    for junk in (b"", b"0", b"<html>", b"\x30\x80", data[1:], TEXT * 50, bytes(4_000)):
        found, written = opened(junk, made.other)
        assert (found.state, written) == (MessageState.UNREADABLE, b"")
        assert problems(found) <= {"not_sealed", "cut_off"}
        assert len(found.findings) == 1
    for end in (10, 100, 1_000, len(data) - 1):
        found, _ = opened(data[:end], made.other)
        assert found.state is MessageState.UNREADABLE
        assert (found.size, found.sha256) == (None, None)
        assert "cut_off" in problems(found)
    only_signed = signed(TEXT, made.rsa.key, made.rsa.certificate, certificates=made.rsa.chain)
    assert problems(opened(only_signed, made.other)[0]) == {"envelope_damaged"}
    detached = signed(None, made.rsa.key, made.rsa.certificate, certificates=made.rsa.chain)
    assert "content_missing" in problems(opened(detached, made.other)[0])
    middle = enveloped(TEXT, [made.other.encryption])
    garbage = signed(middle, made.rsa.key, made.rsa.certificate, certificates=made.rsa.chain)
    assert problems(opened(garbage, made.other)[0]) == {"inner_damaged"}
    hollow = message(TEXT, made.rsa, made.other, inner={"content": None})
    assert "content_missing" in problems(opened(hollow, made.other)[0])


def cut_messages(made: World, data_folder: Path) -> dict[str, bytes]:
    """Messages for two recipients, with definite and with indefinite lengths."""
    folder = data_folder / "sealed-messages" / "messages"
    return {
        "definite": sealed(TEXT, made.rsa, made.other, made.rsa),
        "indefinite": (folder / "two-recipients.etee").read_bytes(),
        "indefinite, fewer certificates": (folder / "econtract-two-recipients.etee").read_bytes(),
    }


@pytest.mark.parametrize("kind", ["definite", "indefinite", "indefinite, fewer certificates"])
def test_of_a_message_that_is_cut_off_the_recipients_are_listed(
    request: pytest.FixtureRequest, made: World, data_folder: Path, kind: str
) -> None:
    step = 7 if request.config.getoption("--all") else 19
    data = cut_messages(made, data_folder)[kind]
    whole, counts = read_addresses(data), []
    assert len(whole) == 2
    for end in range(30, len(data), step):
        found, content = unseal(data[:end], [made.other.decryption_key], made.authorities, NOW)
        assert (found.state, content, problems(found)) == (MessageState.UNREADABLE, None, {"cut_off"}), end
        assert found.recipients == whole[: len(found.recipients)] == read_addresses(data[:end])
        counts.append(len(found.recipients))
    assert counts == sorted(counts)
    assert {0, 1, 2} == set(counts)
    assert counts[len(counts) // 2] == 2
    assert any(recipient.known for recipient in found.recipients) is (kind == "definite")


def test_a_damaged_message_that_is_not_cut_off_lists_no_recipients(made: World) -> None:
    data = sealed(TEXT, made.rsa, made.other)
    damaged = data[:20] + b"\x1f" + data[21:]
    found, _ = opened(damaged, made.other)
    assert (problems(found), found.recipients) == ({"not_sealed"}, ())


def indefinite(tag: int, *parts: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


SIGNED = der.object_identifier("1.2.840.113549.1.7.2")
DATA = der.object_identifier("1.2.840.113549.1.7.1")


def around(octets: bytes, *behind: bytes) -> bytes:
    """The beginning of a SignedData with these octets as they are, and what follows."""
    body = (der.integer(1), der.set_of(), indefinite(0x30, DATA, indefinite(0xA0, octets)), *behind)
    return indefinite(0x30, SIGNED, indefinite(0xA0, indefinite(0x30, *body)))


def leaf() -> bytes:
    return world().rsa.certificate.public_bytes(Encoding.DER)


def many_recipients() -> bytes:
    made = world()
    return signed(enveloped(b"x", [made.other.encryption], copies=1_200), made.rsa.key, made.rsa.certificate)


BOMBS: dict[str, Callable[[], bytes]] = {
    "levels": lambda: b"\x30\x80" * 500_000,
    "levels in the content": lambda: around(b"\x24\x80" * 500_000),
    "levels behind": lambda: around(b"\x04\0", b"\xa0\x80" + b"\x30\x80" * 500_000),
    "length": lambda: b"\x30\x88" + b"\xff" * 8 + bytes(100),
    "length of lengths": lambda: b"\x30\xfe" + b"\xff" * 200,
    "pieces": lambda: around(indefinite(0x24, b"\x04\x01x" * 300_000)),
    "empty pieces": lambda: around(indefinite(0x24, b"\x04\0" * 300_000)),
    "recipients": many_recipients,
    "certificates": lambda: around(b"\x04\0", indefinite(0xA0, leaf() * 500)),
    "a certificate": lambda: around(b"\x04\0", indefinite(0xA0, der.sequence(bytes(3_000_000)))),
    "values": lambda: around(b"\x04\0", indefinite(0x31, der.sequence(b"\x05\0" * 150_000))),
    "signers": lambda: signed(b"", world().rsa.key, world().rsa.certificate, number=50),
}


LIMITS = {
    "levels": ("nesting", 32),
    "levels in the content": ("nesting", 32),
    "levels behind": ("nesting", 32),
    "recipients": ("recipients", 1_000),
    "certificates": ("certificates", 50),
    "a certificate": ("size", 100_000),
    "values": ("values", 50_000),
    "signers": ("values", 20),
    "pieces": ("values", 50_000),
    "empty pieces": ("values", 50_000),
}
"""Which limit ends the reading."""


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.timeout(20)
def test_a_hostile_message_costs_nothing(made: World, name: str) -> None:
    data = BOMBS[name]()
    tracemalloc.start()
    try:
        found, written = opened(data, made.other)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.state, written) == (MessageState.UNREADABLE, b"")
    assert peak < 25_000_000
    exceeded = [finding.facts for finding in found.findings if finding.key == "limit_exceeded"]
    if name in LIMITS:
        assert [(limit["reason"], limit["limit"]) for limit in exceeded] == [
            (f"message.word.{LIMITS[name][0]}", LIMITS[name][1])
        ]
    assert read_addresses(data) is not None


def test_a_recipient_with_a_huge_serial_number_is_damage(made: World) -> None:
    """Python refuses to write a number of more than 4,300 digits."""
    huge = int.from_bytes(b"\x7f" * 1_800, "big")
    found, written = opened(message(TEXT, made.rsa, made.other, envelope={"serial": huge}), made.other)
    assert (found.state, written) == (MessageState.UNREADABLE, b"")
    assert problems(found) == {"envelope_damaged"}


def test_a_signer_with_a_huge_serial_number_is_refused(made: World) -> None:
    whole = cms.ContentInfo.load(signed(TEXT, made.rsa.key, made.rsa.certificate))
    info = whole["content"]["signer_infos"][0]
    info["sid"].chosen["serial_number"] = int.from_bytes(b"\x7f" * 1_800, "big")
    with pytest.raises(ValueError, match="SignerInfo"):
        read_signer(info.dump(force=True))


def test_a_key_with_a_huge_exponent_is_never_computed_with(made: World) -> None:
    certificate = asn1.Certificate.load(made.rsa.certificate.public_bytes(Encoding.DER))
    numbers = certificate["tbs_certificate"]["subject_public_key_info"]["public_key"].parsed
    numbers["public_exponent"] = 2**2000 + 1
    certificate["tbs_certificate"]["subject_public_key_info"]["public_key"] = numbers
    data = message(
        TEXT, made.rsa, made.other, outer={"certificates": (), "raw_certificates": (certificate.dump(True),)}
    )
    found, _ = opened(data, made.other)
    assert found.state is MessageState.UNPROVEN
    assert "signer_certificate_missing" in problems(found)


@pytest.mark.parametrize("serial", [0, -5])
def test_a_malformed_serial_number_matches_no_key(made: World, serial: int) -> None:
    """`cryptography` warns of it today, and will not load the certificate one day."""
    certificate = asn1.Certificate.load(made.rsa.certificate.public_bytes(Encoding.DER))
    certificate["tbs_certificate"]["serial_number"] = serial
    data = message(
        TEXT, made.rsa, made.other, outer={"certificates": (), "raw_certificates": (certificate.dump(True),)}
    )
    found, _ = opened(data, made.other)
    assert found.state is MessageState.UNPROVEN
    assert "signer_certificate_missing" in problems(found)


def test_memory_stays_below_six_times_the_message(made: World) -> None:
    content = bytes(5_000_000)
    tracemalloc.start()
    try:
        data = sealed(content, made.elliptic, made.other)
        found, written = opened(data, made.other)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.state, written) == (MessageState.PROVEN, content)
    assert peak < 6 * len(content)


def test_a_long_revocation_list_is_passed_over(made: World) -> None:
    data = cms.ContentInfo.load(message(TEXT, made.rsa, made.other))
    parts = data["content"]
    revoked = der.value(0xA1, der.sequence(bytes(3_000_000)))
    body = (
        *(parts["version"].dump(), parts["digest_algorithms"].dump(), parts["encap_content_info"].dump()),
        *(parts["certificates"].dump(), revoked, parts["signer_infos"].dump()),
    )
    long = indefinite(0x30, SIGNED, indefinite(0xA0, indefinite(0x30, *body)))
    found, written = opened(long, made.other)
    assert (found.state, written) == (MessageState.PROVEN, TEXT)


def test_senders_and_recipients_are_judged_before(made: World) -> None:
    etk = Etk(made.other.encryption, made.issuing, made.other.chain)
    assert check_recipient(etk, "x", made.authorities, NOW) == []
    (unknown,) = check_recipient(etk, "x", TrustedAuthorities(), NOW)
    assert unknown.key == "recipient_authority_unknown"
    for reason, days in (("expired", 401), ("early", -401)):
        with pytest.raises(errors.RecipientUnusable) as refused:
            check_recipient(etk, "x", made.authorities, NOW + timedelta(days=days))
        assert refused.value.facts["reason"] == reason
        with pytest.raises(errors.SenderUnusable) as unusable:
            check_sender(made.rsa.credentials, NOW + timedelta(days=days))
        assert unusable.value.facts["reason"] == reason
    with pytest.raises(errors.RecipientUnusable) as unbound:
        check_recipient(replace(etk, certificates=made.rsa.chain), "x", made.authorities, NOW)
    assert unbound.value.facts["reason"] == "unbound"
    assert check_sender(made.rsa.credentials, NOW) == []
    assert [finding.key for finding in check_sender(made.elliptic.credentials, NOW)] == ["ec_signature"]
    wrong = made.issue("X", made.spare_key, usage="key_encipherment")
    with pytest.raises(errors.SenderUnusable):
        check_sender(KeySigner(made.spare_key, (wrong,)), NOW)


def test_the_authorities_of_a_keystore_are_believed_as_far_as_they_are_proven(made: World) -> None:
    assert TrustedAuthorities().adding(made.rsa.chain).anchors == (made.issuing, made.root)
    forged = made.certificate("Issuing", made.spare_key, "Issuing", made.spare_key, ca=True)
    assert TrustedAuthorities().adding((made.rsa.certificate, forged)).anchors == ()
    assert TrustedAuthorities().adding((made.rsa.certificate, made.other.certificate)).anchors == ()


# ── mutations ────────────────────────────────────────────────────────────────────────────────────────────
def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(changed))
        match chance.randrange(6):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.choice((0, 0x7F, 0x80, 0x84, 0xFF, 0x24, 0x30, 0xA0))
            case 2:
                del changed[at : at + chance.randrange(1, 40)]
            case 3:
                changed[at:at] = chance.randbytes(chance.randrange(1, 40))
            case 4:
                end = at + chance.randrange(1, 400)
                changed[end:end] = changed[at:end]
            case _:
                # Mostly the structure, which is at both ends.
                changed[at % min(len(changed), 120)] = chance.randrange(256)
        if not changed:
            changed = bytearray(b"\0")
    return bytes(changed)


def endure(count: int, seed: int) -> None:
    """Open mutations of each layer: no exception, and what is proven is the content that was sealed."""
    made, chance = world(), random.Random(seed)  # noqa: S311
    inside = signed(TEXT, made.rsa.key, made.rsa.certificate)
    middle = enveloped(inside, [made.other.encryption])
    by: dict[str, Any] = {
        "key": made.rsa.key,
        "certificate": made.rsa.certificate,
        "certificates": made.rsa.chain[:2],
    }
    whole = signed(middle, **by)
    states = set()
    for number in range(count):
        match number % 10:
            case 0:
                data = signed(enveloped(mutated(inside, chance), [made.other.encryption]), **by)
            case 1:
                data = signed(mutated(middle, chance), **by)
            case 2:
                data = whole + chance.randbytes(number)
            case _:
                data = mutated(whole, chance)
        found, written = opened(data, made.other)
        states.add(found.state)
        if found.proven:
            assert written == TEXT, data.hex()
        read_addresses(data)
    assert len(states) == len(MessageState)


@pytest.mark.timeout(60)
def test_mutations_end_as_findings(made: World) -> None:
    endure(200, 17)


@pytest.mark.timeout(60)
def test_mutated_messages_of_other_software_end_as_findings(
    request: pytest.FixtureRequest, data_folder: Path
) -> None:
    folder, chance = data_folder / "sealed-messages", random.Random(19)  # noqa: S311
    keystore = open_keystore(folder / "keystores" / "elise-3.p12", Secret("s3cret-pw"))
    keys, authorities = decryption_keys(keystore), TrustedAuthorities().adding(keystore.chain)
    contents = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["messages"]
    known = {content["content"]["sha256"] for content in contents if "content" in content}
    rounds = 12 if request.config.getoption("--all") else 5
    for path in sorted((folder / "messages").iterdir()):
        data = path.read_bytes()
        for _ in range(rounds if len(data) < 100_000 else 2):
            found, written = opened(mutated(data, chance), None, keys=keys, authorities=authorities)
            assert not found.proven or hashlib.sha256(written).hexdigest() in known


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_many_mutations_end_as_findings(made: World) -> None:
    endure(50_000, 18)
