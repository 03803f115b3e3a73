"""Links from a keystore wherever it lies to the form of its next step, for lists of many: the audit, the providers."""

from __future__ import annotations

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
from ehtoolkit.keystore.action_places import ActionPlace, place_of
from ehtoolkit.keystore.standing import Action
from ehtoolkit.result_display import masked

_TAKE_OVER: Final = frozenset({"activate", "renew", "complete"})
"""The forms that first copy a file from elsewhere into the folder."""


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
            number: of the provider's record, where the keystore is chosen.
            file: the path of the keystore.
            holder: ``TYPE=NUMBER``; one without a card gets the form that needs none.
        """
        without_card, words = _has_no_card(holder), f"export.action.{action}"
        if action is Action.ASSIGN:
            return self.record(words, number, "certificate")
        place = place_of(action, without_card=without_card)
        if action is Action.RESUME and not without_card and self._name_of(file) is None:
            place = place_of(Action.COMPLETE)  # which copies the file into the folder, and leads on
        return None if place is None else self._to(place, words, file)

    def record(self, words: str, number: int | None, part: str) -> FormLink | None:
        """Return the link to a part of a provider's record; with ``number`` None, to the list."""
        if "providers" not in self.pages:
            return None
        query = "" if number is None else f"?provider={number}&part={part}"
        return FormLink("providers", words, f"providers.ipynb{query}")

    def look_at(self, words: str, file: str | None) -> FormLink | None:
        """Return the link to the form that shows what is in a file; None where it is not there."""
        return self._to(place_of(Action.TROUBLESHOOT), words, file)

    def _to(self, place: ActionPlace, words: str, file: str | None) -> FormLink | None:
        if place.page not in self.pages:
            return None
        name = self._name_of(file)
        if name is None and place.page in _TAKE_OVER:
            words = f"audit_page.do.take_over.{place.page}"
        # In a notebook each page has a kernel of its own.
        if name is None and file is not None and place.parameter and not self.masks:
            return FormLink.to(place.page, words, offer_file(Path(file)), OFFERED)
        if self.masks and name is not None and masked(name) != name:
            name = None
        return FormLink.to_place(place, words, name)

    def _name_of(self, file: str | None) -> str | None:
        """Return the name of a file that lies in the keystore folder itself; None for any other."""
        path = None if file is None else Path(file)
        return path.name if path is not None and path.parent == self.folder.absolute() else None


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
