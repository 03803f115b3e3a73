"""The keystores of one holder: which is current, which was replaced, which is coming, which keys were carried over.

One rule, which the diagnosis, the audit, the archive, the procedures and the forms ask, so that no two of them say
different things of one folder. An unopened file is judged by what is readable without its password.

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
9. The next step of a file that is **over** is at another one of its holder, where that serves and is to be renewed: one
   holder has one step, and a new request would lead to that renewal.
10. A file that waits, of a holder without a card, is **blocked** while another one of that holder is in force and not
   yet to be renewed: the platform accepts a request from such a holder only then. It is not coming, either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Final

from ehtoolkit import errors
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.codec.contents import KeyOutline
from ehtoolkit.keystore.entries import is_authentication
from ehtoolkit.keystore.state import State
from ehtoolkit.keystore.storage.filenames import ENDINGS, belgian_time, keystore_name
from ehtoolkit.keystore.storage.found_keystore import FoundKeystore, HolderKey, authentication_key
from ehtoolkit.keystore.storage.records import CachedStates
from ehtoolkit.secret import Secret
from ehtoolkit.system.files import unreadable

PasswordsOf = Callable[[Path], "Secret | Sequence[Secret] | None"]
"""Gives the password of a file, several of which one may be right, `ehtoolkit.keystore.passwords.Guesses`, or None."""
PasswordOf = Callable[[Path], Secret | None]
"""The password of a file; None to look at it without."""

ARCHIVE: Final = "archive"
"""The folder beside keystores for those that were put away."""

_COMING: Final = frozenset({State.NO_ETK, State.TO_ACTIVATE, State.NOT_YET_VALID})
_IN_FORCE: Final = _COMING | {State.COMPLETE, State.ACTIVE}
"""States of a certificate that is in force, or will be, and is not yet to be renewed."""


class Beside(Enum):
    """What the other files of its holder are to a keystore."""

    ALONE = auto()
    COMING = auto()
    """A newer one is on the way: rule 8."""
    REPLACED = auto()
    """A newer one serves: rule 7."""
    RENEWABLE = auto()
    """It is over, and another one that serves is to be renewed: rule 9."""
    IN_FORCE = auto()
    """It waits, and another one is in force, so that its request cannot be sent yet: rule 10."""


def _takes_over(file: FoundKeystore, older: FoundKeystore) -> bool:
    return not file.is_copy_of(older) and _comes_after(file, older)


def _comes_after(file: FoundKeystore, older: FoundKeystore) -> bool:
    return file.same_environment(older) and file.is_newer_than(older)


class HolderFiles:
    """Files that lie together, each as one of its holder's. ``archived``: those that were put away beside them, whose
    keys a renewal may have carried over (rule 4); ``names``: of all of them, in lower case."""

    def __init__(self, files: Iterable[FoundKeystore], archived: Iterable[FoundKeystore] = ()) -> None:
        self.files = tuple(sorted(files, key=lambda file: file.order, reverse=True))
        self.names = frozenset(file.path.name.lower() for file in self.files)
        self.archived = tuple(archived)
        self._by_holder: dict[HolderKey | None, list[FoundKeystore]] = {}
        for each in self.files:
            self._by_holder.setdefault(each.holder, []).append(each)
        self._carried: dict[Path, frozenset[str]] = {}
        self._last: dict[HolderKey, tuple[FoundKeystore, ...]] = {}
        self._next: dict[HolderKey, tuple[FoundKeystore, ...]] = {}

    @classmethod
    def in_folder(cls, folder: Path, notes: Path | None = None, now: datetime | None = None) -> HolderFiles:
        """Return the keystores in ``folder``, by what is readable and, with ``notes`` and ``now`` (aware), by what was
        seen of them. Raises `errors.FileUnreadable` for a folder that may not be listed."""
        found = find_keystores(folder)
        if notes is not None and now is not None:
            known = CachedStates.read(notes)
            found = tuple(file.recalled(known, now) for file in found)
        return cls(found, archived_files(folder))

    @classmethod
    def listed(cls, folder: Path, notes: Path | None = None, now: datetime | None = None) -> HolderFiles:
        """Return the keystores in ``folder`` as `in_folder` does; none for a folder that may not be listed."""
        try:
            return cls.in_folder(folder, notes, now)
        except errors.FileUnreadable:
            return cls(())

    def around(self, file: FoundKeystore) -> HolderFiles:
        """Return ``file``, as it is known to the caller, and the other files of its holder."""
        return HolderFiles((*self.others(file), file), self.archived)

    def of_holder(self, holder: HolderKey | None) -> Sequence[FoundKeystore]:
        """Return the files of a holder, newest first by their names; for None those of an unknown holder."""
        return self._by_holder.get(holder, ())

    def others(self, file: FoundKeystore) -> tuple[FoundKeystore, ...]:
        """Return the other files of the holder of ``file``, newest first by their names; none if the holder is
        unknown."""
        found = () if file.holder is None else self.of_holder(file.holder)
        return tuple(each for each in found if each.path != file.path)

    def carried(self, file: FoundKeystore) -> frozenset[str]:
        """Return the serial numbers of the encryption keys of ``file`` that older files have: rule 4."""
        if file.path not in self._carried:
            older = self._sources(file) if file.serials else ()
            found = {serial for source in older for serial in source.serials}
            self._carried[file.path] = frozenset(found.intersection(file.serials))
        return self._carried[file.path]

    def own_serials(self, file: FoundKeystore) -> tuple[str, ...]:
        """Return the serial numbers of the encryption keys of ``file`` that no older file has."""
        carried = self.carried(file)
        return tuple(serial for serial in file.serials if serial not in carried)

    def waits(self, file: FoundKeystore) -> bool | None:
        """Return whether the certificate of ``file``, or the encryption key of that, is yet to come: rule 5. None where
        its keys do not show, or not what they are for: then its password is needed to know."""
        if file.state is not None or file.opened:
            return file.state is not None and file.state.is_pending
        return self.lacks_token(file)

    def lacks_token(self, file: FoundKeystore) -> bool | None:
        """Return whether ``file`` has no encryption key of its own, as far as shows; None where its authentication key
        does not."""
        if authentication_key(file.keys) is None:
            return None
        return not self.own_serials(file)

    def serves(self, file: FoundKeystore) -> bool:
        """Return whether ``file`` serves, as far as can be seen: rule 6."""
        return file.is_judged and not file.is_misnamed and self.is_sound(file)

    def is_sound(self, file: FoundKeystore) -> bool:
        """Return whether software can work with ``file``, once it has its proper name."""
        if file.faulty:
            return False
        if file.state is not None:
            return file.state.serves
        named = any(is_authentication(key.alias) for key in file.keys)
        return named and self.waits(file) is False

    def supersedes(self, file: FoundKeystore, older: FoundKeystore) -> bool:
        """Return whether ``file`` has replaced ``older``, of the same holder; rule 7 for these two alone."""
        return self.serves(file) and _comes_after(file, older)

    def successor(self, file: FoundKeystore) -> FoundKeystore | None:
        """Return the file that has replaced ``file``, the newest by its name: rule 7. None where none has."""
        if file.holder is None:
            return None
        return next((each for each in self._unreplaced(file.holder) if _comes_after(each, file)), None)

    def coming(self, file: FoundKeystore) -> tuple[FoundKeystore, ...]:
        """Return the files that will take the place of ``file``, newest first by their names: rule 8."""
        return tuple(other for other in self.others(file) if self._is_coming(other, file))

    def beside(self, file: FoundKeystore) -> Beside:
        """Return what the other files are to ``file``."""
        if self.successor(file) is not None:
            return Beside.REPLACED
        if any(_takes_over(other, file) for other in self._coming_of(file.holder)):
            return Beside.COMING
        if self._is_blocked(file):
            return Beside.IN_FORCE
        return Beside.RENEWABLE if self._has_renewable(file) else Beside.ALONE

    def in_force(self, holder: HolderKey, environment: Environment) -> FoundKeystore | None:
        """Return a file of the holder whose certificate is in force and not yet to be renewed, as far as is known; None
        without one. ``environment``: those that are seen to be of another one do not count."""
        found = (each for each in self.of_holder(holder) if _may_be_of(each, environment))
        return next((each for each in found if each.state in _IN_FORCE), None)

    def _is_blocked(self, file: FoundKeystore) -> bool:
        """Return whether ``file`` waits while another one of its holder, who has no card, is in force: rule 10."""
        return (
            file.without_card
            and bool(self.waits(file))
            and any(other.state in _IN_FORCE and other.same_environment(file) for other in self.others(file))
        )

    def _has_renewable(self, file: FoundKeystore) -> bool:
        """Return whether ``file`` is over, and another one of its holder is to be renewed: rule 9."""
        return (
            file.state is not None
            and file.state.is_over
            and any(
                other.state is State.RENEWABLE and self.serves(other) and other.same_environment(file)
                for other in self.others(file)
            )
        )

    def takes_place_of(self, file: FoundKeystore, older: FoundKeystore) -> bool:
        """Return whether ``file`` has replaced ``older`` of the same holder, or will, for these two alone."""
        return self.supersedes(file, older) or self._is_coming(file, older)

    def current(self, holder: HolderKey, environment: Environment | None = None) -> FoundKeystore | None:
        """Return the file that the holder's software is to read: the newest by its name that serves and that nothing
        has replaced. Else the newest; its password is needed to know more. None without a file.

        ``environment``: those that are seen to be of another one do not count.
        """
        found = [each for each in self.of_holder(holder) if _may_be_of(each, environment)]
        serving = (each for each in self._unreplaced(holder) if each in found)
        return next(serving, found[0] if found else None)

    def _is_coming(self, file: FoundKeystore, older: FoundKeystore) -> bool:
        return self._comes(file) and _takes_over(file, older)

    def _comes(self, file: FoundKeystore) -> bool:
        """Return whether ``file`` will serve, and does not yet: rule 8."""
        if self._is_blocked(file):
            return False
        comes = self.waits(file) if file.state is None else file.state.is_pending or file.state in _COMING
        return bool(comes) or (file.is_misnamed and file.is_judged and self.is_sound(file))

    def _coming_of(self, holder: HolderKey | None) -> tuple[FoundKeystore, ...]:
        """Return the files of a holder that will serve; of those with one key and one beginning the newest by its name,
        since no older one says more."""
        if holder is None:
            return ()
        if holder not in self._next:
            found: dict[tuple[object, ...], FoundKeystore] = {}
            for each in self.of_holder(holder):  # newest first
                begins, named = each.age
                mark = (each.key_id, each.environment, each.issuer, each.name.ending, begins, named is None)
                if mark not in found and self._comes(each):
                    found[mark] = each
            self._next[holder] = tuple(found.values())
        return self._next[holder]

    def _unreplaced(self, holder: HolderKey) -> tuple[FoundKeystore, ...]:
        """Return those files of the holder that serve, and that no other one has replaced."""
        if holder not in self._last:
            group = tuple(filter(self.serves, self.of_holder(holder)))
            self._last[holder] = tuple(
                each for each in group if not any(_comes_after(other, each) for other in group)
            )
        return self._last[holder]

    def _sources(self, file: FoundKeystore) -> Iterable[FoundKeystore]:
        """Return the files whose keys may have been carried into ``file``.

        No two holders have a serial number in common; whose a file is may show in the content alone.
        """
        beside = (*self.of_holder(file.holder), *(self.of_holder(None) if file.holder is not None else ()))
        older = [each for each in beside if each.order < file.order]
        return (key for key in (*older, *self.archived) if key.key_id is None or key.key_id != file.key_id)


def files_with_key(folder: Path, is_wanted: Callable[[KeyOutline], bool]) -> tuple[FoundKeystore, ...]:
    """Return the keystores of ``folder``, newest first, then those of its archive, that have a private key that
    ``is_wanted``, as far as it is readable without a password.

    Raises `errors.FileUnreadable` for a folder that cannot be listed.
    """
    files = (*find_keystores(folder), *archived_files(folder))
    return tuple(file for file in files if any(map(is_wanted, file.keys)))


def archived_files(folder: Path) -> tuple[FoundKeystore, ...]:
    """Return what was put away beside the files of ``folder``; none when that cannot be listed."""
    try:
        return find_keystores(folder / ARCHIVE)
    except errors.FileUnreadable:
        return ()


def folder_in_use(path: Path) -> Path:
    """Return the folder whose keystores are in use: for a file in an archive, the folder around the archive."""
    return path.parent.parent if path.parent.name == ARCHIVE else path.parent


def _may_be_of(file: FoundKeystore, environment: Environment | None) -> bool:
    found = file.environment or file.name.environment
    return environment is None or found is None or found is environment


# ── What is in a folder ──────────────────────────────────────────────────────────────────────────────────
def find_keystores(folder: Path) -> tuple[FoundKeystore, ...]:
    """Return the files in ``folder`` that are called like keystores, newest first; none when there is no such folder.

    Raises `errors.FileUnreadable` for a folder that may not be listed.
    """
    try:
        paths = [path for path in folder.iterdir() if _is_named_like_keystore(path) and _may_be_file(path)]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise unreadable(folder, error) from error
    return tuple(sorted(map(FoundKeystore.at_path, paths), key=lambda file: file.order, reverse=True))


def find_keystore(folder: Path, name: str) -> FoundKeystore:
    """Return the keystore of ``folder`` that is called ``name``: no name leads out of the folder.

    Raises `errors.KeystoreNotFound`, and as `find_keystores`.
    """
    found = next((file for file in find_keystores(folder) if file.path.name == name), None)
    if found is None:
        raise errors.KeystoreNotFound(path=name)
    return found


def keystore_path(
    folder: Path,
    identifier: Identifier,
    application_id: str | None,
    moment: datetime,
    environment: Environment,
) -> Path:
    """Return where a new keystore goes: named by ``moment`` (aware), or by one second after the newest file of the
    same number, there or in the archive, when that is not earlier, so that the new one sorts last."""
    local = belgian_time(moment).replace(microsecond=0)
    there = (*find_keystores(folder), *archived_files(folder))
    times = [found.name.moment for found in there if found.identifier == identifier]
    latest = max((time for time in times if time is not None), default=None)
    if latest is not None and latest >= local:
        local = latest + timedelta(seconds=1)
    return folder / keystore_name(identifier, application_id, local, environment)


def _is_named_like_keystore(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and not path.name.startswith(".")


def _may_be_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a link to a folder without access: the diagnosis reports it
        return True
