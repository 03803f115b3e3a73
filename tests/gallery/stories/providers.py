"""The page Providers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypedDict

from ehtoolkit.forms.widgets.tables import EditTable, Table
from tests.gallery.driver import PASSWORD, GalleryDriver
from tests.gallery.stories.page_actions import drop, fielded, see

Physiotherapist = TypedDict("Physiotherapist", {"type-physiotherapist": bool})


def providers(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    form = driver.open("providers")
    yield "none"
    form.go("new")
    yield "new"
    form.go("save", birth_date="31/02/1979")
    yield "not-saved"
    form.go(
        "save",
        name="Vandamme",
        first_names="Élise",
        niss="79.03.14-218.72",
        birth_date="",
        inami="5/38861/71/521",
        practice="Cabinet Les Tilleuls",
        **Physiotherapist({"type-physiotherapist": True}),
    )
    yield "saved"
    form.turn_to("certificate")
    yield "no-certificate"
    form.go("assign", secrets={"password": "Kine-2025"})
    yield "password-wrong"
    form.go("assign", secrets={"password": ""})
    yield "certificate-unread"
    form.go("assign", secrets={"password": PASSWORD})
    yield "certificate"
    form.turn_to("periods")
    yield "no-periods"
    for _ in range(2):
        form.go("add")
    for row, start in (("p0", "01/01/2020"), ("p1", "32/06/2021")):
        form.message(EditTable, {"action": "edit", "key": row, "column": "start", "value": start})
    yield "periods"
    form.go("save")
    yield "period-not-saved"
    form.turn_to("history")
    yield "history"
    form.go("close")
    yield "close-asked"
    form.go("keep")
    form.go("discard")
    form.go("ask")
    yield "remove-asked"
    form.go("keep")
    form.go("close")
    yield "list"
    form.go("find", search="nobody")
    yield "nobody-found"
    form.go("find", search="")
    form.handle(form.part(Table).rows[0]["key"], "open")
    form.turn_to("certificate")
    form.go("unassign")
    yield "unassigned"
    form.go("ask")
    form.go("remove")
    yield "removed"


def providers_of_a_keystore(driver: GalleryDriver) -> Iterator[str]:
    """From the last page of a form: a record begun from the certificate, then opened where the file is assigned."""
    driver.at("complete")
    (path,) = driver.keystores
    see(driver, path.name)
    form = driver.open("providers", keystore=path.name)
    yield "begun"
    form.go("save", name="Vandamme", first_names="Élise")
    yield "saved"
    driver.open("providers", keystore=path.name)
    yield "opened"
    driver.open("providers", keystore="nothing.p12")
    yield "unknown"


def providers_of_a_practice(driver: GalleryDriver) -> Iterator[str]:
    driver.at("sample")
    form = driver.open("providers")
    yield "list"
    fielded(form, "status").value = "expired"
    yield "one-status"
    fielded(form, "status").value = ""
    looks = {row["key"]: row["cells"][4]["severity"] for row in form.part(Table).rows}
    worst = sorted(looks, key=lambda key: ("danger", "warn", "info", "off", "ok").index(looks[key]))[:2]
    for number, key in enumerate(worst, 1):
        form = driver.open("providers")
        form.handle(key, "open")
        for tab in ("identity", "periods", "certificate"):
            form.turn_to(tab)
            yield f"record-{number}-{tab}"


def providers_from_a_table(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("providers")
    for name, data in {
        "no-table": b"\x00\x01",
        "refused": b"name;first_names;niss;types\nVandamme;Elise;79031421872;physiotherapist\n;X;1;astronaut\n",
        "read": b"name;first_names;niss;types\nVandamme;Elise;79031421872;physiotherapist\n",
    }.items():
        drop(form, "table", ("providers.csv", data))
        yield name
    form.go("import")
    yield "imported"
    drop(form, "table", refused=({"name": "x.csv", "reason": "large"},))
    yield "too-large"


def providers_in_a_damaged_registry(driver: GalleryDriver) -> Iterator[str]:
    driver.settings.provider_file.write_bytes(b"no registry" * 100)
    driver.open("providers")
    yield "damaged"


STORIES: Final = (
    providers,
    providers_of_a_keystore,
    providers_of_a_practice,
)
VARIANTS: Final = (
    providers_from_a_table,
    providers_in_a_damaged_registry,
)
