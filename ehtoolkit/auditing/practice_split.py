"""Split an audit by practice: a part for each client, with relative paths and without names of other clients.

Each keystore, record and finding is in exactly one part: that of the practice that its record names, else in the part
of what belongs to no practice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePath
from typing import Any, Final, TypeVar

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.scan.discovery import list_passed_over
from ehtoolkit.auditing.tables.merged_rows import AuditRows, MergedRow
from ehtoolkit.auditing.tables.rows import KeystoreRow, PeriodRow, ProviderRow
from ehtoolkit.i18n import Translator, language_of, search_key
from ehtoolkit.keystore.state import FileState
from ehtoolkit.system.text_safety import printable

_UNSEEN: Final = frozenset({FileState.CLOSED, FileState.UNREADABLE})
"""How keystores stand whose content was not seen."""
Row = TypeVar("Row", KeystoreRow, ProviderRow, PeriodRow, MergedRow, AuditFinding)
About = TypeVar("About", KeystoreRow, AuditFinding)


@dataclass(frozen=True, slots=True)
class PracticeAudit:
    """What an audit has of one practice.

    Attributes:
        practice: its name; None for what belongs to no practice.
        audit: its rows alone, with paths from the audited folder on, to be shown and not to be opened.
        folders: in which its keystores lie.
        unopened: its files whose content was not seen: they were not opened, or cannot be read.
        passed_over: files in those folders that were not read, as name and content are not those of a keystore; of
            folders that several practices have in common they belong to no practice.
    """

    practice: str | None
    audit: AuditResult = field(repr=False)
    folders: tuple[str, ...] = field(repr=False)
    unopened: tuple[str, ...] = field(repr=False)
    passed_over: tuple[str, ...] = field(repr=False)


def split_by_practice(
    audit: AuditResult, texts: Translator, *, own_languages: bool = False
) -> tuple[PracticeAudit, ...]:
    """Return the part of each practice, by name, and at last that of what belongs to no practice, which is always
    there. Sentences are in the language of ``texts``; with ``own_languages`` in that of most records of the practice,
    where they have one. Folders are listed again, for the names of the files that the audit has passed over."""
    names: dict[str, str] = {}
    rows = audit.rows
    for name in (*(row.practice for row in rows.providers), *(row.practice for row in rows.keystores)):
        if name:
            key = search_key(name)
            names[key] = min(name, names.get(key, name))  # with capitals rather than without
    whole = _Split(audit, texts, _languages(rows.providers) if own_languages else {})
    return tuple(whole.part(key, None if key is None else names[key]) for key in (*sorted(names), None))


@cache
def _key(practice: str | None) -> str | None:
    return search_key(practice) if practice else None


class _Split:
    """What all parts are made of: whose each row, file and person is."""

    def __init__(self, audit: AuditResult, texts: Translator, languages: Mapping[str | None, str]) -> None:
        self._audit = audit
        self._texts = texts
        self._languages = languages
        rows = audit.rows
        self._keystores = _by_practice(rows.keystores)
        self._providers = _by_practice(rows.providers)
        self._periods = _by_practice(rows.periods)
        self._findings = _by_practice(audit.audit_findings)
        self._merged = _by_practice(rows.merged)
        self.owners = {row.file: _key(row.practice) for row in rows.keystores}
        self.numbers = {row.file: (row.holder or "").partition("=")[2] for row in rows.keystores}
        self.people = frozenset(row.full_name for row in rows.providers)
        self.persons = frozenset(row.niss for row in rows.providers if row.niss)
        self.roots = sorted(map(PurePath, audit.folder_names), reverse=True)
        self._others = self._passed_over()

    def _passed_over(self) -> Mapping[str | None, list[str]]:
        """Return the files that were passed over, by practice: that of the nearest folder, the file's own or one above
        it, in which there are keystores, when all of these are of one practice. None: of several, or of no practice; or
        there is no such folder up to the audited one."""
        of_folder: dict[PurePath, set[str | None]] = defaultdict(set)
        for file, practice in self.owners.items():
            of_folder[PurePath(file).parent].add(practice)
        found: dict[str | None, list[str]] = defaultdict(list)
        for path in list_passed_over(self._audit.request.folders):
            shown = PurePath(printable(str(path)))
            found[_nearest(shown.parent, of_folder, frozenset(self.roots))].append(str(shown))
        return found

    def part(self, key: str | None, name: str | None) -> PracticeAudit:
        """Return what is of the practice ``key``."""
        audit, passed_over = self._audit, self._others[key]
        keystores, providers = self._keystores[key], self._providers[key]
        language = self._languages.get(key)
        texts = self._texts if language is None else Translator(language_of(language))
        view = _PracticeView(self, key, keystores, providers, texts.get("export.report.elsewhere"))
        rows = AuditRows(
            keystores=tuple(map(view.keystore, keystores)),
            providers=tuple(map(view.provider, providers)),
            periods=tuple(self._periods[key]),
            merged=tuple(map(view.merged, self._merged[key])),
        )
        files = [row.file for row in keystores]
        return PracticeAudit(
            name,
            replace(
                audit,
                rows=rows,
                audit_findings=tuple(map(view.finding, self._findings[key])),
                texts=texts,
                passed_over=len(passed_over),
                request=audit.request.model_copy(update={"folders": ()}),
                ends={view.text(file): audit.ends[file] for file in files if file in audit.ends},
                answers={view.text(file): audit.answers[file] for file in files if file in audit.answers},
            ),
            tuple(dict.fromkeys(view.path(str(PurePath(file).parent)) for file in sorted(files))),
            tuple(view.text(row.file) for row in keystores if row.state in _UNSEEN),
            tuple(map(view.path, passed_over)),
        )


def _languages(providers: Iterable[ProviderRow]) -> dict[str | None, str]:
    """Return the language that most records of each practice have; of as many, the first by name."""
    counted: dict[str | None, Counter[str]] = defaultdict(Counter)
    for row in providers:
        if row.practice and row.language:
            counted[_key(row.practice)][row.language] += 1
    return {key: min(count, key=lambda name: (-count[name], name)) for key, count in counted.items()}


def _by_practice(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    """Return the rows of each practice; None for rows of no practice."""
    found: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        found[_key(row.practice)].append(row)
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


class _PracticeView:
    """Texts as one practice may read them: paths from the audited folder on, and a word instead of files, people and
    NISS of other practices, and of files of no practice that are neither its people's nor in its folders. What belongs
    to no practice is for the author of the audit: nothing is hidden there."""

    def __init__(
        self,
        whole: _Split,
        key: str | None,
        keystores: Sequence[KeystoreRow],
        people: Sequence[ProviderRow],
        hidden_word: str,
    ) -> None:
        self._whole, self._key, self._hidden_word = whole, key, hidden_word
        self._folders = {PurePath(row.file).parent for row in keystores}
        self._numbers: Set[str] = {row.niss for row in people if row.niss}
        self._names: Set[str] = {row.full_name for row in people}

    def keystore(self, row: KeystoreRow) -> KeystoreRow:
        return replace(self._without_holder(row), replaced_by=row.replaced_by and self.text(row.replaced_by))

    def provider(self, row: ProviderRow) -> ProviderRow:
        return replace(row, file=row.file and self.text(row.file))

    def merged(self, row: MergedRow) -> MergedRow:
        provider, keystore = row.provider, row.keystore
        return MergedRow(provider and self.provider(provider), keystore and self.keystore(keystore))

    def finding(self, audit_finding: AuditFinding) -> AuditFinding:
        return self._without_holder(audit_finding.with_facts(self.text))

    def _without_holder(self, about: About) -> About:
        """Return a row or a finding with its path as the practice may read it; of a hidden file without its holder."""
        if about.file is None:
            return about
        changes: dict[str, Any] = {"file": self.text(about.file)}
        if self.hides(about.file):
            changes |= {name: self._hidden_word for name in ("holder", "holder_name") if getattr(about, name)}
        return replace(about, **changes)

    def text(self, value: str) -> str:
        """Return a path or a name as the practice may read it: a word in place of what is hidden, paths from the
        audited folder on; what is neither path nor name stays."""
        return self._hidden_word if self.hides(value) else self.path(value)

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
        root = next((folder for folder in self._whole.roots if path.is_relative_to(folder)), None)
        return path.name if root is None else str(path.relative_to(root.parent))
