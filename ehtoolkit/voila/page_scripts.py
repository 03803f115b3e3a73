"""Join the scripts that every page loads into one.

Voila's script and those of the widgets are cut into some ninety pieces, each asked for by name when the one before has
run. A piece only registers its functions under numbers of its own, which may happen before the script that needs them
is there (webpack's ``chunkLoadingGlobal``): with all of them in front of Voila's script nothing is left to ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from tornado.web import RequestHandler

SCRIPTS: Final = "eh_scripts"
"""The setting of tornado that holds the address of the joined script."""
PIECES: Final = Path(__file__).with_name("page_scripts.txt")
"""What a page asks for by name, in that order; `tests.browser.page_scripts` writes it. A piece that another version of
Voila does not have is left out, and one that it has besides is loaded by itself."""
MAIN: Final = "voila.js"
LABEXTENSIONS: Final = "labextensions/"
YEAR: Final = 365 * 24 * 3600


def page_script(static: Sequence[str], labextensions: Sequence[str]) -> bytes:
    """Return Voila's script with all pieces in front of it.

    Args:
        static: the folders of Voila's scripts; a file is looked for in one after the other.
        labextensions: those of the scripts of widgets.

    Raises:
        FileNotFoundError: Voila's script is in none of them.
    """
    parts: list[bytes] = []
    for piece in PIECES.read_text(encoding="ascii").split():
        inside = piece.removeprefix(LABEXTENSIONS)
        found = _find(inside, static if inside == piece else labextensions)
        if found is not None:
            parts.append(found.read_bytes())
    main = _find(MAIN, static)
    if main is None:
        raise FileNotFoundError(MAIN)
    return b"\n".join([*parts, main.read_bytes()])


def script_address(base_url: str, script: bytes) -> str:
    """Return where ``script`` is served: another address when any of it changes, so that browsers may keep it."""
    return f"{base_url}voila/scripts/{sha256(script).hexdigest()[:32]}.js"


def _find(name: str, folders: Sequence[str]) -> Path | None:
    return next((path for folder in folders if (path := Path(folder, name)).is_file()), None)


class PageScriptHandler(RequestHandler):
    """The joined script, which a browser fetches once."""

    def initialize(self, script: bytes) -> None:
        self.script = script

    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", f"public, max-age={YEAR}, immutable")
        self.finish(self.script)

    def compute_etag(self) -> None:
        """Return no ETag: the address of the script says which one it is."""
