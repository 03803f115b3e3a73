"""What is due: the standing of each file by itself and among those of its holder, and the form that comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ehtoolkit.forms.due import Due, DueKind
from ehtoolkit.forms.outlook import Item, Standing, next_event, outlook
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore import FoundKeystore, Note, Sighting, parse_name
from ehtoolkit.procedures.outcome import State

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
ELISE = DistinguishedName(Identifier.parse("SSIN=79031421872"), "VANDAMME ELISE")
KEY = "AB" * 20


def found(stamp: str, holder: str = "SSIN=79031421872", ending: str = ".p12") -> FoundKeystore:
    path = Path(f"{holder} {stamp}-091200{ending}")
    name = parse_name(path.name)
    assert name.moment is not None
    return FoundKeystore(path, name, name.moment)


def seen(
    end: datetime, *, told: str = "", has_etk: bool = True, environment: Environment = Environment.TRAINING
) -> Sighting:
    begin = end - timedelta(days=39 * 30)
    return Sighting(KEY, "c0", ELISE.text, environment, begin, end, has_etk, told)


def opened(stamp: str, end: datetime, **facts: object) -> Due:
    sighting = seen(end, **facts)  # type: ignore[arg-type]
    return Due(DueKind.COMPLETE, found(stamp), None, (KEY,), sighting, sighting.told)


def waiting(stamp: str, told: str = "") -> Due:
    return Due(DueKind.WAITING, found(stamp), None, ("CD" * 20,), None, told)


def closed(stamp: str) -> Due:
    return Due(DueKind.CLOSED, found(stamp), None)


def look(*due: Due, broken: bool = False) -> list[Item]:
    return list(outlook(due, NOW, Environment.TRAINING, lambda _: broken))


def standings(*due: Due) -> dict[str, Standing]:
    return {item.due.name[17:25]: item.standing for item in look(*due)}


SOON, LATER, PAST = NOW + timedelta(days=55), NOW + timedelta(days=900), NOW - timedelta(days=21)


@pytest.mark.parametrize(
    ("due", "standing", "page"),
    [
        (opened("20231018", LATER), Standing.VALID, None),
        (opened("20231018", SOON), Standing.RENEWABLE, "renew"),
        (opened("20231018", PAST), Standing.EXPIRED, "request"),
        (opened("20231018", LATER, told=State.REVOKED), Standing.REVOKED, "request"),
        (opened("20231018", LATER, told=State.TO_ACTIVATE), Standing.TO_ACTIVATE, "activate"),
        (opened("20231018", LATER, has_etk=False), Standing.INCOMPLETE, "complete"),
        (opened("20231018", LATER, environment=Environment.PRODUCTION), Standing.FOREIGN, "troubleshoot"),
        (waiting("20261123"), Standing.WAITING, "complete"),
        (waiting("20261123", State.VALIDATING), Standing.VALIDATING, "complete"),
        (waiting("20261123", State.PREPARED), Standing.UNSENT, "request"),
        (waiting("20261123", State.REFUSED), Standing.REFUSED, "request"),
        (waiting("20261123", State.REVOKED), Standing.REVOKED, "request"),
        (closed("20231018"), Standing.CLOSED, None),
        (Due(DueKind.COMPLETE, found("20231018"), None, (KEY,)), Standing.CLOSED, None),
        (Due(DueKind.CLOSED, found("20231018", ending=".acc-p12"), None), Standing.FOREIGN, "troubleshoot"),
    ],
)
def test_a_file_by_itself(due: Due, standing: Standing, page: str | None) -> None:
    (item,) = look(due)

    assert item.standing is standing
    assert (item.next_step.page if item.next_step else None) == page


def test_a_file_that_is_no_keystore_leads_to_the_troubleshooting() -> None:
    (item,) = look(closed("20231018"), broken=True)

    assert item.standing is Standing.BROKEN
    assert item.next_step is not None
    assert item.next_step.address == "troubleshoot.ipynb?keystore=SSIN%3D79031421872%2020231018-091200.p12"


def test_the_keystore_is_filled_in() -> None:
    addresses = [item.next_step.address for item in look(opened("20231018", SOON)) if item.next_step]
    assert addresses == ["renew.ipynb?keystore=SSIN%3D79031421872%2020231018-091200.p12"]

    (item,) = look(waiting("20261123", State.PREPARED))
    assert item.next_step is not None
    assert item.next_step.address == "request.ipynb?resume=SSIN%3D79031421872%2020261123-091200.p12"


def test_a_new_request_has_what_was_typed_the_last_time() -> None:
    note = Note(
        KEY, ELISE.text, Environment.TRAINING, PAST, email="elise@example.be", phone="+32 4 555 01 42"
    )
    (item,) = look(replace(opened("20231018", PAST), note=note))

    assert item.next_step is not None
    assert item.next_step.address.startswith("request.ipynb?")
    assert "elise%40example.be" in item.next_step.address


def test_who_has_no_card_is_led_to_the_form_without_one() -> None:
    bis = DistinguishedName(Identifier.parse("SSIN=79431410082"), "JANSEN PIET")
    sighting = replace(seen(SOON), holder=bis.text)
    (item,) = look(Due(DueKind.COMPLETE, found("20231018", "SSIN=79431410082"), None, (KEY,), sighting))

    assert (item.standing, item.next_step and item.next_step.page) == (Standing.RENEWABLE, "foreigner")


def test_the_platform_s_date_counts_before_our_guess() -> None:
    due = opened("20231018", SOON)
    assert due.seen is not None
    told = replace(due, seen=replace(due.seen, renewable_from=NOW + timedelta(days=1)))

    assert standings(due) == {"20231018": Standing.RENEWABLE}
    assert standings(told) == {"20231018": Standing.VALID}


@pytest.mark.parametrize(
    ("newer", "old"),
    [
        (waiting("20261120"), Standing.REPLACING),
        (opened("20261120", LATER, told=State.TO_ACTIVATE), Standing.REPLACING),
        (opened("20261120", LATER, has_etk=False), Standing.REPLACING),
        (opened("20261120", LATER), Standing.OLDER),
        (closed("20261120"), Standing.OLDER),
        (opened("20261120", LATER, told=State.REVOKED), Standing.RENEWABLE),
        (opened("20261120", PAST), Standing.RENEWABLE),
        (waiting("20261120", State.REFUSED), Standing.RENEWABLE),
        (opened("20261120", LATER, environment=Environment.ACCEPTANCE), Standing.RENEWABLE),
    ],
)
def test_an_older_file_beside_a_newer_one(newer: Due, old: Standing) -> None:
    assert standings(opened("20231018", SOON), newer)["20231018"] is old


def test_a_renewal_is_completed_in_its_own_form() -> None:
    items = look(opened("20231018", SOON), waiting("20261120"))

    assert items[0].next_step is not None
    assert items[0].next_step.page == "complete-renewal"


def test_an_expired_file_is_not_asked_for_twice() -> None:
    assert standings(opened("20231018", PAST), waiting("20261120")) == {
        "20231018": Standing.OLDER,
        "20261120": Standing.WAITING,
    }


def test_two_requests_that_wait_are_both_due() -> None:
    assert set(standings(waiting("20261119"), waiting("20261120")).values()) == {Standing.WAITING}


def test_other_holders_files_change_nothing() -> None:
    other = Due(DueKind.WAITING, found("20261120", "SSIN=85110230740"), None, ("EF" * 20,))

    assert standings(opened("20231018", SOON), other)["20231018"] is Standing.RENEWABLE


def test_the_most_urgent_comes_first() -> None:
    def of(holder: str, due: Due) -> Due:
        return replace(due, found=found("20231018", holder), seen=due.seen and replace(due.seen, holder=None))

    items = look(
        of("SSIN=01072314243", opened("20231018", LATER)),
        of("SSIN=79031421872", opened("20231018", SOON)),
        of("SSIN=85110230740", opened("20231018", NOW + timedelta(days=3))),
        of("SSIN=68053041155", opened("20231018", PAST)),
        of("CBE=0486132722", closed("20231018")),
    )

    assert [item.standing for item in items] == [
        Standing.EXPIRED,
        Standing.RENEWABLE,
        Standing.RENEWABLE,
        Standing.CLOSED,
        Standing.VALID,
    ]
    assert [item.days for item in items][1:3] == [3, 55]


def test_when_the_next_thing_is() -> None:
    late = replace(opened("20231018", LATER + timedelta(days=9)), found=found("20231018", "SSIN=85110230740"))
    late = replace(late, seen=None if late.seen is None else replace(late.seen, holder=None))
    coming = next_event(look(late, opened("20261120", LATER)))

    assert coming is not None
    assert coming.due.name.startswith("SSIN=79031421872")
    assert next_event(look(waiting("20261120"))) is None
