"""The title and purpose of each notebook in the user's language, as the first page calls its pages."""

from __future__ import annotations

from typing import Final

from ehtoolkit.forms.registry import FORMS, PAGES
from ehtoolkit.i18n import Translator

NOT_PAGES: Final = ("index", "forty-practices", "audit-examples")
"""The first page, and the notebooks that are read and changed: their words are in the catalogue ``lab``."""


def notebook_title(name: str, texts: Translator) -> str:
    """Return the title of the notebook ``name`` (without ``.ipynb``)."""
    return texts.get(_key(name))


def notebook_purpose(name: str, texts: Translator) -> str:
    """Return one sentence: what is done in the notebook."""
    return f"{texts.get(f'{_key(name)}.about').rstrip('.')}."


def _key(name: str) -> str:
    if name in NOT_PAGES:
        return f"lab.notebook.{name.replace('-', '_')}"
    words = PAGES[name].menu.words
    return words or f"{FORMS[name].catalogue}.menu"
