"""What follows a request: complete, renew, complete the renewal, activate, another password, revoke."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, Final

from ehtoolkit.keystore.rewrite import change_password
from ehtoolkit.keystore.storage.move import archive_keystore
from ehtoolkit.secret import Secret
from tests.gallery.driver import PASSWORD, WRONG, Form, GalleryDriver
from tests.gallery.homes import UNREACHABLE
from tests.gallery.stories.request import LOST, passwords

NEW: Final = "Kine-2029"


# ── complete ─────────────────────────────────────────────────────────────────────────────────────────────
def complete(desk: GalleryDriver) -> Iterator[str]:
    desk.at("waiting")
    form = desk.open("complete")
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
    desk.wire.before["getcertificate"] = UNREACHABLE
    form.go()
    yield "waiting-unreachable"
    desk.wire.before.clear()
    desk.later("+1d")
    form.go()
    yield "done"


def complete_without_a_file(desk: GalleryDriver) -> Iterator[str]:
    form = desk.open("complete")
    yield "nothing"
    form.go("again")
    yield "nothing-again"


def complete_never_sent(desk: GalleryDriver) -> Iterator[str]:
    desk.at("unsent")
    form = desk.open("complete")
    form.open_chosen()
    form.go()
    yield "work"


def complete_refused(desk: GalleryDriver) -> Iterator[str]:
    desk.at("waiting")
    form = desk.open("complete")
    form.open_chosen()
    form.go()
    with desk.training() as training:
        (held,) = training.certificates()
        training.decide(held.key_id, deliver=False)
    form.go()
    yield "refused"
    desk.open("index")
    yield "index"
    desk.open("complete")
    yield "choose"
    desk.open("activate")
    yield "nothing-to-activate"


def complete_in_two_windows(desk: GalleryDriver) -> Iterator[str]:
    """The other one gives the file another password."""
    desk.at("waiting")
    form = desk.open("complete")
    form.open_chosen()
    change_password(desk.keystores[0], Secret(PASSWORD), Secret(NEW))
    form.go()
    yield "changed"


def complete_overdue(desk: GalleryDriver) -> Iterator[str]:
    desk.at("foreign")
    desk.later("+3mo")
    form = desk.open("complete")
    form.open_chosen()
    form.go()
    yield "overdue"


def complete_what_is_over(desk: GalleryDriver) -> Iterator[str]:
    for home in ("complete", "revoked", "expired"):
        desk.at(home)
        form = desk.open("complete")
        yield f"choose-{home}"
        form.open_chosen()
        form.go()
        yield home


def complete_a_nameless_one(desk: GalleryDriver) -> Iterator[str]:
    desk.at("waiting")
    (path,) = desk.keystores
    path.rename(path.with_name("certificat.p12"))
    for note in (desk.home / "notes").rglob("*.json"):
        note.unlink()
    form = desk.open("complete")
    yield "choose"
    form.open_chosen()
    yield "work"


def complete_not_a_keystore(desk: GalleryDriver) -> Iterator[str]:
    desk.at("waiting")
    path = desk.keystores[0]
    path.write_bytes(path.read_bytes()[:700])
    form = desk.open("complete")
    form.open_chosen()
    yield "damaged"
    path.write_bytes(b"no keystore")
    form.open_chosen()
    yield "no-keystore"


# ── renew ────────────────────────────────────────────────────────────────────────────────────────────────
def renew(desk: GalleryDriver) -> Iterator[str]:
    desk.at("due")
    form = desk.open("renew")
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
    yield "check"
    form.go()
    yield "sign"
    form.pin()
    yield "password"
    form.go(keep_password=False, secrets={"first": "é", "second": "é"})
    yield "password-unfit"
    form.go(keep_password=True, secrets={"first": "", "second": ""})
    yield "send"
    desk.wire.before["generatecertificate"] = UNREACHABLE
    form.go()
    yield "send-unreachable"
    desk.wire.before.clear()
    form.go()
    yield "done"


def renew_validated_by_hand(desk: GalleryDriver) -> Iterator[str]:
    desk.at("due")
    desk.scenario("manual-validation")
    form = to_choose(desk)
    form.open_chosen()
    form.go()
    form.go()
    form.pin()
    passwords(form, NEW)
    form.go()
    yield "done"


def to_choose(desk: GalleryDriver, page: str = "renew", card: str = "default") -> Form:
    form = desk.open(page)
    form.go(accepted=True)
    form.go(card=f"training:{card}")
    form.pin()
    return form


def renew_for_an_organisation(desk: GalleryDriver) -> Iterator[str]:
    desk.at("organisation")
    desk.later("+34mo")
    form = to_choose(desk)
    yield "choose"
    form.open_chosen("Praxis-2026", keystore="")
    yield "none-chosen"
    (kasse,) = (path.name for path in desk.keystores if "KASSE" in path.name)
    form.open_chosen("Praxis-2026", keystore=kasse)
    yield "contact"
    form.go()
    yield "check"


def renew_what_cannot_be(desk: GalleryDriver) -> Iterator[str]:
    """What is known before the card is said at once; what shows in the opened file, there."""
    desk.open("renew")
    yield "nothing"
    for home in ("waiting", "complete", "revoked", "expired", "renewing", "active"):
        desk.at(home)
        form = desk.open("renew")
        yield f"{home}-before"
        if "next" not in form.buttons:
            continue
        form.go(accepted=True)
        form.go(card="training:default")
        if "next" not in form.buttons:
            yield f"{home}-card"
            continue
        form.pin()
        form.open_chosen(keystore=desk.keystores[0].name)
        yield home


def renew_of_another(desk: GalleryDriver) -> Iterator[str]:
    desk.at("due")
    form = desk.open("renew")
    form.go(accepted=True)
    form.go(card="training:karl")
    yield "nothing-fits"


def renew_with_a_blocked_card(desk: GalleryDriver) -> Iterator[str]:
    desk.at("due")
    desk.scenario("blocked-pin")
    form = desk.open("renew")
    form.go(accepted=True)
    form.go()
    yield "card"


# ── complete a renewal, activate ─────────────────────────────────────────────────────────────────────────
def complete_renewal(desk: GalleryDriver) -> Iterator[str]:
    desk.at("renewing")
    form = desk.open("complete-renewal")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    desk.later("+1d")
    form.open_chosen()
    yield "work"
    desk.wire.before["activateetk"] = UNREACHABLE
    form.go()
    yield "work-unreachable"
    desk.wire.before.clear()
    form.go()
    yield "done"
    form.go("archive")
    yield "not-loaded"
    form.go("archive", loaded_everywhere=True)
    yield "archived"


def complete_what_is_complete(desk: GalleryDriver) -> Iterator[str]:
    desk.at("renewing")
    form = desk.open("complete")
    form.open_chosen(keystore=desk.keystores[0].name)
    form.go()
    yield "older-alone"
    desk.at("active")
    form = desk.open("complete")
    form.open_chosen(keystore=desk.keystores[0].name)
    form.go()
    yield "older"
    form = desk.open("complete")
    form.open_chosen(keystore=desk.keystores[-1].name)
    form.go()
    yield "already"


def activate(desk: GalleryDriver) -> Iterator[str]:
    desk.at("renewed")
    form = desk.open("activate")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    yield "work"
    desk.wire.before["etk"] = UNREACHABLE
    form.go()
    yield "work-unreachable"
    desk.wire.before.clear()
    form.go()
    yield "done"
    form.go("archive")
    yield "not-loaded"
    form.go("archive", loaded_everywhere=True)
    yield "archived"
    form.go("prove")
    yield "proven"


def activate_again(desk: GalleryDriver) -> Iterator[str]:
    desk.at("active")
    form = desk.open("activate")
    form.open_chosen()
    form.go()
    yield "done"


def activate_what_cannot_be(desk: GalleryDriver) -> Iterator[str]:
    desk.at("active")
    form = desk.open("activate")
    form.open_chosen(keystore=desk.keystores[0].name)
    form.go()
    yield "older"
    desk.at("renewing")
    form = desk.open("activate")
    form.open_chosen()
    form.go()
    yield "older-alone"
    desk.at("waiting")
    desk.open("activate")
    yield "pending"
    for home in ("waiting", "revoked", "expired"):
        desk.at(home)
        (path,) = desk.keystores
        form = desk.open("activate", keystore=path.name)
        yield f"choose-{home}"
        form.open_chosen()
        form.go()
        yield home


# ── password ─────────────────────────────────────────────────────────────────────────────────────────────
def password(desk: GalleryDriver) -> Iterator[str]:
    desk.at("renewed")
    form = desk.open("password")
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


def password_twice(desk: GalleryDriver) -> Iterator[str]:
    desk.at("complete")
    for old, new in ((PASSWORD, NEW), (NEW, "Kine-2030")):
        form = desk.open("password")
        form.open_chosen(old)
        passwords(form, new)
    yield "done"
    form.go("delete")
    yield "delete-asked"
    form.go("yes")
    yield "deleted"


def password_for_old_programs(desk: GalleryDriver) -> Iterator[str]:
    for scene, profile, password in (
        ("encrypted-anew", "compatible", PASSWORD),
        ("compatible", "compatible", NEW),
        ("modern", "modern", NEW),
    ):
        desk.at("waiting")
        for path in desk.keystores[0].parent.rglob("*.bak"):
            path.unlink()
        form = desk.open("password")
        form.open_chosen()
        form.go(profile=profile, secrets={"first": password, "second": password})
        yield scene


def password_in_doubt(desk: GalleryDriver) -> Iterator[str]:
    """Another program writes the file between the change and its proof."""
    from ehtoolkit.forms.wizards.password import model
    from ehtoolkit.keystore.rewrite import change_password

    desk.at("complete")
    form = desk.open("password")
    form.open_chosen()
    (path,) = desk.keystores
    before = path.read_bytes()

    def changed(*rest: Any) -> object:
        done = change_password(*rest)
        path.write_bytes(before)
        return done

    desk.patch.setattr(model, "change_password", changed)
    passwords(form, NEW)
    yield "done"


# ── revoke ───────────────────────────────────────────────────────────────────────────────────────────────
def revoke(desk: GalleryDriver) -> Iterator[str]:
    desk.at("organisation")
    form = desk.open("revoke")
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


def revoke_lost_on_the_way(desk: GalleryDriver) -> Iterator[str]:
    desk.at("complete")
    form = to_list(desk)
    form.go(reason="forgotten")
    desk.wire.lost["protocol:v2:revoke"] = LOST
    desk.wire.before["getCertificateInfo"] = UNREACHABLE
    form.pin()
    yield "sign"


def revoke_without_a_file(desk: GalleryDriver) -> Iterator[str]:
    desk.at("complete")
    desk.keystores[0].unlink()
    form = to_list(desk)
    yield "choose"
    form.go(reason="lost")
    form.pin()
    yield "done"


def revoke_what_was_put_away(desk: GalleryDriver) -> Iterator[str]:
    desk.at("complete")
    archive_keystore(desk.keystores[0])
    form = to_list(desk)
    yield "choose"
    form.go(reason="replace")
    yield "sign"


def revoke_others(desk: GalleryDriver) -> Iterator[str]:
    for home in ("waiting", "renewing", "revoked", "fresh"):
        desk.at(home)
        to_list(desk)
        yield home


def to_list(desk: GalleryDriver) -> Form:
    form = desk.open("revoke")
    form.go(looked=True)
    form.go(accepted=True)
    form.go()
    form.pin()
    return form


def an_unreadable_folder(desk: GalleryDriver) -> Iterator[str]:
    folder = desk.home / "training" / "keystore"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_bytes(b"")
    desk.open("complete")
    yield "choose"


STORIES: Final = (
    complete,
    complete_without_a_file,
    complete_never_sent,
    complete_a_nameless_one,
    renew,
    renew_for_an_organisation,
    renew_of_another,
    renew_with_a_blocked_card,
    complete_renewal,
    complete_what_is_complete,
    activate,
    password,
    password_twice,
    password_for_old_programs,
    revoke,
    revoke_without_a_file,
    an_unreadable_folder,
)
VARIANTS: Final = (
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
