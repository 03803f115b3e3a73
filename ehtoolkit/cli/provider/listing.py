"""``provider list`` and ``show``: the records of the registry and their findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_brief, print_findings
from ehtoolkit.cli.help.command import command
from ehtoolkit.cli.options import ENVIRONMENT
from ehtoolkit.cli.provider.records import WHO
from ehtoolkit.cli.provider.registry_session import RegistrySession, is_fine, open_registry_session
from ehtoolkit.cli.table import Cell, TableCell, TableColumn, print_table
from ehtoolkit.cli.terminal import echo
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.providers import Period, Provider
from ehtoolkit.providers.provider import describe_assignment
from ehtoolkit.system.text_safety import printable


@command(ENVIRONMENT)
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--findings", is_flag=True)
def list_providers(session: Session, words: tuple[str, ...], findings: bool) -> int:
    with open_registry_session(session) as at:
        found: Iterable[Provider] = at.registry.search(" ".join(words)) if words else at.registry.providers()
        if session.options.as_json:
            described = [at.describe(record) for record in found]
            fine = all(
                finding["severity"] != Severity.ERROR
                for record in described
                for finding in record["findings"]
            )
            session.print_json({"providers": described})
        else:
            fine = _print_list(at, found, findings=findings)
    return 0 if fine or not findings else 1


def _print_list(at: RegistrySession, records: Iterable[Provider], *, findings: bool) -> bool:
    texts, count, wrong = at.session.texts, 0, list[tuple[Provider, tuple[Finding, ...]]]()

    def rows() -> Iterator[Sequence[Cell]]:
        nonlocal count
        for record in records:
            count += 1
            about = at.findings(record) if findings else ()
            if any(finding.severity is not Severity.OK for finding in about):
                wrong.append((record, about))
            yield _row(at, record, about)

    columns = (
        TableColumn("#", 3),
        TableColumn(texts.get("registry.column.name"), 14),
        TableColumn(texts.get("registry.column.types"), 10, 3),
        TableColumn(texts.get("registry.column.niss"), 11, 2),
        TableColumn(texts.get("registry.column.practice"), 12, 4, cut=True),
        TableColumn(texts.get("registry.column.keystore"), 16, 1),
    )
    print_table(columns, rows())
    for record, about in wrong:
        echo(f"#{record.id}  {printable(record.full_name)}")
        print_findings(at.session, (finding for finding in about if finding.severity is not Severity.OK))
    if not count:
        at.session.print_text("cli.provider.none")
    return all(is_fine(about) for _, about in wrong)


def _row(at: RegistrySession, record: Provider, about: Sequence[Finding]) -> Sequence[Cell]:
    """Return the row of a record in the table. ``about``: what was found of the record; empty if that was not asked
    for."""
    name = f"{record.name} {record.first_names}".strip()
    worst = min((finding.severity for finding in about), key=lambda severity: severity.rank, default=None)
    return (
        f"#{record.id}",
        name if worst is None else TableCell(name, worst),
        _types(at, record),
        record.niss,
        record.practice,
        _certificate(at, record),
    )


@command(ENVIRONMENT)
@WHO
def show(session: Session, who: str) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        history = at.registry.history(record.id or 0)
        if session.options.as_json:
            value = {
                **at.describe(record),
                "history": [describe_assignment(assignment) for assignment in history],
            }
            session.print_json(value)
        else:
            _tell(at, record)
            for assignment in history[1 if record.keystore else 0 :]:
                facts = {
                    "file": printable(assignment.path),
                    "start": assignment.assigned_at,
                    "end": assignment.ended_at,
                }
                echo("  " + session.texts.get("cli.provider.formerly", **facts))
        return 0 if is_fine(at.findings(record)) else 1


def _tell(at: RegistrySession, record: Provider) -> None:
    texts = at.session.texts
    echo(line(at, record))
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
    columns = [f"{number}.", f"{period.start:%d/%m/%Y} – {end}", _type_name(period.type, texts), period.inami]
    if period.conventioned is not None:
        columns.append(
            f"{texts.get('registry.column.conventioned')}: {texts.get(f'registry.conventioned.{period.conventioned}')}"
        )
    return "  ".join(part for part in columns if part)


def line(at: RegistrySession, record: Provider) -> str:
    """Return a record on one line: number, name, types, NISS, the certificate."""
    name = f"{record.name} {record.first_names}".strip()
    columns = (f"#{record.id}", name, _types(at, record), record.niss, _certificate(at, record))
    return printable("  ".join(part for part in columns if part))


def _types(at: RegistrySession, record: Provider) -> str:
    return ", ".join(_type_name(kind, at.session.texts) for kind in record.types)


def _type_name(kind: str, texts: Translator) -> str:
    key = f"registry.type.{kind}"
    return texts.get(key) if texts.has(key) else kind


def _certificate(at: RegistrySession, record: Provider) -> str:
    texts, keystore = at.session.texts, record.keystore
    if keystore is None:
        return texts.get("cli.provider.certificate.none")
    if keystore.not_after is None:
        return texts.get("cli.provider.certificate.unread")
    state = "over" if keystore.not_after < at.now else "until"
    return texts.get(f"cli.provider.certificate.{state}", date=keystore.not_after)
