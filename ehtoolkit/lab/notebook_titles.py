"""The title and purpose of each notebook in the user's language, as the first page calls its pages."""

from __future__ import annotations

from ehtoolkit.forms.registry import PAGES, menu_key
from ehtoolkit.i18n import Translator


def notebook_title(name: str, texts: Translator) -> str:
    """Return the title of the notebook ``name`` (without ``.ipynb``)."""
    return texts.get(_key(name))


def notebook_purpose(name: str, texts: Translator) -> str:
    """Return one sentence: what is done in the notebook."""
    return f"{texts.get(f'{_key(name)}.about').rstrip('.')}."


def _key(name: str) -> str:
    """Return the key of a title. Those of the first page, and of notebooks to edit, are in ``lab``."""
    page = PAGES.get(name)
    return f"lab.notebook.{name.replace('-', '_')}" if page is None else menu_key(page)
