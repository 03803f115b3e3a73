"""Other files of the same holder in the same folder: older, newer, of another environment, with more keys.

Said of a file that does not open, too: of the others counts what is readable without a password, by the one rule of
`ehtoolkit.keystore.storage.holder_files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ehtoolkit.finding import Finding, info, warning
from ehtoolkit.keystore.storage.holder_file import HolderFile
from ehtoolkit.keystore.storage.holder_files import HolderFiles
from ehtoolkit.system.text_safety import printable

_LOOKED_AT: Final = 10
"""Files of one holder that are looked into."""
_ENDS: Final = frozenset(("state_expired", "state_renewable"))


def beside(file: HolderFile, files: HolderFiles) -> Iterator[Finding]:
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


def renewed(findings: Sequence[Finding], file: HolderFile, files: HolderFiles) -> Sequence[Finding]:
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


def lost_keys(file: HolderFile, files: HolderFiles) -> Iterator[Finding]:
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


def copies(file: HolderFile, files: HolderFiles) -> Iterator[Finding]:
    """Report files of the holder, or whose names do not say whose they are, that hold the same authentication key.
    Where its identifier does not show without the password, nothing is said."""
    others = (*files.others(file), *files.of_holder(None))
    same = _names(
        other for other in others[:_LOOKED_AT] if other.path.name != file.path.name and other.is_copy_of(file)
    )
    if same:
        yield info("beside_same_key", others=same)


def _names(files: Iterable[HolderFile]) -> tuple[str, ...]:
    return tuple(printable(file.path.name) for file in files)
