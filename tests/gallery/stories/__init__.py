"""All stories, by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Final

from tests.gallery.driver import GalleryDriver
from tests.gallery.stories import cards, certificates, files, letters, people, request, sentences, tools

Story = Callable[[GalleryDriver], Iterator[str]]

MODULES: Final = (request, cards, certificates, files, people, tools, letters, sentences)


def named(module: ModuleType, story: Story) -> str:
    return f"{module.__name__.rpartition('.')[2]}-{story.__name__.replace('_', '-')}"


STORIES: Final[Mapping[str, Story]] = {
    named(module, story): story for module in MODULES for story in (*module.STORIES, *module.VARIANTS)
}
VARIANTS: Final = frozenset(named(module, story) for module in MODULES for story in module.VARIANTS)
"""Stories whose pages look as others do, with another sentence that a sheet has too: the short run sees them less
often."""
