"""One life of a certificate by the forms alone, with the clock moved on the Trainer page: after every step the file,
the platform and the depot are asked, not by a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.bootstrap import Toolkit, open_toolkit
from ehtoolkit.ehealth.certificates.etk import read_etk
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore import KeystoreFile, find_keystores
from ehtoolkit.procedures.state.certificate_status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName, load_settings
from ehtoolkit.training import PEOPLE
from tests.browser import walks
from tests.browser.effort import Counted, comparisons
from tests.browser.hands import Keys, Mouse, look, title
from tests.browser.pages import Visit
from tests.browser.serving import Serving

FIRST, CHANGED, THIRD = "Kine-2026", "Kine-2029", "Kine-2031"
CONTACT = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}
GENERAL = {"general_email": "pharmacy@example.be", "general_phone": "+32 4 555 01 00"}
PHARMACY = next(one for one in PEOPLE if one.name == "ines").organisations[0]

ACTIVE = ("VALID_ACTIVE", "VALID_ACTIVE")
ASKED = ("IN_PROGRESS", "NOT_REQUESTED")
WAITS = ("VALID_ACTIVE", "WAIT_FOR_ACTIVATION")
REVOKED = ("REVOKED", "REVOKED")

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


@dataclass
class Witness:
    """What is so, whatever the pages say. ``holder``: whose life it is."""

    toolkit: Toolkit
    holder: Identifier

    def newest(self) -> Path:
        return find_keystores(self.toolkit.parts.keystores)[0].path

    def key_id(self, path: Path, password: str) -> str:
        return KeystoreFile.open(path, Secret(password)).keystore.key_id

    def stands(self, path: Path, password: str, state: str, step: str, *keys: str) -> None:
        """The state of a file that opens with ``password``; ``keys``: the aliases of its decryption keys."""
        file = KeystoreFile.open(path, Secret(password))
        standing = status(file, self.toolkit.parts)
        assert (standing.outcome.state, standing.outcome.next) == (state, step)
        assert [one.alias for one in file.keystore.encryption] == list(keys)

    def platform(self, *expected: tuple[str, tuple[str, str]]) -> None:
        """Key, status of certificate and token; what was asked for last comes first."""
        assert self.toolkit.training is not None
        held = self.toolkit.training.certificates()
        assert [(one.key_id, (one.status, one.token_status)) for one in held] == list(expected)
        assert {one.identifier for one in held} <= {self.holder}

    def depot(self) -> str | None:
        """The serial number of the token that everybody gets now."""
        data = self.toolkit.parts.platform.depot.get_etk(self.holder)
        return None if data is None else str(read_etk(data).serial)


@dataclass
class Life:
    """Somebody at the pages. ``card`` and ``organisation``: names to choose; none for what is proposed."""

    window: Visit
    page: Page
    desk: Page
    user: Counted
    language: LanguageName
    witness: Witness
    card: str = ""
    organisation: str = ""

    def get(self, key: str) -> str:
        """The sentence of a key; the name of the organisation is its own."""
        return key if key == self.organisation else Translator(self.language).get(key)

    def arrived(self, key: str) -> None:
        title(self.page, self.get(key))
        look(self.page)

    def took(self, form: str) -> None:
        """Since the last time: what the table against the guide says of a form. An organisation, and a card that is
        not the one that is proposed, take clicks of their own."""
        effort = self.user.taken()
        assert self.card or effort == comparisons()[form].here

    def home(self, form: str) -> None:
        """From wherever to a form, by way of the first page."""
        self.page.goto(f"{self.window.base}/index.ipynb")
        self.page.wait_for_selector("h1")
        self.user.press(self.get(f"index.{form}"))

    def nothing_is_due(self) -> None:
        self.page.goto(f"{self.window.base}/index.ipynb")
        title(self.page, self.get("index.title"))
        expect(self.page.get_by_role("heading", name=self.get("index.due.nothing"))).to_be_visible()

    def later(self, *jumps: str) -> None:
        """The trainer moves the clock. A page that is not in front is drawn once a second, and clicked as slowly."""
        self.desk.bring_to_front()
        shown = self.desk.locator(".eh-clock-date")
        for jump in jumps:
            before = shown.inner_text()
            if jump == "renewal":  # its words have a date
                words = Translator(self.language).get("trainer.jump.renewal", date=date(2026, 1, 1))
                begin = words.partition(":")[0]
                self.desk.get_by_role("button", name=re.compile(f"^{re.escape(begin)}")).click()
            else:
                name = self.get(f"trainer.jump.{jump}")
                self.desk.get_by_role("button", name=name, exact=True).click()
            expect(shown).not_to_have_text(before, use_inner_text=True)
        self.page.bring_to_front()

    def request(self, password: str) -> None:
        self.home("request")
        contact = CONTACT | GENERAL if self.organisation else CONTACT
        walks.request(
            *(self.user, self.get, self.arrived, password, contact),
            card=self.card,
            organisation=self.organisation,
        )

    def revoke(self, file: str) -> None:
        self.home("revoke")
        walks.revoke(self.user, self.get, self.arrived, file, card=self.card)


@pytest.fixture
def live(serving: Serving, visit: Callable[..., Visit]) -> Iterator[Callable[..., Life]]:
    """Somebody in front of two windows: the forms, and the trainer's page."""
    toolkits = []

    def live(language: LanguageName, hand: type[Mouse | Keys], holder: Identifier) -> Life:
        window = visit(serving, locale=f"{language}-BE")
        page = window.open("index", {"lang": language})
        desk = window.new_page()
        desk.goto(f"{window.base}/trainer.ipynb")
        desk.wait_for_selector("h1")
        toolkits.append(open_toolkit(load_settings(home=serving.home)))
        return Life(window, page, desk, Counted(hand(page)), language, Witness(toolkits[-1], holder))

    yield live
    for one in toolkits:
        one.close()


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
    life.took("request")
    first = witness.newest()
    one = witness.key_id(first, FIRST)
    witness.stands(first, FIRST, "waiting", "complete")
    witness.platform((one, ASKED))
    assert witness.depot() is None

    life.later("1d")
    user.press(get("request.next.complete.link"))
    walks.complete(user, get, arrived, FIRST)
    life.took("complete")
    old = witness.depot()
    assert old is not None
    witness.stands(first, FIRST, "active", "use", old)
    witness.platform((one, ACTIVE))

    life.later("renewal")
    witness.stands(first, FIRST, "renewable", "renew", old)
    untouched = first.read_bytes()
    life.home("renew")
    walks.renew(user, get, arrived, FIRST, card=life.card)
    life.took("renew")
    second = witness.newest()
    two = witness.key_id(second, FIRST)
    assert second != first
    witness.stands(second, FIRST, "waiting", "complete", old)
    witness.platform((two, ASKED), (one, ACTIVE))
    assert witness.depot() == old

    life.later("1d")
    user.press(get("renew.next.complete.link"))
    walks.complete(user, get, arrived, FIRST, form="complete_renewal", done="to_activate")
    life.took("complete_renewal")
    witness.platform((two, WAITS), (one, ACTIVE))
    assert witness.depot() == old

    user.press(get("complete_renewal.next.activate.link"))
    walks.activate(user, get, arrived, FIRST)
    life.took("activate")
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
    user.taken()
    life.revoke(second.name)
    life.took("revoke")
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
