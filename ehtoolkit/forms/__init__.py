"""The pages: a form is a model without widgets, the pages of its steps, and a thin view.

Notebooks import from here, and only from here: ``open_request`` for the page ``request``, and so on for each that the
registry has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ehtoolkit.forms import index, registry
from ehtoolkit.forms.router import Opener, make_entry_point

PAGES: Final[Mapping[str, Opener]] = {"index": index.open_index} | {
    name: page.open for name, page in registry.PAGES.items()
}
"""By the names of their notebooks: what follows each other in one page of the browser."""

_ENTRANCES: Final = {f"open_{name.replace('-', '_')}": make_entry_point(PAGES, name) for name in PAGES}
__all__ = sorted(_ENTRANCES)  # as many as there are forms


def __getattr__(name: str) -> Opener:
    if name in _ENTRANCES:
        return _ENTRANCES[name]
    raise AttributeError(name)
