"""An organisation that a certificate is asked for: whether its number and application id will do, asked of the
platform before anything is signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ehtoolkit import errors
from ehtoolkit.ehealth.certra_messages import ActorQualities, NamedOrganisation
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.keystore.diagnosis import Severity
from ehtoolkit.procedures.application_ids import ApplicationIds, application_ids
from ehtoolkit.procedures.notice import Notice, about_ids
from ehtoolkit.procedures.organisation_types import OrganisationTypes, Rule, organisation_types
from ehtoolkit.procedures.parts import Parts


@dataclass(frozen=True, slots=True)
class Checked:
    """What an organisation was held against. ``unapplied``: rules of the platform's list that we cannot apply."""

    types: OrganisationTypes
    unapplied: frozenset[Rule]
    ids: ApplicationIds

    def notices(self, organisation: str) -> Iterator[Notice]:
        """What was not held against anything, and whether there is room for another certificate."""
        for rule in sorted(self.unapplied):
            yield Notice(f"unapplied_{rule}", Severity.INFO)
        if not self.types.live:
            yield Notice("types_offline", Severity.WARNING)
        yield from about_ids(organisation, self.ids)


def check_organisation(
    name: DistinguishedName, parts: Parts, *, even_if_taken: bool = False
) -> Checked | None:
    """Hold number and application id against what the platform says today; None for a person, who passes.

    Not for renewals, whose application id is in use, by the certificate that they replace. Raises
    `errors.IdentifierInvalid` and, unless ``even_if_taken``, `errors.ApplicationIdTaken`.
    """
    if name.identifier.is_person:
        return None
    types = organisation_types(parts)
    unapplied = types.check(name.identifier)
    ids = application_ids(name.identifier, parts)
    if not even_if_taken:
        ids.require_free(name.application_id)
    return Checked(types, unapplied, ids)


def identifier_of(organisation: NamedOrganisation) -> Identifier | None:
    """Type and number of a listed organisation; None where this program does not know the type, or not so."""
    try:
        return Identifier(organisation.type, organisation.number)
    except errors.IdentifierInvalid:
        return None


def identifiers_of(qualities: ActorQualities) -> tuple[Identifier, ...]:
    """The organisations that somebody may act for, as far as this program knows their types."""
    found = (identifier_of(one) for one in qualities.organisations)
    return tuple(identifier for identifier in found if identifier is not None)
