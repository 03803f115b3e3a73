"""``provider list``: the records of the registry, and their findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from ehtoolkit.cli.findings import print_findings
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.record_lines import certificate_of, types_of
from ehtoolkit.cli.provider.registry_session import RegistrySession, is_fine, open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.table import Cell, TableCell, TableColumn, print_table
from ehtoolkit.cli.terminal import echo
from ehtoolkit.finding import Finding, Severity
from ehtoolkit.providers import Provider
from ehtoolkit.system.text_safety import printable


@click.command("list", cls=LocalisedCommand)
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@click.option("--findings", is_flag=True)
@shared(ENVIRONMENT)
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
            session.result({"providers": described}, "cli.provider.none")
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
        at.session.result({}, "cli.provider.none")
    return all(is_fine(about) for _, about in wrong)


def _row(at: RegistrySession, record: Provider, about: Sequence[Finding]) -> Sequence[Cell]:
    """Return the row of a record in the table. ``about``: what was found of the record; empty if that was not asked
    for."""
    name = f"{record.name} {record.first_names}".strip()
    worst = min((finding.severity for finding in about), key=lambda severity: severity.rank, default=None)
    return (
        f"#{record.id}",
        name if worst is None else TableCell(name, worst),
        types_of(at, record),
        record.niss,
        record.practice,
        certificate_of(at, record),
    )
