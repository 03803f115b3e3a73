"""Secrets that are typed leave no trace: markers through every form, and twelve places searched for them."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from playwright.sync_api import BrowserContext, Playwright, expect

from ehtoolkit.procedures.request import CertificateRequest, fetch_contract, sign, write_keystore
from ehtoolkit.secret import Secret
from ehtoolkit.settings import load_settings
from ehtoolkit.toolkit import open_toolkit
from ehtoolkit.training.state.invented_people import PEOPLE
from tests.browser.chromium import ARGUMENTS, CHROMIUM, SECONDS, whole_program
from tests.browser.conftest import _need
from tests.browser.markers import FAULT, Markers
from tests.browser.pages import Visit
from tests.browser.prepared_homes import CONTACT, PIN
from tests.browser.secret_fields import secret_fields
from tests.browser.secret_search import PLACES, Folders, Search
from tests.browser.secret_walks import SecretPageDriver, get, notebook_with, walk_all
from tests.browser.serving import ROOT, Serving

pytestmark = pytest.mark.timeout(900)

LISTENING = Path(__file__).parent / "listening"
SECOND = next(person for person in PEOPLE if person.name == "claire")


class Kept:
    """A browser whose windows leave on disk what a user's browser leaves."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self._playwright = playwright
        self._profile = profile

    def new_context(self, **options: Any) -> BrowserContext:
        path = whole_program()
        if path is None:
            _need("Chromium")
        return self._playwright.chromium.launch_persistent_context(
            self._profile, executable_path=path, args=list(ARGUMENTS), **options
        )


@dataclass(frozen=True, slots=True)
class Searched:
    search: Search
    driver: SecretPageDriver
    serving: Serving
    playwright: Playwright


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """Every form was walked through, and everything searched."""
    folders = Folders(tmp_path_factory.mktemp("secrets")).make()
    search, markers = Search(folders), Markers()
    driver = prepared(search, markers)
    serving = Serving.demo(folders.home, **surroundings(folders, FAULT))
    playwright = CHROMIUM.playwright
    expect.set_options(timeout=60_000)  # every page is also searched meanwhile
    try:
        window = Visit(Kept(playwright, folders.profile), serving.url, locale="en-GB")  # type: ignore[arg-type]
        window.page.context.set_default_timeout(60_000)
        search.listen(window.page)
        driver.window = window
        walk_all(driver)
        search.processes()
        window.page.context.close()
        keep_notebooks(driver)
        search.frames(window.frames, driver.carried)
        search.files(serving.log)
        yield Searched(search, driver, serving, playwright)
    finally:
        expect.set_options(timeout=SECONDS * 1000)
        assert serving.stop() == 0


def surroundings(folders: Folders, fault: str = "") -> dict[str, str]:
    """What the programs are told of where to leave what they leave; all of them write down what they log."""
    return {
        "PYTHONPATH": os.pathsep.join([str(LISTENING), str(ROOT)]),
        "EH_LISTENING": str(folders.logs),
        "EH_FAULT": fault,
        "EHTOOLKIT_HOME": str(folders.home),
        "EHTOOLKIT_TRACE": str(folders.traces),
        "EHTOOLKIT_TRAINING_DELIVERY": "0",
        "EHTOOLKIT_SAMPLE": "false",
        "IPYTHONDIR": str(folders.ipython),
        "JUPYTER_DATA_DIR": str(folders.temporary / "jupyter"),
        "TMPDIR": str(folders.temporary),
    }


def prepared(search: Search, markers: Markers) -> SecretPageDriver:
    """Two cards with a PIN of their own, and a request that was never sent."""
    pin, password = Secret(markers.pin()), Secret(markers.password())
    toolkit = open_toolkit(load_settings(home=search.folders.home))
    for card in (toolkit.open_card(), toolkit.open_card(f"training:{SECOND.name}")):
        card.change_pin(Secret(PIN), pin)  # type: ignore[attr-defined]  # a training card's own
    requested = CertificateRequest(SECOND.person, SECOND.person, CONTACT)
    signed = sign(
        fetch_contract(requested, toolkit.context),
        requested,
        card,
        pin,
        toolkit.context,
        generate_private_key(65537, 2048),
    )
    file = write_keystore(signed, password, requested.name, toolkit.context)
    toolkit.close()
    waiting = (file.path.name, password.reveal())
    return SecretPageDriver(None, search, markers, pin.reveal(), waiting, SECOND.person.full_name)  # type: ignore[arg-type]


def keep_notebooks(driver: SecretPageDriver) -> None:
    """The pages' notebooks with the states that their widgets had while something was typed, and one that nbclient
    runs."""
    folders = driver.search.folders
    notebooks = ROOT / "notebooks"
    name, password = driver.waiting
    task = {
        "folder": str(folders.notebooks),
        "notebook": json.loads((notebooks / "password.ipynb").read_text(encoding="utf-8")),
        "file": name,
        "wrong": driver.markers.password(),
        "right": password,
        "title": get("password.new.title"),
        "others": {form: notebook_with(form, state, notebooks) for form, state in driver.states.items()},
    }
    keeper = [sys.executable, str(Path(__file__).parent / "notebook_keeper.py")]
    given = {**os.environ, **surroundings(folders), "EHTOOLKIT_LANGUAGE": "en"}
    done = subprocess.run(
        keeper, input=json.dumps(task), env=given, capture_output=True, text=True, timeout=120
    )
    driver.search.look("exceptions", "nbclient", done.stderr)
    assert done.returncode == 0, done.stderr


