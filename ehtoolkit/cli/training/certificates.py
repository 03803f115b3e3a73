"""``training certificates``: the certificates of the training platform."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.table import Cell, TableColumn, print_table

if TYPE_CHECKING:
    from ehtoolkit.training.service.certificate_view import PlatformCertificate


@click.command(cls=LocalisedCommand)
@shared()
def certificates(session: Session) -> int:
    found = session.training.certificates()
    if session.options.as_json:
        session.result(
            {"certificates": [_describe_certificate(certificate) for certificate in found]},
            "cli.training.people",
        )
        return 0
    get, rows = session.texts.get, list[Sequence[Cell]]()
    for certificate in found:
        holder = ",".join(filter(None, (certificate.identifier.text, certificate.application_id)))
        rows.append(
            (
                f"{certificate.holder}, {holder}",
                f"{certificate.status}, ETK {certificate.token_status}{_when(session, certificate)}",
                certificate.key_id,
            )
        )
    columns = (
        TableColumn(get("export.column.holder"), 16),
        TableColumn(get("export.column.standing"), 20),
        TableColumn(get("registry.column.key_id"), 12),
    )
    print_table(columns, rows)
    if not found:
        session.result({}, "cli.training.no_certificates")
    return 0


def _describe_certificate(certificate: PlatformCertificate) -> dict[str, Any]:
    values = {field.name: getattr(certificate, field.name) for field in dataclasses.fields(certificate)}
    return {**values, "identifier": certificate.identifier.text}


def _when(session: Session, certificate: PlatformCertificate) -> str:
    """Return the one date that matters now, after a comma: when the certificate ends, or when it is due. For a
    certificate that is withheld, return that it is; for a refused one, empty text."""
    get = session.texts.get
    if certificate.withheld:
        return ", " + get("cli.training.certificate.withheld")
    if certificate.not_after is not None:
        return ", " + get("cli.training.certificate.until", until=certificate.not_after)
    if certificate.refused_at is None:
        return ", " + get("cli.training.certificate.due", due=certificate.deliver_at)
    return ""
