"""Split an audit by practice: a part for each client, with relative paths and without names of other clients.

Each keystore, record and finding is in exactly one part: that of the practice that its record names, else in the part
of what is nobody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePath
from typing import Any, Final

import pandas as pd

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.discovery import list_passed_over
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers.tables import search_key
from ehtoolkit.system.text_safety import printable

_PATHS: Final = ("file", "replaced_by")
"""Columns with paths."""
_HOLDERS: Final = ("holder", "holder_name")
"""Columns that tell whose the file of a row is."""


@dataclass(frozen=True, slots=True)
class PracticeAudit:
    """What an audit has of one practice.

    Attributes:
        practice: its name; None for what is nobody's.
        audit: its rows alone, with paths from the audited folder on, to be shown and not to be opened.
        folders: in which its keystores lie.
        unopened: its files whose content was not seen: they were not opened, or cannot be read.
        passed_over: files in those folders that are no keystores by their name or content, and were not looked at; of
            folders that several practices have in common they are nobody's.
    """

    practice: str | None
    audit: Audit = field(repr=False)
    folders: tuple[str, ...] = field(repr=False)
    unopened: tuple[str, ...] = field(repr=False)
    passed_over: tuple[str, ...] = field(repr=False)


def split_by_practice(audit: Audit, texts: Translator) -> tuple[PracticeAudit, ...]:
    """Return the part of each practice, by name, and at last that of what belongs to no practice, which is always
    there. Sentences are in the language of ``texts``. Folders are looked into again, for the names of the files that
    the audit has passed over."""
    names: dict[str, str] = {}
    for column in (audit.providers["practice"], audit.keystores["practice"]):
        for name in column.dropna().unique():
            key = search_key(name)
            names[key] = min(name, names.get(key, name))  # of several spellings that with capitals
    whole = _Split(audit, texts)
    return tuple(whole.part(key, None if key is None else names[key]) for key in (*sorted(names), None))


@cache
def _key(practice: str) -> str:
    return search_key(practice)


class _Split:
    """What all parts are made of: whose each row, file and person is."""

    def __init__(self, audit: Audit, texts: Translator) -> None:
        self._audit = audit
        self._texts = texts
        self._places = {table: _places(getattr(audit, table)) for table in TABLES}
        keystores, people = audit.keystores, audit.providers
        self.owners = {
            file: None if pd.isna(name) or not name else _key(name)
            for file, name in zip(keystores["file"], keystores["practice"], strict=True)
        }
        self.numbers = {
            file: str(holder).partition("=")[2]
            for file, holder in zip(keystores["file"], keystores["holder"], strict=True)
        }
        self.names = [
            f"{first} {last}".strip()
            for first, last in zip(people["first_names"].fillna(""), people["name"], strict=True)
        ]
        self.people = frozenset(self.names)
        self.persons = frozenset(people["niss"].dropna())
        self.roots = sorted((PurePath(printable(str(one))) for one in audit.folders), reverse=True)
        self._others = self._passed_over()

    def _passed_over(self) -> Mapping[str | None, list[str]]:
        """Return the files that were passed over, by practice: that of the nearest folder, the file's own or one above
        it, in which there are keystores, when all of these are of one practice. None: of several, or of no practice; or
        there is no such folder up to the audited one."""
        of_folder: dict[PurePath, set[str | None]] = defaultdict(set)
        for file, practice in self.owners.items():
            of_folder[PurePath(file).parent].add(practice)
        found: dict[str | None, list[str]] = defaultdict(list)
        for path in list_passed_over(self._audit.folders):
            shown = PurePath(printable(str(path)))
            found[_nearest(shown.parent, of_folder, frozenset(self.roots))].append(str(shown))
        return found

    def part(self, key: str | None, name: str | None) -> PracticeAudit:
        """Return what is of the practice ``key``."""
        audit, passed_over = self._audit, self._others[key]
        tables = {
            table: getattr(audit, table).take(places.get(key, [])).reset_index(drop=True)
            for table, places in self._places.items()
        }
        numbers = frozenset(tables["providers"]["niss"].dropna())
        mine = [self.names[place] for place in self._places["providers"].get(key, [])]
        public = _Public(self, key, tables["keystores"]["file"], numbers, frozenset(mine))
        noted = tuple(public.finding(audit.noted[place]) for place in self._places["findings"].get(key, []))
        tables["findings"]["message"] = _column(one.finding.message(self._texts) for one in noted)
        tables["findings"]["next"] = _column(one.finding.next_step(self._texts) for one in noted)
        files = list(tables["keystores"]["file"])
        closed = tables["keystores"]["standing"].isin([str(FileState.CLOSED), str(FileState.UNREADABLE)])
        unopened = tuple(map(public.text, tables["keystores"]["file"][closed]))
        for table in tables.values():
            if "file" in table:
                hidden = table["file"].isin([one for one in table["file"].dropna() if public.hides(one)])
                for column in _HOLDERS:
                    if column in table:
                        table[column] = table[column].mask(hidden, self.hidden_word).astype("str")
            for column in _PATHS:
                if column in table:
                    table[column] = table[column].map(public.text, na_action="ignore").astype("str")
        ends = {public.text(file): audit.ends[file] for file in files if file in audit.ends}
        return PracticeAudit(
            name,
            replace(audit, **tables, noted=noted, passed_over=len(passed_over), ends=ends),
            tuple(dict.fromkeys(public.path(str(PurePath(file).parent)) for file in sorted(files))),
            unopened,
            tuple(map(public.path, passed_over)),
        )

    @property
    def hidden_word(self) -> str:
        return self._texts.get("export.report.elsewhere")


def _places(table: pd.DataFrame) -> dict[str | None, list[int]]:
    """Return the numbers of the rows of each practice; None for rows of no practice."""
    found: dict[str | None, list[int]] = defaultdict(list)
    for place, practice in enumerate(table["practice"]):
        found[None if pd.isna(practice) or not practice else _key(practice)].append(place)
    return found


def _column(values: Iterable[str]) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def _nearest(
    folder: PurePath, of_folder: Mapping[PurePath, Set[str | None]], roots: Set[PurePath]
) -> str | None:
    for above in (folder, *folder.parents):
        if above in of_folder:
            return next(iter(of_folder[above])) if len(of_folder[above]) == 1 else None
        if above in roots:
            break
    return None


class _Public:
    """Texts as one practice may read them: paths from the audited folder on, and a word in place of files, people and
    NISS of other practices, and of files of nobody that are neither its people's nor in its folders. What is nobody's
    is for who made the audit: nothing is hidden there."""

    def __init__(
        self, whole: _Split, key: str | None, files: Iterable[str], numbers: Set[str], names: Set[str]
    ) -> None:
        self._whole, self._key = whole, key
        self._folders = {PurePath(file).parent for file in files}
        self._numbers, self._names = numbers, names

    def finding(self, one: AuditFinding) -> AuditFinding:
        facts = {name: self._fact(value) for name, value in one.finding.facts.items()}
        told = replace(one, finding=replace(one.finding, facts=facts))
        if one.file is None:
            return told
        told = replace(told, file=self.text(one.file))
        if not self.hides(one.file):
            return told
        hidden = self._whole.hidden_word
        return replace(told, holder=one.holder and hidden, holder_name=one.holder_name and hidden)

    def _fact(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._fact, value))
        return self.text(value) if type(value) is str else value

    def text(self, value: str) -> str:
        """Return a path or a name as the practice may read it: a word in place of what is hidden, paths from the
        audited folder on; what is neither path nor name stays."""
        return self._whole.hidden_word if self.hides(value) else self.path(value)

    def hides(self, value: str) -> bool:
        """Return whether ``value`` is a file, a name or a number that the practice may not read."""
        whole = self._whole
        if self._key is None:
            return False
        if value not in whole.owners:
            is_ours = value in self._names or value in self._numbers
            return not is_ours and (value in whole.people or value in whole.persons)
        if whole.owners[value] is None:
            ours = PurePath(value).parent in self._folders or whole.numbers[value] in self._numbers
            return not ours
        return whole.owners[value] != self._key

    def path(self, value: str) -> str:
        path = PurePath(value)
        if not path.is_absolute():
            return value
        root = next((one for one in self._whole.roots if path.is_relative_to(one)), None)
        return path.name if root is None else str(path.relative_to(root.parent))
