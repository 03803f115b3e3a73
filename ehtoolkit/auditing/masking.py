"""NISS numbers taken out of what is shown or sent on: sentences, paths and the facts of findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.result_display import masked

__all__ = ["KEPT", "masked", "masked_finding"]

KEPT: Final = frozenset({"inami", "key_id", "serial_hex", "thumbprint"})
"""Columns whose numbers are no NISS."""


def masked_finding(audit_finding: AuditFinding) -> AuditFinding:
    """Return the same finding without a whole NISS, in its sentences too."""
    file, holder, provider = audit_finding.file, audit_finding.holder, audit_finding.provider
    holder_name, practice = audit_finding.holder_name, audit_finding.practice
    return replace(
        audit_finding.with_facts(masked),
        file=file and masked(file),
        holder=holder and masked(holder),
        holder_name=holder_name and masked(holder_name),
        practice=practice and masked(practice),
        provider=provider and (provider[0], masked(provider[1])),
    )
