"""What the port's contract does not say: several readers, foreign tokens, modules that are not there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ehtoolkit import errors
from ehtoolkit.card.pkcs11.card import Pkcs11Card
from ehtoolkit.card.port import CardFiles, CardKey
from ehtoolkit.card.trust import is_signature
from ehtoolkit.secret import Secret
from ehtoolkit.training.card.profile import CardProfile
from tests.support.card_fixtures import SoftHsmFactory
from tests.support.cards import IDENTITY
from tests.support.softhsm import SoftHsm

pytestmark = pytest.mark.interop

PIN = Secret("1234")
OpenCard = Callable[..., Pkcs11Card]


@pytest.fixture
def open_card() -> Iterator[OpenCard]:
    opened: list[Pkcs11Card] = []

    def make(module: Path | str, **options: Any) -> Pkcs11Card:
        opened.append(Pkcs11Card(module, **options))
        return opened[-1]

    yield make
    for card in opened:
        card.close()


@pytest.fixture
def empty(tmp_path: Path) -> SoftHsm:
    return SoftHsm.make(tmp_path / "softhsm")


def test_no_card_in_any_reader(empty: SoftHsm, open_card: OpenCard) -> None:
    with pytest.raises(errors.CardAbsent):
        open_card(empty.module, environment=empty.environment).identity()


def test_only_another_kind_of_card(
    empty: SoftHsm, open_card: OpenCard, profiles: Mapping[str, CardProfile]
) -> None:
    empty.add_token(profiles["rsa"], label="BANK")
    card = open_card(empty.module, environment=empty.environment)
    with pytest.raises(errors.NotAnEid) as caught:
        card.sign(CardKey.AUTHENTICATION, b"data", PIN)
    assert str(caught.value.facts["reader"]).startswith("SoftHSM slot")


def test_the_eid_beside_another_card(
    empty: SoftHsm, open_card: OpenCard, profiles: Mapping[str, CardProfile]
) -> None:
    empty.add_token(profiles["rsa"], label="BANK")
    empty.add_token(profiles["ec"])
    card = open_card(empty.module, environment=empty.environment)
    certificate = profiles["ec"].certificates[CardKey.SIGNATURE]
    assert card.chain(CardKey.SIGNATURE)[0] == certificate
    assert is_signature(certificate, b"data", card.sign(CardKey.SIGNATURE, b"data", PIN))


def test_two_eids_and_a_reader_to_choose(
    empty: SoftHsm, open_card: OpenCard, profiles: Mapping[str, CardProfile]
) -> None:
    other = replace(IDENTITY, surname="Peeters", first_names="Jan")
    empty.add_token(profiles["ec"])
    empty.add_token(replace(profiles["rsa"], identity=other))
    with pytest.raises(errors.MultipleCards) as caught:
        open_card(empty.module, environment=empty.environment).identity()
    assert str(caught.value.facts["readers"]).count("SoftHSM slot") == 2
    names = set()
    (empty.folder / "tokens").rename(empty.folder / "both")
    for token in (empty.folder / "both").iterdir():
        # One card at a time tells the name of its reader.
        shutil.copytree(token, empty.folder / "tokens" / token.name)
        alone = open_card(empty.module, environment=empty.environment)
        reader, surname = alone.reader, alone.identity().surname
        shutil.rmtree(empty.folder / "tokens")
        shutil.copytree(empty.folder / "both", empty.folder / "tokens")
        chosen = open_card(empty.module, environment=empty.environment, reader=reader)
        assert (chosen.reader, chosen.identity().surname) == (reader, surname)
        names.add(surname)
        shutil.rmtree(empty.folder / "tokens")
    assert names == {"Peeters", IDENTITY.surname}


def test_names_from_the_certificate_without_identity_files(
    open_card: OpenCard, profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory
) -> None:
    token = softhsm_token(profiles["rsa"], data_objects=False)
    card = open_card(token.module, environment=token.environment)
    identity = card.identity()
    assert card.files() == CardFiles()
    assert identity.person == IDENTITY.person
    assert (identity.photo, identity.birth_date, identity.card_number) == (None, None, "")


def test_threads_share_a_card(
    open_card: OpenCard, profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory
) -> None:
    token = softhsm_token(profiles["ec"])
    card = open_card(token.module, environment=token.environment)
    certificate = profiles["ec"].certificates[CardKey.AUTHENTICATION]

    def work(number: int) -> bool:
        data = str(number).encode()
        signature = card.sign(CardKey.AUTHENTICATION, data, PIN)
        return is_signature(certificate, data, signature) and card.identity() == IDENTITY

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(24)))


def test_no_such_module(open_card: OpenCard, tmp_path: Path) -> None:
    path = tmp_path / "libnothing.so"
    card = open_card(path)
    for _ in range(2):
        with pytest.raises(errors.ModuleMissing) as caught:
            card.identity()
        assert caught.value.facts == {"module": str(path)}


def test_a_file_that_is_no_library(open_card: OpenCard, tmp_path: Path) -> None:
    path = tmp_path / "text.so"
    path.write_text("this is no library")
    with pytest.raises(errors.ModuleMissing):
        open_card(path).identity()


def test_a_library_that_is_no_module(open_card: OpenCard) -> None:
    with pytest.raises(errors.ModuleMissing):
        open_card("libc.so.6").identity()


def test_a_module_that_comes_later(
    open_card: OpenCard, profiles: Mapping[str, CardProfile], softhsm_token: SoftHsmFactory, tmp_path: Path
) -> None:
    token = softhsm_token(profiles["ec"])
    path = tmp_path / "module.so"
    card = open_card(path, environment=token.environment)
    with pytest.raises(errors.ModuleMissing):
        card.identity()
    path.symlink_to(token.module)
    assert card.identity() == IDENTITY


def test_opensc_without_a_smart_card_service(open_card: OpenCard, tmp_path: Path) -> None:
    module = next(
        (path for path in Path("/usr/lib").glob("*/opensc-pkcs11.so")), Path("/usr/lib64/opensc-pkcs11.so")
    )
    if not module.exists():
        pytest.skip("OpenSC is not installed")
    # A socket that nobody listens at: no service, whatever runs on this machine.
    card = open_card(module, environment={"PCSCLITE_CSOCK_NAME": str(tmp_path / "pcscd.comm")})
    for _ in range(2):
        with pytest.raises(errors.SmartCardServiceMissing):
            card.identity()
