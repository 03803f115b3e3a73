"""The audit: folders of keystores, the registry of providers, and what is wrong with them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from ehtoolkit import errors
from ehtoolkit.auditing.acknowledgements import (
    Acknowledgement,
    AcknowledgementStore,
    Held,
    KeystoreMark,
    held,
)
from ehtoolkit.auditing.audit_finding import AuditFinding, due
from ehtoolkit.auditing.audit_result import AuditResult, is_pressing, stayed_closed
from ehtoolkit.auditing.export.formats import FORMATS, TABLE, AuditMethod, ExportOptions, add_audit_methods
from ehtoolkit.auditing.options import AuditOptions
from ehtoolkit.auditing.rules import joint_findings, owners_of, practices_of
from ehtoolkit.auditing.rules.keystores import keystore_findings
from ehtoolkit.auditing.rules.providers import ProviderKeystore
from ehtoolkit.auditing.scan.audited_keystore import keystore_order
from ehtoolkit.auditing.scan.scanning import assigned_file, find_audited_keystores
from ehtoolkit.auditing.tables.merged_rows import ROWS, AuditRows, merge
from ehtoolkit.auditing.tables.rows import KeystoreRow, PeriodRow, ProviderRow
from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Topic
from ehtoolkit.i18n import Translator, language_of, search_key
from ehtoolkit.keystore.storage.holder_keystores import PasswordsOf
from ehtoolkit.keystore.storage.records import LastAnswer, last_answer
from ehtoolkit.providers import Provider, Registry
from ehtoolkit.providers.audit_registry import require_practice
from ehtoolkit.result_display import for_print, masked
from ehtoolkit.system.text_safety import printable
from ehtoolkit.type_errors import instance_of

if TYPE_CHECKING:
    import pandas as pd

    from ehtoolkit.auditing.timeline.chart import TimelineChart

_SHOWN: Final = 60
"""Findings that a notebook shows of an audit."""


class Audit(AuditResult):
    """What an audit found: findings, tables as pandas frames, and a method for each file format.

    ``keystores``, ``providers``, ``periods``, ``merged`` (provider by keystore) and ``findings`` are frames. Each is
    made from ``rows`` when it is first read, so a change in a frame changes no export. Its ``attrs`` are what `about`
    returns: moment, version and request. The frames hold whole NISS numbers, in paths too: show those of `masked` where
    outputs are kept, as in a notebook.

    ``print(audit)`` shows the findings with their next steps. ``to_excel``, ``to_html``, ``to_ics``, ``to_csv``,
    ``to_json``, ``to_markdown``, ``to_prometheus`` and ``to_text`` write a new file, or return its content when no path
    is given; ``force=True`` replaces a file. NISS numbers are masked in all of these, unless ``full=True``.

    >>> import ehtoolkit
    >>> found = ehtoolkit.audit(processes=1, language="en")
    >>> found.to_csv(table="keystores").startswith("file;kind;size;holder;")
    True
    >>> found.to_markdown().splitlines()[0]
    '# Audit of eHealth certificates'
    """

    if TYPE_CHECKING:
        to_csv: ClassVar[AuditMethod[str]]
        to_excel: ClassVar[AuditMethod[bytes]]
        to_html: ClassVar[AuditMethod[str]]
        to_ics: ClassVar[AuditMethod[bytes]]
        to_json: ClassVar[AuditMethod[str]]
        to_markdown: ClassVar[AuditMethod[str]]
        to_prometheus: ClassVar[AuditMethod[str]]
        to_text: ClassVar[AuditMethod[str]]

    @cached_property
    def keystores(self) -> pd.DataFrame:
        """A row for each file."""
        return self._frame("keystores")

    @cached_property
    def providers(self) -> pd.DataFrame:
        """A row for each record of the registry."""
        return self._frame("providers")

    @cached_property
    def periods(self) -> pd.DataFrame:
        """A row for each INAMI period."""
        return self._frame("periods")

    @cached_property
    def merged(self) -> pd.DataFrame:
        """A row for each provider and for each keystore without one."""
        return self._frame("merged")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row for each finding, the most urgent first."""
        return self._frame("findings")

    def _frame(self, name: str) -> pd.DataFrame:
        from ehtoolkit.auditing.tables.frames import frame

        made = frame(ROWS[name], self.table(name))
        made.attrs = self.about()
        return made

    def masked(self) -> Audit:
        """Return the same audit without a whole NISS: to be shown, not to be selected from and joined."""
        ends: dict[str, datetime] = {}
        for file, end in self.ends.items():
            shown = masked(file)
            ends[shown] = min(end, ends.get(shown, end))  # two files may have become one
        answers: dict[str, LastAnswer] = {}
        for file, answer in self.answers.items():
            shown = masked(file)
            answers[shown] = last_answer(answer, answers.get(shown)) or answer
        request, practice = self.request, self.request.practice
        hidden = {
            "folders": tuple(Path(masked(str(folder))) for folder in request.folders),
            "practice": None if practice is None else masked(practice),
        }
        return replace(
            self,
            request=request.model_copy(update=hidden),
            registry=None if self.registry is None else masked(self.registry),
            rows=self.rows.masked(),
            audit_findings=tuple(finding.masked() for finding in self.audit_findings),
            ends=ends,
            answers=answers,
            marks=(),
        )

    def timeline(self, *, practice: str | None = None, language: str | None = None) -> TimelineChart:
        """Return the certificates and INAMI periods of each provider, and the certificates of holders without a record,
        as a chart that a notebook draws; its ``bars`` are the same as a frame.

        Args:
            practice: of its providers alone.
            language: of its words.
        """
        from ehtoolkit.auditing.timeline.chart import TimelineChart
        from ehtoolkit.auditing.timeline.timeline import time_line

        line = time_line(self)
        if practice is not None:
            wanted = search_key(practice)
            line = line.only(lambda row: search_key(row.practice or "") == wanted)
        return TimelineChart(line, Translator(language_of(language)))

    def __str__(self) -> str:
        """Return the sentences that ``ehtoolkit audit -o FILE.txt`` writes, but with ``->`` for an arrow; NISS numbers
        are masked."""
        return for_print(str(FORMATS[TABLE].content(self, self.texts, ExportOptions()))).removesuffix("\n")

    def _repr_html_(self) -> str:
        """Return the findings as HTML, as a notebook shows a frame, masked."""
        from ehtoolkit.auditing.tables.frames import findings_html

        return findings_html(self.findings, _SHOWN)

    def diff(self, earlier: Audit) -> pd.DataFrame:
        """Return what changed since ``earlier``, with the columns of `ehtoolkit.auditing.changes.ChangeRow`: new,
        renewed, moved, gone, worse and better keystores, by the rules of watches. `ehtoolkit.compare_audits` compares
        two folders, or audits that were saved.

        A folder that is gone, has no keystore any more, or is not among the folders of this audit is one row; the
        keystores that were in it have none. Compare audits before they are `masked`.
        """
        from ehtoolkit.auditing.changes import ChangeRow, change_rows, compare
        from ehtoolkit.auditing.tables.frames import frame

        before = instance_of("earlier", earlier, Audit).snapshot()
        now = self.snapshot().leaving_out(earlier.folder_names, self.folder_names)
        return frame(ChangeRow, change_rows(compare(before, now), now))


