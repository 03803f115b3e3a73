"""The keystores of one holder: which is current, which was replaced, which is coming, which keys were carried over.

One rule, which the diagnosis, the audit, the archive, the procedures and the forms ask, so that no two of them say
different things of one folder. What is not known of a file is judged by what shows without its password.

1. **One holder** is a person, or one application of an organisation: by content, else by the note of the request, else
   by the name of the file. A person has one certificate, whatever application a name adds.
2. **One environment**: by the issuers of both certificates; of two unknown issuers, by the names of these; of an
   unknown and a known one, by the endings of the file names, but never training, whose issuers are all known; while
   one of the two certificates cannot be seen, by the endings. Production and training show in the content alone.
3. **Newer** is the certificate that began later. While one of the two cannot be seen, the time in the name counts: that
   of its request. The time of the file system does not: a copy that was made today is no newer keystore.
4. **Carried over** are encryption keys that an older file of the holder has, in the folder or in its archive. A renewal
   brings them along before its certificate comes, so they do not tell that it has come. A copy, a file with the same
   authentication key, carries nothing: its keys are its own.
5. A file **waits** while it is opened and has no certificate, or is closed and has no encryption key of its own.
6. A file **serves** when software finds it, opens it and works with it: it has a proper name, its password opens it,
   nothing in it is damaged, its certificate is valid, has an encryption key of its own, and the platform has not said
   that it is revoked, or that its token is yet to be activated.
7. A file **was replaced** by a newer one of its holder and environment that serves, and that nothing has replaced:
   names and contents may contradict each other in a circle. In doubt nothing was: the software that reads the file
   would find nothing.
8. A newer file that does not serve yet and is not over **is coming**: it waits, is to be completed or activated, or
   wants its proper name. Until then the older one is in use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.entries import is_authentication, serials_among
from ehtoolkit.keystore.state import CertificateState, with_platform_word
from ehtoolkit.keystore.storage.filenames import KeystoreName, is_right
from ehtoolkit.keystore.storage.folder import FoundKeystore, authentication_key, find_keystores
from ehtoolkit.keystore.storage.move import FOLDER as ARCHIVE
from ehtoolkit.keystore.storage.state_cache import CachedState, CachedStates
from ehtoolkit.secret import Secret


class Guesses(tuple[Secret, ...]):
    """Passwords that are tried on a file and were meant for many. That none opens it says nothing about the file."""

    __slots__ = ()


PasswordsOf = Callable[[Path], "Secret | Sequence[Secret] | None"]
"""Gives the password of a file, several of which one may be right, `Guesses`, or None."""
PasswordOf = Callable[[Path], Secret | None]
"""The password of a file; None to look at it without."""

HolderKey = tuple[str, str | None]
"""Number and application id."""

_COMING: Final = frozenset(
    {CertificateState.NO_ETK, CertificateState.TO_ACTIVATE, CertificateState.NOT_YET_VALID}
)


class FileAge(NamedTuple):
    """What tells which of two files of one holder is the newer one.

    Attributes:
        begins: the start of the certificate, aware; None while the content does not show whose it is.
        named: the time in the name, Belgian, without a zone; None without.
    """

    begins: datetime | None
    named: datetime | None

    def is_newer_than(self, other: FileAge) -> bool:
        """Return whether a file of this age is newer than one of the other age: rule 3."""
        if self.begins is not None and other.begins is not None and self.begins != other.begins:
            return self.begins > other.begins
        return self.named is not None and other.named is not None and self.named > other.named


@dataclass(frozen=True, slots=True)
class HolderFile:
    """A file and what is known of it.

    Attributes:
        path: of the file.
        name: what its name tells.
        moment: of its name, else of its last change, Belgian time; None where neither is known.
        look: reads the private keys that show without the password; None for what is no keystore. Called once for all
            copies of this value.
        owner: of the certificate, else whom it was requested for; None if unknown.
        environment: by the issuer; None while that is not known.
        issuer: its name, None while there is no certificate to be seen.
        not_before: of the certificate, aware; None while there is none to be seen.
        state: by content and the platform's word; None while neither is known.
        content_key_id: of the authentication key, where the content was read.
        opened: whether its content is known, now or from when it was opened last.
        closed: whether the password that was given does not open it.
        faulty: whether an error was found in it.
    """

    path: Path
    name: KeystoreName
    moment: datetime | None
    look: Callable[[], tuple[KeyOutline, ...] | None] = field(repr=False, compare=False)
    owner: DistinguishedName | None = None
    environment: Environment | None = None
    issuer: str | None = None
    not_before: datetime | None = None
    state: CertificateState | None = None
    content_key_id: str | None = None
    opened: bool = False
    closed: bool = False
    faulty: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "look", cache(self.look))

    @classmethod
    def from_found(cls, found: FoundKeystore) -> HolderFile:
        """Return a file of which nothing is known but what shows."""
        return cls(found.path, found.name, found.moment, found.look)

    def recalled(self, known: CachedStates, now: datetime) -> HolderFile:
        """Return the file with what it showed when it was opened last, unless it is open now or the password that was
        given does not open it, and with the platform's last word of it."""
        seen = None if self.opened or self.closed else known.of_file(self.path)
        file = self if seen is None else self.as_seen(seen)
        return file.at(now, seen, known.word_of(file.key_id))

    def as_seen(self, seen: CachedState) -> HolderFile:
        """Return the file with what it showed when it was opened last, but for its state, which depends on the
        moment."""
        return replace(
            self,
            owner=seen.name or self.owner,
            environment=seen.environment,
            not_before=seen.not_before,
            content_key_id=seen.key_id,
            opened=True,
        )

    def at(self, now: datetime, seen: CachedState | None, word: str) -> HolderFile:
        """Return the file with its state at ``now``: by what was ``seen`` of it, and the platform's last word."""
        state = self.state if seen is None else seen.state(now)
        return replace(self, state=with_platform_word(state, word))

    @property
    def keys(self) -> tuple[KeyOutline, ...] | None:
        """The private keys that can be seen, in their order; None for what is no keystore, or a damaged one."""
        return self.look()

    @property
    def serials(self) -> tuple[str, ...]:
        """The names of its encryption keys, as far as they can be seen: serial numbers in decimal."""
        return serials_among([key.alias for key in self.keys or ()])

    @property
    def key_id(self) -> str | None:
        """The platform's identifier of the authentication key; None when it cannot be seen."""
        if self.content_key_id is not None:
            return self.content_key_id
        key = authentication_key(self.keys or ())
        return None if key is None else key.key_id

    @property
    def identifier(self) -> Identifier | None:
        return self.name.identifier if self.owner is None else self.owner.identifier

    @property
    def application_id(self) -> str | None:
        return self.name.application_id if self.owner is None else self.owner.application_id

    @property
    def holder(self) -> HolderKey | None:
        return None if self.identifier is None else holder_key(self.identifier, self.application_id)

    @property
    def is_whole(self) -> bool:
        """Whether it is a keystore, as far as its frame tells."""
        return self.keys is not None

    @property
    def is_misnamed(self) -> bool:
        """Whether other programs do not find it by its name, or take it for another's."""
        if self.owner is None or self.not_before is None:
            return not self.name.regular
        holder = (self.owner.identifier, self.owner.application_id)
        return not is_right(self.name, holder, self.environment)

    @property
    def by_content(self) -> bool:
        """Whether its content shows whose certificate it is, and from when."""
        return self.opened and self.owner is not None and self.not_before is not None

    @property
    def is_judged(self) -> bool:
        """Whether anything can be said of it and another: by its content, else by its name and visible keys."""
        if self.by_content and self.state is not None:
            return True
        seen = self.is_whole and not self.opened and not self.closed
        return seen and self.holder is not None and self.name.moment is not None

    def is_copy_of(self, other: HolderFile) -> bool:
        """Return whether both are of the same certificate."""
        return self.key_id is not None and self.key_id == other.key_id

    def lacks(self, other: HolderFile) -> tuple[str, ...]:
        """Return the serial numbers of the keys that only the other one has."""
        mine = self.serials
        return tuple(serial for serial in other.serials if serial not in mine)

    def same_environment(self, other: HolderFile) -> bool:
        """Return whether both files are of one environment: rule 2."""
        if not (self.by_content and other.by_content):
            return self._ending == other._ending
        if self.environment is None and other.environment is None:
            return self.issuer == other.issuer
        if self.environment is None or other.environment is None:
            known = self.environment or other.environment
            return known is not Environment.TRAINING and self._ending == other._ending
        return self.environment is other.environment

    @property
    def age(self) -> FileAge:
        return FileAge(self.not_before if self.by_content else None, self.name.moment)

    def is_newer_than(self, other: HolderFile) -> bool:
        """Return whether this file is newer than the other one: rule 3."""
        return self.age.is_newer_than(other.age)

    @property
    def _ending(self) -> str:
        """What its name ends in, or ought to."""
        if not self.by_content or self.environment is None:
            return self.name.ending
        return ".acc-p12" if self.environment is Environment.ACCEPTANCE else ".p12"

    @property
    def order(self) -> tuple[datetime, str]:
        return self.moment or datetime.min, self.path.name


