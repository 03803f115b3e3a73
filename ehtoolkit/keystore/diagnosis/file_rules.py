"""Rules on the file: what it is if no keystore, its size, what can be saved, its name, other files of the holder.

Other programs read names, and crash on one that was renamed or copied. Of the other files counts what is readable
without a password, by the one rule of `ehtoolkit.keystore.storage.holder_keystores`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ehtoolkit import errors
from ehtoolkit.crypto.keys import KeyFault
from ehtoolkit.finding import Finding, Topic, error, info, ok, warning
from ehtoolkit.keystore.codec.derivation import DerivedKeyCache
from ehtoolkit.keystore.codec.file_type import plain_keys, undo_transfer_damage
from ehtoolkit.keystore.codec.structure import Structure
from ehtoolkit.keystore.diagnosis.content import UNREAD, FileContent, FileFacts
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.protection_rules import wrong_password
from ehtoolkit.keystore.repair.recovery import recover
from ehtoolkit.keystore.storage import filenames
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.secret import Secret
from ehtoolkit.system.text_safety import printable

_OTHER_KEYSTORES: Final = ("jks", "jceks", "bks", "uber", "bcfks")
_OTHERS: Final = ("empty", "zeros", "pem", "base64", "certificate", "private_key", "cms", "unknown")
_OTHER_PROGRAMS: Final = ("html", "pdf", "archive", "image")

OTHER_FILES: Final = frozenset((*UNREAD, *_OTHER_KEYSTORES, *_OTHERS, *_OTHER_PROGRAMS))
"""What a file can be that is no PKCS#12 file: each has a finding ``file_<kind>``."""

DAMAGES: Final = frozenset(
    ["truncated", "structure", "text_mode", "integrity", "contents", "key", "key_point", "certificate"]
)
"""What can be broken: each has a finding ``damaged_<reason>``."""

_TEXT_MODE: Final = "text_mode"
_ENDLESS: Final = frozenset(("iterations", "work"))


def bare_keys(file: FileFacts, data: bytes) -> Iterator[Finding]:
    """Report private keys without encryption in a file that is no keystore."""
    count = plain_keys(data) if file.kind in ("pem", "private_key") else 0
    if count:
        yield error("key_in_clear", count=count)


def trailing_bytes(structure: Structure) -> Iterator[Finding]:
    """Report bytes after the end of a PKCS#12 file."""
    if structure.trailing:
        yield warning("trailing_bytes", count=structure.trailing)


def refusal(error_: errors.KeystoreError) -> Finding:
    """Return the finding about an error that ended the reading of a file, but for a wrong password."""
    if isinstance(error_, errors.LimitExceeded):
        return _hostile(error_)
    if isinstance(error_, errors.KeystoreUnsupported):
        return error("unsupported", algorithm=error_.algorithm or "")
    reason = error_.reason
    if isinstance(error_, errors.NotAKeystore):
        if error_.kind == "no_key":
            return error("content_no_key")
        if error_.kind != _TEXT_MODE:
            return other_file(error_.kind)
        reason = _TEXT_MODE
    return error(f"damaged_{reason if reason in DAMAGES else 'structure'}")


def no_keystore(failure: errors.KeystoreError) -> Finding:
    """Return the finding about an open file whose content makes no keystore."""
    if not isinstance(failure, errors.KeyUnfit):
        return refusal(failure)
    kind = failure.kind
    match failure.reason:
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


def other_file(kind: str) -> Finding:
    """Return the finding about a file that is no PKCS#12 file, or that gave no bytes."""
    return error(f"file_{kind if kind in OTHER_FILES else 'unknown'}")


def _hostile(refused: errors.LimitExceeded) -> Finding:
    if refused.reason in _ENDLESS:
        return error("hostile_iterations", value=refused.value, limit=refused.limit)
    if refused.reason == "size":
        return error("hostile_size", limit=refused.limit)
    return error("hostile_structure")


# ── The size beside the verdict ──────────────────────────────────────────────────────────────────────────
_KILOBYTE: Final = 1024
_LOOKS_SMALL: Final = 10 * _KILOBYTE
"""One guide wants 8 kB, another 10."""
_LOOKS_LARGE: Final = 6 * _KILOBYTE
"""The guide calls 4 kB wrong and 8 kB right."""


def size(seen: Diagnosis, content: FileContent) -> Iterator[Finding]:
    octets, keystore = seen.file.size, content.keystore
    if octets is None or not seen.keys:
        return
    kilobytes = round(octets / _KILOBYTE, 1)
    # A renewal carries old encryption keys into a file that still waits: closed, it tells only when it has none.
    is_whole = keystore is not None and bool(keystore.current_encryption)
    lacks = not seen.etk_serials if keystore is None else not is_whole
    if is_whole and octets < _LOOKS_SMALL:
        yield info("size_small_but_whole", size=kilobytes)
    elif lacks and octets > _LOOKS_LARGE:
        yield info("size_large_but_lacking", size=kilobytes)
    else:
        yield ok("size_tells_nothing", size=kilobytes)


# ── What can be saved ────────────────────────────────────────────────────────────────────────────────────
_JAVA: Final = frozenset(("file_jks", "file_jceks"))
UNSUPPORTED: Final = "unsupported"
_WORTH_A_TRY: Final = _JAVA | {"file_base64", "file_pem", "file_unknown", UNSUPPORTED}
_DAMAGED: Final = "damaged_"