add_audit_methods(Audit)


def run_audit(
    passwords: PasswordsOf | None,
    options: AuditOptions,
    open_registry: Callable[[], AbstractContextManager[Registry]],
) -> Audit:
    """Return the audit that the request of ``options`` asks for, with the records of the registry where it says so.
    Raises what `audit_folder`, `audit_providers` and ``open_registry`` raise."""
    folders = options.request.folders
    if not options.request.registry:
        return audit_folder(folders, passwords, options)
    with open_registry() as registry:
        return audit_providers(registry, folders, passwords, options)


def audit_folder(
    folders: Sequence[Path], passwords: PasswordsOf | None = None, options: AuditOptions | None = None
) -> Audit:
    """Return what is in folders of keystores and the folders within, and what is wrong with it. ``passwords``: gives
    the password of a file, several to try, or None to see only what needs no password; None: no file is opened.

    A file or folder that cannot be read is a row or a finding and stops nothing. Raises `errors.Cancelled`, and with an
    executor `errors.SchedulerInsecure` and `errors.SchedulerUnreachable`.
    """
    return _audit(folders, None, passwords, options or AuditOptions())


def audit_providers(
    registry: Registry,
    folders: Sequence[Path] = (),
    passwords: PasswordsOf | None = None,
    options: AuditOptions | None = None,
) -> Audit:
    """Return what `audit_folder` returns, with the records of ``registry``: the keystores that are assigned to them are
    read wherever they are, and records and keystores are compared. Raises what `Registry.providers` and `audit_folder`
    raise, and `errors.PracticeUnknown` when no record is of the practice of ``options``."""
    options = options or AuditOptions()
    records, place = tuple(registry.providers()), registry.place.shown
    practice = options.request.practice
    if practice is None:
        return _audit(folders, records, passwords, options, registry=place)
    require_practice(practice, records)
    wanted = search_key(practice)
    ours = tuple(record for record in records if search_key(record.practice) == wanted)
    others = tuple(record for record in records if search_key(record.practice) != wanted)
    return _audit(folders, ours, passwords, options, others, registry=place)


