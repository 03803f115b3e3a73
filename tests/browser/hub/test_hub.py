"""JupyterHub for real: two users log in, request and complete, apart from each other, with one registry for both."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin

import httpx
import psutil
import pytest
from playwright.sync_api import Page, expect

from ehtoolkit.i18n import Translator
from ehtoolkit.voila.fork_provisioner import TITLE
from ehtoolkit.voila.kernels import SPARES
from ehtoolkit.voila.warm_process import FORK_SERVER
from tests.browser import form_steps
from tests.browser.hub.accounts import Person
from tests.browser.hub.conftest import SignIn
from tests.browser.hub.running_hub import Hub, asked_for
from tests.browser.page_users import Keys, Mouse, look, title
from tests.browser.prepared_homes import CONTACT
from tests.packaging.environments import locked

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

PASSWORD = "Oefening-2026"
PATIENCE = 180
"""Seconds; a kernel that no page has reached waits two minutes for one."""
get = Translator("en", on_pages=True).get


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for what comes about in another process."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def kernels(running: Hub, person: Person) -> list[psutil.Process]:
    """Those of a user's pages, forked from one process."""
    children = running.our_server(person.name).children()
    (warm,) = [child for child in children if FORK_SERVER in child.cmdline()]
    return [child for child in warm.children() if any(name.startswith(TITLE) for name in names([child]))]


def names(processes: list[psutil.Process]) -> set[str]:
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found.add(process.name())
    return found


def go(page: Page, name: str, heading: str) -> None:
    """Open another of the pages."""
    page.goto(urljoin(page.url, f"{name}.ipynb"))
    title(page, heading)
    look(page)


def letters(page: Page, say: Callable[..., str]) -> int:
    """How many e-mails of the training platform a user finds."""
    go(page, "mailbox", say("mailbox.title"))
    return page.get_by_role("list", name=say("trainer.mails")).get_by_role("button").count()


def test_what_is_installed_is_what_the_page_says() -> None:
    program, *beside = asked_for()
    assert program == ".[postgresql]"
    assert {*beside, "psycopg-binary"} <= locked("hub").keys()


def test_one_requests_and_completes_and_the_other_sees_nothing_of_it(
    running: Hub, els: Person, tom: Person, sign_in: SignIn
) -> None:
    page, other = sign_in(els).page, sign_in(tom, "nl").page
    say = Translator("nl", on_pages=True).get
    title(page, get("index.title"))
    title(other, say("index.title"))
    expect(page.get_by_text(get("page.shared.note"))).to_be_visible()

    user = Keys(page)

    def arrived(key: str) -> None:
        title(page, get(key))

    user.press(get("index.request"))
    form_steps.request(user, get, arrived, PASSWORD, {"email": CONTACT.email, "phone": CONTACT.phone})
    running.ehtoolkit(els.name, "training", "clock", "+1d")
    user.press(get("request.next.complete.link"))
    form_steps.complete(user, get, arrived, PASSWORD)

    (keystore,) = els.home.rglob("*.p12")
    assert stat.S_IMODE(keystore.stat().st_mode) == 0o600
    kept = els.home / "password"
    kept.write_text(PASSWORD)
    said = running.ehtoolkit(
        els.name, "certificate", "status", str(keystore), "--password-file", str(kept), "--json"
    )
    assert json.loads(said)["state"] == "active"
    assert letters(page, get) == 2

    # The other has no file, no certificate and no letter.
    assert list(tom.home.rglob("*.p12")) == []
    assert json.loads(running.ehtoolkit(tom.name, "training", "certificates", "--json")) == {
        "certificates": []
    }
    assert letters(other, say) == 0
    go(other, "index", say("index.title"))
    expect(other.get_by_text(say("index.due.none"))).to_be_visible()

    # A card that the one takes out of its reader is in the other's.
    running.ehtoolkit(els.name, "training", "card", "--unplug", "elise")
    for person, plugged in ((els, False), (tom, True)):
        cards = json.loads(running.ehtoolkit(person.name, "training", "card", "--json"))["cards"]
        assert {"card": "training:elise", "plugged": plugged, "pin_tries_left": 3} in cards
    running.ehtoolkit(els.name, "training", "card", "--insert", "elise")


