"""The verdict on a diagnosis, and advice on its findings: what can be done on this page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ehtoolkit.finding import Finding, Severity
from ehtoolkit.forms.troubleshoot.examined_file import ExaminedFile
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.standing import Action
from ehtoolkit.procedures.state.platform_status import CATALOGUE as PLATFORM


class FileAction(StrEnum):
    """What the page can do with a file, the most urgent first."""

    RESCUE = "rescue"
    CONVERT = "convert"
    PROTECT = "protect"
    MERGE = "merge"
    RENAME = "rename"
    ARCHIVE = "archive"


_FINDINGS: Final = {
    "rescue": (
        *("damaged_certificate", "damaged_contents", "damaged_integrity", "damaged_key", "damaged_key_point"),
        *("damaged_structure", "damaged_text_mode", "damaged_truncated", "certificate_damaged"),
        *("rescuable", "rescuable_all"),
    ),
    "convert": ("file_jks", "file_jceks", "file_base64", "mendable", "rescuable_whole"),
    "protect": (
        *("cipher_gcm", "cipher_old", "cipher_rare", "cipher_weak", "cipher_weak_key"),
        *("mac_missing", "mac_pbmac1", "certificates_unprotected", "trailing_bytes"),
        *("keys_hidden", "parameters_segmented"),
        *("iterations_high", "iterations_low", "iterations_total"),
        *("java_unreadable", "dotnet_unreadable", "old_unreadable"),
        *("key_kind_mismatch", "key_mismatch"),
        *("local_key_ids_differ", "local_key_ids_missing", "local_key_ids_repeated", "etk_alias_differs"),
    ),
    "password": ("password_empty", "password_not_portable", "key_unprotected"),
    "merge": ("beside_more_keys", "etk_key_missing", "etk_certificate_missing"),
    "rename": ("name_odd", "name_renamed", "name_other_holder", "ending_misleads"),
    "chain": ("chain_broken", "chain_incomplete", "chain_order"),
    "complete": ("closed_without_encryption_key", "etk_not_rsa", "state_no_etk", "state_prepared"),
}
"""The findings that an action cures, or a new password, which an action gives as well, or another form."""
_CURES: Final = {key: cure for cure, keys in _FINDINGS.items() for key in keys}
_BESIDE_ANOTHER: Final = ("beside_newer", "beside_older", "state_replaced")


def next_step(finding: Finding, texts: Translator) -> str:
    """Return what to do about a finding, where this page or another form does it, else as everywhere."""
    if finding.catalogue == PLATFORM:
        led = ".".join(filter(None, ("troubleshoot.platform.next", finding.key, finding.variant)))
        return texts.get(led, **finding.facts) if texts.has(led) else finding.next_step(texts)
    cure = _CURES.get(finding.key)
    general = f"troubleshoot.next.{finding.key}"
    for key in (f"{general}.{finding.variant}", general):
        if texts.has(key):
            return texts.get(key, **finding.facts)
    return finding.next_step(texts) if cure is None else texts.get(f"troubleshoot.next.{cure}")


def takes_password(examined: ExaminedFile) -> bool:
    """Return whether a password would show more of the file."""
    diagnosis = examined.diagnosis
    if examined.secret is not None:
        return False
    found = {finding.key for finding in diagnosis.findings}
    if "unsupported" in found:
        return False
    if found & {"file_jks", "file_jceks", "mendable", "password_needed", "damaged_text_mode"}:
        return True
    return any(key.startswith("damaged_") for key in found) or (
        diagnosis.outline is not None and not diagnosis.opened
    )


def file_actions(examined: ExaminedFile) -> tuple[FileAction, ...]:
    """Return what can be done with the file as it is known now: nothing that would fail for certain, and nothing with
    one of another environment."""
    if examined.elsewhere is not None:
        return ()
    diagnosis, inventory = examined.diagnosis, examined.inventory
    has_keys = inventory is not None and bool(inventory.keys)
    is_open = has_keys and diagnosis.opened and diagnosis.outline is not None
    possible = {
        FileAction.RESCUE: has_keys and any(map(diagnosis.has, ("rescuable", "rescuable_all"))),
        FileAction.CONVERT: has_keys and diagnosis.has("rescuable_whole"),
        FileAction.PROTECT: is_open,
        FileAction.MERGE: is_open and inventory is not None and inventory.installed,
        FileAction.RENAME: _is_misnamed(examined),
        FileAction.ARCHIVE: _is_beside_another(examined),
    }
    return tuple(file_action for file_action, is_possible in possible.items() if is_possible)


def _is_misnamed(examined: ExaminedFile) -> bool:
    """Return whether it lies in the folder under another name than other programs want, and the right one is known."""
    proper = examined.diagnosis.proper_name
    misnamed = any(map(examined.diagnosis.has, _FINDINGS["rename"]))
    return examined.path is not None and misnamed and proper not in (None, examined.name)


def _is_beside_another(examined: ExaminedFile) -> bool:
    """Return whether one of two files of a holder may have had its day; which one, is judged when it is asked for."""
    return examined.path is not None and any(map(examined.diagnosis.has, _BESIDE_ANOTHER))


def advised(examined: ExaminedFile) -> FileAction | None:
    """Return the action that cures the worst error or warning which one of the possible actions cures. Without any,
    return a rescue or a conversion, if the first possible action is one, else None."""
    possible = file_actions(examined)
    for finding in examined.diagnosis.findings:
        cure = _CURES.get(finding.key)
        action = FileAction.PROTECT if cure == "password" else cure
        if finding.severity in (Severity.ERROR, Severity.WARNING) and action in possible:
            return FileAction(action)
    return possible[0] if possible and possible[0] in (FileAction.RESCUE, FileAction.CONVERT) else None


def is_to_complete(examined: ExaminedFile) -> bool:
    """Return whether the Complete form goes on with the file."""
    diagnosis = examined.diagnosis
    to_complete = diagnosis.standing().action in (Action.COMPLETE, Action.RESUME)
    return to_complete or diagnosis.has("closed_without_encryption_key")


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The verdict on a file.

    Attributes:
        name: which one.
        severity: of the findings behind it.
        finding: the one that says it best.
    """

    name: str
    severity: Severity
    finding: Finding | None


