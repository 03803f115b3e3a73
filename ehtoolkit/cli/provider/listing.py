"""``provider list`` and ``show``: the records of the registry and their findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import click

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_brief, print_findings
from ehtoolkit.cli.options import ENVIRONMENT
from ehtoolkit.cli.provider.records import WHO
from ehtoolkit.cli.provider.registry_session import RegistrySession, is_fine, open_registry_session, problems
from ehtoolkit.cli.table import Cell, TableCell, TableColumn, print_table
from ehtoolkit.cli.terminal import echo
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Period, Provider
from ehtoolkit.providers.provider import describe_assignment
from ehtoolkit.system.text_safety import printable


@dataclass(frozen=True, slots=True)
class _Examined:
    """A record with its findings; without them where they were not asked for."""

    record: Provider
    findings: tuple[Finding, ...]

    def name(self) -> Cell:
        worst = min(self.findings, key=lambda finding: finding.severity.rank, default=None)
        name = _name(self.record)
        return name if worst is None else TableCell(name, worst.severity)


@command(ENVIRONMENT)
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--findings", is_flag=True)
def list_providers(session: Session, words: tuple[str, ...], findings: bool) -> int:
    with open_registry_session(session) as at:
        found: Iterable[Provider] = at.registry.search(" ".join(words)) if words else at.registry.providers()
        if session.options.as_json:
            described = [at.describe(record) for record in found]
            found_severities = (finding["severity"] for record in described for finding in record["findings"])
            fine = Severity.ERROR not in found_severities
            session.print_json({"providers": described})
        else:
            fine = _print_list(at, found, findings=findings)
    return 0 if fine or not findings else 1


def _print_list(at: RegistrySession, records: Iterable[Provider], *, findings: bool) -> bool:
    get, wrong = at.session.texts.get, list[_Examined]()

    def rows() -> Iterator[_Examined]:
        for record in records:
            row = _Examined(record, at.findings(record) if findings else ())
            if problems(row.findings):
                wrong.append(row)
            yield row

    columns: Sequence[TableColumn[_Examined]] = (
        TableColumn("#", lambda row: f"#{row.record.id}", 3),
        TableColumn(get("registry.column.name"), _Examined.name, 14),
        TableColumn(get("registry.column.types"), lambda row: _types(at, row.record), 10, 3),
        TableColumn(get("registry.column.niss"), lambda row: row.record.niss, 11, 2),
        TableColumn(get("registry.column.practice"), lambda row: row.record.practice, 12, 4, cut=True),
        TableColumn(
            get("registry.column.keystore"), lambda row: _certificate(at, row.record, "listed"), 20, 1
        ),
    )
    if not print_table(columns, rows()):
        at.session.print_text("cli.provider.none")
    for row in wrong:
        echo(f"#{row.record.id}  {printable(row.record.full_name)}")
        print_findings(at.session, problems(row.findings))
    return all(is_fine(row.findings) for row in wrong)


@command(ENVIRONMENT)
@WHO
def show(session: Session, who: str) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        history = at.registry.history(record.id or 0)
        if session.options.as_json:
            past = list(map(describe_assignment, history))
            session.print_json({**at.describe(record), "history": past})
        else:
            _tell(at, record)
            for assignment in history[1 if record.keystore else 0 :]:
                start, end = assignment.assigned_at, assignment.ended_at
                facts = {"file": assignment.path, "start": start, "end": end}
                echo("  " + session.texts.get("cli.provider.formerly", **facts))
        return 0 if is_fine(at.findings(record)) else 1


def _tell(at: RegistrySession, record: Provider) -> None:
    texts = at.session.texts
    line = (f"#{record.id}", _name(record), _types(at, record), record.niss, _certificate(at, record))
    echo(printable("  ".join(filter(None, line))))
    for name in ("birth_date", "language", "inami", "recognition_number", "enterprise_number", "practice"):
        value = getattr(record, name)
        if value:
            shown = texts.date(value) if name == "birth_date" else value
            echo(f"  {texts.get(f'registry.column.{name}')}: {printable(str(shown))}")
    for number, period in enumerate(record.periods, start=1):
        echo("  " + _period(at, number, period))
    if record.keystore is not None:
        echo(f"  {texts.get('registry.column.keystore')}: {printable(record.keystore.path)}")
    print_brief(at.session, at.findings(record))


def _period(at: RegistrySession, number: int, period: Period) -> str:
    texts = at.session.texts
    end = f"{period.end:%d/%m/%Y}" if period.end is not None else "…"
    words = [f"{number}.", f"{period.start:%d/%m/%Y} – {end}", _type_name(period.type, texts), period.inami]
    if period.conventioned is not None:
        conventioned = texts.get(f"registry.conventioned.{period.conventioned}")
        words.append(f"{texts.get('registry.column.conventioned')}: {conventioned}")
    return "  ".join(filter(None, words))


def _name(record: Provider) -> str:
    return f"{record.name} {record.first_names}".strip()


def _types(at: RegistrySession, record: Provider) -> str:
    return ", ".join(_type_name(kind, at.session.texts) for kind in record.types)


def _type_name(kind: str, texts: Translator) -> str:
    key = f"registry.type.{kind}"
    return texts.get(key) if texts.has(key) else kind


def _certificate(at: RegistrySession, record: Provider, form: str = "certificate") -> str:
    """Return how long the certificate of a record is valid. ``form``: ``listed`` for a cell of a table."""
    texts, keystore = at.session.texts, record.keystore
    if keystore is None:
        return texts.get("cli.provider.certificate.none")
    end = keystore.not_after
    if end is None:
        return texts.get(f"cli.provider.{form}.unread")
    state = "over" if end < at.now else "until"
    return texts.get(f"cli.provider.{form}.{state}", date=texts.short_date(end) if form == "listed" else end)
