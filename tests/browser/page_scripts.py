"""Find the pieces of Voila's script, and of those of the widgets, that a page asks for.

``python -m tests.browser.page_scripts`` writes them for the version of Voila that is installed.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, Request, Route

from ehtoolkit.voila.joined_scripts import MAIN, PIECES
from tests.browser.chromium import CHROMIUM, Profiles
from tests.browser.serving import Serving

PAGE = "request"
"""A form. That no page asks for other pieces holds every `Visit`."""

_JOINED = re.compile(r"/voila/scripts/\w+\.js$")
_STATIC = re.compile(r'"fullStaticUrl": "([^"]+)"')
_PIECE = re.compile(r"/voila/(?:[\d.]+/static/(\d[^/]*\.js)|(labextensions/.+/\d[^/]*\.js))(?:\?|$)")
_QUIET_MILLISECONDS = 1_000


def piece(address: str) -> str | None:
    """Return the piece of a script that is at ``address``, as the list of pieces names it; None for anything else."""
    match = _PIECE.search(address)
    return None if match is None else match[1] or match[2]


def take_apart(page: Page, base: str) -> None:
    """Give the page Voila's script alone in the place of the joined one. ``base``: the address of the server."""

    def alone(route: Route) -> None:
        static = _STATIC.search(page.content())
        assert static is not None
        route.fulfill(response=page.request.get(f"{base}{static[1]}/{MAIN}"))

    page.route(_JOINED, alone)


def needed(profiles: Profiles, url: str) -> Sequence[str]:
    """Return all pieces that `PAGE` asks for, in that order, where Voila's script comes without them.

    url: that of a server, with its token.
    """
    found: list[str] = []

    def see(request: Request) -> None:
        if (script := piece(request.url)) is not None and script not in found:
            found.append(script)

    context = profiles.take("en-BE")
    page = context.new_page()
    base = url.partition("/?")[0]
    page.request.get(url, max_redirects=0)
    take_apart(page, base)
    page.on("request", see)
    page.goto(f"{base}/{PAGE}.ipynb")
    page.wait_for_selector("body:not(:has(#eh-queue)) h1")
    page.wait_for_timeout(_QUIET_MILLISECONDS)  # what is asked for after the title tells nobody
    profiles.give_back(context, base)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving.demo(Path(folder) / "home")
        pieces = needed(CHROMIUM.profiles, serving.url)
        CHROMIUM.stop()
        serving.stop()
    PIECES.write_text("".join(f"{piece}\n" for piece in pieces), encoding="ascii")
    sys.stdout.write(f"{len(pieces)} pieces\n")


if __name__ == "__main__":
    main()
