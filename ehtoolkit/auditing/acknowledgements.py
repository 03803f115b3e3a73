"""Acknowledged keystores and findings: the user knows of them, gave a reason, and wants them to count apart.

They are in ``EHTOOLKIT_HOME/audit/acknowledged.json``, for their owner alone. An acknowledgement does not change how a
keystore stands. It holds while the keystore has the state and the end that it had when it was acknowledged, and until
its last day; nothing deletes it but its user.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, StringConstraints, TypeAdapter

from ehtoolkit import errors
from ehtoolkit.auditing.scan.audited_keystore import AuditedKeystore
from ehtoolkit.auditing.scan.file_scan import fingerprint
from ehtoolkit.system.files import read_file
from ehtoolkit.system.io_timeout import SECONDS, TimedOut, TimeoutGuard
from ehtoolkit.system.locks import folder_lock, write_locked

FILE: Final = "acknowledged.json"
_SIZE: Final = 50_000_000
"""Bytes of the file that is read."""
_Hex = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]+$")]


class VoidReason(StrEnum):
    """Why an acknowledgement counts for nothing."""

    UNTIL = "until"
    """Its last day is past."""
    STATE = "state"
    """The keystore is in another state."""
    END = "end"
    """Its certificate has another end."""


@dataclass(frozen=True, slots=True)
class KeystoreMark:
    """What acknowledgements go by of a keystore in an audit.

    Attributes:
        file: its path, as the system has it; ``shown``: as it can be printed.
        key_id: of the authentication key; None where it does not show now, or is all that shows: a closed file with the
            same key may have another certificate.
        state: how it stands.
        end: of its certificate, aware, also where that was seen earlier; None while it is not known.
    """

    file: str
    shown: str
    key_id: str | None
    state: str
    end: datetime | None

    @classmethod
    def of(cls, seen: AuditedKeystore, state: str) -> KeystoreMark:
        """Return the mark of a keystore that stands in ``state``."""
        reading = seen.reading
        shows = reading.opened or reading.recalled or seen.end is not None
        return cls(seen.file, seen.shown, reading.key_id if shows else None, state, seen.end)

    def content(self, patience: TimeoutGuard) -> str | None:
        """Return the SHA-256 of the file, hexadecimal; None where it cannot be read in time."""
        try:
            return fingerprint(Path(self.file), patience)
        except TimedOut:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A keystore, or one of its findings, that counts apart.

    Attributes:
        id: short, as `AcknowledgementStore.remove` takes it.
        key_id: of the authentication key; None where that was not to be seen, or nothing else was.
        content: then, the SHA-256 of the file.
        finding: its key; None: the whole keystore.
        reason: by who acknowledged it.
        until: the last day on which it holds, in Belgium; None: no last day.
        made: when it was acknowledged.
        state: of the keystore at that moment.
        not_after: the end of its certificate at that moment; None while that was not known.
        file: its path at that moment, as it can be printed.
    """

    id: _Hex
    key_id: _Hex | None
    content: _Hex | None
    finding: str | None
    reason: Annotated[str, StringConstraints(min_length=1)]
    until: date | None
    made: AwareDatetime
    state: str
    not_after: AwareDatetime | None
    file: str

    @classmethod
    def of(
        cls, mark: KeystoreMark, made: datetime, reason: str, finding: str | None, until: date | None
    ) -> Acknowledgement:
        """Return the acknowledgement of the keystore with ``mark``. Raises `errors.FileUnreadable` where neither its
        key nor its content can be read."""
        content = None
        if mark.key_id is None:
            with TimeoutGuard() as patience:
                content = mark.content(patience)
            if content is None:
                raise errors.FileUnreadable(path=mark.shown)
        return cls(
            id=secrets.token_hex(4),
            key_id=mark.key_id,
            content=content,
            finding=finding,
            reason=reason,
            until=until,
            made=made,
            state=mark.state,
            not_after=mark.end,
            file=mark.shown,
        )

    def is_over(self, today: date) -> bool:
        """Return whether its last day is past. ``today``: in Belgium."""
        return self.until is not None and self.until < today

    def void_for(self, mark: KeystoreMark, today: date) -> VoidReason | None:
        """Return why it does not hold for its keystore, which has ``mark`` now; None where it holds."""
        if self.is_over(today):
            return VoidReason.UNTIL
        if self.state != mark.state:
            return VoidReason.STATE
        return VoidReason.END if self.not_after != mark.end else None


_ADAPTER: Final = TypeAdapter(tuple[Acknowledgement, ...])


