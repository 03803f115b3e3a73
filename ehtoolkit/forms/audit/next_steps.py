"""Links from rows and findings of the audit to the form of the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ehtoolkit.auditing.audit_finding import CATALOGUE as AUDIT
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.finding import Topic
from ehtoolkit.forms.audit.table_model import ShownRow
from ehtoolkit.forms.due.action_links import ActionLinks
from ehtoolkit.forms.engine.form_link import FormLink
from ehtoolkit.forms.finding_urgency import ShownUrgency
from ehtoolkit.forms.providers.record_page import part_of
from ehtoolkit.providers.rules.numbers import CATALOGUE as REGISTRY

_NO_FORM: Final = frozenset({Topic.FOLDER, Topic.CLOSED, Topic.PASSWORD})
"""Findings that are solved on this page itself, or only by the computer's administrator."""


@dataclass(frozen=True, slots=True)
class NextSteps(ActionLinks):
    """The forms that findings lead to."""

    def of_row(self, row: ShownRow) -> FormLink | None:
        """Return the link to the form for ``row``; None where nothing is to be done, or where that form is not
        there."""
        if row.state in tuple(ShownUrgency):
            return None if row.worst is None else self.of_finding(row.worst)
        keystore = row.merged.keystore
        holder = None if keystore is None else keystore.holder
        return self.of_action(row.action, row.number, row.merged.file, holder)

    def of_name(self, row: ShownRow) -> FormLink | None:
        """Return the link to what is known about ``row``: the record, else the file."""
        if row.number is not None:
            return self.record("audit_page.do.record", row.number, "identity")
        return self.look_at("audit_page.do.look", row.merged.file)

    def of_finding(self, audit_finding: AuditFinding) -> FormLink | None:
        """Return the link to the form that helps with a finding; None where no form helps, or where it is not there."""
        finding, number = audit_finding.finding, audit_finding.provider and audit_finding.provider[0]
        if finding.catalogue == REGISTRY:
            return self.record("audit_page.do.record", number, part_of(finding))
        if finding.topic in _NO_FORM:
            return None
        if finding.topic is Topic.UNREGISTERED:
            return self.record("audit_page.do.registry", None, "certificate")
        if audit_finding.action is not None:
            return self.of_action(audit_finding.action, number, audit_finding.file, audit_finding.holder)
        words = "look" if finding.catalogue == AUDIT else "troubleshoot"
        return self.look_at(f"audit_page.do.{words}", audit_finding.file)
