"""A keystore that was found in a folder: its name, what is readable without a password, and what is known of it.

The rules by number are in `ehtoolkit.keystore.storage.holder_keystores`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.codec.contents import Key, KeyOutline
from ehtoolkit.keystore.codec.pkcs12 import outline_pkcs12
from ehtoolkit.keystore.entries import authentication_place, serials_among
from ehtoolkit.keystore.state import State, from_word, with_platform_word
from ehtoolkit.keystore.storage.filenames import KeystoreName, is_right, parse_name, time_of_change
from ehtoolkit.keystore.storage.records import CachedState, CachedStates, LastAnswer
from ehtoolkit.result_display import Displayed
from ehtoolkit.system.files import read_file

LONG_AGO: Final = datetime(1980, 1, 1)
"""In place of a time that is not known: older than any keystore."""

HolderKey = tuple[str, str | None]
"""Number and application id."""


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


@dataclass(frozen=True, slots=True, repr=False)
class FoundKeystore(Displayed):
    """A file that is called like a keystore, and what is known of it.

    Attributes:
        path: of the file.
        name: what its name tells.
        moment: of its name, else of its last change, Belgian time; `LONG_AGO` where neither is known.
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
    moment: datetime
    look: Callable[[], tuple[KeyOutline, ...] | None] = field(repr=False, compare=False)
    owner: DistinguishedName | None = None
    environment: Environment | None = None
    issuer: str | None = None
    not_before: datetime | None = None
    state: State | None = None
    content_key_id: str | None = None
    opened: bool = False
    closed: bool = False
    faulty: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "look", cache(self.look))

    @classmethod
    def at_path(cls, path: Path) -> FoundKeystore:
        """Return the file at ``path``, known only by what is readable without a password."""
        name = parse_name(path.name)
        return cls(path, name, name.moment or _changed(path), partial(_look, path))

    def displayed(self) -> Iterator[tuple[str, object]]:
        yield "path", self.path
        yield "identifier", None if self.identifier is None else self.identifier.text
        yield from (("application_id", self.application_id), ("moment", self.moment))

    def recalled(self, known: CachedStates, now: datetime) -> FoundKeystore:
        """Return the file with its content when it was last opened, unless it is open now or the password that was
        given does not open it, and with the last words of platform and issuer about it."""
        seen = None if self.opened or self.closed else known.of_file(self.path)
        file = self if seen is None else self.as_seen(seen)
        return file.at(now, seen, known.word_of(file.key_id), known.answer_of(file.key_id))

    def as_seen(self, seen: CachedState) -> FoundKeystore:
        """Return the file with its content when it was last opened, except its state, which depends on the
        moment."""
        return replace(
            self,
            owner=seen.name or self.owner,
            environment=seen.environment,
            not_before=seen.not_before,
            content_key_id=seen.key_id,
            opened=True,
        )

    def at(
        self, now: datetime, seen: CachedState | None, word: str, answer: LastAnswer | None = None
    ) -> FoundKeystore:
        """Return the file with its state at ``now``: by what was ``seen`` of it, the platform's last word, and the
        last definite ``answer`` of the issuer."""
        state = with_platform_word(self.state if seen is None else seen.state(now), from_word(word))
        is_over = state is not None and state.is_over
        is_revoked = answer is not None and answer.revoked and not is_over
        return replace(self, state=State.REVOKED if is_revoked else state)

    @property
    def keys(self) -> tuple[KeyOutline, ...]:
        """The private keys that can be seen, in their order, read when they are first asked for; none in what is no
        keystore, or a damaged one."""
        return self.look() or ()

    @property
    def serials(self) -> tuple[str, ...]:
        """The names of its encryption keys, as far as they can be seen: serial numbers in decimal."""
        return serials_among([key.alias for key in self.keys])

    @property
    def key_id(self) -> str | None:
        """The platform's identifier of the authentication key; None when it cannot be seen."""
        return self.authentication_id if self.content_key_id is None else self.content_key_id

    @property
    def authentication_id(self) -> str | None:
        """The same, seen without a password."""
        key = authentication_key(self.keys)
        return None if key is None else key.key_id

    @property
    def identifier(self) -> Identifier | None:
        return self.name.identifier if self.owner is None else self.owner.identifier

    @property
    def without_card(self) -> bool:
        """Whether its holder has no card: a person with a BIS number."""
        return self.identifier is not None and self.identifier.has_bis_number

    @property
    def application_id(self) -> str | None:
        return self.name.application_id if self.owner is None else self.owner.application_id

    @property
    def holder(self) -> HolderKey | None:
        return None if self.identifier is None else holder_key(self.identifier, self.application_id)

    @property
    def is_whole(self) -> bool:
        """Whether it is a keystore, as far as its frame tells."""
        return self.look() is not None

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

    def is_copy_of(self, other: FoundKeystore) -> bool:
        """Return whether both are of the same certificate."""
        return self.key_id is not None and self.key_id == other.key_id

    def lacks(self, other: FoundKeystore) -> tuple[str, ...]:
        """Return the serial numbers of the keys that only the other one has."""
        mine = self.serials
        return tuple(serial for serial in other.serials if serial not in mine)

    def same_environment(self, other: FoundKeystore) -> bool:
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

    def is_newer_than(self, other: FoundKeystore) -> bool:
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
        return self.moment, self.path.name


def holder_key(identifier: Identifier, application_id: str | None) -> HolderKey:
    """Return what files of one holder have in common: the number and, but for a person, the application id: rule 1."""
    return identifier.text, None if identifier.is_person else application_id


def authentication_key(keys: Sequence[KeyOutline]) -> KeyOutline | None:
    """Return the key that the certificate is for, as far as shows without a password: by `authentication_place`."""
    place = authentication_place([(key.alias, ()) for key in keys])
    return None if place is None else keys[place]


def visible_key_ids(data: bytes) -> tuple[str, ...]:
    """Return the key identifier (upper-case hexadecimal) of each private key in a file, without its password; none
    where one of them cannot be seen. Raises what `outline_pkcs12` raises."""
    ids = tuple(key.key_id for key in _visible_keys(data))
    return () if None in ids else tuple(filter(None, ids))


def visible_authentication_id(data: bytes) -> str | None:
    """Return the platform's identifier of the authentication key in a file, without its password; None where it cannot
    be seen. Raises what `outline_pkcs12` raises."""
    key = authentication_key(_visible_keys(data))
    return None if key is None else key.key_id


def _look(path: Path) -> tuple[KeyOutline, ...] | None:
    """Return the private keys of a file in their order, without a password; None for what is no keystore, a damaged
    one, or cannot be read."""
    try:
        return _visible_keys(read_file(path, limits.SIZE))
    except (errors.KeystoreError, errors.FileUnreadable):
        return None


def _visible_keys(data: bytes) -> tuple[KeyOutline, ...]:
    return tuple(bag.outline for bag in outline_pkcs12(data).visible_bags if isinstance(bag, Key))


def _changed(path: Path) -> datetime:
    try:
        return time_of_change(path.stat()) or LONG_AGO
    except (OSError, ValueError):  # ValueError: a name that no system takes
        return LONG_AGO
