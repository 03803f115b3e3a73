"""``provider list``: who is in the registry, and whose record is not in order."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo
from ehtoolkit.cli.provider.registry_session import RegistrySession, is_fine, open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.finding import Severity
from ehtoolkit.providers import Provider


@click.command(
    "list", help="Who is in the registry; with WORDS, those in whose names or numbers all of them occur."
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
            fine = _tell(at, found, findings=findings)
    return 0 if fine or not findings else 1


def _tell(at: RegistrySession, records: Iterable[Provider], *, findings: bool) -> bool:
    fine, count = True, 0
    for one in records:
        count += 1
        echo(line(at, one))
        if findings:
            fine = is_fine(at.findings(one)) and fine
            at.tell_findings(one)
    if not count:
        at.session.result({}, "cli.provider.none")
    return fine


def line(at: RegistrySession, record: Provider) -> str:
    """Number, name, types, NISS, the certificate."""
    texts = at.session.texts
    types = ", ".join(
        texts.get(f"registry.type.{one}") if texts.has(f"registry.type.{one}") else one
        for one in record.types
    )
    keystore = record.keystore
    if keystore is None:
        certificate = texts.get("cli.provider.certificate.none")
    elif keystore.not_after is None:
        certificate = texts.get("cli.provider.certificate.unread")
    else:
        state = "over" if keystore.not_after < at.now else "until"
        certificate = texts.get(f"cli.provider.certificate.{state}", date=keystore.not_after)
    parts = (f"#{record.id}", f"{record.name} {record.first_names}".strip(), types, record.niss, certificate)
    return "  ".join(part for part in parts if part)
