"""``provider show``: a record, its periods and keystores, and its findings."""

from __future__ import annotations

import click

from ehtoolkit.cli.findings import print_brief
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO
from ehtoolkit.cli.provider.record_lines import certificate_of, types_of
from ehtoolkit.cli.provider.registry_session import RegistrySession, is_fine, open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.providers import Period, Provider
from ehtoolkit.providers.provider import describe_assignment
from ehtoolkit.system.text_safety import printable


@click.command(cls=LocalisedCommand)
@WHO
@shared(ENVIRONMENT)
def show(session: Session, who: str) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        history = at.registry.history(record.id or 0)
        if session.options.as_json:
            value = {
                **at.describe(record),
                "history": [describe_assignment(assignment) for assignment in history],
            }
            session.result(value, "cli.provider.none")
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
    kind = (
        texts.get(f"registry.type.{period.type}")
        if texts.has(f"registry.type.{period.type}")
        else period.type
    )
    end = f"{period.end:%d/%m/%Y}" if period.end is not None else "…"
    columns = [f"{number}.", f"{period.start:%d/%m/%Y} – {end}", kind, period.inami]
    if period.conventioned is not None:
        columns.append(
            f"{texts.get('registry.column.conventioned')}: {texts.get(f'registry.conventioned.{period.conventioned}')}"
        )
    return "  ".join(part for part in columns if part)


def line(at: RegistrySession, record: Provider) -> str:
    """Return a record on one line: number, name, types, NISS, the certificate."""
    name = f"{record.name} {record.first_names}".strip()
    columns = (f"#{record.id}", name, types_of(at, record), record.niss, certificate_of(at, record))
    return printable("  ".join(part for part in columns if part))
