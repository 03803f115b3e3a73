"""All stories, by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.gallery.desk import Desk
from tests.gallery.stories import cards, certificates, people, request, sentences, tools

Story = Callable[[Desk], Iterator[str]]

STORIES: Final[Mapping[str, Story]] = {
    f"{module.__name__.rpartition('.')[2]}-{story.__name__.replace('_', '-')}": story
    for module in (request, cards, certificates, people, tools, sentences)
    for story in module.STORIES
}
