"""Links from a keystore wherever it lies to the form of its next step, for lists of many: the audit, the providers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.forms.engine.form_link import OFFERED, FormLink
from ehtoolkit.forms.engine.page_context import offer_file
from ehtoolkit.forms.widgets.tables import Cell, CellLink
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.standing import Action
from ehtoolkit.result_display import masked

_BY_ACTION: Final[Mapping[Action, tuple[str, str]]] = {
    Action.REQUEST: ("request", "request"),
    Action.RESUME: ("complete", "complete"),
    Action.COMPLETE: ("complete", "complete"),
    Action.ACTIVATE: ("activate", "activate"),
    Action.RENEW: ("renew", "renew"),
    Action.ARCHIVE: ("troubleshoot", "look"),
    Action.TROUBLESHOOT: ("troubleshoot", "troubleshoot"),
    Action.OPEN: ("troubleshoot", "look"),
    Action.ASSIGN: ("providers", "assign"),
}
"""The form for what is to be done, and the word of its link below ``audit_page.do``."""
_BY_FILE: Final = frozenset({"activate", "renew", "complete", "troubleshoot"})
"""The forms that begin with a keystore of the folder."""
_TAKES_OVER: Final = frozenset({"activate", "renew", "complete"})
"""Those that first copy a file from elsewhere into the folder."""


@dataclass(frozen=True, slots=True)
class ActionLinks:
    """The forms for what is to be done with keystores.

    Attributes:
        folder: the keystore folder, whose files the forms take by name.
        pages: the forms that are there.
        masks: no whole NISS is shown, and no address names a file by one; the form asks which it is.
    """

    folder: Path
    pages: frozenset[str]
    masks: bool = False

    def hide(self, text: str) -> str:
        """Return what may be shown of ``text``."""
        return masked(text) if self.masks else text

    def of_action(
        self, action: Action, number: int | None, file: str | None, holder: str | None
    ) -> FormLink | None:
        """Return the link to the form for what is to be done with a keystore; None where nothing is, or where that form
        is not there.

        Args:
            number: of the provider's record.
            file: the path of the keystore.
            holder: ``TYPE=NUMBER``.
        """
        form = _BY_ACTION.get(action)
        return None if form is None else self.step(*form, number, file, holder)

    def step(
        self, page: str, word: str, number: int | None, file: str | None, holder: str | None
    ) -> FormLink | None:
        """Return the link to a form that takes a keystore, or to the record whose keystore it is. ``holder``:
        ``TYPE=NUMBER``; one without a card gets the form that needs none."""
        if page == "providers":
            return self.record(word, number, "certificate")
        if page in ("request", "renew") and _has_no_card(holder):
            return self.form("foreigner", "request", None)
        return self.form(page, word, file)

    def record(self, word: str, number: int | None, part: str) -> FormLink | None:
        """Return the link to a part of a provider's record; with ``number`` None, to the list."""
        if "providers" not in self.pages:
            return None
        query = "" if number is None else f"?provider={number}&part={part}"
        return FormLink("providers", f"audit_page.do.{word}", f"providers.ipynb{query}")

    def form(self, page: str, word: str, file: str | None) -> FormLink | None:
        """Return the link to a form that takes the keystore at ``file``; None where it is not there."""
        if page not in self.pages:
            return None
        words = f"audit_page.do.{word}"
        if page not in _BY_FILE:
            return FormLink.to(page, words)
        name = None if file is None else self._name(Path(file))
        if name is None and page in _TAKES_OVER:
            words = f"audit_page.do.take_over.{page}"
        # In a notebook each page has a kernel of its own.
        if name is None and file is not None and not self.masks:
            return FormLink.to(page, words, offer_file(Path(file)), OFFERED)
        if self.masks and name is not None and masked(name) != name:
            name = None
        return FormLink.to(page, words, name)

    def _name(self, file: Path) -> str | None:
        """Return the name of a file that lies in the keystore folder itself; None for any other."""
        return file.name if file.parent == self.folder.absolute() else None


def _has_no_card(holder: str | None) -> bool:
    """Return whether a holder, ``TYPE=NUMBER``, is a person without an eID card."""
    if holder is None:
        return False
    kind, _, number = holder.partition("=")
    with suppress(errors.IdentifierInvalid):
        return Identifier(kind, number).has_bis_number
    return False


def step_cell(link: FormLink | None, about: str, texts: Translator) -> Cell:
    """Return the cell of a table with a next step. ``about``: what a screen reader says after its words."""
    if link is None:
        return Cell("")
    words = texts.get(link.words)
    return Cell(words, link=CellLink(link.address, texts.labelled(words, about)))
