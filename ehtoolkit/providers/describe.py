"""Records as the JSON of the command line's contract; dates stay what they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ehtoolkit.finding import Finding
from ehtoolkit.i18n import Translator
from ehtoolkit.providers.provider import Assignment, Period, Provider


def describe_provider(record: Provider, findings: Iterable[Finding], texts: Translator) -> dict[str, Any]:
    """Numbers as bare digits, ``periods`` with their ``number`` from 1, ``keystore`` null where there is none,
    ``findings`` with ``key``, ``severity``, ``message``, ``next`` and ``periods``: the numbers of those concerned."""
    return {
        "id": record.id,
        "name": record.name,
        "first_names": record.first_names,
        "birth_date": record.birth_date,
        "language": record.language,
        "niss": record.niss,
        "inami": record.inami,
        "recognition_number": record.recognition_number,
        "enterprise_number": record.enterprise_number,
        "practice": record.practice,
        "types": list(record.types),
        "periods": [_period(number, one) for number, one in enumerate(record.periods, start=1)],
        "keystore": None if record.keystore is None else describe_assignment(record.keystore),
        "findings": [_finding(one, texts) for one in findings],
    }


def describe_assignment(one: Assignment) -> dict[str, Any]:
    return {
        "file": one.path,
        "key_id": one.key_id,
        "holder": one.holder,
        "not_after": one.not_after,
        "assigned_at": one.assigned_at,
        "ended_at": one.ended_at,
    }


def periods_of(finding: Finding) -> list[int]:
    """The numbers of the periods that a finding is about."""
    facts = (finding.facts.get(name) for name in ("period", "first", "second"))
    return [one for one in facts if isinstance(one, int)]


def _period(number: int, one: Period) -> dict[str, Any]:
    return {
        "number": number,
        "type": one.type,
        "start": one.start,
        "end": one.end,
        "inami": one.inami,
        "conventioned": None if one.conventioned is None else str(one.conventioned),
    }


def _finding(finding: Finding, texts: Translator) -> dict[str, Any]:
    return {
        "key": finding.key,
        "severity": str(finding.severity),
        "message": finding.message(texts),
        "next": finding.next_step(texts),
        "periods": periods_of(finding),
    }
