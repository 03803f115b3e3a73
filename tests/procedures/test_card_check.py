"""The whole look at a card: what it proves by itself, and what the authorities of its certificates answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from ehtoolkit.card.port import CardKey
from ehtoolkit.card.trust import CardRoots
from ehtoolkit.ehealth.soap.transport import Response
from ehtoolkit.finding import Severity
from ehtoolkit.procedures.card_check import check_card
from ehtoolkit.procedures.context import Context
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.authority.pki import Issuer
from ehtoolkit.training.card.card_factory import make_files
from tests.card.verifying import MemoryCard, keys
from tests.ehealth.responders import (
    NOW,
    REVOKED_AT,
    Reply,
    Server,
    crl_reply,
    issue,
    make_root,
    ocsp_reply,
    serving,
)
from tests.procedures.conftest import Road
from tests.support.cards import ADDRESS, CHIP_NUMBER, IDENTITY

REVOKED, UNKNOWN = ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


class FixedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class CheckedCard:
    """A card under authorities that answer on this computer."""

    card: MemoryCard
    parts: Context
    server: Server
    root: Issuer
    citizen: Issuer
    leaves: dict[CardKey, x509.Certificate]

    def look(self) -> list[str]:
        self.server.asked.clear()
        return keys(check_card(self.card, self.parts))

    def answer(self, key: CardKey, reply: Callable[[bytes], Reply]) -> None:
        self.server.replies[f"/{key}"] = reply


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def checked_card(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CheckedCard]:
    root = make_root("Belgium Root CA6")
    citizen = issue(root, "Citizen CA", ca=True, usage="key_cert_sign", crl_url=f"{server.url}/root.crl")
    rrn = issue(root, "RRN", crl_url=f"{server.url}/root.crl")
    leaves = {}
    for key, usage in (
        (CardKey.AUTHENTICATION, "digital_signature"),
        (CardKey.SIGNATURE, "content_commitment"),
    ):
        leaves[key] = holder(citizen, usage, f"{server.url}/{key}")
    chains = {key: (leaf, citizen.certificate, root.certificate) for key, leaf in leaves.items()}
    card = MemoryCard(IDENTITY, make_files(IDENTITY, ADDRESS, rrn, chip_number=CHIP_NUMBER), chains)
    server.replies = {f"/{key}": ocsp_reply(leaf, citizen) for key, leaf in leaves.items()}
    server.replies["/root.crl"] = crl_reply(root)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EHTOOLKIT_ENVIRONMENT", "acceptance")
    toolkit = open_toolkit(load_settings())
    parts = replace(toolkit.context, clock=FixedClock())
    yield CheckedCard(card, parts, server, root, citizen, leaves)
    toolkit.close()


def holder(citizen: Issuer, usage: str, url: str) -> x509.Certificate:
    """A certificate of the card's holder, with his number in its subject."""
    made = issue(citizen, "Holder", ocsp_url=url, usage=usage).certificate
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Véronique Zoë D'Hôoghe-Müller"),
            x509.NameAttribute(x509.NameOID.SURNAME, IDENTITY.surname),
            x509.NameAttribute(x509.NameOID.GIVEN_NAME, IDENTITY.first_names),
            x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, IDENTITY.niss.digits),
        ]
    )
    extensions = [(extension.value, extension.critical) for extension in made.extensions]
    kept = [
        extension
        for extension in extensions
        if not isinstance(extension[0], x509.SubjectKeyIdentifier | x509.AuthorityKeyIdentifier)
    ]
    validity = (made.not_valid_before_utc, made.not_valid_after_utc)
    return citizen.issue(subject, made.public_key(), validity, kept)  # type: ignore[arg-type]


def test_everything_is_asked_and_good(checked_card: CheckedCard) -> None:
    assert checked_card.look() == ["identity_proven.by_name", "revocation_good"]
    assert [path for _, path, _ in checked_card.server.asked] == [
        "/Authentication",
        "/Signature",
        "/root.crl",
        "/root.crl",
    ]
    assert not any("authorization" in headers for _, _, headers in checked_card.server.asked)


def test_a_revoked_certificate(checked_card: CheckedCard) -> None:
    leaf = checked_card.leaves[CardKey.SIGNATURE]
    checked_card.answer(CardKey.SIGNATURE, ocsp_reply(leaf, checked_card.citizen, status=REVOKED))
    assert checked_card.look() == ["certificate_revoked", "identity_proven.by_name"]
    (finding, _) = check_card(checked_card.card, checked_card.parts)
    assert finding.severity is Severity.ERROR
    assert finding.facts == {"certificate": "Signature", "date": REVOKED_AT}


