"""The browser's half of each widget: its own module behind the shared part, as package data.

It is also the one module that uses undocumented parts of anywidget:

- ``_anywidget_id``, and ``add_traits`` by which anywidget adds that and the script to each widget: without them,
  traitlets makes a class for each widget, which is half of its cost, and a page has many. Upstream:
  ipython/traitlets#500.

`tests/unit/forms/test_esm.py` fails when one of them is gone or means something else.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from anywidget import AnyWidget
from traitlets import TraitType, Unicode

from ehtoolkit.forms.shared_models import usual_layout


def script(*names: str) -> str:
    """Return the ECMAScript module of a widget, from its parts behind the one that all share; the last has what it
    exports."""
    folder = files("ehtoolkit.forms.widgets").joinpath("static")
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in ("dom", *names))


def esm(*names: str) -> Any:
    """Return the module that `script` makes of the same parts, as the trait ``_esm`` of an `EsmWidget`."""
    return Unicode(script(*names)).tag(sync=True)


class EsmWidget(AnyWidget):  # type: ignore[misc]
    """A widget whose module and id are traits of its class."""

    _anywidget_id: str = Unicode().tag(sync=True)

    def __init__(self, **state: Any) -> None:
        kind = type(self)
        super().__init__(_anywidget_id=f"{kind.__module__}.{kind.__name__}", layout=usual_layout(), **state)

    def add_traits(self, **traits: TraitType[Any, Any]) -> None:
        """Add those of ``traits`` that the class does not have."""
        missing = {name: trait for name, trait in traits.items() if not self.has_trait(name)}
        if missing:
            super().add_traits(**missing)
