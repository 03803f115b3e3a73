"""``provider show`` and ``provider list``: records, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from ehtoolkit.cli.findings import print_brief, print_findings
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.provider.fields import WHO
from ehtoolkit.cli.provider.registry_session import RegistrySession, is_fine, open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.table import Cell, TableCell, TableColumn, print_table
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.providers import Period, Provider
from ehtoolkit.providers.provider import describe_assignment
from ehtoolkit.system.text_safety import printable


@click.command(
    cls=LocalisedCommand,
    help="A record, its periods and keystores, and what is wrong. WHO: NISS, INAMI number, #ID, or words.",
)
@WHO
@shared
def show(session: Session, who: str) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        history = at.registry.history(record.id or 0)
        if session.options.as_json:
            value = {**at.describe(record), "history": [describe_assignment(one) for one in history]}
            session.result(value, "cli.provider.none")
        else:
            _tell(at, record)
            for one in history[1 if record.keystore else 0 :]:
                facts = {"file": printable(one.path), "start": one.assigned_at, "end": one.ended_at}
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
    for number, one in enumerate(record.periods, start=1):
        echo("  " + _period(at, number, one))
    if record.keystore is not None:
        echo(f"  {texts.get('registry.column.keystore')}: {printable(record.keystore.path)}")
    print_brief(at.session, at.findings(record))


def _period(at: RegistrySession, number: int, one: Period) -> str:
    texts = at.session.texts
    kind = texts.get(f"registry.type.{one.type}") if texts.has(f"registry.type.{one.type}") else one.type
    end = f"{one.end:%d/%m/%Y}" if one.end is not None else "…"
    parts = [f"{number}.", f"{one.start:%d/%m/%Y} – {end}", kind, one.inami]
    if one.conventioned is not None:
        parts.append(
            f"{texts.get('registry.column.conventioned')}: {texts.get(f'registry.conventioned.{one.conventioned}')}"
        )
    return "  ".join(part for part in parts if part)


# ── provider list ────────────────────────────────────────────────────────────────────────────────────────
@click.command(
    "list",
    cls=LocalisedCommand,
    help="Who is in the registry; with WORDS, those in whose names or numbers all of them occur.",
)
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--findings", is_flag=True, help="What is wrong, too; exit code 1 when something is.")
@shared
def list_providers(session: Session, words: tuple[str, ...], findings: bool) -> int:
    with open_registry_session(session) as at:
        found: Iterable[Provider] = at.registry.search(" ".join(words)) if words else at.registry.providers()
        if session.options.as_json:
            described = [at.describe(one) for one in found]
            fine = all(one["severity"] != Severity.ERROR for each in described for one in each["findings"])
            session.result({"providers": described}, "cli.provider.none")
        else:
            fine = _print_list(at, found, findings=findings)
    return 0 if fine or not findings else 1


def _print_list(at: RegistrySession, records: Iterable[Provider], *, findings: bool) -> bool:
    texts, count, wrong = at.session.texts, 0, list[tuple[Provider, tuple[Finding, ...]]]()

    def rows() -> Iterator[Sequence[Cell]]:
        nonlocal count
        for one in records:
            count += 1
            about = at.findings(one) if findings else ()
            if any(each.severity is not Severity.OK for each in about):
                wrong.append((one, about))
            yield _row(at, one, about)

    columns = (
        TableColumn("#", 3),
        TableColumn(texts.get("registry.column.name"), 14),
        TableColumn(texts.get("registry.column.types"), 10, 3),
        TableColumn(texts.get("registry.column.niss"), 11, 2),
        TableColumn(texts.get("registry.column.practice"), 12, 4, cut=True),
        TableColumn(texts.get("registry.column.keystore"), 16, 1),
    )
    print_table(columns, rows())
    for one, about in wrong:
        echo(f"#{one.id}  {printable(one.full_name)}")
        print_findings(at.session, (each for each in about if each.severity is not Severity.OK))
    if not count:
        at.session.result({}, "cli.provider.none")
    return all(is_fine(about) for _, about in wrong)


def _row(at: RegistrySession, record: Provider, about: Sequence[Finding]) -> Sequence[Cell]:
    """Return the row of a record in the table. ``about``: what was found of the record; empty if that was not asked
    for."""
    name = f"{record.name} {record.first_names}".strip()
    worst = min((one.severity for one in about), key=lambda one: one.rank, default=None)
    return (
        f"#{record.id}",
        name if worst is None else TableCell(name, worst),
        _types(at, record),
        record.niss,
        record.practice,
        _certificate(at, record),
    )


def line(at: RegistrySession, record: Provider) -> str:
    """Return a record on one line: number, name, types, NISS, the certificate."""
    name = f"{record.name} {record.first_names}".strip()
    parts = (f"#{record.id}", name, _types(at, record), record.niss, _certificate(at, record))
    return printable("  ".join(part for part in parts if part))


def _types(at: RegistrySession, record: Provider) -> str:
    texts = at.session.texts
    return ", ".join(
        texts.get(f"registry.type.{one}") if texts.has(f"registry.type.{one}") else one
        for one in record.types
    )


def _certificate(at: RegistrySession, record: Provider) -> str:
    texts, keystore = at.session.texts, record.keystore
    if keystore is None:
        return texts.get("cli.provider.certificate.none")
    if keystore.not_after is None:
        return texts.get("cli.provider.certificate.unread")
    state = "over" if keystore.not_after < at.now else "until"
    return texts.get(f"cli.provider.certificate.{state}", date=keystore.not_after)
