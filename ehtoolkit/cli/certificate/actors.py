"""``certificate actors``: for whom the card's holder may ask certificates, and why not."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit.cli.findings import print_findings
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD, PLATFORM
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo
from ehtoolkit.finding import describe_finding

if TYPE_CHECKING:
    from ehtoolkit.i18n import Translator
    from ehtoolkit.procedures.eligibility import EligibleActors, ListedOrganisation
    from ehtoolkit.procedures.organisation_types import OrganisationTypes


@click.command(cls=LocalisedCommand)
@click.option("--types", "with_types", is_flag=True)
@shared(CARD, PLATFORM)
def actors(session: Session, with_types: bool) -> int:
    """Show for whom the card's holder may ask certificates. Returns 0 when there is a person or an organisation to ask
    for, else 1."""
    from ehtoolkit.card.port import CardKey
    from ehtoolkit.procedures.eligibility import fetch_eligible_actors

    with closing(session.toolkit.open_card()) as card:
        pin = session.pin_prompt(card)(CardKey.AUTHENTICATION)
        found = fetch_eligible_actors(card, pin, session.toolkit.context)
    session.warn_of_clock()
    if session.options.as_json:
        session.result(_describe(found, session.texts), "cli.actors.shown")
    else:
        _print(session, found)
        if with_types:
            _print_types(found.types, session.texts)
    return 0 if found.natural_person or found.organisations else 1


def _describe(found: EligibleActors, texts: Translator) -> dict[str, Any]:
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
    from ehtoolkit.procedures.eligibility import LIMIT

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


def _print(session: Session, found: EligibleActors) -> None:
    texts = session.texts
    echo(texts.get(f"cli.actors.myself.{'yes' if found.natural_person else 'no'}"))
    for organisation in found.organisations:
        name, kind = organisation.name(texts.language), found.types.name(organisation.listed.type, texts)
        echo(texts.get("cli.actors.organisation", identifier=organisation.text, name=name, type=kind))
        if organisation.application_ids.known:
            echo(_used(organisation, texts))
    print_findings(session, found.notices(texts.language), indent=0)


def _used(organisation: ListedOrganisation, texts: Translator) -> str:
    from ehtoolkit.procedures.eligibility import LIMIT

    used = organisation.application_ids.used
    if not used:
        return texts.get("cli.actors.unused", limit=LIMIT)
    ids = ", ".join(texts.get("cli.actors.no_application_id") if name is None else name for name in used)
    return texts.get("cli.actors.used", used=len(set(used)), limit=LIMIT, ids=ids)


def _print_types(types: OrganisationTypes, texts: Translator) -> None:
    echo(texts.get("cli.actors.types"))
    for kind in types.known:
        echo(f"  {kind:<24} {types.name(kind, texts)}")
