"""Whom a card's holder may request certificates for, or why not, and checks of an organisation before a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ehtoolkit import errors
from ehtoolkit.card.port import Card, PinSource
from ehtoolkit.ehealth.certra import ActorQualities, NamedOrganisation
from ehtoolkit.finding import Finding, FindingFactory
from ehtoolkit.identity import DistinguishedName, Identifier
from ehtoolkit.procedures.authorization import ask_qualities
from ehtoolkit.procedures.context import Context
from ehtoolkit.procedures.organisation_types import OrganisationTypes, Rule, organisation_types

ACTORS: Final = FindingFactory("actors")


@dataclass(frozen=True, slots=True)
class OrganisationCheck:
    """What an organisation was held against. ``unapplied``: rules of the platform's list that we cannot apply."""

    types: OrganisationTypes
    unapplied: frozenset[Rule]
    ids: ApplicationIds

    def notices(self, organisation: str) -> Iterator[Finding]:
        """Yield what was not held against anything, and whether there is room for another certificate."""
        for rule in sorted(self.unapplied):
            yield ACTORS.info(f"unapplied_{rule}")
        if not self.types.live:
            yield ACTORS.warning("types_offline")
        yield from about_ids(organisation, self.ids)


def check_organisation(
    name: DistinguishedName, context: Context, *, even_if_taken: bool = False
) -> OrganisationCheck | None:
    """Hold number and application id against what the platform says today; None for a person, who passes.

    Not for renewals, whose application id is in use, by the certificate that they replace. Raises
    `errors.IdentifierInvalid` and, unless ``even_if_taken``, `errors.ApplicationIdTaken`.
    """
    if name.identifier.is_person:
        return None
    types = organisation_types(context)
    unapplied = types.check(name.identifier)
    ids = application_ids(name.identifier, context)
    if not even_if_taken:
        ids.require_free(name.application_id)
    return OrganisationCheck(types, unapplied, ids)


# ── Application ids ──────────────────────────────────────────────────────────────────────────────────────
LIMIT: Final = 10
"""Certificates that an organisation may have; beyond, the platform may impose sanctions (conditions of use). That each
application id counts as one, for each type and number apart, is how we understand it."""
FEW_LEFT: Final = 2
"""From here on the limit is warned of."""


@dataclass(frozen=True, slots=True)
class ApplicationIds:
    """The application ids of an organisation.

    Attributes:
        used: those with a certificate now, in the platform's order; None among them: one without application id.
        known: False when the platform could not be asked, and nothing is known of them.
    """

    used: tuple[str | None, ...] = ()
    known: bool = True

    @property
    def named(self) -> tuple[str, ...]:
        """Those that are one."""
        return tuple(each for each in self.used if each is not None)

    @property
    def room(self) -> int | None:
        """How many certificates there may still be; None when that is not known."""
        return max(0, LIMIT - len(set(self.used))) if self.known else None

    @property
    def is_tight(self) -> bool:
        """Whether the limit is near, or reached."""
        return self.room is not None and self.room <= FEW_LEFT

    def require_free(self, application_id: str | None) -> None:
        """Raise `errors.ApplicationIdTaken` (reason ``none`` where there is no application id) for one in use.

        ``application_id``: normalised, as it will be in the certificate.
        """
        if application_id not in {None if each is None else each.upper() for each in self.used}:
            return
        if application_id is None:
            raise errors.ApplicationIdTaken(application_id="", reason="none")
        raise errors.ApplicationIdTaken(application_id=application_id)


def application_ids(organisation: Identifier, context: Context) -> ApplicationIds:
    """Ask the platform for the application ids of an organisation; anybody may, without a card. Not known when it does
    not say: a request that clashes is then refused by the platform itself."""
    try:
        return ApplicationIds(context.platform.certra.get_existing_application_ids(organisation))
    except errors.PlatformError:
        return ApplicationIds(known=False)


# ── Findings about an organisation ──────────────────────────────────────────────────────────────────────
def about_ids(organisation: str, ids: ApplicationIds) -> Iterator[Finding]:
    """Yield a warning when the room for another certificate is scarce, gone or not known. ``organisation``: what people
    call it."""
    if not ids.known:
        yield ACTORS.info("ids_unknown", organisation=organisation)
    elif ids.is_tight:
        key = "limit_near" if ids.room else "limit_reached"
        yield ACTORS.warning(key, organisation=organisation, used=len(set(ids.used)), limit=LIMIT)


# ── Eligible actors ──────────────────────────────────────────────────────────────────────────────────────
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
        return self.listed.identifier

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


def fetch_eligible_actors(card: Card, pin: PinSource, context: Context) -> EligibleActors:
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
        identifier, ids = organisation.identifier, ApplicationIds(known=False)
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