def _audit(
    folders: Sequence[Path],
    records: tuple[Provider, ...] | None,
    passwords: PasswordsOf | None,
    options: AuditOptions,
    others: Sequence[Provider] = (),
    registry: str | None = None,
) -> Audit:
    """Make the audit. ``others``: records that are left out. ``registry``: where the records are from."""
    day = brussels_day(options.now)
    seen, listed = find_audited_keystores(folders, records or (), passwords, options, others)
    joined = [ProviderKeystore(record, seen.get(assigned_file(record) or "")) for record in records or ()]
    audit_findings = joint_findings(list(seen.values()), listed, joined, options)
    practices, owners = practices_of(joined), owners_of(joined)
    # The finding about the provider has the next step for the old file: the newer one.
    superseded = {found.file for found in audit_findings if found.finding.topic is Topic.NEWER}
    keystores, marks, ends, answers = [], [], {}, {}
    for file in keystore_order(seen):
        keystore = seen.pop(file)  # its row and its findings are what is kept of it
        keystores.append(KeystoreRow.of(keystore, practices.get(keystore.shown), options.request.due_within))
        marks.append(KeystoreMark.of(keystore, keystores[-1].state))
        if keystore.end is not None:
            ends[keystore.shown] = keystore.end
        if keystore.answer is not None:
            answers[keystore.shown] = keystore.answer
        if keystore.shown not in superseded:
            audit_findings += keystore_findings(keystore, owners.get(file), options)
    kept, damaged = _acknowledgements(options)
    acknowledged = held(kept, marks, day, options.seconds)
    audit_findings = [_acknowledged(found, acknowledged) for found in (*audit_findings, *damaged)]
    keystores = _acknowledged_rows(keystores, audit_findings, acknowledged)
    providers = tuple(map(ProviderRow.of, joined))
    audit_findings = [_with_practice(finding, practices) for finding in audit_findings]
    rows = AuditRows(
        keystores=tuple(keystores),
        providers=providers,
        periods=tuple(row for record in records or () for row in PeriodRow.all_of(record, day)),
        merged=merge(providers, keystores),
    )
    return Audit(
        rows=rows,
        audit_findings=tuple(sorted(audit_findings, key=lambda finding: finding.order)),
        now=options.now,
        texts=options.texts,
        request=options.request.model_copy(
            update={
                "folders": tuple(folder.absolute() for folder in folders),
                "registry": records is not None,
                "revocation": options.ask_revocation is not None,
            }
        ),
        passed_over=listed.passed_over,
        ends=ends,
        answers=answers,
        unattended=options.unattended,
        registry=registry,
        secrets=options.secrets,
        marks=tuple(marks),
    )


def _acknowledgements(options: AuditOptions) -> tuple[Sequence[Acknowledgement], Sequence[AuditFinding]]:
    """Return what was acknowledged. Where that cannot be read nothing is, and a finding says so."""
    if options.acknowledgements is None:
        return (), ()
    store = AcknowledgementStore(options.acknowledgements)
    try:
        return store.read(), ()
    except errors.FileUnreadable:
        path = printable(str(store.path))
        return (), [AuditFinding(due("acknowledgements_unreadable", file=path), file=path)]


def _acknowledged(found: AuditFinding, acknowledged: Held) -> AuditFinding:
    mine = acknowledged.get(found.file or "", ())
    return replace(found, acknowledged=True) if None in mine or found.finding.key in mine else found


def _acknowledged_rows(
    rows: Sequence[KeystoreRow], audit_findings: Sequence[AuditFinding], acknowledged: Held
) -> list[KeystoreRow]:
    """Return ``rows``, of which those count apart that are acknowledged as a whole, and those of which something is due
    and all that is due is acknowledged."""
    closed = stayed_closed(rows)
    counts: dict[str | None, bool] = {}
    for found in audit_findings:
        if found.file in acknowledged and is_pressing(found, closed):
            counts[found.file] = counts.get(found.file, False) or not found.acknowledged
    return [
        replace(row, acknowledged=True)
        if None in acknowledged.get(row.file, ()) or counts.get(row.file) is False
        else row
        for row in rows
    ]


def _with_practice(audit_finding: AuditFinding, practices: Mapping[object, str]) -> AuditFinding:
    number = audit_finding.provider[0] if audit_finding.provider else None
    return replace(audit_finding, practice=practices.get(number) or practices.get(audit_finding.file))