def test_a_revoked_authority(checked_card: CheckedCard) -> None:
    checked_card.server.replies["/root.crl"] = crl_reply(checked_card.root, checked_card.citizen.certificate)
    (finding, *_) = check_card(checked_card.card, checked_card.parts)
    assert (finding.key, finding.facts["name"]) == ("authority_revoked", "Citizen CA")


def test_a_responder_that_does_not_know_the_card(checked_card: CheckedCard) -> None:
    for key, leaf in checked_card.leaves.items():
        checked_card.answer(key, ocsp_reply(leaf, checked_card.citizen, status=UNKNOWN))
    (finding, *_) = check_card(checked_card.card, checked_card.parts)
    assert (finding.key, finding.severity) == ("revocation_unknown", Severity.WARNING)
    assert finding.facts["certificates"] == ("Authentication", "Signature")


def test_an_answer_that_is_over(checked_card: CheckedCard) -> None:
    leaf = checked_card.leaves[CardKey.AUTHENTICATION]
    late = ocsp_reply(leaf, checked_card.citizen, at=NOW - timedelta(days=3), until=NOW - timedelta(days=1))
    checked_card.answer(CardKey.AUTHENTICATION, late)
    (finding, *_) = check_card(checked_card.card, checked_card.parts)
    assert (finding.key, finding.facts["reason"]) == ("revocation_untrusted", "time")


def test_no_network(checked_card: CheckedCard) -> None:
    checked_card.parts = replace(checked_card.parts, others=Unplugged())
    (finding, proven) = check_card(checked_card.card, checked_card.parts)
    assert (finding.key, finding.severity) == ("revocation_unchecked", Severity.INFO)
    assert finding.facts["certificates"] == ("Authentication", "Signature", "RRN", "Citizen CA")
    assert proven.key == "identity_proven"


class Unplugged:
    """A computer without a network."""

    def fetch(self, url: str, body: bytes | None = None, content_type: str = "", *, limit: int) -> Response:
        from ehtoolkit import errors

        raise errors.PlatformUnreachable(host="127.0.0.1", reason="name", sent=False)


def test_an_untrusted_card_is_not_queried(checked_card: CheckedCard) -> None:
    """Whoever made its certificates chose their addresses, too."""
    checked_card.parts = replace(checked_card.parts, card_roots=CardRoots)
    assert checked_card.look() == ["chain_unknown", "register_unknown"]
    assert checked_card.server.asked == []


def test_certificates_without_addresses(checked_card: CheckedCard) -> None:
    leaves = {key: strip(leaf, checked_card.citizen) for key, leaf in checked_card.leaves.items()}
    chains = {key: (leaf, *checked_card.card.chains[key][1:]) for key, leaf in leaves.items()}
    checked_card.card = replace(checked_card.card, chains=chains)
    (finding, *_) = check_card(checked_card.card, checked_card.parts)
    assert (finding.key, finding.facts["certificates"]) == (
        "revocation_nowhere",
        ("Authentication", "Signature"),
    )


def strip(certificate: x509.Certificate, citizen: Issuer) -> x509.Certificate:
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    validity = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    return citizen.issue(
        certificate.subject,
        certificate.public_key(),  # type: ignore[arg-type]
        validity,
        [(usage.value, True)],
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("elise", ["revocation_training", "identity_proven"]),
        ("karl", ["revocation_training", "identity_proven"]),
        (
            "lina",
            ["card_certificate_missing.minor", "holder_under_18", "revocation_training", "identity_proven"],
        ),
    ],
)
def test_the_training_people(road: Road, name: str, expected: list[str]) -> None:
    card = road.toolkit.open_card(f"training:{name}")
    assert keys(check_card(card, road.toolkit.context)) == expected


def test_the_expired_card_of_training_is_still_signed(road: Road) -> None:
    training = road.toolkit.training
    assert training is not None
    training.switch("expired-eid", True, "elise")
    found = keys(check_card(road.toolkit.open_card("training:elise"), road.toolkit.context))
    assert found == [
        *["card_certificate_expired.old_card"] * 2,
        *("document_expired", "document_old", "revocation_training", "identity_proven"),
    ]


def test_another_root_is_accepted_in_training(road: Road, checked_card: CheckedCard) -> None:
    training = road.toolkit.training
    assert training is not None
    parts = replace(road.toolkit.context, clock=FixedClock())
    assert keys(check_card(checked_card.card, parts), Severity.ERROR) == [
        "chain_unknown.training",
        "register_unknown",
    ]
    training.trust(checked_card.root.certificate)
    assert keys(check_card(checked_card.card, parts)) == ["revocation_training", "identity_proven"]
