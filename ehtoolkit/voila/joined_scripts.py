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
"""What a page asks for by name, in that order; `tests.browser.page_scripts` writes it."""
MAIN: Final = "voila.js"
LABEXTENSIONS: Final = "labextensions/"
YEAR: Final = 365 * 24 * 3600


def page_script(static: Sequence[str], labextensions: Sequence[str]) -> bytes | None:
    """Return Voila's script with all pieces in front of it.

    Returns None when Voila's script or a piece of `PIECES` is missing: the installed version of Voila is divided into
    other pieces, and pages then load them one by one.

    Args:
        static: folders of Voila's scripts; the first that has a file is used.
        labextensions: folders of the scripts of widgets.
    """
    pieces = PIECES.read_text(encoding="ascii").split()
    found = [
        _find(piece.removeprefix(LABEXTENSIONS), labextensions if piece.startswith(LABEXTENSIONS) else static)
        for piece in (*pieces, MAIN)
    ]
    files = [path for path in found if path is not None]
    return b"\n".join(path.read_bytes() for path in files) if len(files) == len(found) else None


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
