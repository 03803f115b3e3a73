"""Snapshots of an audit: each keystore with its state, and the folders that could not be looked into."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer

from ehtoolkit.auditing.audit_finding import EMPTY
from ehtoolkit.auditing.tables.rows import STATES, KeystoreRow
from ehtoolkit.clock import brussels_day
from ehtoolkit.result_display import masked

LEFT_OUT: Final = "folder_left_out"
"""The problem of a folder that the earlier of two audits looked into, and the later was not asked to."""
RANKS: Final = STATES
"""States, the worst first."""
OF_TIME: Final = frozenset({"expired", "renewable", "not_yet_valid", "complete"})
"""States between which a certificate passes by itself."""


def _require_rank(state: str) -> str:
    RANKS.index(state)
    return state


@dataclass(frozen=True, slots=True)
class KeystoreSnapshot:
    """A keystore as it was seen.

    Attributes:
        file: as the tables of the audit have it.
        state: one of `RANKS`.
        holder: ``TYPE=NUMBER``; None while it is not known; ``holder_name``: by the certificate.
        not_after: the last day; None while it is not known.
        days_left: until then.
        acknowledged: whether it counts apart.
    """

    file: str
    state: Annotated[str, AfterValidator(_require_rank)]
    holder: str | None = None
    application_id: str | None = None
    environment: str | None = None
    practice: str | None = None
    key_id: str | None = None
    not_after: date | None = None
    days_left: int | None = None
    holder_name: str | None = None
    acknowledged: bool = False

    def on(self, today: date) -> KeystoreSnapshot:
        """Return the same keystore as many days before its end as there are from ``today``."""
        return self if self.not_after is None else replace(self, days_left=(self.not_after - today).days)

    @property
    def identity(self) -> tuple[str | None, ...]:
        """Whose keystore it is: one with a later end has renewed it."""
        return (self.holder, self.application_id, self.environment)

    @property
    def certificate(self) -> str:
        """What stays the same as long as the certificate does, wherever the file is."""
        return f"{self.key_id or self.file} {self.not_after or ''}"

    @property
    def rank(self) -> int:
        return RANKS.index(self.state)

    def has_certificate_of(self, other: KeystoreSnapshot) -> bool:
        """Return whether both are known to hold one certificate, or nothing shows that they do not."""
        if None in (self.not_after, other.not_after):
            return True
        return self.not_after == other.not_after and (
            None in (self.key_id, other.key_id) or self.key_id == other.key_id
        )


def _by_file(saved: Any) -> Any:
    return {keystore["file"]: keystore for keystore in saved} if isinstance(saved, list) else saved


def _as_list(keystores: Mapping[str, KeystoreSnapshot]) -> list[KeystoreSnapshot]:
    return list(keystores.values())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen. `pydantic.TypeAdapter` makes JSON of it, in which the keystores are a list.

    Attributes:
        keystores: by ``file``; also those that were in a folder that has a problem now, as they were before.
        problems: folders that could not be looked into, each with the key of its finding or `EMPTY`.
    """

    at: AwareDatetime
    keystores: Annotated[
        Mapping[str, KeystoreSnapshot], BeforeValidator(_by_file), PlainSerializer(_as_list)
    ] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def unseen(self, earlier: Snapshot) -> dict[str, KeystoreSnapshot]:
        """Return those keystores of ``earlier`` of which nothing can be said, by file: their folder has a problem now.
        Their ends come nearer all the same."""
        today = brussels_day(self.at)
        return {
            file: keystore.on(today)
            for file, keystore in earlier.keystores.items()
            if file not in self.keystores and is_within(file, self.problems)
        }

    def on(self, at: datetime) -> Snapshot:
        """Return the same keystores at another moment, each as many days before its end as there are from then."""
        today = brussels_day(at)
        return replace(self, at=at, keystores={file: each.on(today) for file, each in self.keystores.items()})

    def with_unseen(self, earlier: Snapshot) -> Snapshot:
        """Return the same snapshot with those of `unseen`, for the comparison when their folder is back."""
        return replace(self, keystores={**self.keystores, **self.unseen(earlier)})

    def leaving_out(self, before: Iterable[str], now: Collection[str]) -> Snapshot:
        """Return the same snapshot with a problem for each folder of ``before`` that is in none of ``now``: of what was
        in it nothing can be said."""
        dropped = [folder for folder in before if not is_within(folder, now)]
        return replace(self, problems={**dict.fromkeys(dropped, LEFT_OUT), **self.problems})


