"""The audit: folders of keystores, the registry of providers, and what is wrong with them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Executor
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ehtoolkit.auditing import revocation, rows, rules
from ehtoolkit.auditing.audit_finding import AuditFinding, sort_by_urgency
from ehtoolkit.auditing.discovery import DiscoveredFiles, Stop, UnreadableFolder, list_files, path_order
from ehtoolkit.auditing.keystores import AuditedKeystore, calendar, evaluate
from ehtoolkit.auditing.lazy_frame import FrameField, LazyFrame, MergedFrame
from ehtoolkit.auditing.masking import masked, masked_frame
from ehtoolkit.auditing.results.cache import Cache
from ehtoolkit.auditing.results.scan_result import ScanResult
from ehtoolkit.auditing.rules import ProviderKeystore
from ehtoolkit.auditing.scanning import Progress, recall, scan
from ehtoolkit.auditing.snapshot import Snapshot
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.auditing.verdict import Verdict, judge
from ehtoolkit.clock import DUE_WITHIN, SystemClock
from ehtoolkit.ehealth.revocation.checker import AskRevocation
from ehtoolkit.i18n import Translator, language_of
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.storage.holder_files import Guesses, PasswordsOf
from ehtoolkit.keystore.storage.state_cache import CachedStates, read_cached_states
from ehtoolkit.providers import Provider, Registry
from ehtoolkit.providers.choice import named_environment, require_practice
from ehtoolkit.providers.provider import KNOWN, TypeTable, type_table
from ehtoolkit.providers.tables import search_key
from ehtoolkit.secret import Secret
from ehtoolkit.settings import Settings
from ehtoolkit.system.io_timeout import SECONDS
from ehtoolkit.type_errors import instance_of

if TYPE_CHECKING:
    import pandas as pd

    from ehtoolkit.auditing.timeline.chart import TimelineChart

_SHOWN: Final = 60
"""Findings that a notebook shows of an audit."""


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What an audit goes by, but for folders and passwords.

    Attributes:
        now: aware; None is the computer's time.
        environment: which one the files are for; None: any.
        due_within: when the end of a certificate is near.
        cache: the folder for the results of scans with passwords; None keeps nothing.
        processes: 1 stays in this one.
        stop: asked again and again; `errors.Cancelled` follows.
        language: of the sentences.
        seconds: how long reading one file, or looking into one folder, may take; what hangs is a finding.
        types: of providers.
        ask_revocation: asks whether a certificate is revoked; None asks nobody.
        practice: the one whose providers are looked at; what is assigned to those of others alone, or has one of them
            as its holder, is left out, also where it lies in the folders. None: all. Needs a registry.
        notes: the folder with what was seen of keystores when they were opened last; None recalls nothing.
        on_pages: the sentences are read on a page.
        executor: its workers look at the files, in place of ``processes``; see `ehtoolkit.auditing.executors.batches`.
        unattended: no person reads the whole result: what stays closed is due, see `ehtoolkit.auditing.verdict.judge`.
    """

    now: datetime | None = None
    environment: Environment | None = None
    due_within: timedelta = DUE_WITHIN
    cache: Path | None = None
    processes: int = 2
    progress: Progress = lambda done, of: None
    stop: Stop = lambda: False
    language: str | None = None
    seconds: float = SECONDS
    types: TypeTable = field(default_factory=lambda: KNOWN)
    ask_revocation: AskRevocation | None = None
    practice: str | None = None
    notes: Path | None = None
    on_pages: bool = False
    executor: Executor | None = None
    unattended: bool = False

    @classmethod
    def from_settings(cls, settings: Settings, **others: Any) -> AuditOptions:
        """Return the options that ``settings`` give every audit of commands, pages and Python; ``others`` replace
        them."""
        options = cls(
            environment=named_environment(settings),
            cache=settings.audit_cache,
            seconds=settings.file_timeout,
            types=type_table(settings.provider_types),
            notes=settings.notes,
        )
        return replace(options, **others)

    @property
    def moment(self) -> datetime:
        return self.now or SystemClock().now()

    @property
    def texts(self) -> Translator:
        return Translator(language_of(self.language), on_pages=self.on_pages)


