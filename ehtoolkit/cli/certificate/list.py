"""``certificate list``: what the platform has for the card's holder, also where file or password are lost."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.table import Cell, TableCell, TableColumn, print_table
from ehtoolkit.cli.terminal import echo

if TYPE_CHECKING:
    from ehtoolkit.procedures.certificate_list import ListedCertificate


_COMMANDS: Final = {
    **{name: f"certificate {name}" for name in ("complete", "activate", "renew", "request")},
    "resume": "certificate request --resume",
}
"""What does the next step, by `ehtoolkit.procedures.result.NextAction`."""


@click.command("list", cls=LocalisedCommand)
@shared(CARD, PLATFORM)
def list_holdings(session: Session) -> int:
    from ehtoolkit.card.port import CardKey
    from ehtoolkit.procedures.certificate_list import list_certificates

    with closing(session.toolkit.open_card()) as card:
        pin = session.pin_prompt(card)(CardKey.AUTHENTICATION)
        found = list_certificates(card, pin, session.toolkit.context)
    session.warn_of_clock()
    if session.options.as_json:
        session.result({"certificates": [_describe(certificate) for certificate in found]}, "cli.list.shown")
        return 0
    if session.options.verbose:
        for certificate in found:
            echo("\n".join(_lines(certificate, session)))
    else:
        print_table(*_table(found, session))
    if not found:
        session.result({}, "cli.list.none")
    return 0


def _table(
    found: Sequence[ListedCertificate], session: Session
) -> tuple[Sequence[TableColumn], list[Sequence[Cell]]]:
    """Return the columns of the table of certificates and a row for each: its holder, its state, its end, what comes
    next, and what it is revoked by (its files and its key identifier)."""
    from ehtoolkit.finding import Severity
    from ehtoolkit.i18n import in_brussels

    get, rows = session.texts.get, list[Sequence[Cell]]()
    for certificate in found:
        name, identifier = _names(certificate)
        over = str(certificate.state) in {"revoked", "refused", "expired"}
        waits = str(certificate.next) in _COMMANDS
        severity = Severity.INFO if over else Severity.WARNING if waits else Severity.OK
        rows.append(
            (
                f"{name}, {identifier}",
                TableCell(get(f"cli.list.state.{certificate.state}"), severity),
                None if certificate.not_after is None else f"{in_brussels(certificate.not_after):%Y-%m-%d}",
                _COMMANDS.get(str(certificate.next)),
                "; ".join(
                    (
                        *(path.name for path in certificate.files),
                        *(f"archive/{path.name}" for path in certificate.archived),
                    )
                ),
                certificate.key_id,
            )
        )
    columns = (
        TableColumn(get("export.column.holder"), 16),
        TableColumn(get("export.column.standing"), 12),
        TableColumn(get("export.column.not_after"), 10),
        TableColumn(get("export.column.next"), 12),
        TableColumn(get("export.column.file"), 20, 2),
        TableColumn(get("registry.column.key_id"), 20, 1),
    )
    return columns, rows


def _names(certificate: ListedCertificate) -> tuple[str, str]:
    """Return the holder's name, and the holder's number with the application id."""
    holder = certificate.holder
    number = f"{holder.type}={holder.number}"
    identifier = number if holder.application_id is None else f"{number}, {holder.application_id}"
    # The first names that an organisation comes with are those of who asked for it.
    name = f"{holder.first_names} {holder.name}".strip() if holder.type == "SSIN" else holder.name
    return name, identifier


def _describe(certificate: ListedCertificate) -> dict[str, Any]:
    """Return a certificate as JSON has it. ``state`` and ``next`` are in our words, ``status`` and ``etk_status`` in
    the platform's; ``keystore`` is null when no file in the folder has the key; ``archived`` are those of its archive
    that do."""
    info, holder = certificate.info, certificate.holder
    return {
        "key_id": certificate.key_id,
        "holder": f"{holder.type}={holder.number}",
        "type": holder.type,
        "number": holder.number,
        "name": holder.name,
        "first_names": holder.first_names,
        "application_id": holder.application_id,
        "state": str(certificate.state),
        "next": None if certificate.next is None else str(certificate.next),
        "status": info.status,
        "etk_status": info.etk_status,
        "automatically_validated": info.automatically_validated,
        "requested_at": info.requested_at,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "replaceable": info.replaceable,
        "replaceable_from": info.replaceable_from,
        "revocable": certificate.revocable,
        "keystore": None if certificate.file is None else str(certificate.file),
        "keystores": [str(path) for path in certificate.files],
        "archived": [str(path) for path in certificate.archived],
    }


def _lines(certificate: ListedCertificate, session: Session) -> list[str]:
    get, info = session.texts.get, certificate.info
    name, identifier = _names(certificate)
    state = get(f"cli.list.state.{certificate.state}")
    lines = [get("cli.list.holder", name=name, identifier=identifier, state=state)]
    if certificate.not_after is None:
        lines.append(get("cli.list.asked", requested_at=info.requested_at))
    else:
        lines.append(
            get("cli.list.valid", not_before=certificate.not_before, not_after=certificate.not_after)
        )
    if info.replaceable:
        lines.append(get("cli.list.replaceable"))
    elif info.replaceable_from is not None and info.is_active:
        lines.append(get("cli.list.replaceable_from", date=info.replaceable_from))
    lines.append(get("cli.list.words", status=info.status, etk_status=info.etk_status))
    lines.append(get("cli.list.key", key_id=certificate.key_id))
    lines += [get("cli.list.file", file=path) for path in certificate.files]
    lines += [get("cli.list.archived", file=path) for path in certificate.archived]
    if not (certificate.files or certificate.archived):
        lines.append(get("cli.list.no_file", folder=session.settings.keystores))
    return lines
