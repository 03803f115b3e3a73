"""Rows and findings of the audit page, with the state, the urgency and the words that the filters compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.tables.merged_rows import FindingRow, MergedRow
from ehtoolkit.auditing.tables.rows import ProviderRow
from ehtoolkit.finding import Topic
from ehtoolkit.finding_html import LOOKS
from ehtoolkit.forms.finding_urgency import ShownUrgency, urgency_of
from ehtoolkit.forms.html import Severity
from ehtoolkit.i18n import search_key
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.standing import MEANINGS, Action
from ehtoolkit.keystore.state import FileState, State

_QUIET: Final = frozenset(
    {
        FileState.CLOSED,
        State.NOT_YET_VALID,
        State.COMPLETE,
        State.ACTIVE,
        FileState.REPLACING,
        FileState.REPLACED,
    }
)
"""States with which nothing is wrong: a finding that is urgent is worse."""
_OFF: Final = frozenset({FileState.CLOSED, FileState.REPLACED})
"""States that look like nothing."""


def _row_states() -> Iterator[tuple[str, Severity]]:
    """Yield each state of a row and how it looks: those of keystores, and the urgency of a finding after the states
    that are worse."""
    for state, meaning in MEANINGS.items():
        if state is FileState.CLOSED:
            yield ShownUrgency.STOPS, ShownUrgency.STOPS.look
        if state is State.COMPLETE:
            yield ShownUrgency.CORRECT, ShownUrgency.CORRECT.look
        yield state, "off" if state in _OFF else LOOKS[meaning.severity]


ROW_STATES: Final[Mapping[str, Severity]] = dict(_row_states())
"""How a row can stand, the most urgent first, and how that looks: the state of its keystore, or the urgency of its
worst finding where that is worse."""
_SAYS_THE_STATE: Final = frozenset({Topic.CLOSED, Topic.PASSWORD})
"""What findings are about that say no more than the state does."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A provider, a keystore, or a provider with a keystore.

    Attributes:
        title: who it is about, never empty.
        practice: of the provider, else of the provider with the number of the keystore's holder.
        state: of `ROW_STATES`.
        action: what is to be done, where the state is that of a keystore.
        worst: the most urgent finding about it.
        urgency: of that finding.
        sought: the folded words that a search finds it by.
    """

    merged: MergedRow
    title: str
    practice: str | None
    state: str
    action: Action
    worst: AuditFinding | None
    urgency: ShownUrgency
    sought: str

    @property
    def number(self) -> int | None:
        """The number of the provider's record."""
        return None if self.merged.provider is None else self.merged.provider.provider


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding, and the row that it is about.

    Attributes:
        row: None for a finding about a folder.
        sought: the folded words that a search finds it by.
    """

    audit_finding: AuditFinding
    row: ShownRow | None
    urgency: ShownUrgency
    sought: str

    @property
    def title(self) -> str:
        """What it is about: a keystore, a provider or a folder."""
        if self.row is not None:
            return self.row.title
        provider = self.audit_finding.provider
        return (provider and provider[1]) or self.audit_finding.file or ""

    @property
    def practice(self) -> str | None:
        return None if self.row is None else self.row.practice

    @property
    def state(self) -> str | None:
        return None if self.row is None else self.row.state


@dataclass(frozen=True, slots=True)
class AuditTable:
    """Rows and findings in the order of the audit."""

    rows: Sequence[ShownRow]
    findings: Sequence[ShownFinding]


def audit_table(audit: Audit, wanted: Environment) -> AuditTable:
    """Return the rows and findings of ``audit`` as the page shows them. ``wanted``: the environment that is worked
    in."""
    people = {record.holder: record for record in audit.rows.providers if record.holder is not None}
    worst = _most_urgent(audit.counted_findings)
    rows = [_shown_row(merged, people, worst, wanted) for merged in audit.rows.merged]
    by_mark: dict[object, ShownRow] = {}
    for row in rows:
        for mark in filter(None, (row.merged.file, row.number)):
            by_mark.setdefault(mark, row)
    findings = zip(audit.audit_findings, audit.finding_rows(), strict=True)
    return AuditTable(rows, [_shown_finding(finding, words, by_mark) for finding, words in findings])


_Worst = Mapping[object, tuple[int, AuditFinding]]
"""The most urgent finding of each file and of each provider, with its place among all by urgency."""


def _most_urgent(audit_findings: Iterable[AuditFinding]) -> _Worst:
    order = list(ShownUrgency)
    worst: dict[object, tuple[int, AuditFinding]] = {}
    by_urgency = sorted(audit_findings, key=lambda found: order.index(urgency_of(found.finding)))
    for place, found in enumerate(by_urgency):
        for mark in filter(None, (found.file, found.provider and found.provider[0])):
            worst.setdefault(mark, (place, found))
    return worst


def _shown_row(
    merged: MergedRow, people: Mapping[str, ProviderRow], all_worst: _Worst, wanted: Environment
) -> ShownRow:
    provider, keystore = merged.provider, merged.keystore
    # A keystore that is not assigned may belong to a provider all the same.
    namesake = None if keystore is None or keystore.holder is None else people.get(keystore.holder)
    records = [record for record in (provider, namesake) if record is not None]
    names = [record.full_name for record in records]
    if keystore is not None:
        names += filter(None, (keystore.holder_name, keystore.holder, name_of(keystore.file)))
    title = next(filter(None, names), "")
    practice = next((record.practice for record in records if record.practice), None)
    number = None if provider is None else provider.provider
    found = [all_worst[mark] for mark in (merged.file, number) if mark in all_worst]
    worst = min(found)[1] if found else None
    urgency = ShownUrgency.FINE if worst is None else urgency_of(worst.finding)
    own, action = _state_and_action(merged, wanted)
    state = _worse(own, worst, urgency)
    words = [title, practice, merged.file]
    words += [] if provider is None else [provider.niss, provider.inami]
    words += [] if keystore is None else [keystore.holder, keystore.holder_name, keystore.application_id]
    return ShownRow(merged, title, practice, state, action, worst, urgency, _sought(*words))


def _shown_finding(
    found: AuditFinding, words: FindingRow, by_mark: Mapping[object, ShownRow]
) -> ShownFinding:
    row = by_mark.get(found.provider and found.provider[0]) or by_mark.get(found.file)
    sought = _sought(words.message, words.next, words.name, words.holder, words.file)
    sought = sought if row is None else f"{sought} {row.sought}"
    urgency = ShownUrgency.FINE if found.acknowledged else urgency_of(found.finding)
    return ShownFinding(found, row, urgency, sought)


def _state_and_action(row: MergedRow, wanted: Environment) -> tuple[str, Action]:
    keystore = row.keystore
    if keystore is None:
        state = FileState.NONE
    elif keystore.kind == "missing":
        state = FileState.MISSING
    elif keystore.state != FileState.REPLACED and keystore.environment not in (None, wanted):
        state = FileState.ELSEWHERE
    else:
        return keystore.state, Action(keystore.action)
    return state, MEANINGS[state].action


def _worse(state: str, worst: AuditFinding | None, urgency: ShownUrgency) -> str:
    """Return the state, or the urgency of the worst finding where something is wrong beside the state. Of a file that
    was not opened, its record says less than that."""
    if worst is None or state not in _QUIET or worst.finding.topic in _SAYS_THE_STATE:
        return state
    worse = (ShownUrgency.STOPS,) if state == FileState.CLOSED else (ShownUrgency.STOPS, ShownUrgency.CORRECT)
    return urgency if urgency in worse else state


def name_of(file: str) -> str:
    """Return the name of a file from its path, which may be one of any system."""
    return PurePath(file.replace("\\", "/")).name or file


def _sought(*words: str | None) -> str:
    return search_key(" ".join(filter(None, words)))
