"""Sealed messages: the form that opens them, and the trainer who throws old keys away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.secret import Secret
from tests.gallery.driver import PASSWORD, Form, GalleryDriver


def messages(desk: GalleryDriver) -> Iterator[str]:
    desk.at("active")
    old, new = desk.keystores
    form = desk.open("messages")
    yield "choose"
    form.open_chosen("Kine-2025")
    yield "password-wrong"
    form.open_chosen()
    assert form.title == desk.get("messages.done.title")
    yield "open"
    form = opened(desk, old.name)
    assert desk.get("messages.letter.closed.newer", file=new.name) in bodies(form)[0]
    yield "closed-newer"
    with desk.training() as training:
        training.discarded_keys().discard(new, Secret(PASSWORD))
    form = opened(desk, new.name)
    assert desk.get("messages.letter.closed.nowhere", folder=str(new.parent)) in bodies(form)[-1]
    yield "closed-nowhere"
    with desk.training() as training:
        training.discarded_keys().bring_back()
    form = opened(desk, new.name)
    assert desk.get("messages.letter.closed.older", file=old.name) in bodies(form)[-1]
    yield "closed-older"


def messages_of_nobody(desk: GalleryDriver) -> Iterator[str]:
    desk.at("waiting")
    opened(desk, desk.keystores[0].name)
    yield "no-certificate"
    desk.at("complete")
    desk.later("reset")  # to a time at which nobody had a token
    opened(desk, desk.keystores[0].name)
    yield "nothing"


def messages_elsewhere(desk: GalleryDriver) -> Iterator[str]:
    desk.set(environment="production", keystores=str(desk.home / "real"))
    form = desk.open("messages")
    assert form.title == desk.get("messages.elsewhere.title")
    yield "elsewhere"


def trainer_throws_keys_away(desk: GalleryDriver) -> Iterator[str]:
    desk.at("complete")
    form = desk.open("trainer")
    yield "one-keystore"
    form.go("discard", secrets={"discard_password": PASSWORD})
    yield "nothing-old"
    form.go("discard", secrets={"discard_password": "Kine-2025"})
    yield "password-wrong"
    desk.at("active")
    new = desk.keystores[-1]
    form = desk.open("trainer")
    form.go("discard", discard_keystore=new.name, secrets={"discard_password": PASSWORD})
    assert len(desk.keystores) == 1
    yield "thrown-away"
    form.go("bring_back")
    assert len(desk.keystores) == 2
    yield "is-back"


def opened(desk: GalleryDriver, keystore: str) -> Form:
    form = desk.open("messages", keystore=keystore)
    form.open_chosen()
    return form


def bodies(form: Form) -> list[str]:
    from ehtoolkit.forms.widgets import MailList

    return [mail["body"] for mail in form.part(MailList).mails]


STORIES: Final = (messages, trainer_throws_keys_away)
VARIANTS: Final = (messages_of_nobody, messages_elsewhere)
