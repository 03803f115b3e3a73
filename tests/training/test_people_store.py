"""People whom the trainer invents: their numbers, their cards, and where they are met."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st

from ehtoolkit import errors
from ehtoolkit.card.port import CardKey
from ehtoolkit.identity import Niss
from ehtoolkit.training import PEOPLE, NewPerson, Scenario, TrainingPlatform
from ehtoolkit.training.state.people_store import create_person, read_birth_date

LEA = NewPerson("Léa Zoé", "Marchal", date(1990, 2, 28), "F")
TODAY = date(2026, 11, 25)


@given(born=st.dates(date(1900, 1, 1), date(2099, 12, 31)), counter=st.integers(1, 998))
def test_a_number_tells_the_birth_it_was_made_of(born: date, counter: int) -> None:
    niss = Niss.of_birth(born, counter)
    assert Niss.parse(niss.formatted) == niss
    assert niss.birth_date == born
    assert int(niss.digits[6:9]) == counter


def test_a_new_person_is_there_for_every_process(training: TrainingPlatform) -> None:
    lea = training.add_person(LEA)
    assert training.people() == (*PEOPLE, lea)
    assert training.person("LEA") == lea
    other = TrainingPlatform(training.folder, delivery_seconds=0)
    assert other.people() == training.people()
    assert other.card("lea").identity() == training.card("lea").identity()
    other.close()
    assert training.card("lea").identity().person == lea.person
    assert training.card("lea").identity().photo is None


@pytest.mark.parametrize(("elliptic", "kind"), [(False, RSAPublicKey), (True, EllipticCurvePublicKey)])
def test_the_card_has_the_requested_chip(training: TrainingPlatform, elliptic: bool, kind: type[Any]) -> None:
    training.add_person(replace(LEA, card_is_ec=elliptic))
    assert isinstance(training.card("lea").chain(CardKey.SIGNATURE)[0].public_key(), kind)


def test_a_minor_cannot_sign(training: TrainingPlatform) -> None:
    today = training.clock.now().date()
    born = today.replace(year=today.year - 18, day=1)
    training.add_person(replace(LEA, born=born))
    training.add_person(replace(LEA, first_names="Noé", born=born + timedelta(days=40)))
    assert training.card("lea").chain(CardKey.SIGNATURE)
    with pytest.raises(errors.CardCertificateMissing):
        training.card("noe").chain(CardKey.SIGNATURE)


def test_a_birthday_begins_at_midnight_in_belgium(training: TrainingPlatform) -> None:
    training.clock.move("2040-01-01T00:05")
    assert training.add_person(replace(LEA, born=date(2022, 1, 1))).card_has_signature
    assert not training.add_person(replace(LEA, born=date(2022, 1, 2))).card_has_signature
    training.add_person(replace(LEA, born=date(2040, 1, 1)))


def test_namesakes_and_twins_are_distinguished(training: TrainingPlatform) -> None:
    found = [training.add_person(LEA) for _ in range(3)]
    assert [person.name for person in found] == ["lea", "lea2", "lea3"]
    assert [person.person.niss.digits[6:9] for person in found] == ["998", "996", "994"]
    brother = training.add_person(replace(LEA, first_names="Elise", gender="M"))
    assert (brother.name, brother.person.niss.digits[6:9]) == ("elise2", "997")


@pytest.mark.parametrize(
    ("first_names", "short"),
    [
        ("Con", "con2"),
        ("default", "default2"),
        ("Øystein", "ystein"),
        ("李", "marchal"),
        ("D’Arcy Ann", "darcy"),
    ],
)
def test_a_short_name_is_plain(first_names: str, short: str) -> None:
    person = create_person(replace(LEA, first_names=first_names), TODAY, names=(), numbers=())
    assert person.name == short


def test_a_name_without_a_plain_letter() -> None:
    person = create_person(replace(LEA, first_names="李", name="王"), TODAY, names=(), numbers=())
    assert person.name == "person"


@pytest.mark.parametrize("born", [date(1899, 12, 31), TODAY + timedelta(days=1)])
def test_a_birth_that_cannot_be(born: date) -> None:
    with pytest.raises(errors.InputInvalid, match="birth_date"):
        create_person(replace(LEA, born=born), TODAY, names=(), numbers=())


def test_a_day_that_is_full() -> None:
    numbers = {Niss.of_birth(LEA.born, counter).digits for counter in range(2, 999, 2)}
    with pytest.raises(errors.InputInvalid, match="birth_date"):
        create_person(LEA, TODAY, names=(), numbers=numbers)
    assert create_person(replace(LEA, gender="M"), TODAY, names=(), numbers=numbers)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "123", "Mar\x00chal", "\ud800a"])
def test_a_name_that_cannot_be(name: str) -> None:
    for wrong in (replace(LEA, name=name), replace(LEA, first_names=name)):
        with pytest.raises(errors.InputInvalid, match="name"):
            create_person(wrong, TODAY, names=(), numbers=())


@pytest.mark.parametrize("text", ["14/03/1979", "14.3.1979", " 14-03-1979 ", "1979-03-14", "14 3 1979"])
def test_a_date_as_people_type_it(text: str) -> None:
    assert read_birth_date(text) == date(1979, 3, 14)


@pytest.mark.parametrize("text", ["", "14/03/79", "31/02/1980", "March", "14/03/1979 x", "١٤/٠٣/١٩٧٩"])
def test_a_date_that_is_none(text: str) -> None:
    with pytest.raises(errors.InputInvalid, match="birth_date"):
        read_birth_date(text)


def test_scenarios_and_mandates_concern_the_newcomer_alone(training: TrainingPlatform) -> None:
    training.add_person(LEA)
    practice = PEOPLE[0].organisations[0]
    assert training.organisation(practice.identifier) == practice
    training.set_mandate("lea", practice, granted=True)
    training.switch("slow", True, "lea")
    state = training.person_states()[-1]
    assert (state.mandates, state.scenarios) == ((practice,), (Scenario.SLOW,))
    assert not any(Scenario.SLOW in state.scenarios for state in training.person_states()[:-1])
    training.switch("slow", True)
    assert training.switch("slow", True).people == tuple(person.name for person in training.people())


def test_a_reset_sends_the_newcomers_home(training: TrainingPlatform) -> None:
    training.add_person(LEA)
    training.card("lea")
    training.reset(real_folders=())
    assert training.people() == PEOPLE
    with pytest.raises(errors.CardUnknown):
        training.card("lea")


def test_processes_that_add_at_the_same_time(training: TrainingPlatform) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from ehtoolkit.training import NewPerson, TrainingPlatform\n"
        "platform = TrainingPlatform(Path(sys.argv[1]), delivery_seconds=0)\n"
        "for _ in range(5): platform.add_person(NewPerson('Léa', 'Marchal', date(1990, 2, 28), 'F'))\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(training.folder)]) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    people = training.people()
    assert len(people) == len(PEOPLE) + 10
    assert (
        len({person.name for person in people})
        == len({person.person.niss for person in people})
        == len(people)
    )