@dataclass(frozen=True)
class Audit:
    """What an audit found, as frames and as findings.

    Attributes:
        keystores: a row a file, columns `ehtoolkit.auditing.frames.KEYSTORES`.
        providers: a row a record, `ehtoolkit.auditing.frames.PROVIDERS`.
        periods: a row an INAMI period, `ehtoolkit.auditing.frames.PERIODS`.
        merged: provider by keystore.
        findings: the most urgent first, `ehtoolkit.auditing.frames.FINDINGS`.
        noted: the same findings before they were sentences.
        now: the moment that all of it is about, aware.
        environment: which one the files were held to be for; None: any.
        asked_revocation: whether it was asked what is revoked.
        passed_over: how many files are no keystores by their name, and were not looked at.
        folders: that were audited, absolute.
        unattended: as in `AuditOptions`.
        registry: the registry that was read, a path or host and name of a database; None: none was read.

    The frames are made when they are first read: a command that prints needs none, and no pandas. They hold whole NISS
    numbers, in paths too: `masked` before they are shown where outputs are kept, as in a notebook. The text of an
    audit itself (``repr``) has none of what is in them.
    """

    _: KW_ONLY
    keystores: FrameField = FrameField()  # noqa: RUF009  # a descriptor, one for each
    providers: FrameField = FrameField()  # noqa: RUF009  # a descriptor, one for each
    periods: FrameField = FrameField()  # noqa: RUF009  # a descriptor, one for each
    merged: FrameField = FrameField()  # noqa: RUF009  # a descriptor, one for each
    findings: FrameField = FrameField()  # noqa: RUF009  # a descriptor, one for each
    noted: tuple[AuditFinding, ...] = field(repr=False)
    now: datetime
    environment: Environment | None = None
    due_within: timedelta = DUE_WITHIN
    asked_revocation: bool = False
    passed_over: int = 0
    ends: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    folders: tuple[Path, ...] = field(default=(), repr=False)
    unattended: bool = False
    registry: str | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        shown = (one.name for one in fields(self) if one.repr and one.name not in TABLES)
        return f"Audit({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def table(self, name: str) -> LazyFrame:
        """Return the table ``keystores``, ``providers``, ``periods`` or ``findings`` as rows, without making a frame of
        it."""
        table: LazyFrame = vars(self)[name]
        return table

    def masked(self) -> Audit:
        """Return the same audit with no whole NISS in any frame and in ``ends``, by
        `ehtoolkit.auditing.masking.masked_frame`: to be shown, not to be selected from and joined. ``noted`` stays
        as it is."""
        ends: dict[str, datetime] = {}
        for file, end in self.ends.items():
            shown = masked(file)
            ends[shown] = min(end, ends.get(shown, end))  # two files may have become one
        return replace(self, ends=ends, **{name: masked_frame(getattr(self, name)) for name in TABLES})

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

    def _repr_html_(self) -> str:
        """Return the findings as HTML, as a notebook shows a frame, masked."""
        shown = masked_frame(self.findings)[["severity", "days", "name", "message", "next"]]
        return str(shown.to_html(max_rows=_SHOWN, index=False, border=0))

    def snapshot(self, folders: Iterable[Path] | None = None) -> Snapshot:
        """Return what `diff` and watches compare. ``folders``: of which it is said when they have no keystore; None:
        those that were audited."""
        given = self.folders if folders is None else folders
        return Snapshot.from_tables(
            self.now, self.table("keystores").plain_rows(full=True), self.noted, given
        )

    def diff(self, earlier: Audit) -> pd.DataFrame:
        """Return what changed since ``earlier``, in the columns of `ehtoolkit.auditing.changes.CHANGES`: new, renewed,
        gone, worse and better keystores, by the rules that watches go by.

        A folder that is gone, has no keystore any more, or is not among the ``folders`` of this audit is one row; of
        the keystores that were in it nothing is said. Both audits are compared before they are `masked`.
        """
        from ehtoolkit.auditing.changes import change_frame

        before, now = instance_of("earlier", earlier, Audit).snapshot(), self.snapshot()
        return change_frame(before, now.leaving_out(earlier.folders, self.folders))

    @property
    def today(self) -> date:
        """In Belgium."""
        return calendar(self.now) or self.now.date()

    @property
    def is_due(self) -> bool:
        """Whether something does not work, a certificate that nothing has replaced ends within ``due_within``, a given
        password does not open its file, or, ``unattended``, any file stayed closed."""
        return self.verdict.is_due

    @cached_property
    def verdict(self) -> Verdict:
        """What is due, and what stayed closed."""
        return self.judged(unattended=self.unattended)

    def judged(self, *, unattended: bool) -> Verdict:
        """Return the verdict for results that a person reads, or, ``unattended``, for programs that report on their
        own."""
        rows = self.table("keystores").plain_rows(full=True)
        return judge(self.noted, rows, self.due_within, unattended=unattended)


