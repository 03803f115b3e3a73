"""The badge that says in which environment a page works: by a word, an icon and its border, never by colour alone."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ehtoolkit.forms.markup import Markup, element, svg
from ehtoolkit.i18n import Translator
from ehtoolkit.settings import EnvironmentName

_ICONS: Final = MappingProxyType({"training": "school", "acceptance": "flask", "production": "shield"})


def environment_badge(environment: EnvironmentName, texts: Translator) -> Markup:
    """As the template of the pages draws it, with the sentence that some environments have beside it."""
    unseen = element("span", texts.get("page.environment") + " ", class_="eh-sr")
    word = element("span", unseen + texts.get(f"page.environment.{environment}"))
    badge = element("span", svg(_ICONS[environment]) + word, class_=f"eh-env eh-env-{environment}")
    key = f"page.environment.{environment}.note"
    note = element("span", texts.get(key), class_="eh-env-note") if texts.has(key) else Markup("")
    return element("div", badge + note, class_="eh-row")
