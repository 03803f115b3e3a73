"""What a page says on a server that is shared: what cannot work from there, and what to do."""

from __future__ import annotations

from typing import Literal

from ehtoolkit.forms.markup import Markup, panel
from ehtoolkit.i18n import Translator


def on_a_server(texts: Translator, about: Literal["card", "files"]) -> Markup:
    """The panel about the card in the user's own reader, or about his own keystores."""
    return panel("info", texts.get(f"page.shared.{about}"), texts.get(f"page.shared.{about}.text"))