def rescuable(
    data: bytes, password: Secret | None, cache: DerivedKeyCache | None, finding: Finding
) -> Iterator[Finding]:
    """Report what can be saved of a file that did not open because of ``finding``.

    ``cache``: of the password, with the keys that were derived already; None without a password, when only damage that
    can be undone is seen.
    """
    if finding.key not in _WORTH_A_TRY and not finding.key.startswith(_DAMAGED):
        return
    try:
        if password is None or cache is None:
            if undo_transfer_damage(data) is not None:
                yield info("mendable")
            return
        rescued = recover(data, password, cache=cache)
    except errors.KeystorePasswordWrong:
        yield from (
            wrong_password(password or Secret("")) if finding.key in _JAVA else (info("rescue_nothing"),)
        )
    except errors.KeystoreError:
        return
    else:
        keys, certificates = len(rescued.contents.keys), len(rescued.contents.certificates)
        if finding.key == UNSUPPORTED and not keys:
            return
        if rescued.lost:
            yield info("rescuable", keys=keys, certificates=certificates)
        elif finding.key in _JAVA or rescued.mended is not None:
            yield info("rescuable_whole", keys=keys, certificates=certificates)
        else:
            yield info("rescuable_all", keys=keys, certificates=certificates)


# ── The name of the file ────────────────────────────────────────────────────────────────────────────────
_BACKUP: Final = ".bak"


def naming(seen: Diagnosis) -> Iterator[Finding]:
    """Report a name that other programs do not read. ``seen``: with its proper name."""
    name, named = seen.file.name, seen.file.named
    if name is None or named is None or named.regular:
        return
    if name.lower().endswith(_BACKUP):
        yield info("name_backup", name=printable(name)).about(Topic.CIRCUMSTANCES)
    elif seen.proper_name is not None:
        yield warning("name_renamed", name=printable(name), proper=seen.proper_name).about(
            Topic.CIRCUMSTANCES
        )
    elif seen.opened:
        yield warning("name_unknown", name=printable(name)).about(Topic.CIRCUMSTANCES)
    else:
        yield warning("name_odd", name=printable(name)).about(Topic.CIRCUMSTANCES)


def proper_name(seen: Diagnosis, listing: HolderFiles | None) -> str | None:
    """Return what the official program would call the file; None if its holder is unknown.

    Of the certificate the start, and not when the file was last written: a copy, or another password, would make an old
    keystore the last one.
    """
    file = seen.found_keystore()
    if file.identifier is None:
        return None
    holder = (file.identifier, file.application_id)
    moments = (seen.not_before, seen.file.changed, seen.now)
    taken = () if listing is None else listing.names
    return filenames.proper_name(seen.file.name or "", holder, seen.environment, moments, taken)


# ── Other files of the holder ────────────────────────────────────────────────────────────────────────────
_LOOKED_AT: Final = 10
"""Files of one holder that are looked into."""
_ENDS: Final = frozenset(("state_expired", "state_renewable"))


def beside(file: FoundKeystore, files: HolderFiles) -> Iterator[Finding]:
    """Report what the other files of the holder are to this one: newer, older, or of another environment."""
    others = files.others(file)
    alike = [other for other in others if other.same_environment(file)]
    newer = _names(other for other in alike[:_LOOKED_AT] if files.supersedes(other, file))
    if newer:
        rest = (name for name in _names(alike) if name not in newer)
        yield warning("beside_newer", newer=newer[0], others=(*newer, *rest)).about(Topic.CIRCUMSTANCES)
    elif alike:
        yield warning("beside_older", others=_names(alike)).about(Topic.CIRCUMSTANCES)
    apart = _names(other for other in others if other not in alike)
    if apart:
        yield warning("beside_other_environment", others=apart).about(Topic.CIRCUMSTANCES)


def renewed(findings: Sequence[Finding], file: FoundKeystore, files: HolderFiles) -> Sequence[Finding]:
    """Return ``findings`` with one instead of two where a certificate ends, or has ended, and another file of the
    holder is why it is neither to be renewed nor requested again: one that has replaced this one, or a renewal that
    waits.

    A copy has the same certificate, and replaces nothing.
    """
    ends = next((finding for finding in findings if finding.key in _ENDS), None)
    if ends is None:
        return findings
    date, successor = ends.facts["date"], files.successor(file)
    waiting = next((each for each in files.coming(file) if files.waits(each)), None)
    if successor is not None and not successor.is_copy_of(file):
        found = warning("state_replaced", date=date, newer=printable(successor.path.name)).about(
            Topic.CIRCUMSTANCES
        )
    elif waiting is not None:
        found = warning("state_renewal_waits", date=date, newer=printable(waiting.path.name)).about(
            Topic.CIRCUMSTANCES
        )
    else:
        return findings
    return [
        *(finding for finding in findings if finding is not ends and finding.key != "beside_newer"),
        found,
    ]


def lost_keys(file: FoundKeystore, files: HolderFiles) -> Iterator[Finding]:
    """Report encryption keys that an older file of the holder has and this one lacks. The names of keys are in the
    clear: no password is needed."""
    older = [
        other
        for other in files.others(file)
        if other.same_environment(file) and not other.is_newer_than(file)
    ]
    for other in older[:_LOOKED_AT]:
        lost = file.lacks(other)
        if lost:
            yield warning(
                "beside_more_keys", older=printable(other.path.name), count=len(lost), serials=lost
            ).about(Topic.CIRCUMSTANCES)
            return


def copies(file: FoundKeystore, files: HolderFiles) -> Iterator[Finding]:
    """Report files of the holder, or whose names do not say whose they are, that hold the same authentication key.
    Where its identifier does not show without the password, nothing is said."""
    others = (*files.others(file), *files.of_holder(None))
    same = _names(
        other for other in others[:_LOOKED_AT] if other.path.name != file.path.name and other.is_copy_of(file)
    )
    if same:
        yield info("beside_same_key", others=same).about(Topic.CIRCUMSTANCES)


def _names(files: Iterable[FoundKeystore]) -> tuple[str, ...]:
    return tuple(printable(file.path.name) for file in files)
