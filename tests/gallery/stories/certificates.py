"""What follows a request: complete, renew, complete the renewal, activate, another password, revoke."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, Final

from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.moving import archive_keystore
from ehtoolkit.secret import Secret
from tests.gallery.driver import PASSWORD, WRONG, Form, GalleryDriver
from tests.gallery.homes import UNREACHABLE
from tests.gallery.stories.request import LOST, passwords

NEW: Final = "Kine-2029"


# ── complete ─────────────────────────────────────────────────────────────────────────────────────────────
def complete(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    form = driver.open("complete")
    yield "choose"
    form.open_chosen("")
    yield "password-empty"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    yield "work"
    form.go()
    yield "waiting"
    form.go()
    yield "waiting-again"
    driver.wire.before["getcertificate"] = UNREACHABLE
    form.go()
    yield "waiting-unreachable"
    driver.wire.before.clear()
    driver.later("+1d")
    form.go()
    yield "done"


def complete_without_a_file(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("complete")
    yield "nothing"
    form.go("again")
    yield "nothing-again"


def complete_never_sent(driver: GalleryDriver) -> Iterator[str]:
    driver.at("unsent")
    form = driver.open("complete")
    form.open_chosen()
    form.go()
    yield "work"


def complete_refused(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    form = driver.open("complete")
    form.open_chosen()
    form.go()
    with driver.training() as training:
        (held,) = training.certificates()
        training.decide(held.key_id, deliver=False)
    form.go()
    yield "refused"
    driver.open("index")
    yield "index"
    driver.open("complete")
    yield "choose"
    driver.open("activate")
    yield "nothing-to-activate"


def complete_in_two_windows(driver: GalleryDriver) -> Iterator[str]:
    """The other one gives the file another password."""
    driver.at("waiting")
    form = driver.open("complete")
    form.open_chosen()
    change_password(driver.keystores[0], Secret(PASSWORD), Secret(NEW))
    form.go()
    yield "changed"


def complete_overdue(driver: GalleryDriver) -> Iterator[str]:
    driver.at("foreign")
    driver.later("+3mo")
    form = driver.open("complete")
    form.open_chosen()
    form.go()
    yield "overdue"


def complete_what_is_over(driver: GalleryDriver) -> Iterator[str]:
    for home in ("complete", "revoked", "expired"):
        driver.at(home)
        form = driver.open("complete")
        yield f"choose-{home}"
        form.open_chosen()
        form.go()
        yield home


def complete_a_nameless_one(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    (path,) = driver.keystores
    path.rename(path.with_name("certificat.p12"))
    for note in (driver.home / "notes").rglob("*.json"):
        note.unlink()
    form = driver.open("complete")
    yield "choose"
    form.open_chosen()
    yield "work"


def complete_not_a_keystore(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    path = driver.keystores[0]
    path.write_bytes(path.read_bytes()[:700])
    form = driver.open("complete")
    form.open_chosen()
    yield "damaged"
    path.write_bytes(b"no keystore")
    form.open_chosen()
    yield "no-keystore"


# ── renew ────────────────────────────────────────────────────────────────────────────────────────────────
def renew(driver: GalleryDriver) -> Iterator[str]:
    driver.at("due")
    form = driver.open("renew")
    yield "terms"
    form.go()
    yield "terms-refused"
    form.go(accepted=True)
    yield "insert"
    form.go()
    yield "card"
    form.pin(WRONG)
    yield "pin-wrong"
    form.pin()
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    yield "contact"
    form.go(email="", phone="x")
    yield "contact-refused"
    form.go(email="elise@example.be", phone="+32 4 555 01 42")
    assert form.html.count("data-eh-step=") == 2, "lines that can be changed"
    yield "check"
    form.go()
    yield "sign"
    form.pin()
    yield "password"
    form.go(keep_password=False, secrets={"first": "é", "second": "é"})
    yield "password-unfit"
    form.go(keep_password=True, secrets={"first": "", "second": ""})
    yield "send"
    driver.wire.before["generatecertificate"] = UNREACHABLE
    form.go()
    yield "send-unreachable"
    driver.wire.before.clear()
    form.go()
    yield "done"


def renew_validated_by_hand(driver: GalleryDriver) -> Iterator[str]:
    driver.at("due")
    driver.scenario("manual-validation")
    form = to_choose(driver)
    form.open_chosen()
    form.go()
    form.go()
    form.pin()
    passwords(form, NEW)
    form.go()
    yield "done"


def to_choose(driver: GalleryDriver, page: str = "renew", card: str = "default") -> Form:
    form = driver.open(page)
    form.go(accepted=True)
    form.go(card=f"training:{card}")
    form.pin()
    return form


def renew_for_an_organisation(driver: GalleryDriver) -> Iterator[str]:
    driver.at("organisation")
    driver.later("+34mo")
    form = to_choose(driver)
    yield "choose"
    form.open_chosen("Praxis-2026", keystore="")
    yield "none-chosen"
    (kasse,) = (path.name for path in driver.keystores if "KASSE" in path.name)
    form.open_chosen("Praxis-2026", keystore=kasse)
    yield "contact"
    form.go()
    yield "check"


def renew_what_cannot_be(driver: GalleryDriver) -> Iterator[str]:
    """What is known before the card is said at once; what shows in the opened file, there."""
    driver.open("renew")
    yield "nothing"
    for home in ("waiting", "complete", "revoked", "expired", "renewing", "active"):
        driver.at(home)
        form = driver.open("renew")
        yield f"{home}-before"
        if "next" not in form.buttons:
            continue
        form.go(accepted=True)
        form.go(card="training:default")
        if "next" not in form.buttons:
            yield f"{home}-card"
            continue
        form.pin()
        form.open_chosen(keystore=driver.keystores[0].name)
        yield home


def renew_of_another(driver: GalleryDriver) -> Iterator[str]:
    driver.at("due")
    form = driver.open("renew")
    form.go(accepted=True)
    form.go(card="training:karl")
    yield "nothing-fits"


def renew_with_a_blocked_card(driver: GalleryDriver) -> Iterator[str]:
    driver.at("due")
    driver.scenario("blocked-pin")
    form = driver.open("renew")
    form.go(accepted=True)
    form.go()
    yield "card"


# ── complete a renewal, activate ─────────────────────────────────────────────────────────────────────────
def complete_renewal(driver: GalleryDriver) -> Iterator[str]:
    driver.at("renewing")
    form = driver.open("complete-renewal")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    driver.later("+1d")
    form.open_chosen()
    yield "work"
    driver.wire.before["activateetk"] = UNREACHABLE
    form.go()
    yield "work-unreachable"
    driver.wire.before.clear()
    form.go()
    yield "done"
    form.go("archive")
    yield "not-loaded"
    form.go("archive", loaded_everywhere=True)
    yield "archived"


def complete_what_is_complete(driver: GalleryDriver) -> Iterator[str]:
    driver.at("renewing")
    form = driver.open("complete")
    form.open_chosen(keystore=driver.keystores[0].name)
    form.go()
    yield "older-alone"
    driver.at("active")
    form = driver.open("complete")
    form.open_chosen(keystore=driver.keystores[0].name)
    form.go()
    yield "older"
    form = driver.open("complete")
    form.open_chosen(keystore=driver.keystores[-1].name)
    form.go()
    yield "already"


def activate(driver: GalleryDriver) -> Iterator[str]:
    driver.at("renewed")
    form = driver.open("activate")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    yield "work"
    driver.wire.before["etk"] = UNREACHABLE
    form.go()
    yield "work-unreachable"
    driver.wire.before.clear()
    form.go()
    yield "done"
    form.go("archive")
    yield "not-loaded"
    form.go("archive", loaded_everywhere=True)
    yield "archived"
    form.go("prove")
    yield "proven"


def activate_again(driver: GalleryDriver) -> Iterator[str]:
    driver.at("active")
    form = driver.open("activate")
    form.open_chosen()
    form.go()
    yield "done"


def activate_what_cannot_be(driver: GalleryDriver) -> Iterator[str]:
    driver.at("active")
    form = driver.open("activate")
    form.open_chosen(keystore=driver.keystores[0].name)
    form.go()
    yield "older"
    driver.at("renewing")
    form = driver.open("activate")
    form.open_chosen()
    form.go()
    yield "older-alone"
    driver.at("waiting")
    driver.open("activate")
    yield "pending"
    for home in ("waiting", "revoked", "expired"):
        driver.at(home)
        (path,) = driver.keystores
        form = driver.open("activate", keystore=path.name)
        yield f"choose-{home}"
        form.open_chosen()
        form.go()
        yield home


# ── password ─────────────────────────────────────────────────────────────────────────────────────────────
def password(driver: GalleryDriver) -> Iterator[str]:
    driver.at("renewed")
    form = driver.open("password")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    yield "new"
    passwords(form, PASSWORD)
    yield "the-same"
    passwords(form, "é")
    yield "unfit"
    passwords(form, NEW, "Kine-2030")
    yield "differ"
    passwords(form, NEW)
    yield "done"
    form.go("delete")
    yield "delete-asked"
    form.go("yes")
    yield "deleted"


def password_twice(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    for old, new in ((PASSWORD, NEW), (NEW, "Kine-2030")):
        form = driver.open("password")
        form.open_chosen(old)
        passwords(form, new)
    yield "done"
    form.go("delete")
    yield "delete-asked"
    form.go("yes")
    yield "deleted"


def password_for_old_programs(driver: GalleryDriver) -> Iterator[str]:
    for scene, profile, password in (
        ("encrypted-anew", "compatible", PASSWORD),
        ("compatible", "compatible", NEW),
        ("modern", "modern", NEW),
    ):
        driver.at("waiting")
        for path in driver.keystores[0].parent.rglob("*.bak"):
            path.unlink()
        form = driver.open("password")
        form.open_chosen()
        form.go(profile=profile, secrets={"first": password, "second": password})
        yield scene


def password_in_doubt(driver: GalleryDriver) -> Iterator[str]:
    """Another program writes the file between the change and its proof."""
    from ehtoolkit.forms.wizards.password import model
    from ehtoolkit.keystore.rewrite import change_password

    driver.at("complete")
    form = driver.open("password")
    form.open_chosen()
    (path,) = driver.keystores
    before = path.read_bytes()

    def changed(*rest: Any) -> object:
        done = change_password(*rest)
        path.write_bytes(before)
        return done

    driver.patch.setattr(model, "change_password", changed)
    passwords(form, NEW)
    yield "done"


# ── revoke ───────────────────────────────────────────────────────────────────────────────────────────────
def revoke(driver: GalleryDriver) -> Iterator[str]:
    driver.at("organisation")
    form = driver.open("revoke")
    yield "questions"
    form.go()
    yield "questions-refused"
    form.go(looked=True)
    yield "terms"
    form.go()
    yield "terms-refused"
    form.go(accepted=True)
    yield "insert"
    form.go()
    yield "card"
    form.pin(WRONG)
    yield "pin-wrong"
    form.pin()
    yield "choose"
    form.go()
    yield "choose-refused"
    key_id = str(
        next(widget for widget in form.everything() if getattr(widget, "name", "") == "certificate").options[
            0
        ]["value"]
    )
    form.go(certificate=key_id, reason="replace")
    yield "sign"
    form.pin(WRONG)
    yield "sign-pin-wrong"
    form.pin()
    yield "done"


def revoke_lost_on_the_way(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    form = to_list(driver)
    form.go(reason="forgotten")
    driver.wire.lost["protocol:v2:revoke"] = LOST
    driver.wire.before["getCertificateInfo"] = UNREACHABLE
    form.pin()
    yield "sign"


def revoke_without_a_file(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    driver.keystores[0].unlink()
    form = to_list(driver)
    yield "choose"
    form.go(reason="lost")
    form.pin()
    yield "done"


def revoke_what_was_put_away(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    archive_keystore(driver.keystores[0])
    form = to_list(driver)
    yield "choose"
    form.go(reason="replace")
    yield "sign"


def revoke_others(driver: GalleryDriver) -> Iterator[str]:
    for home in ("waiting", "renewing", "revoked", "fresh"):
        driver.at(home)
        to_list(driver)
        yield home


def to_list(driver: GalleryDriver) -> Form:
    form = driver.open("revoke")
    form.go(looked=True)
    form.go(accepted=True)
    form.go()
    form.pin()
    return form


def an_unreadable_folder(driver: GalleryDriver) -> Iterator[str]:
    folder = driver.home / "training" / "keystore"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_bytes(b"")
    driver.open("complete")
    yield "choose"


STORIES: Final = (
    complete,
    complete_without_a_file,
    complete_never_sent,
    renew,
    renew_for_an_organisation,
    complete_renewal,
    complete_what_is_complete,
    activate,
    password_for_old_programs,
    revoke,
)
VARIANTS: Final = (
    password_twice,
    password,
    revoke_without_a_file,
    renew_of_another,
    an_unreadable_folder,
    complete_a_nameless_one,
    renew_with_a_blocked_card,
    complete_refused,
    complete_overdue,
    complete_what_is_over,
    complete_not_a_keystore,
    renew_validated_by_hand,
    renew_what_cannot_be,
    activate_again,
    activate_what_cannot_be,
    complete_in_two_windows,
    revoke_lost_on_the_way,
    revoke_what_was_put_away,
    revoke_others,
    password_in_doubt,
)
