"""All stories, by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Final

from tests.gallery.driver import GalleryDriver

Story = Callable[[GalleryDriver], Iterator[str]]

_LAST: Final = "sentences"
"""Its sheets show what no other story does."""


def _modules() -> list[ModuleType]:
    names = sorted((found.name for found in iter_modules(__path__)), key=lambda name: (name == _LAST, name))
    modules = (import_module(f"{__name__}.{name}") for name in names)
    return [module for module in modules if hasattr(module, "STORIES")]


MODULES: Final = _modules()


def named(module: ModuleType, story: Story) -> str:
    return f"{module.__name__.rpartition('.')[2]}-{story.__name__.replace('_', '-')}"


STORIES: Final[Mapping[str, Story]] = {
    named(module, story): story for module in MODULES for story in (*module.STORIES, *module.VARIANTS)
}
VARIANTS: Final = frozenset(named(module, story) for module in MODULES for story in module.VARIANTS)
"""Stories whose pages look as others do, with another sentence that a sheet has too: no kind of element is in them
alone, and no text that is much longer than others in its place. The short run does not see them in the browser."""
