"""The twelve places where a secret that was typed could be left, each searched byte by byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.markers import needles, serials

PLACES: Final = (
    "websocket frames",
    "page and DOM",
    "console",
    "browser storage and profile",
    "widget state",
    "saved notebooks",
    "checkpoints",
    "logs",
    "history",
    "traces",
    "exceptions",
    "home, temporary files, processes",
)

# Everything in the document: attributes and texts (also in shadow trees and frames), and what the fields hold.
_DOM = """
(fields) => {
  const said = [location.href, document.title, document.cookie];
  const walk = (root) => {
    said.push(root.documentElement?.outerHTML ?? root.innerHTML ?? "");
    for (const node of root.querySelectorAll("*")) {
      if (fields && "value" in node) said.push(String(node.value));
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node.srcdoc) said.push(node.srcdoc);
      try { if (node.contentDocument) walk(node.contentDocument); } catch { /* of another origin */ }
    }
  };
  walk(document);
  return said.join("\\n");
}
"""

_STORAGE = """
async () => {
  const said = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), JSON.stringify(history.state)];
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      said.push(name, store, JSON.stringify(await asked(database.transaction(store).objectStore(store).getAll())));
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) said.push(request.url, await (await cache.match(request)).text());
  }
  return said.join("\\n");
}
"""

# What JupyterLab writes into a notebook when it saves the state of widgets.
_STATE = """
async () => JSON.stringify(await window.jupyterapp?.widgetManager?.get_state({ drop_defaults: false }) ?? null)
"""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the programs of a search were told to leave what they leave. ``around``: holds all of them."""

    around: Path

    @property
    def home(self) -> Path:
        return self.around / "home"

    @property
    def logs(self) -> Path:
        return self.around / "logs"

    @property
    def profile(self) -> Path:
        """The browser's."""
        return self.around / "profile"

    @property
    def notebooks(self) -> Path:
        return self.around / "saved"

    @property
    def ipython(self) -> Path:
        return self.around / "ipython"

    @property
    def traces(self) -> Path:
        return self.around / "traces"

    @property
    def temporary(self) -> Path:
        return self.around / "tmp"

    def make(self) -> Folders:
        for folder in (self.logs, self.profile, self.notebooks, self.ipython, self.traces, self.temporary):
            folder.mkdir(parents=True)
        return self


@dataclass(slots=True)
class Search:
    """``searched``: bytes, and ``found``: where what was found, by place; ``_clean``: digests of what has nothing in it
    and is not searched again."""

    folders: Folders
    searched: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    found: dict[str, list[str]] = field(default_factory=lambda: {place: [] for place in PLACES})
    console: list[str] = field(default_factory=list)
    _clean: set[bytes] = field(default_factory=set)
    _needles: tuple[bytes, ...] = field(default_factory=needles)

    def look(self, place: str, where: str, data: bytes | str) -> None:
        """Search ``data``; what is found is told by its first needle and its surroundings."""
        octets = data.encode(errors="surrogatepass") if isinstance(data, str) else data
        self.searched[place] += len(octets)
        known = hashlib.sha256(octets).digest()
        if known in self._clean:
            return
        for needle in self._needles:
            at = octets.find(needle)
            if at >= 0:
                self.found[place].append(f"{where}: {octets[max(0, at - 60) : at + 60]!r}")
                return
        self._clean.add(known)

    def listen(self, page: Page) -> None:
        """Keep what the page says on its console, whatever its level."""

        def said(message: ConsoleMessage) -> None:
            self.console.append(f"{message.type} {message.text} {message.location}")

        page.on("console", said)
        page.on("pageerror", lambda error: self.console.append(f"{error} {error.stack}"))

    # ── while a page is open ─────────────────────────────────────────────────────────────────────────────
    def page(self, page: Page, where: str, *, fields: bool = True) -> str:
        """The page as it stands. ``fields``: what they hold too; not while a secret stands in one. The state of the
        widgets comes back."""
        self.look("page and DOM", where, page.evaluate(_DOM, fields))
        self.look("browser storage and profile", where, page.evaluate(_STORAGE))
        cookies: list[Any] = list(page.context.cookies())
        self.look("browser storage and profile", where, json.dumps(cookies))
        state: str = page.evaluate(_STATE)
        self.look("widget state", where, state)
        return state

    def processes(self) -> None:
        """The arguments and the environment of everything that runs."""
        for process in psutil.process_iter():
            try:
                said = "\0".join([*process.cmdline(), *(f"{a}={b}" for a, b in process.environ().items())])
            except (psutil.Error, OSError):  # gone, or of nobody
                continue
            self.look("home, temporary files, processes", f"process {process.pid}", said)

    # ── when all is done ─────────────────────────────────────────────────────────────────────────────────
    def frames(self, frames: Iterable[tuple[str, bytes]], carried: Mapping[str, int]) -> None:
        """``carried``: by number of a marker, how many messages brought it to the kernel; no other may have it."""
        left = dict(carried)
        for number, (direction, data) in enumerate(frames):
            here = serials(data) if direction == "sent" else set()
            if here and all(left.get(marker, 0) > 0 for marker in here):
                for marker in here:
                    left[marker] -= 1
                continue
            self.look("websocket frames", f"frame {number}, {direction}", data)
            if direction == "received" and b'"error"' in data:
                self.look("exceptions", f"frame {number}", data)
        missing = {marker: count for marker, count in left.items() if count}
        if missing:
            raise AssertionError(f"these were not sent as often as they were submitted: {missing}")

    def files(self, logged: Iterable[str]) -> None:
        """Everything on disk. ``logged``: the lines of standard output and error of the server."""
        folders, words = self.folders, "".join(logged)
        for place, folder in (
            ("browser storage and profile", folders.profile),
            ("saved notebooks", folders.notebooks),
            ("logs", folders.logs),
            ("history", folders.ipython),
            ("traces", folders.traces),
            ("exceptions", folders.home / "reports"),
            ("home, temporary files, processes", folders.home),
            ("home, temporary files, processes", folders.temporary),
        ):
            for path in sorted(folder.rglob("*")):
                in_checkpoints = ".ipynb_checkpoints" in path.parts
                self._file("checkpoints" if in_checkpoints else place, path)
        self.look("console", "all", "\n".join(self.console))
        self.look("logs", "standard output and error", words)
        self.look("exceptions", "standard output and error", words)
        for path in folders.logs.glob("*.log"):
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            tracebacks = [part for part in text.split("\n\n") if "Traceback" in part]
            self.look(
                "exceptions",
                f"tracebacks in {path.name}",
                "".join(tracebacks).encode(errors="surrogateescape"),
            )

    def _file(self, place: str, path: Path) -> None:
        self.look(place, "file name", str(path.name))
        if path.is_file() and not path.is_symlink():
            try:
                self.look(place, str(path.relative_to(self.folders.around)), path.read_bytes())
            except FileNotFoundError:  # a temporary one
                return

    def report(self) -> str:
        """A line for each place."""
        return "\n".join(
            f"{number:2}  {place:34} {self.searched[place]:>12,} bytes  {len(self.found[place])} found"
            for number, place in enumerate(PLACES, 1)
        )
