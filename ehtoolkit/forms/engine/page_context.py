"""The context of a notebook's page: settings and texts of this kernel, and the parts that pages stand on."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qs

from ipywidgets import HTML, VBox, Widget

from ehtoolkit import errors
from ehtoolkit.forms.address_keys import file_of_key
from ehtoolkit.forms.html import Markup, element, panel, show, svg
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.keystore.storage.holder_keystores import find_keystores
from ehtoolkit.settings import EnvironmentName, Settings, load_settings
from ehtoolkit.training.state.clock import training_day

_OFFERED: Final[dict[str, Path]] = {}
"""Files outside the keystore folder that a page of this kernel leads to, by a random name that only this kernel
knows: no address from outside can name another one."""
_STYLE = "voila/share/jupyter/voila/templates/ehtoolkit/static/ehtoolkit.css"


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page needs to know about where it runs."""

    settings: Settings
    texts: Translator

    @classmethod
    def of_this_kernel(cls) -> PageContext:
        """Return the context from the ``EHTOOLKIT_*`` variables, which the server of the pages has set."""
        settings = load_settings()
        return cls(settings, Translator(language_of(settings.language), on_pages=True))

    def date(self) -> str:
        """Return the training date as the header has it; empty in the real environments, whose date is everybody's."""
        if self.settings.environment != "training":
            return ""
        return self.texts.short_date(training_day(self.settings.training_folder))

    def pages(self) -> frozenset[str]:
        """Return the names of the pages that are there: notebooks beside the one that runs."""
        return frozenset(path.stem for path in Path.cwd().glob("*.ipynb"))

    def asked(self, parameter: str) -> str:
        """Return what the page's address says, ``?parameter=VALUE``; empty where it does not. It is from outside, so
        to be judged before it is used."""
        return parse_qs(os.environ.get("QUERY_STRING", "")).get(parameter, [""])[0]

    def keystore_named(self, parameter: str = "keystore") -> Path | None:
        """Return the keystore that the page's address names: one of the keystore folder, or None, also where that
        cannot be read.

        Pages write ``?parameter=KEY`` (`ehtoolkit.forms.address_keys`). A link that somebody has written may have the
        name of the file; only that counts, so no address leads out of the folder.
        """
        wanted = self.asked(parameter)
        try:
            paths = [keystore.path for keystore in find_keystores(self.settings.keystores)]
        except errors.FileUnreadable:
            return None
        name = Path(wanted).name
        return file_of_key(wanted, paths) or next((path for path in paths if path.name == name), None)

    def offered_file(self, parameter: str) -> Path | None:
        """Return the file that a page of this kernel has offered under the name in the address, see `offer_file`."""
        return _OFFERED.get(self.asked(parameter))

    def show(self, page: Widget) -> Widget:
        """Return ``page`` as the cell's output. Voila's template has the style and the badge of the environment;
        anywhere else they come along."""
        if under_voila():
            return page
        style = files("ehtoolkit").joinpath(_STYLE).read_text(encoding="utf-8")
        badge = show(environment_badge(self.settings.environment, self.texts, self.date()))
        # With a layout of its own, which a notebook may change.
        root: Any = VBox([HTML(f"<style>{style}</style>"), badge, page])
        root.add_class("eh")
        return root


def offer_file(path: Path) -> str:
    """Return a random name under which a link between the pages of this kernel names ``path``, the same each time."""
    known = next((name for name, offered in _OFFERED.items() if offered == path), None)
    name = known or secrets.token_urlsafe(12)
    _OFFERED[name] = path
    return name


VOILA: Final = "voila/"
"""How the variable SERVER_SOFTWARE begins in a kernel of a page."""


def under_voila() -> bool:
    return os.environ.get("SERVER_SOFTWARE", "").startswith(VOILA)


_ICONS: Final[Mapping[str, str]] = {"training": "school", "acceptance": "flask", "production": "shield"}


def environment_badge(environment: EnvironmentName, texts: Translator, date: str = "") -> Markup:
    """Return the badge of the environment as the template of the pages draws it, with the sentence that some
    environments have beside it. ``date``: that of training."""
    unseen = element("span", texts.get("page.environment") + " ", class_="eh-sr")
    word = element("span", unseen + texts.get(f"page.environment.{environment}"))
    day = element("span", date, class_="eh-env-date") if date else Markup("")
    badge = element("span", svg(_ICONS[environment]) + word + day, class_=f"eh-env eh-env-{environment}")
    key = f"page.environment.{environment}.note"
    note = element("span", texts.get(key), class_="eh-env-note") if texts.has(key) else Markup("")
    return element("div", badge + note, class_="eh-row")


# ── In another language ──────────────────────────────────────────────────────────────────────────────────
Translation = Callable[[PageContext], Widget | None]
"""Returns the widget of the same page in the language of the context; None while that is not possible."""


def set_translation(widget: Widget, translate: Translation) -> None:
    """Note that ``widget`` shows something that would be lost if its page were opened again in another language.

    ``translate`` returns it in the other language.
    """
    widget.eh_translation = translate


def translated(widget: Widget, context: PageContext) -> Widget | None:
    """Return the page of ``widget`` as it is now, in the language of ``context``; None if it has to be opened again."""
    translate: Translation | None = getattr(widget, "eh_translation", None)
    return None if translate is None else translate(context)


# ── When the clock was moved ─────────────────────────────────────────────────────────────────────────────
def set_refresh(widget: Widget, refresh: Callable[[], None]) -> None:
    """Have ``refresh`` called when the training clock was moved, or a scenario switched, while ``widget`` is shown."""
    widget.eh_refresh = refresh


def refresh(widget: Widget) -> None:
    """Bring ``widget`` to the training clock as it is now, where it shows anything that depends on that."""
    found: Callable[[], None] | None = getattr(widget, "eh_refresh", None)
    if found is not None:
        found()


# ── On a shared server ───────────────────────────────────────────────────────────────────────────────────
def on_a_server(texts: Translator, about: Literal["card", "files"]) -> Markup:
    """Return the panel about the card in the user's own reader, or about the user's own keystores."""
    return panel("info", texts.get(f"page.shared.{about}"), texts.get(f"page.shared.{about}.text"))
