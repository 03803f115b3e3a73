"""One life of a certificate with the mistakes that a practice makes, in the order in which they would happen: each is
said in its place, and costs nothing but the time to read it. What was wrong with them once is section A of TRIED.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ehtoolkit.settings import LanguageName
from tests.browser import mistakes_beside_forms as beside
from tests.browser import mistakes_in_forms as forms
from tests.browser import walks
from tests.browser.hands import Keys, Mouse
from tests.browser.hurried import ELISE, Hurried
from tests.browser.life import ACTIVE, ASKED, REFUSED, REVOKED, WAITS, Life
from tests.browser.pages import PASSED

FIRST, THIRD = "Kine-2026", "Kine-2031"

pytestmark = [pytest.mark.timeout(900), pytest.mark.long]


@pytest.mark.parametrize(
    ("language", "hand"), [pytest.param("fr", Mouse, id="fr-mouse"), pytest.param("nl", Keys, id="nl-keys")]
)
def test_a_whole_life_with_every_mistake(
    live: Callable[..., Life], language: LanguageName, hand: type[Mouse | Keys]
) -> None:
    life = live(language, hand, ELISE.identifier, Hurried)
    assert isinstance(life, Hurried)
    life.hand = hand

    refused = the_first_request(life)
    first = asked_again(life, refused)
    in_service(life, first)
    second = renewed(life, first)
    activated(life, first, second)
    put_away(life, first, second)
    third = revoked_and_asked_for_anew(life, first, second)
    years_later(life, first, third)
    life.window.complaints[:] = [one for one in life.window.complaints if PASSED not in one]


def the_first_request(life: Hurried) -> Path:
    """With every mistake on the way; then eHealth refuses it."""
    life.home("request")
    life.arrived("request.terms.title")
    forms.blocked_pin(life)
    forms.empty_and_wrong_pins(life)
    life.arrived("request.who.title")
    life.user.press(life.get("wizard.next"))
    life.arrived("steps.contact.title")
    forms.nonsense_for_contact_data(life)
    forms.back_and_forward(life)
    forms.the_manual_looked_into(life)
    forms.another_language_and_a_reload(life)
    forms.checked_and_changed(life)
    life.arrived("request.check.title")
    life.user.press(life.get("request.check.go"))
    life.arrived("request.sign.title")
    walks.sign(life.user, life.get, "request")
    life.arrived("steps.password.title")
    assert life.witness.held() == []
    forms.poor_passwords(life, FIRST)
    life.arrived("request.send.title")
    life.user.press(life.get("request.send.go"))
    life.arrived("request.done.title")
    life.leads_on("request.next.complete.link")
    refused = life.witness.newest()
    life.named_in_belgian_time(refused)
    zero = life.witness.key_id(refused, FIRST)
    life.witness.platform((zero, ASKED))

    forms.left_after_a_password_alone(life)
    life.home("complete")
    life.arrived("complete.choose.title")
    beside.one_card_in_the_system_s_colours(life)
    forms.refused(life, refused, FIRST)
    life.witness.platform((zero, REFUSED))
    return refused


def asked_again(life: Hurried, refused: Path) -> Path:
    """By the button of the first page, with what was typed before; and nobody asks twice, or activates what waits."""
    life.user.press(life.get("index.request.do"))
    life.arrived("request.terms.title")
    walks.identify(life.user, life.get, life.arrived)
    life.arrived("request.who.title")
    life.user.press(life.get("wizard.next"))
    life.arrived("steps.contact.title")
    forms.contact_is(life, forms.NORMAL, forms.SHOWN)
    life.user.press(life.get("wizard.next"))
    walks.send(life.user, life.get, life.arrived, "request", FIRST)
    first = life.witness.newest()
    assert first != refused
    forms.a_second_request_while_one_waits(life, first)
    forms.nothing_to_activate_yet(life, first)
    return first


def in_service(life: Hurried, first: Path) -> None:
    """Completed in two windows, entered in the record, and renewed years too early."""
    life.later("1d")
    forms.two_windows(life, first, FIRST)
    beside.entered_in_the_record(life, first, FIRST)
    beside.a_period_with_nothing_in_it(life)
    beside.searched_with_enter(life)
    beside.tables_of_a_phone(life)
    beside.a_table_as_excel_leaves_it(life)
    forms.renewed_too_early(life)
    life.nothing_is_due()


def renewed(life: Hurried, first: Path) -> Path:
    """With another's card, without a password, with one that was pasted; a renewal is called so."""
    life.later("renewal")
    before = first.read_bytes()
    life.home("renew")
    life.arrived("renew.terms.title")
    forms.another_s_card(life)
    life.arrived("renew.choose.title")
    forms.empty_and_pasted_passwords(life, FIRST)
    life.arrived("steps.contact.title")
    life.user.press(life.get("wizard.next"))
    walks.send(life.user, life.get, life.arrived, "renew", FIRST)
    life.leads_on("renew.next.complete.link")
    second = life.witness.newest()
    life.named_in_belgian_time(second)

    life.later("1d")
    life.index()
    life.leads_on("index.complete_renewal.do")
    life.user.press(life.get("index.complete_renewal.do"))
    walks.complete(life.user, life.get, life.arrived, FIRST, form="complete_renewal", done="to_activate")
    life.leads_on("complete_renewal.next.activate.link")
    assert first.read_bytes() == before
    return second


