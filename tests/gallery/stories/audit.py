"""The page Audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ehtoolkit.forms.widgets.choices import Chips
from tests.gallery.driver import GalleryDriver
from tests.gallery.stories.page_actions import drop, fielded


def audit(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("audit")
    yield "empty"
    form.go("start", folders="")
    yield "no-folder"
    form.go("start", folders=str(driver.home / "nowhere"))
    yield "folder-missing"
    drop(form, "passwords", ("passwords.csv", b"\xff\xfe\x00\x00"))
    yield "no-table"
    drop(form, "passwords", ("passwords.csv", b"pattern;password\n*.p12;Kine-2026\n"))
    yield "passwords-known"


def audit_of_a_practice(driver: GalleryDriver) -> Iterator[str]:
    driver.at("sample")
    form = driver.open("audit")
    yield "found"
    form.go("more")
    yield "more"
    for tab in ("list", "timeline", "export"):
        form.turn_to(tab)
        yield tab
    form.turn_to("work")
    states = [option["key"] for option in form.part(Chips).options]
    form.message(Chips, {"action": "choose", "key": states[1]})
    yield "one-state"
    form.message(Chips, {"action": "choose", "key": "complete"})
    yield "nothing-to-do"
    form.go("filter")
    fielded(form, "words").value = "nothing of that kind"
    yield "nothing-left"
    form.go("everything")
    form.go("choose")
    yield "choose"


def audit_of_what_was_seen(driver: GalleryDriver) -> Iterator[str]:
    """What the first page knows; and a password that was meant for many files, and opens none."""
    driver.at("active")
    form = driver.open("audit")
    yield "seen"
    form.go("choose")
    form.go("start", secrets={"password": "Kine-2025"}, pattern="SSIN=*")
    yield "guessed"


def audit_on_a_server(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    driver.set(shared="true")
    driver.open("audit")
    yield "found"


STORIES: Final = (
    audit,
    audit_of_a_practice,
)
VARIANTS: Final = (
    audit_of_what_was_seen,
    audit_on_a_server,
)
