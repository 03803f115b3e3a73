"""Cache what a keystore showed when it was last opened, and the platform's last word: no secret.

Without its password a file tells little. What was seen once is kept beside the notes of requests, so that the first
page can say what is due. It holds only as long as the file is, byte for byte, the one that was seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

from ehtoolkit import errors
from ehtoolkit.identity import DistinguishedName, Environment
from ehtoolkit.keystore.codec import limits
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.state import CertificateState, state_at
from ehtoolkit.keystore.storage.json_store import JsonStore
from ehtoolkit.system.files import read_file

FOLDER: Final = "seen"
"""Inside the folder of the notes."""


def _stored_name(field: str) -> str:
    return "told" if field == "platform_state" else field


@dataclass(frozen=True, slots=True)
class CachedState:
    """What is remembered of a keystore.

    Attributes:
        key_id: of the authentication key, 40 hexadecimal digits, upper case.
        content: SHA-256 of the file's bytes, hexadecimal; empty when only the platform was asked, about a certificate
            whose file was never opened.
        has_etk: there is an encryption key of it.
        platform_state: the state by the platform (`ehtoolkit.procedures.result.State`), empty when it was not asked;
            stored as ``told``.
        renewable_from: by the platform, too.

    ``holder``, ``environment``, ``not_before``, ``not_after`` (aware): of the certificate; None while it is not
    installed.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"alias_generator": _stored_name}

    key_id: str
    content: str = ""
    holder: str | None = None
    environment: Environment | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    has_etk: bool = False
    platform_state: str = ""
    renewable_from: datetime | None = None

    @classmethod
    def of(
        cls,
        keystore: Keystore,
        content: str,
        platform_state: str = "",
        renewable_from: datetime | None = None,
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
        )

    def state(self, now: datetime) -> CertificateState:
        """Return the state at ``now`` (aware), by its dates and by whether there is an encryption key."""
        dates = self.not_before, self.not_after
        life = None if dates[0] is None or dates[1] is None else (dates[0], dates[1])
        return state_at(now, life, has_encryption_key=self.has_etk)

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


_STORE: Final = JsonStore(CachedState)


def write_cached_state(notes: Path, cached: CachedState) -> None:
    """Write ``cached``, readable by its owner alone, over what was seen of this key before.

    Raises what `save_file` raises.
    """
    _STORE.write(notes / FOLDER, cached)


def read_cached_states(notes: Path) -> tuple[CachedState, ...]:
    """Return everything that is remembered in ``notes``; what cannot be read is ignored."""
    return _STORE.read_all(notes / FOLDER)


class CachedStates:
    """What was seen of keystores, by file and by key."""

    def __init__(self, cached_states: Iterable[CachedState] = ()) -> None:
        known = tuple(cached_states)
        self._by_content = {each.content: each for each in known if each.content}
        self._by_key = {key.key_id: key for key in known}

    @classmethod
    def read(cls, notes: Path) -> CachedStates:
        return cls(read_cached_states(notes))

    def of_file(self, path: Path) -> CachedState | None:
        """Return what the file showed, if it has not changed since."""
        try:
            return self._by_content.get(sha256_of_file(path)) if self._by_content else None
        except errors.EhToolkitError:
            return None

    def word_of(self, key_id: str | None) -> str:
        """Return the last state that the platform gave for the certificate of a key; empty if it was never asked."""
        known = None if key_id is None else self._by_key.get(key_id)
        return "" if known is None else known.platform_state


UNKNOWN: Final = CachedStates()
"""Nothing was seen before."""
