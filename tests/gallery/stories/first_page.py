"""The first page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypedDict

from ehtoolkit import forms
from ehtoolkit.forms.copies.backup_reminder import BackupReminder
from ehtoolkit.forms.due.keystores import due_keystores
from ehtoolkit.forms.due.list_html import due_list
from ehtoolkit.forms.due.next_steps import outlook
from ehtoolkit.forms.engine.background import run_inline
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.html import element, heading, show
from ehtoolkit.forms.layout import column
from ehtoolkit.forms.widgets.browser_timers import DeliveryTimer
from ehtoolkit.forms.widgets.page_parts import StepHead
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import Action
from ehtoolkit.keystore.state import FileState, State
from ehtoolkit.keystore.storage.keystore_file import KeystoreFile
from ehtoolkit.secret import Secret
from ehtoolkit.training.keystores.keystore_factory import PASSWORD as SAMPLE
from tests.gallery.driver import PASSWORD, GalleryDriver
from tests.gallery.stories.page_actions import NEW, see
from tests.support.ipywidgets_internals import send_to
from tests.support.items import ON_FIRST_PAGE, item_in


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


Physiotherapist = TypedDict("Physiotherapist", {"type-physiotherapist": bool})


STORIES: Final = (
    index_turns_to_ready,
    index_with_closed_files,
    index_in_every_standing,
    index_of_a_practice,
    index_of_safety_copies,
)
VARIANTS: Final = (index,)
