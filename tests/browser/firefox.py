"""Debian's Firefox, driven by WebDriver BiDi: a window, and a user who clicks and types in it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from tests.browser.pages import EXPECTED, SCREENSHOTS

T = TypeVar("T")

SECONDS: Final = 60.0
"""The longest wait for the browser or a page."""
PAUSE: Final = 0.1
MODIFIERS: Final = {"Control": "\ue009"}
EVENTS: Final = ("network.beforeRequestSent", "log.entryAdded")
LOCAL_SCHEMES: Final = frozenset({"data", "blob", "about", "file", "moz-extension", "chrome", "resource"})

# Classic scrollbars take room from a narrow window; a user may choose them. The other preferences turn off what
# Firefox fetches for itself.
PREFERENCES: Final[dict[str, bool | int | str]] = {
    "widget.gtk.overlay-scrollbars.enabled": False,
    "ui.prefersReducedMotion": 1,
    "browser.download.folderList": 2,
    "browser.download.alwaysOpenPanel": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.region.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.search.update": False,
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.serverURL": "",
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
    "network.proxy.type": 1,
}

VARIABLES: Final = {"MOZ_REMOTE_SETTINGS_DEVTOOLS": "1", "MOZ_CRASHREPORTER_DISABLE": "1"}
"""Without the first, Firefox ignores `services.settings.server`."""

# Find a visible element by its label or words; an exact match first.
_FIND = """
(selector, name) => {
  const plain = (text) => (text || "").replace(/\\s+/g, " ").trim().toLowerCase();
  const labelled = (node) => (node.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent).join(" ");
  const words = (node) => plain(node.getAttribute("aria-label") || labelled(node)
    || [...(node.labels || [])].map((label) => label.textContent).join(" ") || node.textContent);
  const nodes = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
  const wanted = plain(name);
  return nodes.find((node) => words(node) === wanted) || nodes.find((node) => words(node).includes(wanted)) || null;
}
"""

_QUERY = "(selector) => document.querySelector(selector)"

# The element when a click on it would reach it: enabled, at rest, and covered by nothing but its own label.
_REACH = f"""
async (selector, name) => {{
  const node = ({_FIND.strip()})(selector, name);
  if (!node || node.disabled || node.getAttribute("aria-disabled") === "true") return null;
  node.scrollIntoView({{ block: "center", behavior: "instant" }});
  const place = () => node.getClientRects()[0];
  const before = place();
  await new Promise((done) => setTimeout(done, 100));
  const box = place();
  if (box?.x !== before?.x || box?.y !== before?.y) return null;
  const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const own = [node, ...(node.labels || [])];
  return top && own.some((part) => part.contains(top)) ? node : null;
}}
"""

_STATE = """
() => `${document.body?.innerText}\\nfocus: ${document.activeElement?.outerHTML.slice(0, 300)}`
"""


def program() -> str | None:
    """The path of Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """A session with a Firefox process, by BiDi."""

    def __init__(self, socket: ClientConnection, downloads: Path) -> None:
        self._socket = socket
        self._last = 0
        self.downloads = downloads
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.send(
            "session.new", capabilities={"alwaysMatch": {"unhandledPromptBehavior": {"default": "accept"}}}
        )
        self.send("session.subscribe", events=list(EVENTS))

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; note the events that arrive before it."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=SECONDS))
            if message["type"] == "event":
                self._note(message["method"], message["params"])
            elif message["id"] == self._last:
                assert message["type"] == "success", f"{method}: {message}"
                result: dict[str, Any] = message["result"]
                return result

    def foreign_requests(self) -> list[str]:
        """Requests to other hosts, of all pages."""
        self.send("session.status")  # the events before its answer
        parsed = [(url, urlsplit(url)) for url in self.requests]
        return [
            url
            for url, found in parsed
            if found.scheme not in LOCAL_SCHEMES and found.hostname != "127.0.0.1"
        ]

    def _note(self, event: str, parameters: dict[str, Any]) -> None:
        if event == "network.beforeRequestSent":
            self.requests.append(parameters["request"]["url"])
        elif event == "log.entryAdded" and parameters["level"] == "error":
            text = str(parameters["text"])
            if not EXPECTED.search(text):
                self.complaints.append(text)