def is_within(file: str, folders: Iterable[str]) -> bool:
    """Return whether ``file`` is one of ``folders``, or lies in one."""
    path = PurePath(file)
    return any(path.is_relative_to(folder) for folder in folders)


def folder_problems(
    files: Collection[str], unread: Mapping[str, str], folders: Iterable[str]
) -> dict[str, str]:
    """Return the problem of each folder that could not be looked into, or has no keystore.

    Args:
        files: the keystores.
        unread: the folders that could not be looked into, each with the key of its finding.
        folders: that were audited.
    """
    problems = dict(unread)
    for folder in folders:
        if folder not in problems and not any(is_within(file, [folder]) for file in files):
            problems[folder] = EMPTY
    return problems


_OF_THE_ROW: Final = tuple(column.name for column in fields(KeystoreSnapshot))
"""What a snapshot has of a row as it is."""


def keystore_of(row: KeystoreRow) -> KeystoreSnapshot:
    """Return a row of the audit as a snapshot has it."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _OF_THE_ROW}
    return KeystoreSnapshot(**values)


# ── As audits are compared ───────────────────────────────────────────────────────────────────────────────
_MASK: Final = re.compile(r"\d{6}\*{5}", re.ASCII)
"""What is left of a NISS number that was masked."""


@dataclass(frozen=True, slots=True)
class AuditState:
    """One of the two audits that are compared.

    Attributes:
        name: its folders, or the file that it was saved in.
        keystores: with the paths of that audit.
        folders: that were audited, absolute; None: not known.
        problems: of folders, see `ehtoolkit.auditing.snapshot.Snapshot`.
        now: the moment of the audit; None: not known.
    """

    name: str
    keystores: tuple[KeystoreSnapshot, ...] = field(repr=False)
    folders: tuple[str, ...] | None = None
    problems: Mapping[str, str] = field(default_factory=dict, repr=False)
    now: datetime | None = None

    @property
    def is_masked(self) -> bool:
        """Whether NISS numbers were masked."""
        return any(_MASK.search(f"{keystore.file} {keystore.holder}") for keystore in self.keystores)

    def masked(self) -> AuditState:
        """Return the same state without whole NISS numbers."""
        keystores = (
            replace(
                keystore,
                file=masked(keystore.file),
                holder=keystore.holder and masked(keystore.holder),
                holder_name=keystore.holder_name and masked(keystore.holder_name),
            )
            for keystore in self.keystores
        )
        return replace(
            self,
            keystores=tuple(keystores),
            folders=None if self.folders is None else tuple(map(masked, self.folders)),
            problems={masked(folder): problem for folder, problem in self.problems.items()},
        )

    def folder_opposite(self, other: AuditState) -> tuple[str, str] | None:
        """Return the folder of this audit and that of ``other`` that are compared with each other: the only ones that
        the two do not have in common. None where there are others, or one lies in the other."""
        mine = [folder for folder in self.folders or () if folder not in (other.folders or ())]
        theirs = [folder for folder in other.folders or () if folder not in (self.folders or ())]
        if len(mine) != 1 or len(theirs) != 1:
            return None
        first, second = PurePath(mine[0]), PurePath(theirs[0])
        if first.is_relative_to(second) or second.is_relative_to(first):
            return None
        return mine[0], theirs[0]
