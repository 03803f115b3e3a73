"""What is remembered of keystores, beside them and without a secret: requests, their lock, and what a keystore showed.

Each record is a JSON file, named by the key, for its owner alone. Best effort: the platform's word counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment, Identifier
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import State, state_at
from ehtoolkit.system.files import read_file
from ehtoolkit.system.locks import folder_lock, hold_lock, save_file, write_locked
from ehtoolkit.system.text_safety import printable

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_KEY_ID: Final = re.compile(r"[0-9A-F]{40}")
_LIMIT: Final = 100_000


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is remembered of an authentication key. ``key_id``: 40 hexadecimal digits, upper case."""

    key_id: str


_T = TypeVar("_T", bound=KeyRecord)


class JsonStore(Generic[_T]):
    """The files ``<key id>.json`` of one dataclass, whose moments are aware."""

    def __init__(self, kind: type[_T]) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[_T]:
        from pydantic import TypeAdapter

        return TypeAdapter(self._kind)

    def write(self, folder: Path, value: _T) -> None:
        """Write ``value`` over an older one of its key. Raises what `save_file` raises."""
        save_file(_path(folder, value.key_id), self._dumped(value))

    def update(self, folder: Path, key_id: str, change: Callable[[_T | None], _T]) -> None:
        """Write what ``change`` makes of what is stored of a key, None when that is nothing, unless it is the same;
        meanwhile no other process writes in ``folder``. Raises what `save_file` raises."""
        with folder_lock(folder):
            before = self.read(folder, key_id)
            value = change(before)
            if value != before:
                write_locked(_path(folder, key_id), self._dumped(value))

    def _dumped(self, value: _T) -> bytes:
        return self._adapter.dump_json(value, indent=1, by_alias=True)

    def read(self, folder: Path, key_id: str) -> _T | None:
        """Return what is stored of a key; None when there is nothing, or nothing that can be read: someone may have
        edited it. Fields that are not known, as a later version may write them, are ignored."""
        from pydantic import ValidationError

        try:
            path = _path(folder, key_id.upper())
            value = self._adapter.validate_json(read_file(path, _LIMIT), strict=True)
        except (errors.KeystoreError, errors.FileUnreadable, ValidationError, ValueError):
            return None
        return value if value.key_id == path.stem and _is_aware(value) else None

    def read_all(self, folder: Path) -> tuple[_T, ...]:
        """Return everything that is stored in a folder, in the order of the keys."""
        try:
            paths = sorted(folder.glob("*.json"))
        except OSError:
            return ()
        return tuple(value for path in paths if (value := self.read(folder, path.stem)) is not None)


def _is_aware(value: Any) -> bool:
    """Return whether all moments in a dataclass are aware."""
    found = [getattr(value, field.name) for field in fields(value)]
    return all(
        each.tzinfo is not None if isinstance(each, datetime) else _is_aware(each)
        for each in found
        if isinstance(each, datetime) or is_dataclass(each)
    )


def _path(folder: Path, key_id: str) -> Path:
    if not _KEY_ID.fullmatch(key_id):  # it becomes a file name
        raise ValueError("a key identifier is 40 hexadecimal digits")
    return folder / f"{key_id}.json"


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class RequestRecord(KeyRecord):
    """The note of a request, kept beside its keystore.

    Attributes:
        distinguished_name: the one that was asked for, as the contract has it.
        requested_at, expires: aware.
        without_card: an unsigned request.
        base_services: of eHealth, that the request names; None in a record of an earlier version.
        validation_url, expires: where, and until when, its holder confirms it, once the platform has said so.
    """

    distinguished_name: str
    environment: Environment
    requested_at: datetime
    email: str | None = None
    phone: str | None = None
    general_email: str | None = None
    general_phone: str | None = None
    validation_url: str | None = None
    expires: datetime | None = None
    without_card: bool = False
    base_services: tuple[str, ...] | None = None

    @property
    def holder(self) -> DistinguishedName:
        """Whom the certificate was requested for. Raises `errors.DistinguishedNameInvalid`, but not in a record that
        `read_request_record` has returned."""
        return DistinguishedName.parse(self.distinguished_name)


_REQUESTS: Final = JsonStore(RequestRecord)


