"""Sealed messages: the form that opens them, and the trainer who throws old keys away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.secret import Secret
from tests.gallery.driver import PASSWORD, Form, GalleryDriver


def messages(driver: GalleryDriver) -> Iterator[str]:
    driver.at("active")
    old, new = driver.keystores
    form = driver.open("messages")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    assert form.title == driver.get("messages.done.title")
    yield "open"
    form = opened(driver, old.name)
    assert driver.get("messages.letter.closed.newer", file=new.name) in bodies(form)[0]
    yield "closed-newer"
    with driver.training() as training:
        training.discarded_keys().discard(new, Secret(PASSWORD))
    form = opened(driver, new.name)
    assert driver.get("messages.letter.closed.nowhere", folder=str(new.parent)) in bodies(form)[-1]
    yield "closed-nowhere"
    with driver.training() as training:
        training.discarded_keys().bring_back()
    form = opened(driver, new.name)
    assert driver.get("messages.letter.closed.older", file=old.name) in bodies(form)[-1]
    yield "closed-older"


def messages_of_nobody(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    opened(driver, driver.keystores[0].name)
    yield "no-certificate"
    driver.at("complete")
    driver.later("reset")  # to a time at which nobody had a token
    opened(driver, driver.keystores[0].name)
    yield "nothing"


def messages_elsewhere(driver: GalleryDriver) -> Iterator[str]:
    driver.set(environment="production", keystores=str(driver.home / "real"))
    form = driver.open("messages")
    assert form.title == driver.get("messages.elsewhere.title")
    yield "elsewhere"


def trainer_throws_keys_away(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    form = driver.open("trainer")
    yield "one-keystore"
    form.go("discard", secrets={"discard_password": PASSWORD})
    yield "nothing-old"
    form.go("discard", secrets={"discard_password": "Kine-2025"})
    yield "password-wrong"
    driver.at("active")
    new = driver.keystores[-1]
    form = driver.open("trainer")
    form.go("discard", discard_keystore=new.name, secrets={"discard_password": PASSWORD})
    assert len(driver.keystores) == 1
    yield "thrown-away"
    form.go("bring_back")
    assert len(driver.keystores) == 2
    yield "is-back"


def opened(driver: GalleryDriver, keystore: str) -> Form:
    form = driver.open("messages", keystore=keystore)
    form.open_chosen()
    return form


def bodies(form: Form) -> list[str]:
    from ehtoolkit.forms.widgets.page_parts import MailList

    return [mail["body"] for mail in form.part(MailList).mails]


STORIES: Final = (messages, trainer_throws_keys_away)
VARIANTS: Final = (messages_of_nobody, messages_elsewhere)
