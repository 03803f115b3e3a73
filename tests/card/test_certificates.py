"""What is known of a card's certificates before any PIN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey, check_certificate, check_certificates, is_usable_for
from ehtoolkit.card.trust import holder_of, is_signature
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.profile import CardProfile, save_profile
from ehtoolkit.training.card.software import SoftwareCard
from tests.support.cards import BEGIN, END, IDENTITY, Authorities, make_profile

SECOND = timedelta(seconds=1)


@pytest.fixture
def card(profiles: Mapping[str, CardProfile], tmp_path: Path) -> SoftwareCard:
    save_profile(tmp_path / "card", profiles["ec"])
    return SoftwareCard(tmp_path / "card")


def test_within_their_time(card: SoftwareCard) -> None:
    check_certificates(card, BEGIN)
    check_certificates(card, END)


def test_expired(card: SoftwareCard) -> None:
    with pytest.raises(errors.CardCertificateExpired) as caught:
        check_certificates(card, END + SECOND)
    assert caught.value.facts == {"certificate": "Authentication", "date": END}
    with pytest.raises(errors.CardCertificateExpired) as caught:
        check_certificates(card, END + SECOND, [CardKey.SIGNATURE])
    assert caught.value.facts["certificate"] == "Signature"


def test_not_yet_valid(card: SoftwareCard) -> None:
    with pytest.raises(errors.CardCertificateExpired) as caught:
        check_certificates(card, BEGIN - SECOND)
    assert caught.value.facts == {"certificate": "Authentication", "date": BEGIN, "reason": "not_yet_valid"}


def test_the_keys_that_matter(profiles: Mapping[str, CardProfile], tmp_path: Path) -> None:
    save_profile(tmp_path / "young", profiles["young"])
    young = SoftwareCard(tmp_path / "young")
    check_certificates(young, BEGIN, [CardKey.AUTHENTICATION])
    with pytest.raises(errors.CardCertificateMissing):
        check_certificates(young, BEGIN)


def test_a_signature_without_non_repudiation(profiles: Mapping[str, CardProfile]) -> None:
    dormant = profiles["dormant"].certificates[CardKey.SIGNATURE]
    assert not is_usable_for(dormant, CardKey.SIGNATURE)
    assert is_usable_for(dormant, CardKey.AUTHENTICATION)
    with pytest.raises(errors.CardCertificateMissing) as caught:
        check_certificate(dormant, CardKey.SIGNATURE, BEGIN)
    assert caught.value.facts == {"certificate": "Signature"}


def test_a_certificate_without_key_usage(profiles: Mapping[str, CardProfile]) -> None:
    assert not is_usable_for(profiles["ec"].citizen_ca, CardKey.SIGNATURE)


def test_the_holder_from_the_subject(profiles: Mapping[str, CardProfile]) -> None:
    holder = holder_of(profiles["ec"].certificates[CardKey.AUTHENTICATION])
    assert holder.person == IDENTITY.person
    assert (holder.birth_date, holder.photo, holder.card_number) == (None, None, "")


def test_a_subject_that_is_no_persons(profiles: Mapping[str, CardProfile]) -> None:
    with pytest.raises(errors.CardFault) as caught:
        holder_of(profiles["ec"].citizen_ca)
    assert caught.value.facts == {"code": "subject"}


def test_what_is_a_signature(authorities: Authorities, tmp_path: Path) -> None:
    for kind in ("rsa", "ec"):
        profile = make_profile(authorities, kind, identity=replace(IDENTITY, photo=None))
        save_profile(tmp_path / kind, profile)
        signature = SoftwareCard(tmp_path / kind).sign(CardKey.SIGNATURE, b"data", Secret("1234"))
        right, other = (profile.certificates[key] for key in (CardKey.SIGNATURE, CardKey.AUTHENTICATION))
        assert is_signature(right, b"data", signature)
        assert not is_signature(right, b"date", signature)
        assert not is_signature(other, b"data", signature)
        for wrong in (b"", signature[:-1], signature + b"\0", bytes(len(signature))):
            assert not is_signature(right, b"data", wrong)
