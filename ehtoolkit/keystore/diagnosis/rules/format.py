"""What the file is when it is no keystore that can be opened, and what is broken in it."""

from __future__ import annotations

from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.key_kinds import KeyFault
from ehtoolkit.finding import Finding, error
from ehtoolkit.keystore.diagnosis.file import FileFacts

_NOT_READ: Final = ("missing", "unreadable", "folder", "special", "loop")
_OTHER_KEYSTORES: Final = ("jks", "jceks", "bks", "uber", "bcfks")
_OTHERS: Final = ("empty", "zeros", "pem", "base64", "certificate", "private_key", "cms", "unknown")

OTHER_FILES: Final = frozenset((*_NOT_READ, *_OTHER_KEYSTORES, *_OTHERS))
"""What a file can be that is no PKCS#12 file: each has a finding ``file_<kind>``."""

DAMAGES: Final = frozenset(
    ["truncated", "structure", "text_mode", "integrity", "contents", "key", "key_point", "certificate"]
)
"""What can be broken: each has a finding ``damaged_<reason>``."""

_TEXT_MODE: Final = "text_mode"
_ENDLESS: Final = frozenset(("iterations", "work"))


def unread(file: FileFacts) -> Finding:
    """About a file that gave no bytes."""
    return _other_file(file.kind)


def refusal(error_: errors.KeystoreError) -> Finding:
    """About an error that ended the reading of a file, but for a wrong password."""
    reason = str(error_.facts.get("reason") or error_.facts.get("kind") or "")
    if isinstance(error_, errors.LimitExceeded):
        return _hostile(reason, error_)
    if isinstance(error_, errors.KeystoreUnsupported):
        return error("unsupported", algorithm=str(error_.facts.get("algorithm", "")))
    if isinstance(error_, errors.NotAKeystore) and reason == "no_key":
        return error("content_no_key")
    if isinstance(error_, errors.NotAKeystore) and reason != _TEXT_MODE:
        return _other_file(reason)
    return error(f"damaged_{reason if reason in DAMAGES else 'structure'}")


def no_keystore(failure: errors.KeystoreError) -> Finding:
    """About an open file whose content makes no keystore."""
    if isinstance(failure, errors.KeyUnfit):
        return _unfit(str(failure.facts["reason"]), str(failure.facts["kind"]))
    return refusal(failure)


def _unfit(reason: str, kind: str) -> Finding:
    match reason:
        case KeyFault.CURVE:
            return error("key_curve", kind=kind)
        case KeyFault.PARAMETERS:
            return error("key_parameters")
        case KeyFault.SHORT:
            return error("key_short", kind=kind)
        case KeyFault.LONG:
            return error("key_long", kind=kind)
        case KeyFault.EXPONENT:
            return error("key_exponent", kind=kind)
    return error("key_unsupported", algorithm=kind)


def _other_file(kind: str) -> Finding:
    return error(f"file_{kind if kind in OTHER_FILES else 'unknown'}")


def _hostile(reason: str, refused: errors.LimitExceeded) -> Finding:
    limit = int(str(refused.facts.get("limit", 0)))
    if reason in _ENDLESS:
        return error("hostile_iterations", value=int(str(refused.facts.get("value", 0))), limit=limit)
    if reason == "size":
        return error("hostile_size", limit=limit)
    return error("hostile_structure")
