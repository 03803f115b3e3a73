"""Every scene of the gallery in the words of a language: in the short run on a desk in one of the four, in the long run
in all of them and in every mode. And on a phone with the longest words of all languages: what fits with them fits in
each; there the short run sees one story in the dark and the next in forced colours, the long one each in both."""

from __future__ import annotations

import pytest

from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.browser.gallery import ALL, LIGHT, Judged, judged, language_of, phone_of
from tests.gallery import STORIES, VARIANTS

__all__ = ["judged"]


DISTINCT = [pytest.param(one, marks=[pytest.mark.long] if one in VARIANTS else []) for one in STORIES]


@pytest.mark.parametrize("story", DISTINCT)
def test_scenes(judged: Judged, story: str) -> None:
    judged(story, [LIGHT], language_of(story))


@pytest.mark.parametrize("story", DISTINCT)
def test_scenes_with_the_longest_words(judged: Judged, story: str) -> None:
    judged(story, [phone_of(story)])


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_scenes_in_every_language_and_mode(judged: Judged, story: str, language: LanguageName) -> None:
    judged(story, ALL, language)