def _comes_after(file: HolderFile, older: HolderFile) -> bool:
    return file.same_environment(older) and file.is_newer_than(older)


class HolderFiles:
    """Files that lie together, each as one of its holder's. ``archived``: those that were put away beside them, whose
    keys a renewal may have carried over (rule 4)."""

    def __init__(self, files: Iterable[HolderFile], archived: Iterable[HolderFile] = ()) -> None:
        self.archived = tuple(archived)
        self._by_holder: dict[HolderKey | None, list[HolderFile]] = {}
        for one in sorted(files, key=lambda file: file.order, reverse=True):
            self._by_holder.setdefault(one.holder, []).append(one)
        self._carried: dict[Path, frozenset[str]] = {}
        self._last: dict[HolderKey, tuple[HolderFile, ...]] = {}

    @classmethod
    def in_folder(cls, folder: Path, notes: Path | None = None, now: datetime | None = None) -> HolderFiles:
        """Return the keystores in ``folder``, by what shows and, with ``notes`` and ``now`` (aware), by what was seen
        of them. Raises `errors.FileUnreadable` for a folder that may not be listed."""
        found = map(HolderFile.from_found, find_keystores(folder))
        if notes is not None and now is not None:
            known = CachedStates.read(notes)
            found = map(partial(HolderFile.recalled, known=known, now=now), found)
        return cls(found, archived_files(folder))

    def of_holder(self, holder: HolderKey | None) -> Sequence[HolderFile]:
        """Return the files of a holder, newest first by their names; for None those of an unknown holder."""
        return self._by_holder.get(holder, ())

    def others(self, file: HolderFile) -> tuple[HolderFile, ...]:
        """Return the other files of the holder of ``file``, newest first by their names; none if the holder is
        unknown."""
        found = () if file.holder is None else self.of_holder(file.holder)
        return tuple(one for one in found if one.path != file.path)

    def carried(self, file: HolderFile) -> frozenset[str]:
        """Return the serial numbers of the encryption keys of ``file`` that older files have: rule 4."""
        found = self._carried.get(file.path)
        if found is None:
            serials = set(file.serials)
            found = frozenset(
                serial
                for one in self._sources(file)
                if serials
                for serial in one.serials
                if serial in serials
            )
            self._carried[file.path] = found
        return found

    def own_serials(self, file: HolderFile) -> tuple[str, ...]:
        """Return the serial numbers of the encryption keys of ``file`` that no older file has."""
        carried = self.carried(file)
        return tuple(serial for serial in file.serials if serial not in carried)

    def waits(self, file: HolderFile) -> bool | None:
        """Return whether the certificate of ``file``, or the encryption key of that, is yet to come: rule 5. None where
        its keys do not show, or not what they are for: then its password is needed to know."""
        if file.state is not None or file.opened:
            return file.state is not None and file.state.is_pending
        return self.lacks_token(file)

    def lacks_token(self, file: HolderFile) -> bool | None:
        """Return whether ``file`` has no encryption key of its own, as far as shows; None where its authentication key
        does not."""
        if authentication_key(file.keys or ()) is None:
            return None
        return not self.own_serials(file)

    def serves(self, file: HolderFile) -> bool:
        """Return whether ``file`` serves, as far as can be seen: rule 6."""
        return file.is_judged and not file.is_misnamed and self.is_sound(file)

    def is_sound(self, file: HolderFile) -> bool:
        """Return whether software can work with ``file``, once it has its proper name."""
        if file.faulty:
            return False
        if file.state is not None:
            return file.state.serves
        named = any(is_authentication(key.alias) for key in file.keys or ())
        return named and self.waits(file) is False

    def supersedes(self, file: HolderFile, older: HolderFile) -> bool:
        """Return whether ``file`` has replaced ``older``, of the same holder; rule 7 for these two alone."""
        return self.serves(file) and _comes_after(file, older)

    def successor(self, file: HolderFile) -> HolderFile | None:
        """Return the file that has replaced ``file``, the newest by its name: rule 7. None where none has."""
        if file.holder is None:
            return None
        return next((one for one in self._unreplaced(file.holder) if _comes_after(one, file)), None)

    def coming(self, file: HolderFile) -> tuple[HolderFile, ...]:
        """Return the files that will take the place of ``file``, newest first by their names: rule 8."""
        return tuple(one for one in self.others(file) if self._is_coming(one, file))

    def takes_place_of(self, file: HolderFile, older: HolderFile) -> bool:
        """Return whether ``file`` has replaced ``older`` of the same holder, or will, for these two alone."""
        return self.supersedes(file, older) or self._is_coming(file, older)

    def current(self, holder: HolderKey, environment: Environment | None = None) -> HolderFile | None:
        """Return the file that the holder's software is to read: the newest by its name that serves and that nothing
        has replaced. Else the newest; its password is needed to know more. None without a file.

        ``environment``: those that are seen to be of another one do not count.
        """
        found = [one for one in self.of_holder(holder) if _may_be_of(one, environment)]
        serving = (one for one in self._unreplaced(holder) if one in found)
        return next(serving, found[0] if found else None)

    def _is_coming(self, file: HolderFile, older: HolderFile) -> bool:
        comes = self.waits(file) if file.state is None else file.state.is_pending or file.state in _COMING
        comes = comes or (file.is_misnamed and file.is_judged and self.is_sound(file))
        return (
            bool(comes)
            and not file.is_copy_of(older)
            and file.is_newer_than(older)
            and file.same_environment(older)
        )

    def _unreplaced(self, holder: HolderKey) -> tuple[HolderFile, ...]:
        """Return those files of the holder that serve, and that no other one has replaced."""
        if holder not in self._last:
            group = tuple(filter(self.serves, self.of_holder(holder)))
            self._last[holder] = tuple(
                one for one in group if not any(_comes_after(other, one) for other in group)
            )
        return self._last[holder]

    def _sources(self, file: HolderFile) -> Iterable[HolderFile]:
        """Return the files whose keys may have been carried into ``file``.

        No two holders have a serial number in common; whose a file is may show in the content alone.
        """
        beside = (*self.of_holder(file.holder), *(self.of_holder(None) if file.holder is not None else ()))
        older = [one for one in beside if one.order < file.order]
        return (one for one in (*older, *self.archived) if one.key_id is None or one.key_id != file.key_id)


def holder_key(identifier: Identifier, application_id: str | None) -> HolderKey:
    """Return what files of one holder have in common: the number and, but for a person, the application id: rule 1."""
    return identifier.text, None if identifier.is_person else application_id


def files_with_key(folder: Path, is_wanted: Callable[[KeyOutline], bool]) -> tuple[HolderFile, ...]:
    """Return the keystores of ``folder``, newest first, then those of its archive, that have a private key that
    ``is_wanted``, as far as it shows without a password.

    Raises `errors.FileUnreadable` for a folder that cannot be listed.
    """
    files = (*map(HolderFile.from_found, find_keystores(folder)), *archived_files(folder))
    return tuple(file for file in files if any(map(is_wanted, file.keys or ())))


def archived_files(folder: Path) -> tuple[HolderFile, ...]:
    """Return what was put away beside the files of ``folder``; none when that cannot be listed."""
    try:
        return tuple(map(HolderFile.from_found, find_keystores(folder / ARCHIVE)))
    except errors.FileUnreadable:
        return ()


def _may_be_of(file: HolderFile, environment: Environment | None) -> bool:
    found = file.environment or file.name.environment
    return environment is None or found is None or found is environment
