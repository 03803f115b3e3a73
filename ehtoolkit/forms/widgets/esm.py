"""The browser's half of each widget: its own module behind the shared part, as package data."""

from __future__ import annotations

from importlib.resources import files


def esm(name: str) -> str:
    """The ECMAScript module of the widget ``name``."""
    folder = files("ehtoolkit.forms.widgets").joinpath("static")
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in ("dom", name))
