"""Every scene of the gallery on a phone, in the dark and in forced colours, with the longest words of all languages:
what fits with them fits in each."""

from __future__ import annotations

import pytest

from tests.browser.gallery import DARK, FORCED, Judged, judged
from tests.gallery import STORIES, VARIANTS

__all__ = ["judged"]


@pytest.mark.parametrize(
    "story", [pytest.param(one, marks=[pytest.mark.long] if one in VARIANTS else []) for one in STORIES]
)
def test_scenes(judged: Judged, story: str) -> None:
    judged(story, [DARK, FORCED])
