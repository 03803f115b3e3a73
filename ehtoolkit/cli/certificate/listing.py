"""``certificate actors`` and ``list``: what the platform knows of the card's holder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from ehtoolkit.card.port import Card, PinPrompt
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_findings
from ehtoolkit.cli.options import CARD, PLATFORM
from ehtoolkit.cli.table import TableCell, TableColumn, print_table
from ehtoolkit.cli.terminal import echo
from ehtoolkit.clock import brussels_day
from ehtoolkit.finding import Severity, describe_finding
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.action_places import place_of
from ehtoolkit.procedures.allowed_holders import (
    LIMIT,
    EligibleActors,
    ListedOrganisation,
    fetch_eligible_actors,
)
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.organisation_types import OrganisationTypes
from ehtoolkit.procedures.state.certificate_list import ListedCertificate, list_certificates

Found = TypeVar("Found")


@command(CARD, PLATFORM)
@click.option("--types", "with_types", is_flag=True)
def actors(session: Session, with_types: bool) -> int:
    """Show for whom the card's holder may ask certificates. Returns 0 when there is a person or an organisation to ask
    for, else 1."""
    found = _ask_platform(session, fetch_eligible_actors)
    if session.options.as_json:
        session.print_json(_describe_actors(found, session.texts))
    else:
        _print_actors(session, found)
        if with_types:
            _print_types(found.types, session.texts)
    return 0 if found.natural_person or found.organisations else 1


def _ask_platform(session: Session, ask: Callable[[Card, PinPrompt, Context], Found]) -> Found:
    """Return what ``ask`` gets from the platform in the name of the card's holder."""
    with session.open_card() as (card, pin):
        found = ask(card, pin, session.toolkit.context)
    session.warn_of_clock()
    return found


def _describe_actors(found: EligibleActors, texts: Translator) -> dict[str, Any]:
    types = found.types
    return {
        "natural_person": found.natural_person,
        "organisations": [
            _describe_organisation(organisation, types, texts) for organisation in found.organisations
        ],
        "types_live": types.live,
        "types": [
            {
                "type": organisation_type.type,
                "name": types.name(organisation_type.type, texts),
                "pattern": organisation_type.pattern,
                "check_digits": list(organisation_type.check_digits),
                "base_services": list(types.base_services(organisation_type.type)),
                "supported": organisation_type.type in types.known,
            }
            for organisation_type in types.types.values()
        ],
        "findings": [describe_finding(notice, texts) for notice in found.notices(texts.language)],
    }


def _describe_organisation(
    organisation: ListedOrganisation, types: OrganisationTypes, texts: Translator
) -> dict[str, Any]:
    """Return an organisation as JSON has it. ``application_ids`` is null where the platform did not say; a null among
    them is a certificate without application id."""
    ids = organisation.application_ids
    return {
        "holder": f"{organisation.listed.type}={organisation.listed.number}",
        "type": organisation.listed.type,
        "number": organisation.listed.number,
        "name": organisation.name(texts.language),
        "names": dict(organisation.listed.names),
        "type_name": types.name(organisation.listed.type, texts),
        "application_ids": list(ids.used) if ids.known else None,
        "limit": LIMIT,
        "room": ids.room,
        "supported": organisation.identifier is not None,
    }


def _print_actors(session: Session, found: EligibleActors) -> None:
    texts = session.texts
    echo(texts.get(f"cli.actors.myself.{'yes' if found.natural_person else 'no'}"))
    for organisation in found.organisations:
        name, kind = organisation.name(texts.language), found.types.name(organisation.listed.type, texts)
        echo(texts.get("cli.actors.organisation", identifier=organisation.text, name=name, type=kind))
        if organisation.application_ids.known:
            echo(_used(organisation, texts))
    print_findings(session, found.notices(texts.language), indent=0)


def _used(organisation: ListedOrganisation, texts: Translator) -> str:
    used = organisation.application_ids.used
    if not used:
        return texts.get("cli.actors.unused", limit=LIMIT)
    ids = ", ".join(texts.get("cli.actors.no_application_id") if name is None else name for name in used)
    return texts.get("cli.actors.used", used=len(set(used)), limit=LIMIT, ids=ids)


def _print_types(types: OrganisationTypes, texts: Translator) -> None:
    echo(texts.get("cli.actors.types"))
    for kind in types.known:
        echo(f"  {kind:<24} {types.name(kind, texts)}")


@command(CARD, PLATFORM)
def list_holdings(session: Session) -> None:
    found = _ask_platform(session, list_certificates)
    if found and not (session.options.as_json or session.options.verbose):
        print_table(_columns(session.texts), found)
        return
    value = {"certificates": [_describe(certificate) for certificate in found]}
    session.result_lines(
        value, (line for listed in found for line in _lines(listed, session)), "cli.list.none"
    )


def _columns(texts: Translator) -> Sequence[TableColumn[ListedCertificate]]:
    """Return the columns of the table: a certificate's holder, its state, its end, what comes next, and what it is
    revoked by (its files and its key identifier)."""
    get = texts.get

    def state(listed: ListedCertificate) -> TableCell:
        waits = place_of(listed.next) is not None
        severity = Severity.INFO if listed.state.is_over else Severity.WARNING if waits else Severity.OK
        return TableCell(get(f"cli.list.state.{listed.state}"), severity)

    def command(listed: ListedCertificate) -> str | None:
        place = place_of(listed.next)
        return None if place is None else place.command

    def files(listed: ListedCertificate) -> str:
        archived = (f"archive/{path.name}" for path in listed.archived)
        return "; ".join((*(path.name for path in listed.files), *archived))

    return (
        TableColumn(get("export.column.holder"), lambda listed: ", ".join(_names(listed)), 16),
        TableColumn(get("export.column.state"), state, 12),
        TableColumn(get("export.column.not_after"), lambda listed: brussels_day(listed.not_after), 10),
        TableColumn(get("export.column.next"), command, 12),
        TableColumn(get("export.column.file"), files, 20, 2),
        TableColumn(get("registry.column.key_id"), lambda listed: listed.key_id, 20, 1),
    )


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
        "state": certificate.state,
        "next": certificate.next,
        "status": info.status,
        "etk_status": info.etk_status,
        "automatically_validated": info.automatically_validated,
        "requested_at": info.requested_at,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "replaceable": info.replaceable,
        "replaceable_from": info.replaceable_from,
        "revocable": certificate.revocable,
        "keystore": certificate.file,
        "keystores": certificate.files,
        "archived": certificate.archived,
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
