"""What is due: the standing of each file by itself and among those of its holder, and the form that comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.due.keystores import Due
from ehtoolkit.forms.due.list_html import due_list
from ehtoolkit.forms.due.next_steps import next_event, to_choose
from ehtoolkit.forms.prefill import Prefill
from ehtoolkit.i18n import LANGUAGES, Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import FileState, KeystoreState, State
from ehtoolkit.keystore.storage.records import RequestRecord
from ehtoolkit.settings import LanguageName
from tests.forms.due_files import ELISE, KEY, LATER, NOW, OWN, PAST, SOON, closed, due, look, opened, waiting


def broken(stamp: str) -> Due:
    due = closed(stamp)
    return replace(due, file=replace(due.file, look=lambda: None))


def standings(*files: Due) -> dict[str, KeystoreState]:
    return {keystore.due.name[17:25]: keystore.state for keystore in look(*files)}


NEW = (KeyOutline("authentication", "AA" * 20), KeyOutline("1002", "BB" * 20))
"""The keys of a newer file that is complete, for all that shows."""


@pytest.mark.parametrize(
    ("due_file", "standing", "page"),
    [
        (opened("20231018", LATER), State.COMPLETE, None),
        (opened("20231018", SOON), State.RENEWABLE, "renew"),
        (opened("20231018", PAST), State.EXPIRED, "request"),
        (opened("20231018", LATER, platform_state=State.REVOKED), State.REVOKED, "request"),
        (
            opened("20231018", LATER, platform_state=State.TO_ACTIVATE),
            State.TO_ACTIVATE,
            "activate",
        ),
        (opened("20231018", LATER, has_etk=False), State.NO_ETK, "complete"),
        (opened("20231018", LATER, environment=Environment.PRODUCTION), FileState.ELSEWHERE, "troubleshoot"),
        (waiting("20261123"), State.PREPARED, "complete"),
        (waiting("20261123", State.VALIDATING), State.VALIDATING, "complete"),
        (waiting("20261123", State.PREPARED), State.PREPARED, "request"),
        (waiting("20261123", State.REFUSED), State.REFUSED, "request"),
        (waiting("20261123", State.REVOKED), State.REVOKED, "request"),
        (closed("20231018"), FileState.CLOSED, None),
        (closed("20231018", *NEW), FileState.CLOSED, None),
        (due("20231018", FileState.CLOSED, ending=".acc-p12"), FileState.ELSEWHERE, "troubleshoot"),
    ],
)
def test_a_file_by_itself(due_file: Due, standing: KeystoreState, page: str | None) -> None:
    (keystore,) = look(due_file)

    assert keystore.state is standing
    assert (keystore.next_step.page if keystore.next_step else None) == page


def test_a_file_that_was_requested_here_is_from_here_by_its_note() -> None:
    """The stand-in for a real environment may have authorities of its own."""
    file = opened("20231018", LATER, environment=Environment.PRODUCTION)
    note = RequestRecord(KEY, ELISE.text, Environment.TRAINING, NOW)
    (keystore,) = look(replace(file, note=note))
    assert keystore.state is State.COMPLETE


def test_a_file_that_is_no_keystore_leads_to_the_troubleshooting() -> None:
    (keystore,) = look(broken("20231018"))

    assert keystore.state is FileState.UNREADABLE
    assert keystore.next_step is not None
    key = key_of_file("SSIN=79031421872 20231018-091200.p12")
    assert keystore.next_step.address == f"troubleshoot.ipynb?keystore={key}"


def test_the_keystore_is_filled_in() -> None:
    addresses = [finding.next_step.address for finding in look(opened("20231018", SOON)) if finding.next_step]
    key = key_of_file("SSIN=79031421872 20231018-091200.p12")
    assert addresses == [f"renew.ipynb?keystore={key}"]

    (keystore,) = look(waiting("20261123", State.PREPARED))
    assert keystore.next_step is not None
    key = key_of_file("SSIN=79031421872 20261123-091200.p12")
    assert keystore.next_step.address == f"request.ipynb?resume={key}"


def test_a_new_request_has_what_was_typed_the_last_time() -> None:
    note = RequestRecord(
        KEY, ELISE.text, Environment.TRAINING, PAST, email="elise@example.be", phone="+32 4 555 01 42"
    )
    (keystore,) = look(replace(opened("20231018", PAST), note=note))

    assert keystore.next_step is not None
    assert keystore.next_step.address.startswith("request.ipynb?")
    assert Prefill.of_query(keystore.next_step.address.partition("?")[2]).email == "elise@example.be"


def test_who_has_no_card_is_led_to_the_form_without_one() -> None:
    (keystore,) = look(opened("20231018", SOON, number="SSIN=79431410082"))

    assert (keystore.state, keystore.next_step and keystore.next_step.page) == (
        State.RENEWABLE,
        "foreigner",
    )


def test_who_has_no_card_sends_a_request_in_the_form_without_one() -> None:
    (file,) = look(waiting("20231018", State.PREPARED, number="SSIN=79431410082"))

    assert (file.standing.action, file.next_step and file.next_step.address) == (
        Action.RESUME,
        "foreigner.ipynb",
    )


def test_the_platform_s_date_counts_before_our_guess() -> None:
    due = opened("20231018", SOON)
    assert due.seen is not None
    updated = replace(due, seen=replace(due.seen, renewable_from=NOW + timedelta(days=1)))

    assert standings(due) == {"20231018": State.RENEWABLE}
    assert standings(updated) == {"20231018": State.COMPLETE}


@pytest.mark.parametrize(
    ("newer", "old"),
    [
        (waiting("20261120"), FileState.REPLACING),
        (opened("20261120", LATER, key="CD" * 20, platform_state=State.TO_ACTIVATE), FileState.REPLACING),
        (opened("20261120", LATER, key="CD" * 20, has_etk=False), FileState.REPLACING),
        (opened("20261120", LATER, key="CD" * 20), FileState.REPLACED),
        (closed("20261120", *NEW), FileState.REPLACED),
        (closed("20261120"), State.RENEWABLE),
        (opened("20261120", LATER, key="CD" * 20, platform_state=State.REVOKED), State.RENEWABLE),
        (opened("20261120", PAST, key="CD" * 20), State.RENEWABLE),
        (waiting("20261120", State.REFUSED), State.RENEWABLE),
        (
            opened("20261120", LATER, key="CD" * 20, environment=Environment.ACCEPTANCE),
            State.RENEWABLE,
        ),
    ],
)
def test_an_older_file_beside_a_newer_one(newer: Due, old: KeystoreState) -> None:
    assert standings(opened("20231018", SOON), newer)["20231018"] is old


@pytest.mark.parametrize(
    "old",
    [
        opened("20231018", LATER, platform_state=State.REVOKED),
        opened("20231018", PAST),
        waiting("20261120", State.REFUSED),
        waiting("20261120"),
    ],
)
def test_a_request_after_a_revocation_is_no_renewal(old: Due) -> None:
    """Nor is one after the end, after a refusal, or beside another one that waits."""
    new = waiting("20261123")
    (lead,) = (finding.next_step for finding in look(old, new) if finding.due is new)
    assert lead is not None
    assert (lead.page, lead.words) == ("complete", "index.complete.do")


def test_what_was_renewed_before_the_end_is_completed_as_a_renewal() -> None:
    own = KeyOutline("authentication", "AA" * 20)
    new = due("20261021", State.WAITING, own, OWN)
    (lead,) = (finding.next_step for finding in look(opened("20231018", PAST), new) if finding.due is new)
    assert lead is not None
    assert lead.page == "complete-renewal"


def test_a_renewal_is_completed_in_its_own_form() -> None:
    items = look(opened("20231018", SOON), waiting("20261120"))

    assert items[0].next_step is not None
    assert items[0].next_step.page == "complete-renewal"
    assert items[0].next_step.words == "index.complete_renewal.do", "and called by its name"


@pytest.mark.parametrize(
    "over",
    [
        opened("20261120", LATER, key="CD" * 20, platform_state=State.REVOKED),
        opened("20261120", PAST, key="CD" * 20),
        waiting("20261120", State.REFUSED),
    ],
)
def test_one_holder_has_one_step(over: Due) -> None:
    """Where the newest is over and an older one serves, that is renewed; without one, a new certificate is
    requested."""
    pages = {
        keystore.due.name[17:25]: keystore.next_step for keystore in look(opened("20231018", SOON), over)
    }
    assert pages["20261120"] is None
    assert pages["20231018"] is not None
    assert pages["20231018"].page == "renew"
    for older in ((), (opened("20231018", LATER),), (opened("20231018", SOON, has_etk=False),)):
        (step,) = (keystore.next_step for keystore in look(*older, over) if keystore.due is over)
        assert step is not None
        assert step.page == "request"
    other = opened("20231018", SOON, number="SSIN=85110230740")
    assert all(keystore.next_step is not None for keystore in look(other, over)), (
        "another holder's changes nothing"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_over_beside_one_that_serves_names_that_one(language: LanguageName) -> None:
    texts = Translator(language)
    files = (
        opened("20231018", SOON),
        opened("20261120", LATER, key="CD" * 20, platform_state=State.REVOKED),
    )
    shown = due_list(look(*files), NOW, frozenset({"renew", "request"}), texts)
    assert texts.get("index.due.revoked.text.older") in unescape(shown)
    assert shown.count("eh-due-do") == 1


def test_an_expired_file_is_not_asked_for_twice() -> None:
    assert standings(opened("20231018", PAST), waiting("20261120")) == {
        "20231018": State.EXPIRED,
        "20261120": State.PREPARED,
    }
    steps = {
        keystore.due.name[-12:-4]: keystore.next_step
        for keystore in look(opened("20231018", PAST), waiting("20261120"))
    }
    assert [step is None for step in steps.values()].count(True) == 1, "the newer file has the step"


def test_two_requests_that_wait_are_both_due() -> None:
    assert set(standings(waiting("20261119"), waiting("20261120")).values()) == {State.PREPARED}


def test_other_holders_files_change_nothing() -> None:
    other = waiting("20261120", number="SSIN=85110230740")

    assert standings(opened("20231018", SOON), other)["20231018"] is State.RENEWABLE


def test_the_most_urgent_comes_first() -> None:
    items = look(
        opened("20231018", LATER, number="SSIN=01072314243"),
        opened("20231018", SOON),
        opened("20231018", NOW + timedelta(days=3), number="SSIN=85110230740"),
        opened("20231018", PAST, number="SSIN=68053041155"),
        closed("20231018", *NEW, number="CBE=0486132722"),
    )

    assert [keystore.state for keystore in items] == [
        State.EXPIRED,
        State.RENEWABLE,
        State.RENEWABLE,
        FileState.CLOSED,
        State.COMPLETE,
    ]
    assert [keystore.days for keystore in items][1:3] == [3, 55]


def test_when_the_next_thing_is() -> None:
    late = opened("20231018", LATER + timedelta(days=9), number="SSIN=85110230740")
    coming = next_event(look(late, opened("20261120", LATER, key="CD" * 20)))

    assert coming is not None
    assert coming.due.name.startswith("SSIN=79031421872")
    assert next_event(look(waiting("20261120"))) is None


def test_what_serves_is_offered_first_and_what_is_over_last() -> None:
    files = (
        opened("20261120", LATER, key="CD" * 20, platform_state=State.REVOKED),
        opened("20231018", SOON),
        closed("20240101", *NEW, number="CBE=0486132722"),
        closed("20250101", *NEW, number="CBE=0486132722,A"),
    )
    order = [(keystore.due.file.moment.year, keystore.state) for keystore in to_choose(look(*files))]
    assert order == [
        (2023, State.RENEWABLE),
        (2025, FileState.CLOSED),
        (2024, FileState.CLOSED),
        (2026, State.REVOKED),
    ]
