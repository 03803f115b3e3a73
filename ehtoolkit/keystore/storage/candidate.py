"""A keystore as one of several in its folder: whose it is, whether it works, whether it is newer than another.

Judged by content where its password is given, else by what shows without it: name, time and keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Severity
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.diagnosis.diagnose import diagnose
from ehtoolkit.keystore.diagnosis.diagnosis import Diagnosis
from ehtoolkit.keystore.diagnosis.file import FolderListing
from ehtoolkit.keystore.diagnosis.outline import is_serial
from ehtoolkit.keystore.entries import AUTHENTICATION
from ehtoolkit.keystore.state import KeystoreState
from ehtoolkit.keystore.storage.filenames import KeystoreName, parse_name
from ehtoolkit.keystore.storage.folder import find_keystores
from ehtoolkit.keystore.storage.move import FOLDER as ARCHIVE
from ehtoolkit.secret import Secret


class Guesses(tuple[Secret, ...]):
    """Passwords that are tried on a file and were meant for many. That none opens it says nothing about the file."""

    __slots__ = ()


PasswordsOf = Callable[[Path], "Secret | Sequence[Secret] | None"]
"""Gives the password of a file, several of which one may be right, `Guesses`, or None."""
PasswordOf = Callable[[Path], Secret | None]
"""The password of a file; None to look at it without."""

_GOOD: Final = (KeystoreState.COMPLETE, KeystoreState.RENEWABLE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file and what a look at it has shown. ``closed``: the password that was given does not open it.
    ``carried``: serial numbers of encryption keys that older files of the holder have. A renewal carries them into the
    new file before its certificate comes, so they do not tell that it has come."""

    path: Path
    name: KeystoreName
    diagnosis: Diagnosis
    closed: bool
    carried: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, path: Path, now: datetime, password_of: PasswordOf, neighbours: FolderListing | None
    ) -> Candidate:
        password = password_of(path)
        diagnosis = diagnose(path, password, now, neighbours=neighbours)
        return cls(path, parse_name(path.name), diagnosis, password is not None and not diagnosis.opened)

    @property
    def holder(self) -> tuple[str, str | None] | None:
        """Number and application id, by content, else by name. A person has one certificate, whatever the
        names say."""
        owner = self.diagnosis.owner
        identifier = self.name.identifier if owner is None else owner.identifier
        if identifier is None:
            return None
        application_id = self.name.application_id if owner is None else owner.application_id
        return identifier.text, None if identifier.is_person else application_id

    @property
    def is_whole(self) -> bool:
        """Whether it is a keystore, as far as its frame tells."""
        return self.diagnosis.outline is not None

    @property
    def serials(self) -> tuple[str, ...]:
        """Of its encryption keys, as far as their names can be seen."""
        return () if self.diagnosis.outline is None else self.diagnosis.outline.etk_serials

    @property
    def may_wait(self) -> bool:
        """Whether its certificate is yet to come, for all that can be seen."""
        if self.diagnosis.opened:
            return self.diagnosis.state is KeystoreState.PREPARED
        return self.carried.issuperset(self.serials)

    @property
    def is_useful(self) -> bool:
        """Whether software finds it and can open it, for all that can be seen."""
        return self.is_whole and not (self.closed or self.may_wait or self.is_misnamed)

    @property
    def by_content(self) -> bool:
        """Whether its content tells all that a judgement takes."""
        diagnosis = self.diagnosis
        known = (diagnosis.owner, diagnosis.state, diagnosis.not_before)
        return diagnosis.opened and None not in known

    @property
    def is_judged(self) -> bool:
        if self.by_content:
            return True
        seen = self.is_whole and not self.diagnosis.opened and not self.closed
        return seen and self.holder is not None and self.name.moment is not None

    @property
    def is_misnamed(self) -> bool:
        proper = self.diagnosis.proper_name
        return not self.name.regular or proper not in (None, self.path.name)

    @property
    def is_sound(self) -> bool:
        """Whether software can work with it, as far as can be seen."""
        if self.diagnosis.severity is Severity.ERROR:
            return False
        if self.by_content:
            return self.diagnosis.state in _GOOD
        names = {(key.alias or "").lower() for key in self.diagnosis.keys}
        return AUTHENTICATION in names and not self.may_wait

    @property
    def ending(self) -> str:
        """What its name ends in, or ought to."""
        found = self.diagnosis.environment
        if not self.by_content or found is None:
            return self.name.ending
        return ".acc-p12" if found is Environment.ACCEPTANCE else ".p12"

    def may_be_with(self, other: Candidate) -> bool:
        """Whether both are of one environment. Production and training show in the content alone; of an issuer
        that nobody knows, what he issued is of one."""
        mine, theirs = self.diagnosis, other.diagnosis
        if not (self.by_content and other.by_content):
            return self.ending == other.ending
        if mine.environment is None and theirs.environment is None:
            return mine.issuer == theirs.issuer
        return mine.environment is theirs.environment

    def is_newer_than(self, other: Candidate) -> bool:
        mine, theirs = self.name.moment, other.name.moment
        if self.by_content and other.by_content:
            starts = self.diagnosis.not_before, other.diagnosis.not_before
            if starts[0] != starts[1] and starts[0] is not None and starts[1] is not None:
                return starts[0] > starts[1]
        return mine is not None and theirs is not None and mine > theirs

    def has_replaced(self, other: Candidate) -> bool:
        return (
            self.is_judged
            and not self.is_misnamed
            and self.is_sound
            and self.may_be_with(other)
            and self.is_newer_than(other)
        )

    def lacks(self, other: Candidate) -> tuple[str, ...]:
        """Serial numbers of the keys that only the other one has."""
        return tuple(serial for serial in other.serials if serial not in self.serials)

    def is_of_the_same_certificate(self, other: Candidate) -> bool:
        return self.diagnosis.key_id is not None and self.diagnosis.key_id == other.diagnosis.key_id


def candidates(folder: Path, now: datetime, password_of: PasswordOf) -> tuple[Candidate, ...]:
    """The files in ``folder`` that are called like keystores, newest first. ``now``: aware.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    found = find_keystores(folder)
    neighbours = FolderListing.of(found)
    return with_carried([Candidate.of(one.path, now, password_of, neighbours) for one in found], folder)


def with_carried(looked: Sequence[Candidate], folder: Path) -> tuple[Candidate, ...]:
    """``looked``, the files of ``folder``, newest first, each told what a renewal may have carried into it."""
    seen = _seen_in_archive(folder)
    told: list[Candidate] = []
    for one in reversed(looked):  # from the oldest
        own = {one.diagnosis.key_id} - {None}  # a copy carries nothing
        carried = frozenset(serial for serial in one.serials if seen.get(serial, set()) - own)
        told.append(replace(one, carried=carried))
        for serial in one.serials:
            seen.setdefault(serial, set()).add(one.diagnosis.key_id)
    return tuple(reversed(told))


def _seen_in_archive(folder: Path) -> dict[str, set[str | None]]:
    """For the serial number of each encryption key there, the authentication keys beside it: no two holders have
    a serial number in common. None for an authentication key whose identifier does not show."""
    seen: dict[str, set[str | None]] = {}
    try:
        archived = find_keystores(folder / ARCHIVE)
    except errors.FileUnreadable:
        return seen
    for one in archived:
        ids = [key.key_id for key in one.keys if key.alias.lower() == AUTHENTICATION] or [None]
        for serial in (key.alias for key in one.keys if is_serial(key.alias)):
            seen.setdefault(serial, set()).update(ids)
    return seen