def audit_folder(
    folders: Sequence[Path], passwords: PasswordsOf | None = None, wish: AuditOptions | None = None
) -> Audit:
    """Return what is in folders of keystores and the folders within, and what is wrong with it. ``passwords``: gives
    the password of a file, several to try, or None to see what shows without; None: no file is opened.

    ``keystores`` has for each file: ``file`` (path); ``kind``; ``size`` (bytes); ``holder`` (``TYPE=NUMBER``, of the
    certificate where ``by_content``, else of the name), ``holder_name``, ``application_id``; ``environment`` (category
    in the order of `Environment`); ``standing`` (category in the order of `ehtoolkit.auditing.keystores.STATES`);
    ``not_before``, ``not_after``, ``renewable_from`` (days; the last by the usual months, a guess); ``days_left``
    (on a Belgian calendar); ``etks`` (encryption keys); ``key_id``; ``authentication_key`` (kind); ``revocation``
    (category, what its issuer says of its certificate; ``not_checked`` if the issuer was not asked); ``opened``,
    ``by_content`` (boolean); ``replaced_by`` (path of a newer one), ``practice`` (of the provider that it is assigned
    to).

    A file or folder that cannot be read is a row or a finding and stops nothing. Raises `errors.Cancelled`, with an
    executor `errors.SchedulerInsecure` and `errors.SchedulerUnreachable`, and with a practice, which needs a registry,
    `errors.PracticeUnknown`.
    """
    wish = wish or AuditOptions()
    if wish.practice is not None:
        require_practice(wish.practice, None)
    return _audit(folders, None, passwords, wish)


def audit_providers(
    registry: Registry,
    folders: Sequence[Path] = (),
    passwords: PasswordsOf | None = None,
    wish: AuditOptions | None = None,
) -> Audit:
    """Return what `audit_folder` returns, with the records of ``registry``: their keystores are looked at wherever they
    are, and everything is held against each other. Raises what `Registry.providers` raises, and what `audit_folder`
    raises, `errors.Cancelled` among it; `errors.PracticeUnknown` when no record is of the practice."""
    wish = wish or AuditOptions()
    records, place = tuple(registry.providers()), registry.place.shown
    if wish.practice is None:
        return _audit(folders, records, passwords, wish, registry=place)
    require_practice(wish.practice, records)
    wanted = search_key(wish.practice)
    ours = tuple(one for one in records if search_key(one.practice) == wanted)
    others = tuple(one for one in records if search_key(one.practice) != wanted)
    return _audit(folders, ours, passwords, wish, others, registry=place)


def _audit(
    folders: Sequence[Path],
    records: tuple[Provider, ...] | None,
    passwords: PasswordsOf | None,
    wish: AuditOptions,
    others: Sequence[Provider] = (),
    registry: str | None = None,
) -> Audit:
    """Make the audit. ``others``: records that are left out. ``registry``: where the records are from."""
    now = wish.moment
    wish, day = replace(wish, now=now), calendar(now) or now.date()
    seen, listed = _seen(folders, records or (), passwords, wish, others)
    joined = [_join(record, seen) for record in records or ()]
    noted = _noted_together(list(seen.values()), listed.unlisted, joined, wish, now)
    keystores, ends = LazyFrame("keystores"), {}
    practices, owners = rows.practices_of(joined), _owners(joined)
    # What is said of the provider has the one step for his old file: the newer one.
    led_on = {one.file for one in noted if one.finding.key == rules.NEWER}
    for file in rows.keystore_order(seen):
        one = seen.pop(file)  # what stays of it is its row, and what is said of it
        keystores.append(rows.keystore_row(one, practices))
        if one.not_after is not None:
            ends[one.shown] = one.not_after
        if one.shown not in led_on:
            about = rules.about(one, wish.environment, wish.due_within, assigned=file in owners)
            noted += [each.of(owners.get(file)) for each in about]
    noted = sort_by_urgency(noted)
    providers = LazyFrame("providers", rows.provider_rows(joined))
    return Audit(
        keystores=keystores,
        providers=providers,
        periods=LazyFrame("periods", rows.period_rows(joined, day)),
        merged=MergedFrame(providers, keystores),
        findings=LazyFrame("findings", rows.finding_rows(noted, wish.texts, joined)),
        noted=tuple(noted),
        now=now,
        environment=wish.environment,
        due_within=wish.due_within,
        asked_revocation=wish.ask_revocation is not None,
        passed_over=listed.passed_over,
        ends=ends,
        folders=tuple(folder.absolute() for folder in folders),
        unattended=wish.unattended,
        registry=registry,
    )


