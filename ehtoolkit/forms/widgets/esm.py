"""The browser's half of each widget: its own module behind the shared part, as package data."""

from __future__ import annotations

from importlib.resources import files


def esm(*names: str) -> str:
    """The ECMAScript module of a widget, from its parts; the last has what it exports."""
    folder = files("ehtoolkit.forms.widgets").joinpath("static")
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in ("dom", *names))