def test_every_page_with_a_secret_field_is_walked(searched: Searched) -> None:
    """The code says which pages can make which fields; a new one has to find its walk."""
    assert {page: frozenset(names) for page, names in searched.driver.typed.items()} == dict(secret_fields())


def test_no_secret_is_in_any_of_twelve_places(searched: Searched) -> None:
    print(searched.search.report())

    assert len(PLACES) == 12
    assert {place: found[:5] for place, found in searched.search.found.items() if found} == {}
    assert [place for place, count in searched.search.searched.items() if count == 0] == []


def test_a_secret_that_is_shown_is_not_kept_to_restore_the_window(searched: Searched, tmp_path: Path) -> None:
    """A browser writes the content of text fields into its profile every few seconds, and when a page is left: a
    field that shows its secret must not be one of those. A field beside it says whether it was written at all."""
    folders, markers = Folders(tmp_path).make(), Markers()
    search, secret, beside = Search(folders), markers.password(), "nothing secret"
    window = Visit(Kept(searched.playwright, folders.profile), searched.serving.url, lands=False)  # type: ignore[arg-type]
    try:
        page = window.open("password", {"lang": "en"})
        page.evaluate("document.querySelector('main').append(document.createElement('input'))")
        page.locator("main > input").fill(beside)
        driver = SecretPageDriver(window, search, markers, "", ("", ""), "")
        page.get_by_role("radio").first.check()
        driver.shown("password")
        driver.field("password").press_sequentially(secret)
        page.goto("about:blank")
        kept = folders.profile / "Default" / "Sessions"
        for _ in range(150):
            page.wait_for_timeout(200)
            if any(beside.encode("utf-16-le") in path.read_bytes() for path in kept.iterdir()):
                break
        else:
            pytest.fail("the browser keeps no window, so this shows nothing")
    finally:
        window.close()
    search.files([])

    assert search.found["browser storage and profile"] == []


def test_a_planted_marker_is_found_in_each_of_the_twelve(searched: Searched, tmp_path: Path) -> None:
    """The same searchers, each on a place that holds one, in various writings."""
    folders, marker = Folders(tmp_path).make(), Markers().password()
    search = Search(folders)
    plant_on_disk(folders, marker)
    window = Visit(Kept(searched.playwright, folders.profile), searched.serving.url, lands=False)  # type: ignore[arg-type]
    try:
        page = window.open("index")
        search.listen(page)
        page.evaluate(PLANT, marker)
        page.wait_for_timeout(500)
        search.page(page, "planted")
    finally:
        window.close()
    search.frames(window.frames, {})
    command = [sys.executable, "-c", "import time; time.sleep(60)", marker]
    with subprocess.Popen(command) as process:
        search.processes()
        process.kill()
    search.files([])

    assert {place: bool(found) for place, found in search.found.items()} == dict.fromkeys(PLACES, True)


# In a shadow tree, a field, the console, the storage, the state of a widget, and a message.
PLANT = """
async (marker) => {
  const host = document.body.appendChild(document.createElement("div"));
  host.attachShadow({ mode: "open" }).innerHTML = "<input>";
  host.shadowRoot.firstChild.value = marker;
  console.debug(marker);
  localStorage.setItem("kept", btoa("a" + marker));
  const manager = window.jupyterapp.widgetManager;
  const [model] = Object.keys((await manager.get_state()).state);
  (await manager.get_model(model)).set("planted", marker);
  const line = new WebSocket(`ws://${location.host}/api/kernels/${document.body.dataset.kernelId}/channels`);
  await new Promise((done) => { line.onopen = done; });
  line.send(JSON.stringify({ marker }));
}
"""


def plant_on_disk(folders: Folders, marker: str) -> None:
    said = f"import logging; logging.getLogger('one').debug('%s', {marker!r})"
    subprocess.run([sys.executable, "-c", said], env={**os.environ, **surroundings(folders)}, check=True)
    checkpoints, reports = folders.notebooks / ".ipynb_checkpoints", folders.home / "reports"
    for folder in (checkpoints, reports):
        folder.mkdir(parents=True)
    (folders.notebooks / "a.ipynb").write_text(json.dumps({"state": marker}), encoding="utf-8")
    (checkpoints / "a-checkpoint.ipynb").write_bytes(base64.b64encode(b"xy" + marker.encode()))
    (reports / "1.txt").write_text(quote(marker), encoding="utf-8")
    (folders.traces / "001.xml").write_text(marker, encoding="utf-16-le")
    with closing(sqlite3.connect(folders.ipython / "history.sqlite")) as history:
        history.execute("CREATE TABLE history (source text)")
        history.execute("INSERT INTO history VALUES (?)", (f"password = {marker!r}",))
        history.commit()
