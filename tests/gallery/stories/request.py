"""The Request form: for oneself, for an organisation, and everything that can stand in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypedDict

from ehtoolkit import errors
from tests.gallery.driver import PASSWORD, PIN, WRONG, Form, GalleryDriver
from tests.gallery.homes import UNREACHABLE

PRACTICE, PHARMACY = "CBE=0486132722", "NIHII-PHARMACY=71452079"


class Contact(TypedDict):
    email: str
    phone: str


class GeneralContact(TypedDict):
    general_email: str
    general_phone: str


CONTACT: Final[Contact] = {"email": "elise@example.be", "phone": "+32 4 555 01 42"}
GENERAL: Final[GeneralContact] = {"general_email": "cabinet@example.be", "general_phone": "+32 4 555 01 00"}
OTHER: Final = "Praxis-2026"
LOST: Final = errors.PlatformTimeout(host="services.ehealth.fgov.be", seconds=30.0, sent=True)


def to_who(driver: GalleryDriver, card: str = "default", page: str = "request", **query: str) -> Form:
    """Past the first PIN."""
    if card != "default":
        driver.at_first("everybody")
    form = driver.open(page, **query)
    form.go(accepted=True)
    form.go(card=f"training:{card}")
    form.pin()
    return form


def to_check(driver: GalleryDriver, **query: str) -> Form:
    form = to_who(driver, **query)
    form.go()
    form.go(**CONTACT)
    return form


def passwords(form: Form, first: str, second: str | None = None) -> None:
    form.go(secrets={"first": first, "second": first if second is None else second})


def for_myself(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("request")
    yield "terms"
    form.go()
    yield "terms-refused"
    form.go(accepted=True)
    yield "insert"
    form.go()
    yield "card"
    form.pin("")
    yield "pin-needed"
    form.pin(WRONG)
    yield "pin-wrong"
    form.pin(WRONG)
    yield "pin-last-try"
    form.pin()
    yield "who"
    form.go("back")
    yield "card-again"
    form.go()
    form.go()
    yield "contact"
    form.go(email="elise,vandamme@example.be", phone="12")
    yield "contact-refused"
    form.go(email="", phone="")
    yield "contact-empty"
    form.go(**CONTACT)
    yield "check"
    form.go()
    yield "sign"
    form.pin(WRONG)
    yield "sign-pin-wrong"
    form.pin()
    yield "password"
    passwords(form, "")
    yield "password-empty"
    passwords(form, "Kinésithérapie")
    yield "password-unfit"
    passwords(form, PASSWORD, "Kine-2027")
    yield "passwords-differ"
    passwords(form, PASSWORD)
    yield "send"
    driver.wire.before["generatecertificate"] = UNREACHABLE
    form.go()
    yield "send-unreachable"
    driver.wire.before.clear()
    form.go()
    yield "done"
    form.go("copy", copy_folder="")
    yield "copy-refused"
    form.go("copy", copy_folder=str(driver.home.parent))
    yield "copied"


def for_an_organisation(driver: GalleryDriver) -> Iterator[str]:
    driver.at("organisation")
    form = to_who(driver)
    yield "who"
    form.go(actor=PRACTICE)
    yield "organisation"
    form.go(application_id="kasse-1")
    yield "application-id-taken"
    form.go(application_id="été 1")
    yield "application-id-refused"
    form.go(application_id="kasse-2")
    yield "contact"
    form.go()
    yield "contact-refused"
    form.go(**CONTACT, **GENERAL)
    yield "check"
    form.go()
    form.pin()
    yield "password"
    passwords(form, PASSWORD)
    yield "password-shared"
    passwords(form, OTHER)
    form.go()
    yield "done"


def for_one_that_is_typed(driver: GalleryDriver) -> Iterator[str]:
    driver.scenario("manual-validation")
    form = to_who(driver, "karl")
    yield "who"
    form.go(actor="typed")
    yield "organisation"
    form.go()
    yield "organisation-empty"
    form.go(kind="CBE", number="0486.132.723", organisation_name="a\x00b", application_id="é")
    yield "organisation-refused"
    form.go(kind="NIHII-LABO", number="71452079", organisation_name="Apotheke Sommer", application_id="")
    yield "number-of-another-kind"
    form.go(kind="CBE", number="0486")
    yield "number-too-short"
    form.go(kind="NIHII-PHARMACY", number="7-14520-79")
    form.go(**CONTACT, **GENERAL)
    yield "check"
    form.go()
    form.pin()
    passwords(form, OTHER)
    form.go()
    yield "done-validating"


def without_the_list_of_types(driver: GalleryDriver) -> Iterator[str]:
    driver.wire.before["getGenericOrganizationTypes"] = errors.PlatformFault(
        code="SOA-02001", origin="", detail="", correlation_id=None
    )
    form = to_who(driver, "karl")
    form.go(actor="typed")
    yield "organisation"


def without_the_application_ids(driver: GalleryDriver) -> Iterator[str]:
    driver.wire.before["getExistingApplicationIds"] = UNREACHABLE
    form = to_who(driver)
    form.go(actor=PRACTICE)
    yield "organisation"


def of_an_unknown_person(driver: GalleryDriver) -> Iterator[str]:
    form = to_who(driver, "wim")
    yield "who"
    form.go(actor="")
    yield "not-qualified"
    form.go(actor="NIHII-HOSPITAL=72201355")
    yield "organisation"


def with_several_numbers(driver: GalleryDriver) -> Iterator[str]:
    to_who(driver, "ines")
    yield "who"


def in_the_way(home: str, name: str) -> Callable[[GalleryDriver], Iterator[str]]:
    def story(driver: GalleryDriver) -> Iterator[str]:
        driver.at(home)
        form = driver.open("request")
        form.go(accepted=True)
        form.go(card="training:default")
        yield f"{name}-card"
        form.pin()
        form.go()
        form.go(**CONTACT)
        form.go()
        yield name

    story.__name__ = name
    return story


def waiting_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    driver.keystores[0].unlink()
    form = to_check(driver)
    form.go()
    yield "check"


def running_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    first = to_check(driver)
    first.go()
    driver.root = None
    second = to_check(driver)
    second.go()
    yield "check"
    first.root.close()


def lost_on_the_way(driver: GalleryDriver) -> Iterator[str]:
    form = to_check(driver)
    form.go()
    form.pin()
    passwords(form, PASSWORD)
    driver.wire.lost["generatecertificate"] = LOST
    driver.wire.before["getcertificate"] = UNREACHABLE
    form.go()
    yield "send-lost"
    driver.wire.lost.clear()
    driver.wire.before.clear()
    form.go()
    yield "done"


def with_a_key_that_is_refused(driver: GalleryDriver) -> Iterator[str]:
    driver.set(authentication_key="ec-p384")
    driver.scenario("only-rsa")
    form = to_check(driver)
    yield "check"
    form.go()
    form.pin()
    passwords(form, PASSWORD)
    form.go()
    yield "send-refused"
    form.go("other_key")
    yield "sign-again"
    form.pin()
    yield "send-again"
    form.go()
    yield "done"


def taken_up_again(driver: GalleryDriver) -> Iterator[str]:
    driver.at("unsent")
    (path,) = driver.keystores
    form = to_who(driver, resume=path.name)
    form.go()
    form.go()
    form.go()
    yield "open"
    form.go(secrets={"password": "Kine-2025"})
    yield "password-wrong"
    form.go(secrets={"password": PASSWORD})
    yield "sign"
    form.pin()
    yield "send"
    form.go()
    yield "done"


def of_another_holder(driver: GalleryDriver) -> Iterator[str]:
    driver.at("unsent")
    (path,) = driver.keystores
    form = to_who(driver, "karl", resume=path.name)
    form.go()
    form.go(**CONTACT)
    form.go()
    form.go(secrets={"password": PASSWORD})
    yield "open-refused"


def in_production(driver: GalleryDriver) -> Iterator[str]:
    driver.set(environment="production")
    form = driver.open("request")
    yield "confirmation"
    form.go(environment="x")
    yield "confirmation-refused"


def unforeseen(driver: GalleryDriver) -> Iterator[str]:
    form = to_check(driver)
    driver.wire.before["generateContract"] = ZeroDivisionError(PIN)
    form.go()
    yield "report"


STORIES: Final = (
    for_myself,
    for_an_organisation,
    of_an_unknown_person,
    in_the_way("due", "renewable"),
    in_production,
)
VARIANTS: Final = (
    with_a_key_that_is_refused,
    for_one_that_is_typed,
    taken_up_again,
    lost_on_the_way,
    without_the_application_ids,
    unforeseen,
    without_the_list_of_types,
    with_several_numbers,
    in_the_way("waiting", "waiting"),
    in_the_way("complete", "serving"),
    in_the_way("unsent", "never_sent"),
    waiting_elsewhere,
    running_elsewhere,
    of_another_holder,
)
