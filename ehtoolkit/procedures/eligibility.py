"""Eligible actors: the card's holder and organisations for which certificates may be requested, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ehtoolkit.card.port import Card
from ehtoolkit.ehealth.certra_messages import ActorQualities, NamedOrganisation
from ehtoolkit.finding import Finding
from ehtoolkit.identity import Identifier
from ehtoolkit.procedures.checks.preconditions import ask_qualities
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.organisation import (
    ACTORS,
    ApplicationIds,
    OrganisationTypes,
    about_ids,
    application_ids,
    identifier_of,
    organisation_types,
)
from ehtoolkit.secret import Secret

ASKED_ABOUT: Final = 20
"""Organisations whose application ids are asked for at once; who has more chooses first."""
ENTERPRISE: Final = "CBE"
INSTITUTION: Final = "NIHII"


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    """An organisation that the platform lists for the card's holder, with the application ids in use there."""

    listed: NamedOrganisation
    application_ids: ApplicationIds

    @property
    def text(self) -> str:
        """``TYPE=NUMBER``."""
        return f"{self.listed.type}={self.listed.number}"

    @property
    def identifier(self) -> Identifier | None:
        """Type and number; None for a type that is newer than this program, which cannot ask for it then."""
        return identifier_of(self.listed)

    def name(self, language: str) -> str:
        """Return the organisation's name in ``language``, else in French or Dutch, else in whatever there is, else
        ``TYPE=NUMBER``."""
        names = self.listed.names
        return next((names[name] for name in (language, "fr", "nl", *names) if names.get(name)), self.text)


@dataclass(frozen=True, slots=True)
class EligibleActors:
    """What may be asked for.

    Attributes:
        qualities: in the platform's words.
        types: its rules for numbers.
    """

    qualities: ActorQualities
    organisations: tuple[ListedOrganisation, ...]
    types: OrganisationTypes

    @property
    def natural_person(self) -> bool:
        """Whether the registers know the holder as a provider of care, so that he may ask for himself."""
        return self.qualities.natural_person

    def organisation(self, text: str) -> ListedOrganisation | None:
        """Return the listed organisation ``TYPE=NUMBER``; None when it is not listed."""
        return next((organisation for organisation in self.organisations if organisation.text == text), None)

    def notices(self, language: str) -> Iterator[Finding]:
        """Yield what the holder has to know: why he, or an organisation, is not there; what is scarce or not known.
        ``language``: that of the names."""
        if not self.natural_person:
            yield ACTORS.warning("not_qualified")
        if not self.organisations:
            yield from no_actor_reasons()
        listed = [organisation.listed.type for organisation in self.organisations]
        if ENTERPRISE in listed and not any(kind.startswith(INSTITUTION) for kind in listed):
            yield ACTORS.info("enterprise_only")
        for organisation in self.organisations[:ASKED_ABOUT]:
            yield from _about(organisation, language)
        if not self.types.live:
            yield ACTORS.warning("types_offline")


def fetch_eligible_actors(card: Card, pin: Secret | None, context: Context) -> EligibleActors:
    """Ask the platform, with the first PIN, for whom the card's holder may ask, by which rules, and what is in use
    there.

    Raises what the card raises, and `errors.PlatformError` when the first question has no answer; the others do
    without one.
    """
    return eligible_actors(ask_qualities(card, pin, context), context)


def eligible_actors(qualities: ActorQualities, context: Context) -> EligibleActors:
    """Return for whom the card's holder may ask, by what the platform said of the holder already (``qualities``); by
    which rules, and what is in use there, is asked for now, without a PIN."""
    return EligibleActors(qualities, tuple(_with_ids(qualities, context)), organisation_types(context))


def no_actor_reasons() -> tuple[Finding, ...]:
    """Return why the platform lists no organisation: the causes that practice knows, the likeliest first."""
    causes = ("no_organisation", "not_appointed", "not_registered", "other_number")
    return tuple(ACTORS.info(key) for key in causes)


def _with_ids(qualities: ActorQualities, context: Context) -> Iterator[ListedOrganisation]:
    """Yield each organisation with the application ids in use; of a platform that once did not say, nothing more is
    asked."""
    left = ASKED_ABOUT
    for organisation in qualities.organisations:
        identifier, ids = identifier_of(organisation), ApplicationIds(known=False)
        if identifier is not None and left:
            ids = application_ids(identifier, context)
            left = left - 1 if ids.known else 0
        yield ListedOrganisation(organisation, ids)


def _about(listed: ListedOrganisation, language: str) -> Iterator[Finding]:
    organisation = f"{listed.name(language)} ({listed.text})"
    if listed.identifier is None:
        yield ACTORS.warning("type_unknown", organisation=organisation, type=listed.listed.type)
    else:
        yield from about_ids(organisation, listed.application_ids)