def test_a_user_cannot_open_the_server_of_another(
    running: Hub, els: Person, tom: Person, sign_in: SignIn
) -> None:
    sign_in(els)
    page = sign_in(tom).page
    for path in (
        "ehtoolkit/index.ipynb",
        "ehtoolkit/voila/static/voila.js",
        "api/contents",
        "files/password",
    ):
        answer = page.goto(f"{running.url}/user/{els.name}/{path}")
        assert answer is not None
        assert answer.status == 403, path

    # Nor with the token of his own Jupyter server, nor beside the proxies.
    tokens = {name: running.environment(name)["JUPYTERHUB_API_TOKEN"] for name in running.people}
    for name, status in ((els.name, 200), (tom.name, 403)):
        sent = {"Authorization": f"token {tokens[name]}"}
        reply = httpx.get(
            f"{running.pages(els.name)}/index.ipynb", headers=sent, trust_env=False, timeout=PATIENCE
        )
        assert reply.status_code == status
    ports = running.our_server(els.name).net_connections("tcp")
    assert [port for port in ports if port.status == psutil.CONN_LISTEN] == []


def test_accounts_are_apart(running: Hub, els: Person, tom: Person, accounts: bool, sign_in: SignIn) -> None:
    """What one user's account can read, the other's cannot: files, the sockets of kernels, the variables of servers."""
    sign_in(els)
    sign_in(tom)
    server = running.our_server(els.name)
    sockets = {
        str(connection.laddr)
        for process in (server, *kernels(running, els))
        for connection in process.net_connections("unix")
        if connection.laddr
    }
    folders = {path.parent for path in map(Path, sockets) if path.name.startswith(("pages", "kernel-"))}
    assert len(folders) == 2, sockets  # of the pages, and of their kernels
    places = [
        str(folder)
        for folder in (els.home, *folders, f"/proc/{server.pid}/fd", f"/proc/{server.pid}/environ")
    ]
    for person in (els, tom):
        for place in places:
            read = ["cat" if place.endswith("environ") else "ls", place]
            done = person.run(read, running.environment(person.name))
            assert (done.returncode == 0) is (person is els or not accounts), (person.name, place)


def test_one_registry_of_providers(running: Hub, els: Person, tom: Person, sign_in: SignIn) -> None:
    """Made by whoever comes first, also where two come at once; what one enters, the other sees and changes."""
    page, other = sign_in(els).page, sign_in(tom, "nl").page
    say = Translator("nl", on_pages=True).get
    for window in (page, other):
        window.goto(urljoin(window.url, "providers.ipynb"), wait_until="commit")
    title(page, get("providers.title"))
    title(other, say("providers.title"))
    expect(page.get_by_text(get("providers.empty"))).to_be_visible()
    expect(other.get_by_text(say("providers.empty"))).to_be_visible()

    user = Mouse(page)
    user.press(get("providers.new"))
    title(page, get("providers.new.title"))
    user.type(get("registry.column.name"), "Vandamme")
    user.press(get("providers.save"))
    expect(page.get_by_role("status").filter(has_text=get("providers.saved"))).to_have_count(1)

    go(other, "providers", say("providers.title"))
    expect(other.get_by_role("rowheader", name="Vandamme")).to_be_visible()
    (record,) = json.loads(running.ehtoolkit(tom.name, "provider", "list", "--json"))["providers"]
    running.ehtoolkit(tom.name, "provider", "change", str(record["id"]), "--name", "Vandamme-Peeters")
    go(page, "providers", get("providers.title"))
    expect(page.get_by_role("rowheader", name="Vandamme-Peeters")).to_be_visible()


