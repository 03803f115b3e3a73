"""Split an audit by practice: a part for each client, with relative paths and without names of other clients.

Each keystore, record and finding is in exactly one part: that of the practice that its record names, else in the part
of what is nobody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

import pandas as pd

from ehtoolkit.audit.audit import Audit
from ehtoolkit.audit.audit_finding import AuditFinding
from ehtoolkit.audit.discovery import list_passed_over
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers.tables import search_key
from ehtoolkit.system.text_safety import printable

_PATHS = ("file", "replaced_by")
"""Columns with paths."""


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
    """The practices by name, and at last what is nobody's, which is always there. Sentences are in the language of
    ``texts``. Names of folders are looked up again, for the files that the audit has passed over."""
    names: dict[str, str] = {}
    for column in (audit.providers["practice"], audit.keystores["practice"]):
        for name in column.dropna().unique():
            key = search_key(name)
            names[key] = min(name, names.get(key, name))  # of several spellings that with capitals
    owners = _owners(audit)
    others = _passed_over(audit, owners)
    return tuple(
        _part(audit, texts, key, None if key is None else names[key], owners, others[key])
        for key in (*sorted(names), None)
    )


def _key(practice: object) -> str | None:
    return search_key(practice) if isinstance(practice, str) and practice else None


def _owners(audit: Audit) -> dict[str, str | None]:
    """The practice of each file, by its key."""
    table = audit.keystores
    return {file: _key(name) for file, name in zip(table["file"], table["practice"], strict=True)}


def _passed_over(audit: Audit, owners: Mapping[str, str | None]) -> Mapping[str | None, list[str]]:
    """The files that were passed over, by practice: those of the nearest folder above that is one practice's alone."""
    of_folder: dict[PurePath, set[str | None]] = defaultdict(set)
    for file, practice in owners.items():
        of_folder[PurePath(file).parent].add(practice)
    found: dict[str | None, list[str]] = defaultdict(list)
    roots = {PurePath(printable(str(folder))) for folder in audit.folders}
    for path in list_passed_over(audit.folders):
        shown = PurePath(printable(str(path)))
        found[_nearest(shown.parent, of_folder, roots)].append(str(shown))
    return found


def _nearest(
    folder: PurePath, of_folder: Mapping[PurePath, Set[str | None]], roots: Set[PurePath]
) -> str | None:
    for above in (folder, *folder.parents):
        if above in of_folder:
            return next(iter(of_folder[above])) if len(of_folder[above]) == 1 else None
        if above in roots:
            break
    return None


def _part(
    audit: Audit,
    texts: Translator,
    key: str | None,
    name: str | None,
    owners: Mapping[str, str | None],
    passed_over: Sequence[str],
) -> PracticeAudit:
    public = _Public(audit, texts, key, owners)
    tables = {
        each: _rows(getattr(audit, each), key) for each in ("keystores", "providers", "periods", "merged")
    }
    mine = [_key(one) == key for one in audit.findings["practice"]]
    noted = tuple(public.finding(one) for one, is_mine in zip(audit.noted, mine, strict=True) if is_mine)
    findings = audit.findings[mine].reset_index(drop=True)
    findings["message"] = pd.Series([one.finding.message(texts) for one in noted], dtype="str")
    findings["next"] = pd.Series([one.finding.next_step(texts) for one in noted], dtype="str")
    tables["findings"] = findings
    for table in tables.values():
        for column in _PATHS:
            if column in table:
                table[column] = table[column].map(public.text, na_action="ignore").astype("str")
    keystores = _rows(audit.keystores, key)
    closed = keystores["standing"].isin([str(FileState.CLOSED), str(FileState.UNREADABLE)])
    return PracticeAudit(
        name,
        replace(
            audit,
            **tables,
            noted=noted,
            passed_over=len(passed_over),
            ends={public.text(file): end for file, end in audit.ends.items() if owners.get(file) == key},
        ),
        tuple(dict.fromkeys(public.path(str(PurePath(file).parent)) for file in sorted(keystores["file"]))),
        tuple(map(public.text, keystores["file"][closed])),
        tuple(map(public.path, passed_over)),
    )


def _rows(table: pd.DataFrame, key: str | None) -> pd.DataFrame:
    mine = [_key(one) == key for one in table["practice"]]
    return table[mine].reset_index(drop=True)


class _Public:
    """Texts as one practice may read them: paths from the audited folder on, and in place of files and people of other
    practices a word. What is nobody's is for who made the audit: nothing is hidden there."""

    def __init__(
        self, audit: Audit, texts: Translator, key: str | None, owners: Mapping[str, str | None]
    ) -> None:
        self._roots = sorted((PurePath(printable(str(one))) for one in audit.folders), reverse=True)
        self._word = texts.get("export.report.elsewhere")
        self._hidden = frozenset() if key is None else _hidden(audit, key, owners)

    def finding(self, one: AuditFinding) -> AuditFinding:
        facts = {name: self._fact(value) for name, value in one.finding.facts.items()}
        file = None if one.file is None else self.text(one.file)
        return replace(one, finding=replace(one.finding, facts=facts), file=file)

    def _fact(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._fact, value))
        return self.text(value) if type(value) is str else value

    def text(self, value: str) -> str:
        """A path or a name; what is none stays."""
        if value in self._hidden:
            return self._word
        return self.path(value)

    def path(self, value: str) -> str:
        path = PurePath(value)
        if not path.is_absolute():
            return value
        root = next((one for one in self._roots if path.is_relative_to(one)), None)
        return path.name if root is None else str(path.relative_to(root.parent))


def _hidden(audit: Audit, key: str, owners: Mapping[str, str | None]) -> frozenset[str]:
    """Files and people that ``key`` is not to hear of: those of other practices, and what is nobody's, but for files of
    its own people and in its own folders."""
    names: dict[bool, set[str]] = {True: set(), False: set()}
    numbers: set[str] = set()
    people = audit.providers
    for practice, first, last, niss in zip(
        people["practice"], people["first_names"].fillna(""), people["name"], people["niss"], strict=True
    ):
        is_ours = _key(practice) == key
        names[is_ours].add(f"{first} {last}".strip())
        if is_ours and isinstance(niss, str):
            numbers.add(niss)
    folders = {PurePath(file).parent for file, owner in owners.items() if owner == key}
    files = {
        file
        for file, holder in zip(audit.keystores["file"], audit.keystores["holder"], strict=True)
        if owners[file] != key
        and (
            owners[file] is not None
            or (PurePath(file).parent not in folders and str(holder).partition("=")[2] not in numbers)
        )
    }
    return frozenset(files | (names[False] - names[True]))
