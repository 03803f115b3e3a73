"""The Foreigner form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypedDict

from ehtoolkit.forms.widgets.page_parts import Stepper
from ehtoolkit.training.state.invented_people import FOREIGNER, PEOPLE
from tests.gallery.driver import Form, GalleryDriver
from tests.gallery.homes import UNREACHABLE
from tests.gallery.stories.request import passwords


class Who(TypedDict):
    niss: str
    first_names: str
    surname: str


class Contact(TypedDict):
    email: str
    phone: str


WHO: Final[Who] = {
    "niss": FOREIGNER.niss.formatted,
    "first_names": FOREIGNER.first_names,
    "surname": FOREIGNER.name,
}
CONTACT: Final[Contact] = {"email": "anais@example.org", "phone": "+33 1 99 00 01 42"}


def foreigner(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("foreigner")
    yield "where"
    form.go()
    yield "where-refused"
    form.go(has_bis=True)
    yield "who"
    form.go()
    yield "who-empty"
    form.go(niss=PEOPLE[0].person.niss.formatted, first_names="A", surname="B")
    yield "not-a-bis-number"
    form.go(**WHO)
    yield "contact"
    form.go(email="x", phone="")
    yield "contact-refused"
    form.go(**CONTACT)
    assert form.html.count("data-eh-step=") == 3, "lines that can be changed"
    yield "check"
    form.go()
    yield "password"
    passwords(form, "")
    yield "password-empty"
    passwords(form, "Grenz-2026")
    yield "send"
    driver.wire.before["submitCSRForForeigner"] = UNREACHABLE
    form.go()
    yield "send-unreachable"
    driver.wire.before.clear()
    form.go()
    yield "done"


def to_check(driver: GalleryDriver) -> Form:
    form = driver.open("foreigner")
    form.go(has_bis=True)
    form.go(**WHO)
    form.go(**CONTACT)
    return form


def a_second_time(driver: GalleryDriver) -> Iterator[str]:
    driver.at("foreign")
    form = to_check(driver)
    form.go()
    yield "check"
    form.go(insist=True)
    yield "password"


def taken_up_again(driver: GalleryDriver) -> Iterator[str]:
    """As after a reload: all but the number is there; and by the browser to a step that nobody has reached."""
    form = driver.open("foreigner")
    typed = {"has_bis": True, "first_names": WHO["first_names"], "surname": WHO["surname"], **CONTACT}
    form.message(Stepper, {"action": "resume", "step": "contact", "values": typed})
    yield "resumed"
    form.message(Stepper, {"action": "go", "step": "send", "values": {}})
    yield "no-way"
    form = to_sign(driver)
    yield "signed"


def to_sign(driver: GalleryDriver) -> Form:
    """A request that is signed and not sent: the form asks before it is left."""
    form = driver.open("request")
    form.go(accepted=True)
    form.go()
    form.pin()
    form.go()
    form.go(email="elise@example.be", phone="0475 12 34 56")
    form.go()
    form.pin()
    return form


def completed_before_the_login(driver: GalleryDriver) -> Iterator[str]:
    driver.at("foreign")
    form = driver.open("complete")
    form.open_chosen()
    form.go()
    yield "waiting"


STORIES: Final = (foreigner,)
VARIANTS: Final = (
    taken_up_again,
    a_second_time,
    completed_before_the_login,
)
