"""Every scene of the gallery in the words of a language: in the short run on a desk in one of the four, in the long run
in all of them and in every mode."""

from __future__ import annotations

import pytest

from ehtoolkit.settings import LanguageName
from ehtoolkit.texts import LANGUAGES
from tests.browser.gallery import ALL, LIGHT, Judged, judged, language_of
from tests.gallery import STORIES

__all__ = ["judged"]


@pytest.mark.parametrize("story", STORIES)
def test_scenes(judged: Judged, story: str) -> None:
    judged(story, [LIGHT], language_of(story))


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_scenes_in_every_language_and_mode(judged: Judged, story: str, language: LanguageName) -> None:
    judged(story, ALL, language)
