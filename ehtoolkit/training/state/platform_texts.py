"""The texts of the platform: contracts, e-mails, letters and the page that confirms an e-mail address."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


@cache
def template(name: str) -> Template:
    """Return a text of the platform as a template, with its placeholders."""
    source = files("ehtoolkit.training").joinpath("texts", name)
    return Template(source.read_text(encoding="utf-8"))