def _seen(
    folders: Sequence[Path],
    records: Sequence[Provider],
    passwords: PasswordsOf | None,
    wish: AuditOptions,
    others: Sequence[Provider],
) -> tuple[dict[str, AuditedKeystore], DiscoveredFiles]:
    """Return each file by its path, as it stands, and what there was beside the files: folders that could not be looked
    into, and how many files were passed over."""
    listed = list_files([folder.absolute() for folder in folders], wish.stop, wish.seconds)
    assigned = _assigned(records)
    leave_out = _assigned(others) - assigned
    given = _Given(passwords or (lambda _: None))
    now = wish.moment
    wanted = sorted(dict.fromkeys((*listed.files, *assigned)), key=path_order)
    files = [one for one in wanted if one not in leave_out]
    del wanted
    listed = listed._replace(files=())
    found = scan(
        files,
        given,
        cache=None if wish.cache is None else Cache(wish.cache, calendar(now) or now.date()),
        processes=wish.processes,
        progress=wish.progress,
        stop=wish.stop,
        seconds=wish.seconds,
        chains=wish.ask_revocation is not None,
        executor=wish.executor,
    )
    known = () if wish.notes is None else read_cached_states(wish.notes)
    readings = recall(given.without_guesses(found), known, wish.seconds)
    seen = evaluate(readings, files, now, wish.seconds, CachedStates(known))
    theirs = {one.niss for one in others if one.niss} - {one.niss for one in records}
    for file in [file for file, one in seen.items() if _is_held_by(one, theirs) and file not in assigned]:
        del seen[file]
    if wish.ask_revocation is not None:
        revocation.ask_about(seen, wish.ask_revocation, wish.stop)
    return seen, listed


def _assigned(records: Iterable[Provider]) -> Set[str]:
    return {str(Path(one.keystore.path)) for one in records if one.keystore is not None}


def _is_held_by(one: AuditedKeystore, numbers: Set[str]) -> bool:
    return one.holder is not None and one.holder.is_person and one.holder.value in numbers


class _Given:
    """The passwords of files; notes those for which there were only guesses."""

    def __init__(self, passwords: PasswordsOf) -> None:
        self._passwords = passwords
        self._guessed: set[str] = set()

    def __call__(self, path: Path) -> Secret | Sequence[Secret] | None:
        found = self._passwords(path)
        if isinstance(found, Guesses):
            self._guessed.add(str(path))
        return found

    def without_guesses(self, found: Iterable[tuple[str, ScanResult]]) -> Iterator[tuple[str, ScanResult]]:
        """Yield what was found, without what mere guesses have shown by failing."""
        for file, reading in found:
            yield file, reading.as_untried() if file in self._guessed else reading


def _join(record: Provider, seen: Mapping[str, AuditedKeystore]) -> ProviderKeystore:
    return ProviderKeystore(
        record, None if record.keystore is None else seen[str(Path(record.keystore.path))]
    )


def _owners(joined: Sequence[ProviderKeystore]) -> dict[str, tuple[int, str]]:
    """Return the number and name of the provider that each file is assigned to; of several that of the one who is its
    holder, else of the first."""
    owners: dict[str, tuple[int, str]] = {}
    for one in joined:
        if one.seen is not None and (one.is_of_holder or one.seen.file not in owners):
            owners[one.seen.file] = (one.record.id or 0, one.record.full_name)
    return owners


def _noted_together(
    seen: Sequence[AuditedKeystore],
    problems: Sequence[UnreadableFolder],
    joined: Sequence[ProviderKeystore],
    wish: AuditOptions,
    now: datetime,
) -> list[AuditFinding]:
    """Return what there is to say of more than one file alone: of folders, files beside each other, and providers."""
    of_holder: dict[str, list[AuditedKeystore]] = {}
    numbers = {one.record.niss for one in joined}
    for each in seen:
        if each.holder is not None and each.holder.value in numbers:
            of_holder.setdefault(each.holder.text, []).append(each)
    found = [
        *rules.unlisted(problems),
        *rules.several_of_one(seen),
        *rules.same_key(seen),
        *revocation.silent(seen),
    ]
    for one in joined:
        found += rules.about_provider(one, of_holder, wish.environment)
        found += rules.record_findings(one, now, wish.types)
    found += rules.shared_keystores(joined)
    found += rules.unassigned(seen, [one.record for one in joined], frozenset(_owners(joined)))
    return found
