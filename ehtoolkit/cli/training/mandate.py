"""``training mandate``: let a training person act for an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.training.arguments import ON_OFF

if TYPE_CHECKING:
    from ehtoolkit.identity import Identifier
    from ehtoolkit.training.state.invented_people import TrainingOrganisation


@click.command(cls=LocalisedCommand)
@click.argument("person")
@click.argument("organisation", metavar="TYPE=ID")
@click.argument("state", type=ON_OFF)
@click.option("--name")
@shared()
def mandate(session: Session, person: str, organisation: str, state: str, name: str | None) -> int:
    from ehtoolkit.identity import Identifier

    person = session.training.person(person).name
    found = _organisation(session, Identifier.parse(organisation), name)
    session.training.set_mandate(person, found, granted=state == "on")
    value = {"person": person, "organisation": found.identifier.text, "held": state == "on"}
    session.result(value, f"cli.training.mandate.{state}", person=person, organisation=found.identifier.text)
    return 0


def _organisation(session: Session, identifier: Identifier, name: str | None) -> TrainingOrganisation:
    """Return the organisation with the name given, or the one that it has in the training register.

    Raises `errors.IdentifierInvalid`, `errors.OptionMissing`, `errors.DistinguishedNameInvalid`.
    """
    from ehtoolkit.identity import DistinguishedName
    from ehtoolkit.training.state.invented_people import TrainingOrganisation

    if identifier.is_person:
        raise errors.IdentifierInvalid(kind="identifier", reason="type")
    if name is not None:
        organisation = TrainingOrganisation(identifier, name, name)
        DistinguishedName.for_organisation(organisation.organisation)
        return organisation
    found = session.training.organisation(identifier)
    if found is None:
        raise errors.OptionMissing(option="--name", reason="needed")
    return found
