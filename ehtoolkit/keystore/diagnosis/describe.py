"""A diagnosis as the JSON of the command line's contract."""

from __future__ import annotations

from typing import Any

from ehtoolkit.finding import Finding
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.texts import Texts


def describe_diagnosis(diagnosis: Diagnosis, texts: Texts) -> dict[str, Any]:
    """``file``, ``state`` (``unknown`` when the content does not tell), ``opened``, ``keys`` with ``alias``,
    ``local_key_id`` (hexadecimal) and ``kind`` (``EC P-384``, None while it cannot be seen),
    ``certificates`` (doubles included; None while they cannot be seen),
    ``findings`` with ``key``, ``severity``, ``message``, ``next``; and ``kind``, ``size`` in bytes,
    ``owner``, ``environment``, ``key_id``, ``authentication_key`` (its kind), dates
    and days. Datetimes stay what they are.
    """
    owner = diagnosis.owner
    return {
        "file": diagnosis.file.shown,
        "kind": diagnosis.file.kind,
        "size": diagnosis.file.size,
        "state": "unknown" if diagnosis.state is None else str(diagnosis.state),
        "opened": diagnosis.opened,
        "owner": None if owner is None else owner.text,
        "subject": diagnosis.subject,
        "environment": None if diagnosis.environment is None else str(diagnosis.environment),
        "key_id": diagnosis.key_id,
        "authentication_key": diagnosis.authentication_key,
        "not_before": diagnosis.not_before,
        "not_after": diagnosis.not_after,
        "days_left": diagnosis.days_left,
        "keys": [
            {"alias": key.alias, "local_key_id": key.local_key_id, "kind": key.kind} for key in diagnosis.keys
        ],
        "certificates": diagnosis.certificates,
        "findings": [describe_finding(finding, texts) for finding in diagnosis.findings],
    }


def describe_finding(finding: Finding, texts: Texts) -> dict[str, str]:
    """``key``, ``severity``, ``message``, ``next``."""
    return {
        "key": finding.key,
        "severity": str(finding.severity),
        "message": finding.message(texts),
        "next": finding.next_step(texts),
    }
