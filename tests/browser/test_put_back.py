"""What browser tests rely on that share a server: after anything that was done on it, it is as if just started, and it
ends with them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Provider, open_registry
from ehtoolkit.settings import load_settings
from tests.browser.page_users import Mouse, look, title
from tests.browser.pages import Visit
from tests.browser.prepared_homes import certificate_in, ehtoolkit
from tests.browser.serving import PATIENCE, ROOT, Serving

Windows = Callable[..., Visit]

get = Translator("en").get
PAGES = ("index", "trainer")
"""The first page, and the one that shows all that the platform holds."""

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


def tree(home: Path) -> Mapping[str, int]:
    """What is in a home, with the rights to it; the name of the page that leads to the server is never the same."""
    return {
        "open" if path.match("open-*.html") else str(path.relative_to(home)): path.stat().st_mode
        for path in home.rglob("*")
    }


def shown(serving: Serving, visit: Windows) -> list[str]:
    """The words of the pages, as somebody sees them who comes for the first time."""
    window, words = visit(serving, locale="nl-BE"), []
    for name in PAGES:
        page = window.open(name)
        expect(page.locator(".eh-busy:visible")).to_have_count(0)
        look(page)
        text = page.locator("body").inner_text().replace(str(serving.home), "HOME")
        words.append(re.sub(r"\d\d:\d\d", "HH:MM", text))  # the clock goes on meanwhile
    return words


def test_nothing_is_left_of_a_walk_that_changed_everything(
    serving: Serving, started: Serving, chromium: Browser, visit: Windows
) -> None:
    before = tree(serving.home)
    assert before == tree(started.home)
    change(serving, Visit(chromium, serving.url, lands=False, locale="en-GB"))
    assert len(tree(serving.home)) > 20

    serving.put_back()

    assert tree(serving.home) == before

    assert shown(serving, visit) == shown(started, visit)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process ends with another one")
def test_no_server_stays_when_its_tests_are_broken_off(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.browser.serving import Serving; "
        "print(Serving.demo(Path(sys.argv[1])).pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        server = psutil.Process(int(tests.stdout.readline()))
        processes = [server, *server.children(recursive=True)]

        tests.kill()

    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert not alive


def change(serving: Serving, window: Visit) -> None:
    """A certificate, a provider, the clock, scenarios, cards, a mandate, a report; and a page that is left with
    something typed."""
    home = serving.home
    certificate_in(home, "Kine-2026", later="+34mo")
    for arguments in (
        ("scenario", "signature-not-activated", "on"),
        ("scenario", "forgotten-password", "on", "--person", "bram"),
        ("card", "--unplug", "claire"),
    ):
        ehtoolkit(home, "training", *arguments)
    with open_registry(load_settings(home=home)) as registry:
        registry.add(Provider("Vandamme", "Élise"))
    (home / "reports").mkdir()
    (home / "reports" / "1.txt").write_text("what nobody foresaw", encoding="utf-8")
    page = window.open("trainer", {"lang": "en"})
    user = Mouse(page)
    user.press(get("trainer.newcomer"))
    user.type(get("trainer.newcomer.first_names"), "Noor")
    user.type(get("trainer.newcomer.surname"), "Marchal")
    user.type(get("trainer.newcomer.born"), "29/02/2004")
    user.press(get("trainer.newcomer.add"))
    expect(page.get_by_text("training:noor")).to_be_visible()
    page = window.open("password", {"lang": "en"})
    title(page, get("password.choose.title"))
    user.type(get("choosing.password"), "not sent")
    window.close()
    serving.await_end(window.kernels)
