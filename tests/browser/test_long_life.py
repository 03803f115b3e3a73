"""One life of a certificate by the forms alone, with the clock moved on the Trainer page: after every step the file,
the platform and the depot are asked, not by a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from ehtoolkit.training import PEOPLE
from tests.browser import walks
from tests.browser.hands import Keys, Mouse
from tests.browser.life import ACTIVE, ASKED, REVOKED, WAITS, Life

FIRST, CHANGED, THIRD = "Kine-2026", "Kine-2029", "Kine-2031"
PHARMACY = next(one for one in PEOPLE if one.name == "ines").organisations[0]

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


def test_of_a_person_with_an_rsa_card_by_keyboard_in_dutch(live: Callable[..., Life]) -> None:
    walk(live("nl", Keys, PEOPLE[0].person.identifier))


def test_of_an_organisation_with_an_ec_card_by_mouse_in_german(live: Callable[..., Life]) -> None:
    life = live("de", Mouse, PHARMACY.identifier)
    karl = next(one for one in PEOPLE if one.name == "karl")
    life.card, life.organisation = karl.person.full_name, PHARMACY.name_fr
    trainer = Mouse(life.desk)
    trainer.select(life.get("trainer.mandates.whom"), life.card)
    trainer.select(life.get("trainer.mandates.which"), f"{PHARMACY.name_fr} ({PHARMACY.identifier.text})")
    trainer.press(life.get("trainer.mandates.add"))
    mandates = life.desk.get_by_role("region", name=life.get("trainer.mandates"))
    expect(mandates).to_contain_text(PHARMACY.identifier.text)
    life.page.bring_to_front()
    walk(life)


def walk(life: Life) -> None:
    witness, user, get, arrived = life.witness, life.user, life.get, life.arrived
    witness.platform()
    assert witness.depot() is None

    life.request(FIRST)
    first = witness.newest()
    one = witness.key_id(first, FIRST)
    witness.stands(first, FIRST, "waiting", "complete")
    witness.platform((one, ASKED))
    assert witness.depot() is None

    life.later("1d")
    user.press(get("request.next.complete.link"))
    walks.complete(user, get, arrived, FIRST)
    old = witness.depot()
    assert old is not None
    witness.stands(first, FIRST, "active", "use", old)
    witness.platform((one, ACTIVE))

    life.later("renewal")
    witness.stands(first, FIRST, "renewable", "renew", old)
    untouched = first.read_bytes()
    life.home("renew")
    walks.renew(user, get, arrived, FIRST, card=life.card)
    second = witness.newest()
    two = witness.key_id(second, FIRST)
    assert second != first
    witness.stands(second, FIRST, "waiting", "complete", old)
    witness.platform((two, ASKED), (one, ACTIVE))
    assert witness.depot() == old

    life.later("1d")
    user.press(get("renew.next.complete.link"))
    walks.complete(user, get, arrived, FIRST, form="complete_renewal", done="to_activate")
    witness.platform((two, WAITS), (one, ACTIVE))
    assert witness.depot() == old

    user.press(get("complete_renewal.next.activate.link"))
    walks.activate(user, get, arrived, FIRST)
    new = witness.depot()
    assert new not in (None, old)
    assert new is not None
    witness.stands(second, FIRST, "active", "use", old, new)
    witness.platform((two, ACTIVE), (one, ACTIVE))

    life.nothing_is_due()
    life.home("password")
    walks.change_password(user, get, arrived, FIRST, CHANGED)
    witness.stands(second, CHANGED, "active", "use", old, new)
    assert witness.depot() == new
    assert first.read_bytes() == untouched

    changed = second.read_bytes()
    life.revoke(second.name)
    witness.stands(second, CHANGED, "revoked", "request", old, new)
    witness.platform((two, REVOKED), (one, ACTIVE))
    assert witness.depot() is None
    first_is = ACTIVE
    if life.organisation:  # the first certificate has its last months still, and its application id
        life.revoke(first.name)
        first_is = REVOKED
        witness.platform((two, REVOKED), (one, REVOKED))

    life.request(THIRD)
    third = witness.newest()
    three = witness.key_id(third, THIRD)
    witness.stands(third, THIRD, "waiting", "complete")
    witness.platform((three, ASKED), (two, REVOKED), (one, first_is))

    life.later("1d")
    user.press(get("request.next.complete.link"))
    # while the first certificate's token is in force, the third one's waits
    walks.complete(user, get, arrived, THIRD, done="title" if life.organisation else "to_activate")
    assert witness.depot() is None or life.organisation
    life.home("activate")
    walks.activate(user, get, arrived, THIRD)
    last = witness.depot()
    assert last is not None
    witness.stands(third, THIRD, "active", "use", last)
    witness.platform((three, ACTIVE), (two, REVOKED), (one, first_is))
    assert (first.read_bytes(), second.read_bytes()) == (untouched, changed)