def activated(life: Hurried, first: Path, second: Path) -> None:
    """The old file first, then the new one."""
    old = life.witness.depot()
    forms.the_old_file_activated(life, first, second, FIRST)
    life.leads_on("closing.load.record")
    new = life.witness.depot()
    assert new not in (None, old)
    life.witness.stands(second, FIRST, "active", "use", str(old), str(new))
    beside.audited_with_the_passwords_of_others(life, second)
    beside.a_tile_pressed(life)
    beside.a_copy_that_broke_off(life, second)
    beside.audited_what_was_replaced(life, first, second, FIRST)


def put_away(life: Hurried, first: Path, second: Path) -> None:
    """Some days later: the record goes along."""
    life.home("activate")
    life.arrived("activate.choose.title")
    life.as_chosen(second)
    life.open(FIRST)
    life.arrived("activate.work.title")
    life.user.press(life.get("activate.work.go"))
    life.arrived("activate.done.title")
    life.user.tick(life.get("activate.old.loaded"))
    life.user.press(life.get("activate.old.do"))
    expect(life.page.get_by_role("heading", name=life.get("activate.old.done"))).to_be_visible()
    assert (first.parent / "archive" / first.name).exists()
    assert not first.exists()
    beside.record_of_today(life, second)
    life.nothing_is_due()


def revoked_and_asked_for_anew(life: Hurried, first: Path, second: Path) -> Path:
    """A request after a revocation is called one, and not a renewal."""
    forms.revoked(life, second, FIRST, first)
    (_, status), *_ = life.witness.held()
    assert status == REVOKED
    assert life.witness.depot() is None
    life.user.press(life.get("revoke.next.request.link"))
    life.arrived("request.terms.title")
    walks.identify(life.user, life.get, life.arrived)
    life.arrived("request.who.title")
    life.user.press(life.get("wizard.next"))
    life.arrived("steps.contact.title")
    forms.contact_is(life, forms.NORMAL, forms.SHOWN)
    life.user.press(life.get("wizard.next"))
    walks.send(life.user, life.get, life.arrived, "request", THIRD)
    third = life.witness.newest()

    life.later("1d")
    life.index()
    life.leads_on("index.complete.do")
    life.user.press(life.get("index.complete.do"))
    walks.complete(life.user, life.get, life.arrived, THIRD, done="to_activate")
    (_, waits), *_ = life.witness.held()
    assert waits == WAITS
    life.user.press(life.get("complete_renewal.next.activate.link"))
    walks.activate(life.user, life.get, life.arrived, THIRD)
    last = life.witness.depot()
    assert last is not None
    life.witness.stands(third, THIRD, "active", "use", last)
    (_, active), *_ = life.witness.held()
    assert active == ACTIVE
    return third


def years_later(life: Hurried, first: Path, third: Path) -> None:
    """Out of a backup the first file is in the folder again; it has expired, and nobody is to ask for another one."""
    life.later("12mo")
    (first.parent / "archive" / first.name).rename(first)
    life.nothing_is_due()
    beside.audited_what_was_replaced(life, first, third, FIRST)
    assert life.asked == []
