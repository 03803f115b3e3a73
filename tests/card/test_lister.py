"""All the cards in the readers: with their holders, as they come and go, and readers that hang."""

from __future__ import annotations

import json
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.card.readers import CardLister
from ehtoolkit.training.card.profile import CardProfile
from tests.support.cards import IDENTITY, Authorities, make_profile
from tests.support.softhsm import SoftHsm

pytestmark = pytest.mark.interop

SCRIPTED = Path(__file__).with_name("scripted_worker.py")
OTHER = replace(IDENTITY, surname="Peeters", first_names="Jan")
OpenLister = Callable[..., CardLister]


@pytest.fixture
def open_lister() -> Iterator[OpenLister]:
    opened: list[CardLister] = []

    def make(module: Path | str, **options: Any) -> CardLister:
        opened.append(CardLister(module, **options))
        return opened[-1]

    yield make
    for lister in opened:
        lister.close()


@pytest.fixture
def empty(tmp_path: Path) -> SoftHsm:
    return SoftHsm.make(tmp_path / "softhsm")


def names(lister: CardLister) -> list[str]:
    return sorted(card.holder.surname for card in lister.cards() if card.holder is not None)


@pytest.mark.parametrize("data_objects", [True, False], ids=["identity files", "certificate only"])
def test_two_cards_with_their_holders(
    empty: SoftHsm, open_lister: OpenLister, authorities: Authorities, data_objects: bool
) -> None:
    for identity in (IDENTITY, OTHER):
        empty.add_token(make_profile(authorities, "ec", identity=identity), data_objects=data_objects)
    found = open_lister(empty.module, environment=empty.environment).cards()
    assert {(card.holder.surname, card.holder.niss.digits) for card in found if card.holder} == {
        (person.surname, person.niss.digits) for person in (IDENTITY, OTHER)
    }
    assert len({card.reader for card in found}) == len({card.serial for card in found}) == 2
    assert all(card.problem is None for card in found)


def test_cards_come_and_go(
    empty: SoftHsm, open_lister: OpenLister, profiles: Mapping[str, CardProfile]
) -> None:
    first = empty.add_token(profiles["ec"])
    second = empty.add_token(replace(profiles["rsa"], identity=OTHER))
    lister = open_lister(empty.module, environment=empty.environment)
    both = sorted([IDENTITY.surname, "Peeters"])
    assert names(lister) == both
    empty.take_out(second)
    assert names(lister) == [IDENTITY.surname]
    empty.put_in(second)
    assert names(lister) == both
    empty.take_out(first)
    empty.take_out(second)
    for _ in range(2):
        with pytest.raises(errors.CardAbsent):
            lister.cards()
    empty.put_in(second)
    assert names(lister) == ["Peeters"]


def test_another_kind_of_card_and_no_module(
    empty: SoftHsm, open_lister: OpenLister, profiles: Mapping[str, CardProfile], tmp_path: Path
) -> None:
    empty.add_token(profiles["rsa"], label="BANK")
    with pytest.raises(errors.NotAnEid):
        open_lister(empty.module, environment=empty.environment).cards()
    with pytest.raises(errors.ModuleMissing):
        open_lister(tmp_path / "nothing.so").cards()


# ── with a scripted worker ───────────────────────────────────────────────────────────────────────────────
PLACES = [
    {"reader": name, "serial": name[-1], "protected": False, "kind": "opensc"}
    for name in ("Reader 1", "Reader 2")
]


@pytest.fixture
def scripted(open_lister: OpenLister, tmp_path: Path) -> Callable[..., CardLister]:
    def make(**script: list[Any]) -> CardLister:
        path = tmp_path / "script.json"
        path.write_text(
            json.dumps({"list": [{"result": {"cards": PLACES}}], "data": [{"result": {}}], **script})
        )
        return open_lister("module", timeout=0.5, command=[sys.executable, str(SCRIPTED), str(path)])

    return make


def requests(tmp_path: Path) -> list[str]:
    lines = (tmp_path / "script.requests").read_text().splitlines()
    return [json.loads(line)["call"] for line in lines]


def test_a_card_is_read_once(
    scripted: Callable[..., CardLister], profiles: Mapping[str, CardProfile], tmp_path: Path
) -> None:
    certificate = profiles["ec"].certificates[CardKey.AUTHENTICATION].public_bytes(Encoding.DER)
    lister = scripted(certificates=[{"result": {"Authentication": b64encode(certificate).decode()}}])
    for _ in range(3):
        assert [card.holder and card.holder.niss for card in lister.cards()] == [IDENTITY.niss] * 2
    assert requests(tmp_path) == ["list", *["data", "certificates"] * 2, "list", "list"]


def test_a_card_that_cannot_be_read_does_not_hide_the_others(scripted: Callable[..., CardLister]) -> None:
    lister = scripted(certificates=[{"error": "CardRemoved", "facts": {}}])
    found = lister.cards()
    assert [(card.reader, type(card.problem)) for card in found] == [
        ("Reader 1", errors.CardRemoved),
        ("Reader 2", errors.CardRemoved),
    ]
    unreadable = scripted(certificates=[{"result": {}}]).cards()
    assert [type(card.problem) for card in unreadable] == [errors.CardCertificateMissing] * 2


def test_a_certificate_of_an_unknown_version_hides_no_other_card(
    scripted: Callable[..., CardLister], profiles: Mapping[str, CardProfile]
) -> None:
    certificate = profiles["ec"].certificates[CardKey.AUTHENTICATION].public_bytes(Encoding.DER)
    version = bytes.fromhex("a003020102")
    changed = certificate.replace(version, version[:-1] + b"\x07", 1)
    lister = scripted(certificates=[{"result": {"Authentication": b64encode(changed).decode()}}])
    found = lister.cards()
    assert [card.reader for card in found] == ["Reader 1", "Reader 2"]
    assert [type(card.problem) for card in found] == [errors.CardCertificateMissing] * 2


def test_a_reader_that_hangs_is_given_up(scripted: Callable[..., CardLister], tmp_path: Path) -> None:
    lister = scripted(list=[{"sleep": 60}])
    begin = time.monotonic()
    with pytest.raises(errors.CardTimeout) as caught:
        lister.cards()
    assert caught.value.facts == {"seconds": 0.5}
    assert time.monotonic() - begin < 30
    (tmp_path / "script.json").write_text(json.dumps({"list": [{"result": {"cards": []}}]}))
    assert lister.cards() == ()


def test_a_card_that_hangs_is_reported_in_the_list(scripted: Callable[..., CardLister]) -> None:
    found = scripted(data=[{"sleep": 60}]).cards()
    assert [type(card.problem) for card in found] == [errors.CardTimeout] * 2
