"""A page fetches its scripts at once, and those that it needs. That it asks for no other holds every `Visit`."""

from __future__ import annotations

import pytest

from ehtoolkit.voila.joined_scripts import PIECES
from tests.browser.chromium import CHROMIUM
from tests.browser.page_scripts import needed
from tests.browser.serving import Serving


@pytest.mark.usefixtures("chromium")
def test_the_pieces_are_those_that_a_page_asks_for(demo: Serving) -> None:
    """With another version of Voila they are written anew: ``python -m tests.browser.page_scripts``."""
    assert sorted(needed(CHROMIUM.profiles, demo.url)) == sorted(PIECES.read_text(encoding="ascii").split())
