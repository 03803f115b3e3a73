"""The pages that are no forms in steps: the first one, providers, audit, troubleshooting, this computer, trainer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypedDict

from ehtoolkit import forms
from ehtoolkit.forms.copies.backup_reminder import BackupReminder
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.list_html import due_list
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.user_progress import DONE
from ehtoolkit.forms.html import element, heading, link, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.training_class import WORDS
from ehtoolkit.forms.widgets.browser_timers import DeliveryTimer
from ehtoolkit.forms.widgets.buttons import ButtonBar
from ehtoolkit.forms.widgets.choices import Chips, FileList
from ehtoolkit.forms.widgets.files import DropZone
from ehtoolkit.forms.widgets.page_frame import ClassBar
from ehtoolkit.forms.widgets.page_parts import StepHead
from ehtoolkit.forms.widgets.tables import EditTable, Table
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.training import PEOPLE, Scenario
from ehtoolkit.training.keystores.keystore_factory import PASSWORD as SAMPLE
from ehtoolkit.training.lessons.stations import STATIONS
from ehtoolkit.training.state.attendance import PageReport, take_report
from ehtoolkit.training.state.classroom import open_class
from ehtoolkit.training.state.database import DATABASE_FILE, TrainingDatabase
from tests.gallery.driver import PASSWORD, Form, GalleryDriver
from tests.gallery.homes import UNREACHABLE
from tests.support.ipywidgets_internals import send_to
from tests.support.issued_keystores import ISSUER, issued_by
from tests.support.items import ON_FIRST_PAGE, item_in

NEW: Final = "Kine-2029"
CLASS: Final = "0123456789abcdef"


# ── the first page ───────────────────────────────────────────────────────────────────────────────────────
def index(driver: GalleryDriver) -> Iterator[str]:
    for home in (
        "fresh",
        "unsent",
        "waiting",
        "complete",
        "due",
        "renewing",
        "renewed",
        "active",
        "revoked",
        "expired",
        "foreign",
    ):
        driver.at(home)
        for path in driver.keystores:
            see(driver, path.name)
        form = driver.open("index")
        yield home
    del form


def see(driver: GalleryDriver, name: str) -> None:
    """Open a file once, as some form of the past did: what it showed is remembered."""
    form = driver.open("index")
    if "open" in form.buttons:
        form.go("open", secrets={"unlock": PASSWORD})


def index_turns_to_ready(driver: GalleryDriver) -> Iterator[str]:
    """While the page is open the platform delivers: a request, and a renewal."""
    for home in ("waiting", "renewing"):
        driver.at(home)
        form = driver.open("index")
        yield f"waits-{home}"
        driver.later("+1d")
        timer = form.part(DeliveryTimer)
        send_to(timer, {"action": "over", "serial": timer.serial})
        yield f"ready-{home}"


def index_with_closed_files(driver: GalleryDriver) -> Iterator[str]:
    driver.at("active")
    for path in (driver.home / "notes").rglob("*"):
        if path.is_file():
            path.unlink()
    (driver.keystores[0].parent / "SSIN=68053041155 20260101-101500.p12").write_bytes(b"no keystore")
    form = driver.open("index")
    yield "closed"
    form.go("open", secrets={"unlock": ""})
    yield "password-empty"
    form.go("open", secrets={"unlock": "Kine-2025"})
    yield "password-wrong"
    form.go("open", secrets={"unlock": PASSWORD})
    yield "seen"


def index_in_every_standing(driver: GalleryDriver) -> Iterator[str]:
    """The list as the page draws it, a line for each state that a keystore can be in."""
    driver.at("complete")
    with driver.toolkit() as toolkit:
        context = toolkit.context
        now = context.clock.now()
        (due,) = due_keystores(context.keystores, context.notes)
    life = (now - timedelta(days=1000), now + timedelta(days=1))
    items = [
        item_in(due, state, life, now, 1, Environment.ACCEPTANCE if state is FileState.ELSEWHERE else None)
        for state in ON_FIRST_PAGE
    ]
    for state in (State.EXPIRED, State.REVOKED):  # its successor waits
        item = item_in(due, state, life, now, -1)
        items.append(replace(item, standing=replace(item.standing, action=Action.NONE)))
    done = item_in(replace(due, loaded="AB" * 20), FileState.REPLACED, life, now, 1)
    items.append(replace(done, successor="AB" * 20))  # the newer one is loaded everywhere
    quiet = [item for item in items if not item.is_due]
    items = [*(item for item in items if item.is_due), item_in(due, State.EXPIRED)]

    def page() -> Any:
        title = heading(driver.get("index.due"))
        lines = due_list(items, now, frozenset(forms.PAGES), driver.texts)
        lines = element("section", title + lines, class_="eh-section")
        return column("eh", "eh-index", of=(_index_head(driver), show(lines)))

    driver.show(page)
    yield "due"
    items[:] = quiet
    driver.show(page)
    yield "quiet"


def index_of_safety_copies(driver: GalleryDriver) -> Iterator[str]:
    driver.at("waiting")
    stick, second = driver.home.parent / "media" / "STICK", driver.home.parent / "network" / "Praxis"
    form = driver.open("index")
    form.go("copy_files")
    form.go("look_again")
    yield "no-drive"
    driver.connect(stick)
    form.go("look_again")
    form.go("copy", copy_folder=str(driver.home / "nowhere"))
    yield "no-folder"
    form.go("folder_0")
    yield "copied"
    for note in (driver.home / "notes" / "training" / "copied").iterdir():
        note.unlink()
    form = driver.open("index")
    form.go("copy_files")
    form.go("folder_0")
    yield "there-already"
    (mine,) = driver.keystores
    keystore = KeystoreFile.open(mine, Secret(PASSWORD)).keystore
    mine.unlink()
    KeystoreFile.create(mine, keystore, Secret(NEW))
    with driver.toolkit() as toolkit:
        context = toolkit.context
        due = due_keystores(context.keystores, context.notes)
        items = outlook(due, context.clock.now(), Environment.TRAINING)
        real = replace(toolkit, context=replace(context, environment=Environment.ACCEPTANCE))
        shell = PageShell(PageContext(real.settings, driver.texts), run_inline, "index")
        reminder = BackupReminder(real, shell, lambda: None)
        never = replace(items[0].due, file=replace(items[0].due.file, content_key_id="AB" * 20))
        reminder.offer((*items, replace(items[0], due=never)))
        lines = due_list(items, context.clock.now(), frozenset(forms.PAGES), driver.texts)
        above = show(heading(driver.get("index.due")), lines)
        driver.show(
            lambda: column(
                "eh", "eh-index", of=(_index_head(driver), above, column("eh-unlock-part"), reminder.root)
            )
        )
        yield "real-certificates"
    driver.connect(stick, second)
    form = driver.open("index")
    form.go("copy_files")
    form.go("look_again")
    form.go("folder_0")
    yield "earlier-kept"
    driver.connect(second)
    form = driver.open("audit")
    form.go("choose")
    form.go("folder_0")
    yield "folders-of-an-audit"


def _index_head(driver: GalleryDriver) -> StepHead:
    head = StepHead()
    head.show(caption="", title=driver.get("index.title"), lead="", focus=False)
    return head


def index_of_a_practice(driver: GalleryDriver) -> Iterator[str]:
    at_the_practice(driver)
    driver.open("index")
    yield "many"
    form = driver.open("index")
    form.go("open", secrets={"unlock": SAMPLE})
    yield "seen"


def at_the_practice(driver: GalleryDriver) -> None:
    """The folder of one invented practice is the keystore folder."""
    driver.at("sample")
    files = sorted(driver.home.rglob("*.p12"))
    folders = sorted(
        {path.parent for path in files}, key=lambda parent: -sum(path.parent == parent for path in files)
    )
    driver.set(keystore_folder=str(folders[0]))


# ── providers ────────────────────────────────────────────────────────────────────────────────────────────
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


def drop(form: Form, zone: str, *files: tuple[str, bytes], refused: tuple[dict[str, str], ...] = ()) -> None:
    target = form.part(DropZone, zone)
    for name, data in files:
        send_to(target, {"action": "file", "name": name}, [memoryview(data)])
    send_to(target, {"action": "end", "refused": list(refused)})


def providers_in_a_damaged_registry(driver: GalleryDriver) -> Iterator[str]:
    driver.settings.provider_file.write_bytes(b"no registry" * 100)
    driver.open("providers")
    yield "damaged"


# ── audit ────────────────────────────────────────────────────────────────────────────────────────────────
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


def fielded(form: Form, name: str) -> Any:
    return next(widget for widget in form.everything() if getattr(widget, "name", None) == name)


# ── troubleshooting ──────────────────────────────────────────────────────────────────────────────────────
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


# ── this computer ────────────────────────────────────────────────────────────────────────────────────────
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


# ── trainer ──────────────────────────────────────────────────────────────────────────────────────────────
def trainer(driver: GalleryDriver) -> Iterator[str]:
    driver.at("everybody")
    form = driver.open("trainer")
    yield "fresh"
    form.go("newcomer")
    yield "newcomer"
    form.go("newcomer_add", new_first_names="", new_surname="", new_born="x")
    yield "newcomer-refused"
    form.go("newcomer_add", new_first_names="Jo", new_surname="Nieuw", new_born="1.2.2012")
    yield "newcomer-there"
    form.handle("bram", "unplug", table=3)
    form.handle("karl", "block", table=3)
    yield "cards"
    form.go("mandate", mandate_organisation="", mandate_type="CBE", mandate_number="1", mandate_name="")
    yield "mandate-refused"
    form.go("mandate", mandate_number="0486132722", mandate_name="Praxis")
    form.handle(form.parts(Table)[4].rows[0]["key"], "withdraw", table=4)
    yield "mandate"
    for scenario in Scenario:
        if scenario is not Scenario.FORGOTTEN_PASSWORD:
            form.switch(scenario, on=True)
    yield "scenarios"
    fielded(form, "scenario_words").value = "zzz"
    yield "no-scenario"
    fielded(form, "scenario_words").value = ""
    form.switch(Scenario.FORGOTTEN_PASSWORD, on=True)
    yield "scenario-refused"
    fielded(form, "person").value = PEOPLE[0].name
    yield "of-one-person"
    form.go("reset_all")
    yield "reset-asked"
    form.go("yes")
    yield "reset"


def mailbox(driver: GalleryDriver) -> Iterator[str]:
    form = driver.open("mailbox")
    yield "empty"
    driver.at("waiting")
    form = driver.open("mailbox")
    yield "one"
    driver.later("+1d")
    form.go("look")
    yield "two"


def trainer_with_requests(driver: GalleryDriver) -> Iterator[str]:
    for home in ("renewed", "revoked", "expired"):
        driver.at(home)
        driver.open("trainer")
        yield home
    driver.at("foreign")
    form = driver.open("trainer")
    yield "to-confirm"
    form.handle(form.parts(Table)[2].rows[0]["key"], "confirm", table=2)
    yield "confirmed"
    driver.at("waiting")
    form = driver.open("trainer")
    form.handle(form.parts(Table)[2].rows[0]["key"], "refuse", table=2)
    yield "refused"
    driver.at("renewing")
    form = driver.open("trainer")
    form.handle(form.parts(Table)[2].rows[0]["key"], "deliver", table=2)
    form.handle(form.parts(Table)[2].rows[0]["key"], "deliver", table=2)
    form.go("reset")
    form.go("look")
    yield "renewal-to-come"
    form.go("renewal")
    yield "renewal"
    driver.at("waiting")
    driver.scenario("not-yet-delivered")
    driver.open("trainer")
    yield "withheld"
    driver.at("sample")
    form = driver.open("trainer")
    yield "sample"
    form.go("sample_anew")
    yield "sample-asked"
    form.go("reset_all")
    yield "reset-asked"


def trainer_with_a_class(driver: GalleryDriver) -> Iterator[str]:
    driver.at("complete")
    driver.open("trainer").go("board_open")
    yield "open"
    report(driver, 1, "Anna", page="request", step="card", problem="error.pin_wrong", card=PEOPLE[0].name)
    report(driver, 2, "Björn <b>Sjöberg-Vandenbroucke</b>, " + "praktijk " * 9, page="index", card="karl")
    for seconds in (130, 0):
        report(driver, 3, "Zoë", page="complete-renewal", step=DONE, seconds=seconds)
    report(driver, 4, "Gone", page="doctor", seconds=90)
    form = driver.open("trainer")
    yield "class"
    form.go("board_list")
    yield "certificates"
    for station in ("", *(station.name for station in STATIONS[:-1])):
        form.go(f"board_next {station}")
        if station in ("", "complete-renewal", "card-fault"):
            yield f"station-after-{station or 'nothing'}"
    yield "last-station"
    form.handle(f"{1:032x}", "reset")
    yield "reset-asked"
    form.go("board_yes")
    yield "reset"
    form.handle(f"{4:032x}", "forget")
    form.go("board_close")
    yield "closed"


def report(driver: GalleryDriver, number: int, name: str, *, seconds: int = 0, **place: str) -> None:
    """Put a trainee on the board, with the last report so many seconds ago."""
    with driver.training() as training:
        given = {
            "class_id": open_class(training.database, "en"),
            "visitor": f"{number:032x}",
            "name": name,
            **place,
        }
        moment = datetime.now(UTC) - timedelta(seconds=seconds)
        take_report(TrainingDatabase(training.folder / DATABASE_FILE), PageReport.from_json(given), moment)


def line_of_a_class(driver: GalleryDriver) -> Iterator[str]:
    driver.at("fresh")
    words = {
        name: driver.get(f"lesson.bar.{name}", **({"name": "{name}"} if name == "inside" else {}))
        for name in WORDS
    }

    def page() -> Any:
        bar = ClassBar(words=words)
        bar.show(CLASS, driver.get("lesson.complete-renewal"), "complete.ipynb")
        head = StepHead()
        head.show(caption="", title=driver.get("index.title"), lead="", focus=False)
        first = link(driver.get("index.request.do"), "request.ipynb", class_="eh-button eh-primary")
        return column("eh", of=(bar, head, show(first)))

    driver.show(page)
    yield "name"


STORIES: Final = (
    index_turns_to_ready,
    index_with_closed_files,
    index_in_every_standing,
    index_of_a_practice,
    index_of_safety_copies,
    providers,
    providers_of_a_keystore,
    providers_of_a_practice,
    audit,
    audit_of_a_practice,
    troubleshoot,
    troubleshoot_a_file,
    troubleshoot_two_files,
    troubleshoot_damage,
    troubleshoot_does_it_work,
    troubleshoot_in_production,
    troubleshoot_on_a_server,
    doctor,
    trainer,
    trainer_with_a_class,
    line_of_a_class,
    mailbox,
)
VARIANTS: Final = (
    providers_from_a_table,
    troubleshoot_revoked,
    troubleshoot_the_card,
    index,
    providers_in_a_damaged_registry,
    troubleshoot_by_the_platform,
    troubleshoot_misnamed,
    doctor_finds_faults,
    trainer_with_requests,
    audit_of_what_was_seen,
    audit_on_a_server,
)