def test_every_address_has_the_prefix(running: Hub, els: Person, sign_in: SignIn) -> None:
    """Of links and pictures, of the pages and of the manual, which opens."""
    window = sign_in(els)
    page, prefix = window.page, f"{running.pages(els.name)}/"
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))

    def links() -> set[str]:
        found = page.evaluate("() => [...document.querySelectorAll('a[href]')].map((one) => one.href)")
        return {address for address in found if address.startswith("http")}

    page.reload()
    title(page, get("index.title"))
    look(page)
    there = links()
    assert len(there) > 10
    assert {url for url in there | asked if not url.startswith((prefix, "data:", "blob:"))} == set()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=get("page.manual")).first.click()
    manual = opened.value
    manual.wait_for_load_state()
    assert manual.url.startswith(f"{prefix}manual")
    broken = (
        "() => [...document.images].filter((one) => one.complete && !one.naturalWidth).map((one) => one.src)"
    )
    assert manual.evaluate(broken) == []


def test_who_logs_out_leaves_nothing_to_who_comes_next(
    running: Hub, els: Person, tom: Person, sign_in: SignIn
) -> None:
    """In the same browser."""
    window = sign_in(els)
    page, address = window.page, window.page.url
    page.goto(f"{running.url}/hub/logout")
    page.goto(address)
    expect(page.get_by_label("Username:")).to_be_visible()
    # What cookies are left of the one goes to his own addresses alone, where the hub asks for its own first.
    left = [cooky for cooky in page.context.cookies() if cooky["path"] not in ("/", "/hub/")]
    assert {str(file["path"]).split("/")[2] for file in left} == {els.name}
    sign_in(tom, window=window)
    assert page.url.startswith(running.pages(tom.name))
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 403


def test_a_kernel_ends_with_its_page(running: Hub, els: Person, sign_in: SignIn) -> None:
    window = sign_in(els)
    until(lambda: window.page.title() and window.kernels, "the page does not reach its kernel")
    (kernel,) = window.kernels
    own = f"{TITLE} {kernel[:8]}"
    assert own in names(kernels(running, els))
    # A page that is open is activity to a hub.
    with window.page.expect_request(lambda request: request.url.endswith(f"/api/kernels/{kernel}")):
        pass
    window.page.goto("about:blank")
    until(lambda: own not in names(kernels(running, els)), "a kernel stays when its page is gone")
    # Those too whose pages were left before they had reached them.
    until(lambda: len(kernels(running, els)) == SPARES, "more kernels than those in reserve")


def test_a_server_that_is_stopped_leaves_nothing_running_and_all_files(
    running: Hub, els: Person, sign_in: SignIn
) -> None:
    page = sign_in(els).page
    before = sorted(els.home.rglob("*.p12"))
    page.goto(f"{running.url}/hub/home")
    page.get_by_role("button", name="Stop My Server").click()
    expect(page.get_by_role("button", name="Start My Server")).to_be_visible(timeout=1000 * PATIENCE)
    until(lambda: els.processes() == [], "a server that was stopped leaves something")
    assert els.left_in_temp() == []
    sign_in(els)
    assert sorted(els.home.rglob("*.p12")) == before


def test_a_jupyter_server_that_is_killed_takes_the_pages_along(
    running: Hub, tom: Person, sign_in: SignIn
) -> None:
    """As by a system that has no memory left."""
    window = sign_in(tom)
    running.jupyter_server(tom.name).kill()
    until(lambda: tom.processes() == [], "the server of the pages, or a kernel, stays")
    assert tom.left_in_temp() == []
    window.page.goto("about:blank")
    window.complaints.clear()  # the page asked in vain for what is gone


def test_no_secret_and_no_failure_of_ours_is_in_the_log(running: Hub) -> None:
    """Of the hub, its proxy, and all servers. jupyter-server-proxy writes failures of its own there, about pages that
    were left while something was on its way to them."""
    log = running.log.read_text()
    assert PASSWORD not in log
    ours = [line for line in log.splitlines() if "site-packages/ehtoolkit/" in line]
    assert ours == []
    assert Translator("en").get("error.unexpected") not in log
