"""The page Troubleshoot."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import FileList
from tests.gallery.driver import PASSWORD, Form, GalleryDriver
from tests.gallery.homes import UNREACHABLE
from tests.gallery.stories.page_actions import NEW, drop
from tests.support.ipywidgets_internals import send_to
from tests.support.issued_keystores import ISSUER, issued_by


def troubleshoot(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("troubleshoot")
    yield "empty"
    drop(form, "files", ("letter.txt", b"Dear colleague"), ("nothing.p12", b""))
    yield "no-keystores"
    do(form, "another")
    drop(
        form,
        "files",
        refused=tuple({"name": f"{reason}.p12", "reason": reason} for reason in ("size", "many", "kind")),
    )
    yield "refused"


def troubleshoot_a_file(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    form = driver.open("troubleshoot", keystore=driver.keystores[0].name)
    yield "closed"
    do(form, "open", secrets={"password": "Kine-2025"})
    yield "password-wrong"
    do(form, "open", secrets={"password": PASSWORD})
    yield "open"
    do(form, "ask")
    yield "asked"
    do(form, "back")
    do(form, "revocation")
    yield "not-revoked"
    do(form, "protect")
    yield "protect"
    do(form, "go", secrets={"new": "a", "again": "b"})
    yield "passwords-differ"
    do(form, "go", secrets={"new": "é", "again": "é"})
    yield "password-unfit"
    do(form, "go", secrets={"new": NEW, "again": NEW}, modern=True)
    yield "protected"
    do(form, "delete")
    yield "delete-asked"
    do(form, "yes")
    yield "deleted"
    do(form, "back")
    do(form, "merge")
    yield "nothing-to-merge"


def do(form: Form, action: str, *, secrets: dict[str, str] | None = None, **values: str | bool) -> None:
    """Press a button of the file that is shown."""
    for actions in form.parts(ButtonBar):
        if action in [button["name"] for button in actions.buttons]:
            message = {"action": action, "serial": actions.serial, "values": values, "secrets": secrets or {}}
            send_to(actions, message)
            return
    raise LookupError(f"no button {action} among {form.buttons}")


def troubleshoot_two_files(driver: GalleryDriver) -> Iterator[str]:
    driver.at("active")
    old, new = driver.keystores
    form = driver.open("troubleshoot")
    yield "folder"
    form.go("look", folder="")
    yield "list"
    keys = {option["name"]: option["key"] for option in form.part(FileList).options}
    form.message(FileList, {"action": "choose", "key": keys[old.name]})
    do(form, "open", secrets={"password": PASSWORD})
    yield "older"
    do(form, "merge")
    yield "merge"
    do(form, "go", old=f"folder:{new.name}", secrets={"old_password": "x"})
    yield "merge-refused"
    do(form, "cancel")
    do(form, "archive")
    yield "archive"
    do(form, "go")
    yield "archived"


def troubleshoot_damage(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    (path,) = driver.keystores
    data = path.read_bytes()
    form = driver.open("troubleshoot")
    drop(
        form,
        "files",
        ("copie.p12", data[: len(data) // 2]),
        ("mail.p12", base64.encodebytes(data)),
        ("renamed (1).p12", data),
    )
    yield "list"
    for name in ("copie.p12", "mail.p12", "renamed (1).p12"):
        keys = {option["name"]: option["key"] for option in form.part(FileList).options}
        form.message(FileList, {"action": "choose", "key": keys[name]})
        do(form, "open", secrets={"password": PASSWORD})
        yield name.split(".")[0].replace(" ", "-")
        for action in ("rescue", "convert"):
            if action in form.buttons:
                do(form, action)
                yield action
                do(form, "go", secrets={"new": "", "again": ""})
                yield f"{action}-done"
                do(form, "back")


def troubleshoot_misnamed(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    (path,) = driver.keystores
    path.rename(path.with_name("mon certificat.p12"))
    form = driver.open("troubleshoot")
    do(form, "look", folder="mon certificat.p12")
    do(form, "open", secrets={"password": PASSWORD})
    yield "open"
    do(form, "rename")
    yield "rename"
    do(form, "go")
    yield "renamed"


def troubleshoot_by_the_platform(driver: GalleryDriver) -> Iterator[str]:
    for home in ("unsent", "waiting", "due", "renewed", "revoked", "expired"):
        driver.at(home)
        asked(driver)
        yield home
    driver.at("complete")
    driver.scenario("platform-down")
    asked(driver)
    yield "unreachable"


def asked(driver: GalleryDriver) -> Form:
    form = driver.open("troubleshoot", keystore=driver.keystores[-1].name)
    do(form, "open", secrets={"password": PASSWORD})
    do(form, "ask")
    return form


def troubleshoot_does_it_work(driver: GalleryDriver) -> Iterator[str]:
    for home in ("waiting", "complete", "renewed", "revoked", "expired"):
        driver.at(home)
        proven(driver)
        yield home
    driver.at("active")
    proven(driver, 0)
    yield "replaced"
    for scenario in ("sts-down", "sts-not-authorised", "clock-wrong", "sts-other-key", "sts-signer-ended"):
        driver.at("complete")
        driver.scenario(scenario)
        proven(driver)
        yield scenario
    driver.at("complete")
    driver.wire.before["certra"] = UNREACHABLE
    form = proven(driver)
    yield "unreachable"
    driver.wire.before.clear()
    do(form, "again")
    yield "again"


def proven(driver: GalleryDriver, number: int = -1) -> Form:
    form = driver.open("troubleshoot", keystore=driver.keystores[number].name)
    do(form, "open", secrets={"password": PASSWORD})
    do(form, "prove")
    return form


def troubleshoot_revoked(driver: GalleryDriver) -> Iterator[str]:
    driver.at("revoked")
    form = driver.open("troubleshoot", keystore=driver.keystores[-1].name)
    do(form, "open", secrets={"password": PASSWORD})
    do(form, "revocation")
    yield "revoked"


def troubleshoot_in_production(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    (path,) = driver.keystores
    data = path.read_bytes()
    driver.set(environment="production", keystore_folder=str(path.parent))
    form = driver.open("troubleshoot")
    drop(form, "files", (path.name, data))
    do(form, "open", secrets={"password": PASSWORD})
    yield "elsewhere"
    own = issued_by(ISSUER["production"], driver.home / "own" / path.name)
    form = driver.open("troubleshoot")
    drop(form, "files", (own.path.name, own.path.read_bytes()))
    do(form, "open", secrets={"password": PASSWORD})
    yield "open"
    do(form, "ask")
    yield "confirmation"
    do(form, "go", environment="x")
    yield "confirmation-refused"
    do(form, "cancel")
    do(form, "prove")
    yield "confirmation-of-a-test"


def troubleshoot_on_a_server(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    driver.set(shared="true")
    driver.open("troubleshoot")
    yield "empty"


def troubleshoot_the_card(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("troubleshoot")
    form.go("card")
    yield "card"


STORIES: Final = (
    troubleshoot,
    troubleshoot_a_file,
    troubleshoot_two_files,
    troubleshoot_damage,
    troubleshoot_does_it_work,
    troubleshoot_in_production,
    troubleshoot_on_a_server,
)
VARIANTS: Final = (
    troubleshoot_revoked,
    troubleshoot_the_card,
    troubleshoot_by_the_platform,
    troubleshoot_misnamed,
)
