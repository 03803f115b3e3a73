"""A diagnosis as the JSON of the command line's contract."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from ehtoolkit.finding import Finding
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis


def describe_diagnosis(diagnosis: Diagnosis, texts: Translator) -> dict[str, Any]:
    """Describe a file as one object; datetimes stay what they are.

    What cannot be seen is None. Keys that need a word:

    - ``state``: ``unknown`` when the content does not tell.
    - ``mac``: the algorithm that seals the file; None for a file without, which may have been changed by anybody.
    - ``holder``: ``TYPE=NUMBER``, as the audit has it; ``owner``: the whole name, for those who read it so far.
    - ``serial_number``: of the holder's certificate, decimal.
    - ``thumbprint``, ``sha256``: of that certificate, hexadecimal; the first is SHA-1, as Windows shows it.
    - ``authentication_key``, and ``kind`` in ``keys``: kinds of keys, as ``EC P-384``.
    - ``certificates``: how many, doubles included.
    - ``size``: in bytes.
    """
    owner, leaf = diagnosis.owner, next(iter(diagnosis.chain), None)
    return {
        "file": diagnosis.file.shown,
        "kind": diagnosis.file.kind,
        "size": diagnosis.file.size,
        "state": "unknown" if diagnosis.state is None else str(diagnosis.state),
        "opened": diagnosis.opened,
        "mac": None if diagnosis.outline is None else diagnosis.outline.mac,
        "owner": None if owner is None else owner.text,
        "holder": None if owner is None else owner.identifier.text,
        "holder_name": None if owner is None else owner.name,
        "subject": diagnosis.subject,
        "issuer": diagnosis.issuer,
        "serial_number": None if leaf is None else str(leaf.serial_number),
        "thumbprint": None if leaf is None else leaf.fingerprint(SHA1()).hex().upper(),  # noqa: S303  # what it is
        "sha256": None if leaf is None else leaf.fingerprint(SHA256()).hex().upper(),
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


def describe_finding(finding: Finding, texts: Translator) -> dict[str, str]:
    """``key``, ``severity``, ``message``, ``next``."""
    return {
        "key": finding.key,
        "severity": str(finding.severity),
        "message": finding.message(texts),
        "next": finding.next_step(texts),
    }
