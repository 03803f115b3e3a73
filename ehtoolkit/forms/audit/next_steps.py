"""Links from rows and findings of the audit to the form of the next step."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.auditing.audit_finding import CATALOGUE as AUDIT
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.finding import Topic
from ehtoolkit.forms.audit.table_model import ShownRow
from ehtoolkit.forms.engine.form_link import OFFERED, FormLink
from ehtoolkit.forms.engine.page_context import offer_file
from ehtoolkit.forms.finding_urgency import ShownUrgency
from ehtoolkit.forms.providers.record_page import part_of
from ehtoolkit.identity import Identifier
from ehtoolkit.keystore.standing import Action
from ehtoolkit.providers.rules.numbers import CATALOGUE as REGISTRY
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
_BY_KEY: Final[Mapping[str, tuple[str, str]]] = {
    "certificate_expired": ("request", "request"),
    "certificate_renewable": ("renew", "renew"),
    "certificate_ends": ("renew", "renew"),
    "certificate_missing": ("complete", "complete"),
    "etk_missing": ("complete", "complete"),
    "provider_without": ("providers", "assign"),
    "assigned_missing": ("providers", "assign"),
    "assigned_environment": ("providers", "assign"),
    "other_niss": ("providers", "assign"),
    "newer_beside": ("providers", "assign"),
    "shared": ("providers", "assign"),
    "nobody": ("providers", "registry"),
}
"""The same for findings of the audit itself."""
_NO_FORM: Final = frozenset({Topic.FOLDER, Topic.CLOSED, Topic.PASSWORD})
"""Findings that are solved on this page itself, or only by the computer's administrator."""
_BY_FILE: Final = frozenset({"activate", "renew", "complete", "troubleshoot"})
"""The forms that begin with a keystore of the folder."""
_TAKES_OVER: Final = frozenset({"activate", "renew", "complete"})
"""Those that first copy a file from elsewhere into the folder."""


@dataclass(frozen=True, slots=True)
class NextSteps:
    """The forms that findings lead to.

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

    def of_row(self, row: ShownRow) -> FormLink | None:
        """Return the link to the form for ``row``; None where nothing is to be done, or where that form is not
        there."""
        if row.state in tuple(ShownUrgency):
            return None if row.worst is None else self.of_finding(row.worst)
        form = _BY_ACTION.get(row.action)
        keystore = row.merged.keystore
        holder = None if keystore is None else keystore.holder
        return None if form is None else self._step(*form, row.number, row.merged.file, holder)

    def of_name(self, row: ShownRow) -> FormLink | None:
        """Return the link to what is known about ``row``: the record, else the file."""
        if row.number is not None:
            return self._record("record", row.number, "identity")
        return self._form("troubleshoot", "look", row.merged.file)

    def of_finding(self, audit_finding: AuditFinding) -> FormLink | None:
        """Return the link to the form that helps with a finding; None where no form helps, or where it is not there."""
        finding, number = audit_finding.finding, audit_finding.provider and audit_finding.provider[0]
        if finding.catalogue == REGISTRY:
            return self._record("record", number, part_of(finding))
        if finding.topic in _NO_FORM:
            return None
        if finding.catalogue != AUDIT:
            return self._form("troubleshoot", "troubleshoot", audit_finding.file)
        form = _BY_KEY.get(finding.key, ("troubleshoot", "look"))
        return self._step(*form, number, audit_finding.file, audit_finding.holder)

    def _step(
        self, page: str, word: str, number: int | None, file: str | None, holder: str | None
    ) -> FormLink | None:
        """Return the link to a form that takes a keystore, or to the record whose keystore it is. ``holder``:
        ``TYPE=NUMBER``; one without a card gets the form that needs none."""
        if page == "providers":
            return self._record(word, number, "certificate")
        if page in ("request", "renew") and _has_no_card(holder):
            return self._form("foreigner", "request", None)
        return self._form(page, word, file)

    def _record(self, word: str, number: int | None, part: str) -> FormLink | None:
        if "providers" not in self.pages:
            return None
        query = "" if number is None else f"?provider={number}&part={part}"
        return FormLink("providers", f"audit_page.do.{word}", f"providers.ipynb{query}")

    def _form(self, page: str, word: str, file: str | None) -> FormLink | None:
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
