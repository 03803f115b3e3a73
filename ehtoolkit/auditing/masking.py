"""NISS numbers taken out of what is shown or sent on: sentences, paths and the facts of findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.finding import Fact
from ehtoolkit.result_display import masked

__all__ = ["KEPT", "masked", "masked_finding"]

KEPT: Final = frozenset({"inami", "key_id", "serial_hex", "thumbprint"})
"""Columns whose numbers are no NISS."""


def masked_finding(audit_finding: AuditFinding) -> AuditFinding:
    """Return the same finding without a whole NISS, in its sentences too."""
    facts = {name: _masked(fact) for name, fact in audit_finding.finding.facts.items()}
    provider = audit_finding.provider
    return replace(
        audit_finding,
        finding=replace(audit_finding.finding, facts=facts),
        file=_text(audit_finding.file),
        holder=_text(audit_finding.holder),
        holder_name=_text(audit_finding.holder_name),
        practice=_text(audit_finding.practice),
        provider=None if provider is None else (provider[0], masked(provider[1])),
    )


def _text(value: str | None) -> str | None:
    return None if value is None else masked(value)


def _masked(fact: Fact) -> Fact:
    if isinstance(fact, tuple):
        return tuple(map(masked, fact))
    return masked(fact) if type(fact) is str else fact  # the key of a word stays one
