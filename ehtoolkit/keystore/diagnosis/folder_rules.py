"""Rules on the folder: the name of the file, and other files of the same holder.

Names: other programs read them, and crash on one that was renamed or copied. Other files: of them counts what is
readable without a password, by the one rule of `ehtoolkit.keystore.storage.holder_keystores`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ehtoolkit.finding import Finding, info, warning
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.storage import filenames
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore
from ehtoolkit.keystore.storage.holder_keystores import HolderFiles
from ehtoolkit.system.text_safety import printable

_BACKUP: Final = ".bak"


def naming(seen: Diagnosis) -> Iterator[Finding]:
    """Report a name that other programs do not read. ``seen``: with its proper name."""
    name, named = seen.file.name, seen.file.named
    if name is None or named is None or named.regular:
        return
    if name.lower().endswith(_BACKUP):
        yield info("name_backup", name=printable(name))
    elif seen.proper_name is not None:
        yield warning("name_renamed", name=printable(name), proper=seen.proper_name)
    elif seen.opened:
        yield warning("name_unknown", name=printable(name))
    else:
        yield warning("name_odd", name=printable(name))


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
        yield warning("beside_newer", newer=newer[0], others=(*newer, *rest))
    elif alike:
        yield warning("beside_older", others=_names(alike))
    apart = _names(other for other in others if other not in alike)
    if apart:
        yield warning("beside_other_environment", others=apart)


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
        found = warning("state_replaced", date=date, newer=printable(successor.path.name))
    elif waiting is not None:
        found = warning("state_renewal_waits", date=date, newer=printable(waiting.path.name))
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
            yield warning("beside_more_keys", older=printable(other.path.name), count=len(lost), serials=lost)
            return


def copies(file: FoundKeystore, files: HolderFiles) -> Iterator[Finding]:
    """Report files of the holder, or whose names do not say whose they are, that hold the same authentication key.
    Where its identifier does not show without the password, nothing is said."""
    others = (*files.others(file), *files.of_holder(None))
    same = _names(
        other for other in others[:_LOOKED_AT] if other.path.name != file.path.name and other.is_copy_of(file)
    )
    if same:
        yield info("beside_same_key", others=same)


def _names(files: Iterable[FoundKeystore]) -> tuple[str, ...]:
    return tuple(printable(file.path.name) for file in files)
