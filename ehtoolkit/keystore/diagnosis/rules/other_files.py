"""Other files of the same holder in the same folder: older, newer, of another environment, with more keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Finding, info, warning
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.codec.structure import ShroudedKey
from ehtoolkit.keystore.contents import KeyBag
from ehtoolkit.keystore.diagnosis.file import FileFacts, FolderListing
from ehtoolkit.keystore.diagnosis.outline import is_serial
from ehtoolkit.keystore.entries import AUTHENTICATION
from ehtoolkit.keystore.storage import fs
from ehtoolkit.keystore.storage.filenames import KeystoreName
from ehtoolkit.keystore.storage.folder import FoundKeystore
from ehtoolkit.system.text_safety import printable

_LOOKED_AT: Final = 10
"""Older files of one holder that are looked into."""


_ENDS: Final = frozenset(("state_expired", "state_renewable"))


_Holder = tuple[Identifier | None, str | None]
"""Whose the file is, and the application id."""


def beside(file: FileFacts, holder: _Holder, neighbours: FolderListing | None) -> Iterator[Finding]:
    """By names alone, so that it can be said of a file that does not open, too."""
    others = _others(file, holder, neighbours)
    alike = [other for other in others if _is_test(other.name) is _is_test(file.named)]
    newer = _names(other for other in alike if other.moment > _moment(file))
    older = _names(other for other in alike if other.moment <= _moment(file))
    if newer:
        yield warning("beside_newer", newer=newer[0], others=(*newer, *older))
    elif older:
        yield warning("beside_older", others=older)
    apart = _names(other for other in others if other not in alike)
    if apart:
        yield warning("beside_other_environment", others=apart)


def renewed(
    findings: Sequence[Finding],
    file: FileFacts,
    key_id: str | None,
    serials: tuple[str, ...],
    holder: _Holder,
    neighbours: FolderListing | None,
) -> Sequence[Finding]:
    """``findings`` with one in the place of two where a certificate ends, or has ended, and a newer file of the holder
    is why nobody is to renew it, or to ask for another one: that file has encryption keys of its own, or it is still
    to be completed.

    What the newer file is, only its keys tell (``key_id`` and ``serials`` are those of this one); where they do not
    show, or where it is a copy of this file, ``findings`` are as they were.
    """
    ends = next((one for one in findings if one.key in _ENDS), None)
    newer = next((one for one in findings if one.key == "beside_newer"), None)
    if ends is None or newer is None or key_id is None:
        return findings
    name = newer.facts["newer"]
    newest = next(one for one in _others(file, holder, neighbours) if printable(one.path.name) == name)
    ids = _key_ids(newest)
    if not ids or None in ids or key_id in ids:
        return findings
    date = ends.facts["date"]
    found = (
        warning("state_replaced", date=date, newer=name)
        if set(_serials_in(newest)) - set(serials)
        else warning("state_renewal_waits", date=date, newer=name)
    )
    return [*(one for one in findings if one not in (ends, newer)), found]


def lost_keys(
    file: FileFacts,
    serials: tuple[str, ...],
    holder: _Holder,
    neighbours: FolderListing | None,
) -> Iterator[Finding]:
    """Encryption keys that an older file of the holder has and this one, with those of ``serials``, lacks.
    The names of keys are in the clear: no password is needed."""
    others = _others(file, holder, neighbours)
    older = [
        other
        for other in others
        if other.moment <= _moment(file) and _is_test(other.name) is _is_test(file.named)
    ]
    for other in older[:_LOOKED_AT]:
        lost = tuple(serial for serial in _serials_in(other) if serial not in serials)
        if lost:
            yield warning("beside_more_keys", older=printable(other.path.name), count=len(lost), serials=lost)
            return


def copies(
    file: FileFacts, key_id: str | None, holder: _Holder, neighbours: FolderListing | None
) -> Iterator[Finding]:
    """Files of the holder, or whose names do not say whose they are, that hold the same authentication key. Where its
    identifier does not show without the password, nothing is said."""
    if neighbours is None or key_id is None:
        return
    others = (*_others(file, holder, neighbours), *neighbours.nameless)
    same = _names(
        other for other in others[:_LOOKED_AT] if other.path.name != file.name and key_id in _key_ids(other)
    )
    if same:
        yield info("beside_same_key", others=same)


def _key_ids(file: FoundKeystore) -> tuple[str | None, ...]:
    return tuple(key.key_id for key in file.keys if key.alias.lower() == AUTHENTICATION)


def _others(file: FileFacts, holder: _Holder, neighbours: FolderListing | None) -> tuple[FoundKeystore, ...]:
    identifier, application_id = holder
    if neighbours is None or identifier is None:
        return ()
    found = neighbours.of_holder(identifier, application_id)
    return tuple(other for other in found if other.path.name != file.name)


def _is_test(name: KeystoreName | None) -> bool:
    return name is not None and name.environment is Environment.ACCEPTANCE


def _moment(file: FileFacts) -> datetime:
    """As `FoundKeystore.moment`."""
    moment = file.named.moment if file.named is not None else None
    return moment or file.changed or datetime.max


def _names(files: Iterator[FoundKeystore]) -> tuple[str, ...]:
    return tuple(printable(file.path.name) for file in files)


def _serials_in(file: FoundKeystore) -> tuple[str, ...]:
    try:
        bags = outline_pkcs12(fs.read(file.path, limits.SIZE)).visible_bags
    except (errors.KeystoreError, errors.FileUnreadable):
        return ()
    aliases = (bag.alias for bag in bags if isinstance(bag, ShroudedKey | KeyBag))
    return tuple(dict.fromkeys(alias for alias in aliases if alias is not None and is_serial(alias)))
