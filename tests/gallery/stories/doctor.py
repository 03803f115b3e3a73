"""The page This computer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.gallery.driver import PASSWORD, GalleryDriver


def doctor(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    form = driver.open("doctor")
    yield "fine"
    form.go("go")
    yield "nothing-asked"
    form.go("go", says="SOA-01002")
    yield "code"
    form.go("go", says="blah blah")
    yield "nothing-known"
    form.go("go", says="", keystore=driver.keystores[0].name)
    yield "closed"
    form.go("go", says="", keystore=driver.keystores[0].name, secrets={"password": PASSWORD})
    yield "open"
    form.go("go", says="", keystore=driver.keystores[0].name, secrets={"password": "Kine-2025"})
    yield "password-wrong"


def doctor_finds_faults(driver: GalleryDriver) -> Iterator[str]:
    for name in ("signature-not-activated", "clock-wrong", "platform-down"):
        driver.scenario(name)
    driver.open("doctor")
    yield "faults"
    driver.set(card="pkcs11:/usr/lib/nothing.so")
    driver.open("doctor")
    yield "no-module"


STORIES: Final = (doctor,)
VARIANTS: Final = (doctor_finds_faults,)