def write_request_record(folder: Path, record: RequestRecord) -> None:
    """Write ``<key id>.json``, readable by its owner alone, over an older one.

    Raises what `save_file` raises.
    """
    _REQUESTS.write(folder, record)


def read_request_record(folder: Path, key_id: str) -> RequestRecord | None:
    """Return the record of a key; None when there is none, or one that cannot be read."""
    record = _REQUESTS.read(folder, key_id)
    try:
        if record is not None:
            _ = record.holder
    except errors.DistinguishedNameInvalid:
        return None
    return record


def actor_lock(
    folder: Path, environment: Environment, identifier: Identifier, application_id: str | None = None
) -> AbstractContextManager[None]:
    """Hold the lock of a holder in an environment, from the contract to the written answer: one request at a time.

    ``folder``: where the locks are, made when it is missing. Raises `errors.RequestRunning` at once when another thread
    or process holds it, and what `map_os_errors` raises.
    """
    holder = identifier.text if application_id is None else f"{identifier.text},{application_id}"
    return hold_lock(folder / f"{environment} {holder}.lock", 0.0, errors.RequestRunning())


def key_lock(folder: Path, environment: Environment, key_id: str) -> AbstractContextManager[None]:
    """Hold the lock of a keystore that does not say whose it is, by its key. Raises as `actor_lock` does."""
    return hold_lock(folder / f"{environment} {key_id}.lock", 0.0, errors.RequestRunning())


