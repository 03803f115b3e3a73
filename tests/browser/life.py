"""One life of a certificate at the pages: somebody at them, a trainer at the desk beside, and what is so whatever the
pages say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.ehealth.certificates.etk import read_etk
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.procedures.state.certificate_status import status
from ehtoolkit.secret import Secret
from ehtoolkit.settings import LanguageName
from tests.browser import walks
from tests.browser.hands import Hands, look, title
from tests.browser.pages import Visit

CONTACT = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}
GENERAL = {"general_email": "pharmacy@example.be", "general_phone": "+32 4 555 01 00"}

ACTIVE = ("VALID_ACTIVE", "VALID_ACTIVE")
ASKED = ("IN_PROGRESS", "NOT_REQUESTED")
WAITS = ("VALID_ACTIVE", "WAIT_FOR_ACTIVATION")
REFUSED = ("REFUSED", "NOT_REQUESTED")
REVOKED = ("REVOKED", "REVOKED")


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
        assert self.held() == list(expected)

    def held(self) -> list[tuple[str, tuple[str, str]]]:
        """Key, status of certificate and token of all that the platform has; the last one first."""
        assert self.toolkit.training is not None
        found = self.toolkit.training.certificates()
        assert {one.identifier for one in found} <= {self.holder}
        return [(one.key_id, (str(one.status), str(one.token_status))) for one in found]

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
    user: Hands
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
                begin = words.partition(":")[0].strip()  # in French a blank that no name of a button has
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
