"""Every scene of the gallery: in the short run in the longest words of all languages, on a desk and on a phone, there
one story in the dark and the next in forced colours; in the long run in each language and in every mode. That no text
is of another language, the short run sees without a browser (`tests.gallery.test_whole`)."""

from __future__ import annotations

import pytest

from ehtoolkit.i18n import LANGUAGES
from ehtoolkit.settings import LanguageName
from tests.browser.gallery import ALL, LIGHT, Judged, judged, phone_of
from tests.gallery import STORIES, VARIANTS

__all__ = ["judged"]


DISTINCT = [pytest.param(story, marks=[pytest.mark.long] if story in VARIANTS else []) for story in STORIES]


@pytest.mark.parametrize("story", DISTINCT)
def test_scenes(judged: Judged, story: str) -> None:
    """With the longest words of all languages: what fits with them fits in each."""
    judged(story, [LIGHT, phone_of(story)])


@pytest.mark.long
@pytest.mark.timeout(
    400
)  # eleven looks at each scene of the trainer's page: two minutes are little on a busy computer
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_scenes_in_every_language_and_mode(judged: Judged, story: str, language: LanguageName) -> None:
    judged(story, ALL, language)