# ── What a keystore showed ───────────────────────────────────────────────────────────────────────────────
SEEN_FOLDER: Final = "seen"
"""Inside the folder of the notes."""


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The last definite answer of an issuer about a certificate.

    Attributes:
        at: when the issuer gave it, aware.
        since: when the certificate was revoked, aware; None where it was not.
        host: who gave it.
    """

    revoked: bool
    at: datetime
    since: datetime | None = None
    host: str = ""

    @classmethod
    def of(cls, answer: str, at: datetime, since: datetime | None, host: str) -> LastAnswer | None:
        """Return an answer by its `ehtoolkit.ehealth.revocation_answers.IssuerAnswer`; None for one that is not
        definite."""
        if answer not in ("good", "revoked"):
            return None
        return cls(True, at, since or at, host) if answer == "revoked" else cls(False, at, None, host)


def last_answer(before: LastAnswer | None, now: LastAnswer | None) -> LastAnswer | None:
    """Return the one of two answers that counts: the one that was given ``now``, unless there is none, or it says good
    of an earlier moment than the one that says revoked, as a list does that is older."""
    if now is None or (before is not None and before.revoked and not now.revoked and now.at <= before.at):
        return before
    return now


def _stored_name(field: str) -> str:
    return "told" if field == "platform_state" else field


@dataclass(frozen=True, slots=True)
class CachedState(KeyRecord):
    """What is remembered of a keystore.

    Attributes:
        content: SHA-256 of the file's bytes, hexadecimal; empty when only the platform was asked, about a certificate
            whose file was never opened.
        has_etk: there is an encryption key of it.
        platform_state: the state by the platform (`ehtoolkit.keystore.state.State`), empty when it was not asked;
            stored as ``told``.
        renewable_from: by the platform, too.
        delivered: whether the platform said that the certificate can be installed; None where it did not say.
        answer: of its issuer, the last definite one.
        path: of the file when it was opened last, as it can be printed; empty when it was never opened.

    ``holder``, ``environment``, ``not_before``, ``not_after`` (aware): of the certificate; None while it is not
    installed.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"alias_generator": _stored_name}

    content: str = ""
    holder: str | None = None
    environment: Environment | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    has_etk: bool = False
    platform_state: str = ""
    renewable_from: datetime | None = None
    delivered: bool | None = None
    answer: LastAnswer | None = None
    path: str = ""

    @classmethod
    def of(
        cls,
        keystore: Keystore,
        content: str,
        platform_state: str = "",
        renewable_from: datetime | None = None,
        path: Path | None = None,
    ) -> CachedState:
        holder = keystore.holder
        return cls(
            keystore.key_id,
            content,
            None if holder is None else holder.text,
            keystore.environment,
            keystore.not_before,
            keystore.not_after,
            bool(keystore.current_encryption),
            platform_state,
            renewable_from,
            path="" if path is None else printable(str(path.absolute())),
        )

    def state(self, now: datetime) -> State:
        """Return the state at ``now`` (aware), by its dates and by whether there is an encryption key."""
        return state_at(now, self.not_before, self.not_after, has_encryption_key=self.has_etk)

    @property
    def name(self) -> DistinguishedName | None:
        """The holder's name, taken apart."""
        try:
            return None if self.holder is None else DistinguishedName.parse(self.holder)
        except errors.DistinguishedNameInvalid:
            return None


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal; of one over `limits.SIZE`, of its beginning. Raises as
    `read_file` does."""
    return fingerprint(read_file(path, limits.SIZE))


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_STATES: Final = JsonStore(CachedState)


def write_cached_state(notes: Path, cached: CachedState) -> None:
    """Write ``cached``, readable by its owner alone, over what was seen of this key before. What is empty in it keeps
    what was there: a word of the platform, or what the file showed. A word that is not understood replaces none.

    Raises what `save_file` raises.
    """

    known = "" if cached.platform_state == State.UNKNOWN else cached.platform_state

    def merged(before: CachedState | None) -> CachedState:
        if before is None:
            return cached
        return replace(
            cached if cached.content else before,
            platform_state=known or before.platform_state or cached.platform_state,
            renewable_from=cached.renewable_from or before.renewable_from,
            delivered=before.delivered if cached.delivered is None else cached.delivered,
            answer=last_answer(before.answer, cached.answer),
            path=cached.path or before.path,
        )

    _STATES.update(notes / SEEN_FOLDER, cached.key_id, merged)


def read_cached_states(notes: Path) -> tuple[CachedState, ...]:
    """Return everything that is remembered in ``notes``; what cannot be read is ignored."""
    return _STATES.read_all(notes / SEEN_FOLDER)


def is_delivered(notes: Path, key_id: str) -> bool:
    """Return whether the platform said that the certificate of a key can be installed."""
    known = _STATES.read(notes / SEEN_FOLDER, key_id)
    return known is not None and known.delivered is True


class CachedStates:
    """What was seen of keystores, by file and by key."""

    def __init__(self, cached_states: Iterable[CachedState] = ()) -> None:
        known = tuple(cached_states)
        self._by_content = {each.content: each for each in known if each.content}
        self._by_key = {key.key_id: key for key in known}
        self._by_path = {each.path: each for each in known if each.path}

    @classmethod
    def read(cls, notes: Path) -> CachedStates:
        return cls(read_cached_states(notes))

    def of_file(self, path: Path) -> CachedState | None:
        """Return what the file showed, if it has not changed since."""
        try:
            return self._by_content.get(sha256_of_file(path)) if self._by_content else None
        except errors.EhToolkitError:
            return None

    def is_delivered(self, key_id: str | None) -> bool:
        """Return whether the platform said that the certificate of a key can be installed."""
        known = self.of_key(key_id)
        return known is not None and known.delivered is True

    def word_of(self, key_id: str | None) -> str:
        """Return the last state that the platform gave for the certificate of a key; empty if it was never asked."""
        known = self.of_key(key_id)
        return "" if known is None else known.platform_state

    def answer_of(self, key_id: str | None) -> LastAnswer | None:
        """Return the last definite answer of the issuer about the certificate of a key; None without one."""
        known = self.of_key(key_id)
        return None if known is None else known.answer

    def of_key(self, key_id: str | None) -> CachedState | None:
        """Return what was seen last of the keystore with a key, whatever file that was; None where nothing was."""
        return None if key_id is None else self._by_key.get(key_id)

    def of_path(self, path: str) -> CachedState | None:
        """Return what was seen last in the file at ``path``, which is as it can be printed; None where nothing was."""
        return self._by_path.get(path)

    def last_of(self, key_id: str | None, path: Path | None) -> CachedState | None:
        """Return what was seen last of a file that is not open now: of the keystore with its key, or, where its key
        does not show, in the file at ``path``; None for bytes without a file."""
        if key_id is not None or path is None:
            return self.of_key(key_id)
        return self.of_path(printable(str(path.absolute())))


UNKNOWN: Final = CachedStates()
"""Nothing was seen before."""
