"""Progress of slow work: every change of a page is made in the page's own turn, never in the thread of the work."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget

from ehtoolkit.clock import SystemClock
from ehtoolkit.forms.audit.model import AuditModel
from ehtoolkit.forms.doctor.model import DoctorModel
from ehtoolkit.forms.due.list_parts import UnlockPart
from ehtoolkit.forms.engine.background import SubmittedForm, on_page, run_in_thread
from ehtoolkit.forms.engine.page_context import PageContext
from ehtoolkit.forms.engine.page_shell import PageShell
from ehtoolkit.forms.engine.step_page import Page
from ehtoolkit.forms.engine.view import WizardView
from ehtoolkit.forms.engine.wizard import Step, Wizard
from ehtoolkit.forms.tools.audit import AUDIT
from ehtoolkit.forms.tools.doctor import DOCTOR
from ehtoolkit.forms.widgets.buttons import ButtonBar, ButtonPress
from ehtoolkit.i18n import Translator
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from tests.forms.player import Player

TEXTS = Translator("en")


class Changes:
    """The changes of traits: in which thread each was made, and what the buttons said meanwhile."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.busy: list[str] = []

    def of(self, condition: Callable[[], bool], begin: Callable[[], None]) -> None:
        """Begin inside a loop, as in a kernel, and wait until ``condition``."""

        async def page() -> None:
            begin()
            async with asyncio.timeout(60):
                while not condition():
                    await asyncio.sleep(0.01)

        asyncio.run(page())
        assert self.threads == {threading.get_ident()}


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> Changes:
    changes, notify = Changes(), Widget.notify_change

    def recording(widget: Widget, change: Any) -> None:
        changes.threads.add(threading.get_ident())
        if isinstance(widget, ButtonBar) and change["name"] == "busy":
            changes.busy.append(change["new"])
        notify(widget, change)

    monkeypatch.setattr(Widget, "notify_change", recording)
    return changes


def test_work_of_a_wizard(changes: Changes, tmp_path: Path) -> None:
    worked: list[int] = []

    def work(submission: SubmittedForm) -> None:
        worked.append(threading.get_ident())
        for sentence in ("First of all.", "And then."):
            submission.report(sentence)

    wizard = Wizard([Step("send")])
    view = WizardView(
        wizard,
        {"send": lambda: Page(title="Send", primary="Send", work=work)},
        lambda: Page(title="Done"),
        texts=TEXTS,
        home=tmp_path,
        caption="Proof",
        names={"send": "Send"},
        cancel="Leave",
    )

    changes.of(lambda: view.shown.title == "Done", lambda: Player(view.root).press("next"))

    assert worked != [threading.get_ident()]
    assert changes.busy == [TEXTS.get("wizard.busy"), "First of all.", "And then.", ""]


def test_work_for_which_there_is_no_thread_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the page that waits for it goes on."""
    full, ended = RuntimeError("can't start new thread"), list[BaseException | None]()

    def refuse(thread: threading.Thread) -> None:
        raise full

    async def page() -> None:
        with monkeypatch.context() as system:
            system.setattr(threading.Thread, "start", refuse)
            run_in_thread(lambda: None, ended.append)

    asyncio.run(page())

    assert ended == [full]


def test_work_that_fails_as_libraries_in_rust_do_has_failed_too() -> None:
    class Panic(BaseException):
        """As pyo3 has it: none of the exceptions that are caught everywhere."""

    ended: list[BaseException | None] = []

    def fail() -> None:
        raise Panic

    async def page() -> None:
        run_in_thread(fail, ended.append)
        async with asyncio.timeout(10):
            while not ended:
                await asyncio.sleep(0.01)

    asyncio.run(page())

    assert [type(error) for error in ended] == [Panic]


def test_audit(changes: Changes, keystores: Path) -> None:
    for name in ("one.p12", "two.p12"):
        (keystores / name).write_bytes(b"no keystore")
    settings = load_settings()
    page = AUDIT.build(AuditModel(settings, SystemClock()), PageContext(settings, TEXTS))

    changes.of(lambda: page.model.result is not None and not page.choosing.actions.busy, page.start)

    assert TEXTS.get("audit_page.progress", done=2, of=2) in changes.busy


def test_doctor(changes: Changes, keystores: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcsc")
    settings = load_settings()
    model = DoctorModel(settings)
    page = DOCTOR.build(model, PageContext(settings, TEXTS))

    changes.of(lambda: bool(page._lines.value), page.begin)

    steps = [text for text in changes.busy if text not in ("", TEXTS.get("doctor.busy"))]
    assert len(steps) > 1


def test_password_of_the_first_page(changes: Changes, keystores: Path) -> None:
    paths = [keystores / name for name in ("one.p12", "two.p12")]
    for path in paths:
        path.write_bytes(b"no keystore")
    settings = load_settings()
    shell = PageShell(PageContext(settings, TEXTS), run_in_thread, "index")
    part = UnlockPart(open_toolkit(settings), shell, lambda _: None)
    part.offer(paths, main=False)

    changes.of(
        lambda: bool(part.field.error),
        lambda: part._act(ButtonPress("open", {}, {"unlock": Secret("Zo-Geheim_42")})),
    )

    assert TEXTS.get("index.unlock.busy", number=2, count=2) in changes.busy


def test_work_goes_on_when_the_page_is_gone() -> None:
    """A file that is being written is written to its end, whatever has become of the page."""
    progress: list[str] = []

    async def page() -> Callable[[str], None]:
        return on_page(progress.append)

    report = asyncio.run(page())
    with ThreadPoolExecutor() as threads:
        threads.submit(report, "Written.").result()

    assert progress == []