@contextmanager
def running(executable: str, folder: Path, proxy: int) -> Iterator[Firefox]:
    """Start Firefox with a profile and a home in ``folder``, and end it.

    ``proxy``: port of a proxy on this computer that receives every request to another host.
    """
    profile, downloads = folder / "profile", folder / "downloads"
    profile.mkdir()
    downloads.mkdir()
    preferences = PREFERENCES | {"browser.download.dir": str(downloads)}
    for name in ("http", "ssl"):
        preferences |= {f"network.proxy.{name}": "127.0.0.1", f"network.proxy.{name}_port": proxy}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    options = ("--headless", "--no-remote", "--remote-debugging-port", "0", "--profile")
    environment = {**os.environ, "HOME": str(folder), **VARIABLES}
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [executable, *options, profile], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            address = wait_for(
                lambda: _address(profile / "WebDriverBiDiServer.json"), "Firefox does not start"
            )
            with connect(f"{address}/session", max_size=None, proxy=None, open_timeout=SECONDS) as socket:
                yield Firefox(socket, downloads)
        finally:
            process.terminate()
            try:
                process.wait(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Window:
    """A tab with storage of its own. ``evaluate`` works as Playwright's."""

    def __init__(self, firefox: Firefox, width: int, height: int) -> None:
        self.firefox = firefox
        self._user = firefox.send("browser.createUserContext")["userContext"]
        self._context = firefox.send("browsingContext.create", type="tab", userContext=self._user)["context"]
        self.send("browsingContext.setViewport", viewport={"width": width, "height": height})
        self.send("browsingContext.activate")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.firefox.send(method, context=self._context, **parameters)

    def go(self, url: str) -> None:
        """Load an address, and wait for its widgets."""
        self.send("browsingContext.navigate", url=url, wait="complete")
        self.until("() => !!document.querySelector('body:not(:has(#eh-queue)) h1')")

    def back(self, steps: int = 1) -> None:
        """Go back in the history; forward with a negative number."""
        self.send("browsingContext.traverseHistory", delta=-steps)

    def evaluate(self, expression: str, arg: Any = None) -> Any:
        """Run a script, or a function on ``arg``, and return what it returns as JSON."""
        if expression.lstrip().startswith(("(", "async ")):
            return self.call(expression, arg)
        self._script("script.evaluate", expression=f"{expression}\n;0", awaitPromise=False)
        return None

    def call(self, function: str, *arguments: Any) -> Any:
        words = json.dumps(arguments)
        body = f"async () => JSON.stringify((await ({function.strip()})(...{words})) ?? null)"
        result = self._script("script.callFunction", functionDeclaration=body, awaitPromise=True)
        return json.loads(result["value"])

    def until(self, function: str, *arguments: Any) -> None:
        """Wait until a function returns true."""
        wait_for(lambda: self.call(function, *arguments), f"{function} {arguments}", self._state)

    def arrive(self, title: str) -> None:
        """Wait for the page with this title."""
        self.until("(title) => document.querySelector('h1')?.innerText.trim() === title", title)

    def shows(self, text: str) -> None:
        """Wait until a text is visible."""
        self.until("(text) => document.body.innerText.includes(text)", text)

    def click(self, selector: str, name: str) -> None:
        shared = wait_for(lambda: self._node(_REACH, selector, name), f"{selector} {name!r}", self._state)
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": shared}}
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._perform({"type": "pointer", "id": "mouse", "actions": [move, *press]})

    def keys(self, text: str, modifier: str = "") -> None:
        """Type into what has the focus."""
        strokes = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        if held := MODIFIERS.get(modifier):
            strokes = [{"type": "keyDown", "value": held}, *strokes, {"type": "keyUp", "value": held}]
        self._perform({"type": "key", "id": "keyboard", "actions": strokes})

    def shoot(self, name: str) -> None:
        """Save a picture of the whole page, if pictures are asked for."""
        if SCREENSHOTS is not None:
            data = self.send("browsingContext.captureScreenshot", origin="document")["data"]
            Path(SCREENSHOTS, f"{name}.png").write_bytes(base64.b64decode(data))

    def download(self, click: Callable[[], None]) -> Path:
        """Return the file that a click downloads."""
        before = set(self.firefox.downloads.iterdir())
        click()

        def finished() -> Path | None:
            new = set(self.firefox.downloads.iterdir()) - before
            partial = any(path.suffix == ".part" or not path.stat().st_size for path in new)
            return None if partial or len(new) != 1 else new.pop()

        return wait_for(finished, "no download", self._state)

    def choose_files(self, selector: str, *files: Path) -> None:
        """Choose files in a file input, as the browser's dialog does."""
        element = wait_for(lambda: self._node(_QUERY, selector), selector, self._state)
        self.send("input.setFiles", element=element, files=[str(file) for file in files])

    def leave(self, base: str) -> None:
        """Leave the page for one of the same server without a kernel; the page asks the server to end its own.

        From the only tab of a site to another site, Firefox ends the site's process before it sends this request; the
        server then ends the kernel some seconds later.
        """
        self.send("browsingContext.navigate", url=f"{base}/static/none", wait="complete")

    def close(self) -> None:
        """Close the tab and forget what the site stored, and any request that is still open."""
        self.firefox.send("browser.removeUserContext", userContext=self._user)

    def _perform(self, source: dict[str, Any]) -> None:
        self.send("input.performActions", actions=[source])

    def _node(self, function: str, *arguments: str) -> dict[str, str] | None:
        body = f"() => ({function.strip()})(...{json.dumps(arguments)})"
        result = self._script("script.callFunction", functionDeclaration=body, awaitPromise=True)
        return {"sharedId": result["sharedId"]} if result["type"] == "node" else None

    def _script(self, method: str, **parameters: Any) -> dict[str, Any]:
        answer = self.firefox.send(method, target={"context": self._context}, **parameters)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        result: dict[str, Any] = answer["result"]
        return result

    def _state(self) -> str:
        return str(self.call(_STATE))


class Hand:
    """Somebody who clicks and types (`tests.browser.page_users.Hands`)."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def press(self, name: str) -> None:
        self.window.click("button, a[href], [role=button], summary", name)

    def tick(self, name: str) -> None:
        self.window.click("input[type=checkbox]", name)

    untick = tick

    def choose(self, name: str) -> None:
        self.window.click("input[type=radio]", name)

    def type(self, name: str, text: str) -> None:
        """Replace what is in a field."""
        self.window.click("input, textarea", name)
        self.window.keys("a", "Control")
        self.window.keys(text)

    def select(self, name: str, option: str) -> None:
        """Choose from a closed list by its letters."""
        self.window.until(
            f"(name) => {{ const node = ({_FIND.strip()})('select', name); node?.focus(); return !!node; }}",
            name,
        )
        self.window.keys(option)


def wait_for(found: Callable[[], T | None], words: str, state: Callable[[], str] = str) -> T:
    """Return what a function finds, as soon as it is true; within `SECONDS`."""
    end = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < end, f"{words}\n{state()}"
        time.sleep(PAUSE)
    return value


def _address(file: Path) -> str | None:
    """The address that Firefox writes into its profile when it listens."""
    try:
        place = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return f"ws://{place['ws_host']}:{place['ws_port']}"
