"""Every scene of the gallery in two languages; those of the other two are a file of their own, for another worker."""

from __future__ import annotations

import pytest

from ehtoolkit.settings import LanguageName
from tests.browser.gallery import MODES, Rooms, judged, rooms
from tests.gallery import STORIES

__all__ = ["rooms"]

LANGUAGES = ("fr", "nl")


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_scenes(rooms: Rooms, story: str, language: LanguageName) -> None:
    judged(rooms, story, language)


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_scenes_in_every_mode(rooms: Rooms, story: str, language: LanguageName) -> None:
    judged(rooms, story, language, MODES)