_ALARMS: Final = {
    "password_wrong": "password_wrong",
    "damaged_truncated": "truncated",
    "file_empty": "empty",
    "file_zeros": "empty",
    "file_broken_link": "unreadable",
    "file_missing": "unreadable",
    "file_drive": "unreadable",
    "file_unreadable": "unreadable",
    "state_expired": "expired",
    "unsupported": "unsupported",
    "revocation_revoked": "revoked",
    "revoked": "revoked",
    "revoked_before": "revoked",
    "refused": "refused",
    "expired": "expired",
    "etk_missing": "no_etk",
    **dict.fromkeys(
        ("file_jks", "file_jceks", "file_base64", "file_bks", "file_uber", "file_bcfks"), "format"
    ),
}
"""Verdicts about one error; others go by the beginning of its key."""
_BEGINNINGS: Final = (("damaged_", "damaged"), ("file_", "no_keystore"), ("hostile_", "hostile"))
_STATES: Final = {
    "state_prepared": "prepared",
    "request_blocked": "prepared",
    "state_no_etk": "no_etk",
    "state_not_yet_valid": "not_yet_valid",
    "state_replaced": "replaced",
    "state_renewal_waits": "renewal_waits",
    "state_renewable": "renewable",
    "closed_without_encryption_key": "closed",
    "password_needed": "closed",
}
"""Verdicts about a file without an error, in this order."""
_CLOSED: Final = ("closed_without_encryption_key", "closed_with_encryption_key", "password_needed")
"""What is said of a closed file: the first that is known."""


def verdict_of(examined: ExaminedFile) -> FileVerdict:
    """Return the one thing to know about a file; of a file of another environment it is only that."""
    if examined.elsewhere is not None:
        return FileVerdict("elsewhere", Severity.WARNING, None)
    return _verdict_by(examined.diagnosis)


def _verdict_by(diagnosis: Diagnosis) -> FileVerdict:
    worst = diagnosis.findings[0] if diagnosis.findings else None
    if worst is not None and worst.severity is Severity.ERROR:
        return FileVerdict(_alarm(worst.key), Severity.ERROR, worst)
    found = {finding.key: finding for finding in diagnosis.findings}
    for key, name in _STATES.items():
        if key in found:
            says = found[key]
            if name == "closed":
                says = next(found[key] for key in _CLOSED if key in found)
            return FileVerdict(name, says.severity, says)
    severity = diagnosis.severity
    name = "remarks" if severity is Severity.WARNING else "fine"
    return FileVerdict(name, Severity.OK if name == "fine" else severity, found.get("state_complete", worst))


def _alarm(key: str) -> str:
    if key in _ALARMS:
        return _ALARMS[key]
    return next((name for beginning, name in _BEGINNINGS if key.startswith(beginning)), "faulty")
