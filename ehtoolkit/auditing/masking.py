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


def masked_finding(noted: AuditFinding) -> AuditFinding:
    """Return the same finding without a whole NISS, in its sentences too."""
    facts = {name: _masked(fact) for name, fact in noted.finding.facts.items()}
    provider = noted.provider
    return replace(
        noted,
        finding=replace(noted.finding, facts=facts),
        file=_text(noted.file),
        holder=_text(noted.holder),
        holder_name=_text(noted.holder_name),
        practice=_text(noted.practice),
        provider=None if provider is None else (provider[0], masked(provider[1])),
    )


def _text(value: str | None) -> str | None:
    return None if value is None else masked(value)


def _masked(fact: Fact) -> Fact:
    if isinstance(fact, tuple):
        return tuple(map(masked, fact))
    return masked(fact) if type(fact) is str else fact  # the key of a word stays one