class AcknowledgementStore:
    """The acknowledgements of one home.

    A file that is damaged is never taken for an empty one, and never written over.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> tuple[Acknowledgement, ...]:
        """Return all, the oldest first; none where there is no file. Raises `errors.FileUnreadable`, with the reason
        ``acknowledged`` for a file that is damaged."""
        try:
            return _ADAPTER.validate_json(read_file(self.path, _SIZE), strict=True)
        except errors.KeystoreNotFound:
            return ()
        except (errors.NotAKeystore, ValueError) as error:
            raise errors.FileUnreadable(path=str(self.path), reason="acknowledged") from error

    def add(self, new: Sequence[Acknowledgement]) -> tuple[Acknowledgement, ...]:
        """Keep ``new`` beside those that are there, and return them with ids that no other one has. Raises what `read`,
        `folder_lock` and `write_locked` raise."""
        with folder_lock(self.path.parent):
            before = self.read()
            taken, added = {each.id for each in before}, list[Acknowledgement]()
            for each in new:
                mine = each
                while mine.id in taken:
                    mine = replace(mine, id=secrets.token_hex(4))
                taken.add(mine.id)
                added.append(mine)
            self._write((*before, *added))
        return tuple(added)

    def remove(self, ids: Collection[str]) -> None:
        """Delete those with ``ids``, all or none. Raises `errors.AcknowledgementUnknown`, and as `add`."""
        with folder_lock(self.path.parent):
            before = self.read()
            known = [each.id for each in before]
            for wanted in ids:
                if wanted not in known:
                    raise errors.AcknowledgementUnknown(id=wanted, known=", ".join(known) or "–")
            self._write(tuple(each for each in before if each.id not in ids))

    def _write(self, kept: tuple[Acknowledgement, ...]) -> None:
        write_locked(self.path, _ADAPTER.dump_json(kept, indent=1))


# ── Which hold ───────────────────────────────────────────────────────────────────────────────────────────
Held = Mapping[str, Collection[str | None]]
"""By the printed path of a file: the keys of its acknowledged findings; None among them: the whole keystore."""


def held(
    kept: Sequence[Acknowledgement], marks: Iterable[KeystoreMark], today: date, seconds: float = SECONDS
) -> Held:
    """Return what of the keystores with ``marks`` is acknowledged. Of two files whose paths are printed alike, only
    what is acknowledged of both. ``seconds``: how long reading one file may take."""
    found: dict[str, set[str | None]] = {}
    if kept:
        for mark, mine in _with_their_own(kept, marks, seconds):
            keys = {each.finding for each in mine if each.void_for(mark, today) is None}
            found[mark.shown] = found.get(mark.shown, keys) & keys
    return {file: keys for file, keys in found.items() if keys}


def keystores_of(
    kept: Sequence[Acknowledgement], marks: Iterable[KeystoreMark], seconds: float = SECONDS
) -> Mapping[str, Sequence[KeystoreMark]]:
    """Return the keystores that each acknowledgement is about, among those with ``marks``, by its id."""
    found: dict[str, list[KeystoreMark]] = {}
    for mark, mine in _with_their_own(kept, marks, seconds):
        for each in mine:
            found.setdefault(each.id, []).append(mark)
    return found


def _with_their_own(
    kept: Sequence[Acknowledgement], marks: Iterable[KeystoreMark], seconds: float
) -> Iterable[tuple[KeystoreMark, Sequence[Acknowledgement]]]:
    """Yield each mark with the acknowledgements of its key, and of its content: that of a file is read where its key
    does not show, or did not when it was acknowledged."""
    by_key = _grouped(kept, lambda each: each.key_id)
    by_content = _grouped(kept, lambda each: each.content)
    files = {each.file for each in kept if each.content is not None}
    with TimeoutGuard(seconds) as patience:
        for mark in marks:
            mine = by_key.get((mark.key_id or "").upper(), ())
            if by_content and (mark.key_id is None or mark.shown in files):
                mine = (*mine, *by_content.get((mark.content(patience) or "").upper(), ()))
            yield mark, mine


def _grouped(
    kept: Iterable[Acknowledgement], mark_of: Callable[[Acknowledgement], str | None]
) -> Mapping[str, Sequence[Acknowledgement]]:
    found: dict[str, list[Acknowledgement]] = {}
    for each in kept:
        mark = mark_of(each)
        if mark is not None:
            found.setdefault(mark.upper(), []).append(each)
    return found
