"""A link that leads on: from one form to the step in another that comes next, with its keystore filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from ehtoolkit.forms.address_keys import key_of_file
from ehtoolkit.forms.html import link, paragraph
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.action_places import ActionPlace


@dataclass(frozen=True, slots=True)
class FormLink:
    """A link to a form.

    Attributes:
        page: the name of a form.
        words: the key of what the link says.
        address: of its page.
    """

    page: str
    words: str
    address: str

    @classmethod
    def to(cls, page: str, words: str, file: str | None = None, parameter: str = "keystore") -> FormLink:
        """Make a link to a form.

        Args:
            file: the name of a keystore in the folder.
            parameter: as what the page takes it.
        """
        return cls(page, words, address_of(page, file, parameter))

    @classmethod
    def to_place(cls, place: ActionPlace, words: str, file: str | None) -> FormLink:
        """Make a link to the form in which an action is done. ``file``: the name of a keystore in the folder."""
        if not place.parameter:
            return cls.to(place.page, words)
        return cls.to(place.page, words, file, place.parameter)

    def button(self, texts: Translator, *, primary: bool = False) -> Markup:
        """Return the link, looking like a button; ``primary``: like the page's main one."""
        look = "eh-button eh-primary" if primary else "eh-button"
        return link(texts.get(self.words), self.address, class_=look)


def links_past(leads: Iterable[FormLink], texts: Translator) -> Markup:
    """Return links to the forms that go on with what is in the way, in a line; empty where there are none."""
    buttons = [lead.button(texts) for lead in leads]
    return paragraph(Markup(" ").join(buttons)) if buttons else Markup("")


OFFERED: Final = "offered"
"""The parameter of an address that names a file as `ehtoolkit.forms.engine.page_context.offer_file` does."""


def address_of(page: str, file: str | None = None, parameter: str = "keystore") -> str:
    """Return the address of a page, with a keystore of the folder filled in where ``file`` names one: by a key, since a
    name has the number of a person."""
    if file is None:
        return f"{page}.ipynb"
    value = quote(file) if parameter == OFFERED else key_of_file(file)
    return f"{page}.ipynb?{parameter}={value}"
