"""Check an organisation before a request: number, type, application id, by the platform's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certra_messages import ActorQualities, NamedOrganisation, OrganisationType
from ehtoolkit.ehealth.java_pattern import fits
from ehtoolkit.finding import Finding, FindingFactory
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import (
    IDENTIFIER_LENGTHS,
    PERSON_TYPE,
    Actor,
    Cbe,
    DistinguishedName,
    Identifier,
    Nihii,
)
from ehtoolkit.procedures.context import Context

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


def identifier_of(organisation: NamedOrganisation) -> Identifier | None:
    """Return type and number of a listed organisation; None where this program does not know the type, or not so."""
    try:
        return Identifier(organisation.type, organisation.number)
    except errors.IdentifierInvalid:
        return None


def identifiers_of(qualities: ActorQualities) -> tuple[Identifier, ...]:
    """Return the organisations that someone may act for, as far as this program knows their types."""
    found = (identifier_of(organisation) for organisation in qualities.organisations)
    return tuple(identifier for identifier in found if identifier is not None)


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


# ── Types of organisations ───────────────────────────────────────────────────────────────────────────────
BASE_SERVICES: Final = ("tsa", "consultrn", "codage", "other")
"""The base services of eHealth that a new certificate can be made known to."""

_FAMILIES: Final[Mapping[str, tuple[str, Callable[[str], Cbe | Nihii]]]] = MappingProxyType(
    {"CBE": ("cbe", Cbe.parse), "NIHII": ("nihii", Nihii.parse), "NIHII11": ("nihii", Nihii.parse)}
)
"""What a type begins with, before the dash: numbers of these families have check digits whose rule is public."""
_KNOWN_ALGORITHM: Final = "97"
"""In the name of every algorithm that is the one of these families. The names themselves are not public."""


class Rule(StrEnum):
    """What a number is held against."""

    PATTERN = "pattern"
    CHECK_DIGITS = "check_digits"


@dataclass(frozen=True, slots=True)
class OrganisationTypes:
    """The types of organisations.

    Attributes:
        types: by their code, some perhaps newer than this program.
        live: they are the platform's own list; False: it could not be had, and these are ours.
    """

    types: Mapping[str, OrganisationType]
    live: bool

    @classmethod
    def of_list(cls, listed: Iterable[OrganisationType]) -> OrganisationTypes:
        """Return the platform's list; the type of persons, should it be there, is left out."""
        return cls(
            {
                organisation_type.type: organisation_type
                for organisation_type in listed
                if organisation_type.type != PERSON_TYPE
            },
            live=True,
        )

    @classmethod
    def of_ours(cls) -> OrganisationTypes:
        """Return what we know ourselves: types and lengths, the rules of their families, no names."""
        known = (OrganisationType(kind, {}, None, (), BASE_SERVICES) for kind in IDENTIFIER_LENGTHS)
        return cls({each.type: each for each in known if each.type != PERSON_TYPE}, live=False)

    @property
    def known(self) -> tuple[str, ...]:
        """The types that this program can ask a certificate for."""
        return tuple(kind for kind in self.types if kind in IDENTIFIER_LENGTHS)

    def name(self, kind: str, texts: Translator) -> str:
        """Return what people call a type, in their language where the platform or we have it, else in one of the
        platform's, else the code itself."""
        names = self.types[kind].names if kind in self.types else {}
        if names.get(texts.language):
            return names[texts.language]
        ours = f"actors.type.{kind}"
        if texts.has(ours):
            return texts.get(ours)
        return next((names[name] for name in ("fr", "nl", *names) if names.get(name)), kind)

    def check(self, identifier: Identifier) -> frozenset[Rule]:
        """Hold a number, whose form is right, against the rules of its type.

        Returns the rules of the list that could not be applied: a pattern that we do not read, check digits of an
        unknown kind. Raises `errors.IdentifierInvalid`: reason ``unlisted``, ``pattern`` or ``check_digits``.
        """
        kind = self.types.get(identifier.type)
        if kind is None:
            raise errors.IdentifierInvalid(kind="identifier", reason="unlisted")
        _check_public_digits(identifier)
        unapplied = set()
        if kind.pattern is not None:
            fitting = fits(kind.pattern, identifier.value)
            if fitting is False:
                raise errors.IdentifierInvalid(kind="identifier", reason="pattern")
            if fitting is None:
                unapplied.add(Rule.PATTERN)
        if kind.check_digits and not _check_listed_digits(identifier, kind.check_digits):
            unapplied.add(Rule.CHECK_DIGITS)
        return frozenset(unapplied)

    def base_services(self, kind: str) -> tuple[str, ...]:
        """Return those of our base services that the list allows for a type, in our order; without a list, or for an
        unknown type, all."""
        if not self.live or kind not in self.types:
            return BASE_SERVICES
        allowed = {service.casefold() for service in self.types[kind].base_services}
        return tuple(service for service in BASE_SERVICES if service in allowed)

    def allowed_services(self, kind: str) -> tuple[str, ...] | None:
        """Return `base_services`; None when the list is not the platform's own, and so only a guess."""
        return self.base_services(kind) if self.live else None


def organisation_types(context: Context) -> OrganisationTypes:
    """Return the platform's list; ours when the platform does not answer, or answers with something else."""
    try:
        return OrganisationTypes.of_list(context.platform.certra.get_generic_organization_types())
    except errors.PlatformError:
        return OrganisationTypes.of_ours()


def base_services_of(actor: Actor, context: Context) -> tuple[str, ...] | None:
    """Return the base services that a certificate of ``actor`` may be made known to: all for a person; None when the
    platform does not say which an organisation may name."""
    if actor.identifier.is_person:
        return BASE_SERVICES
    return organisation_types(context).allowed_services(actor.identifier.type)


def _check_public_digits(identifier: Identifier) -> None:
    """Check the number of a CBE, NIHII or NIHII11 by the rule of its check digits, which holds whatever a list says.
    Raises `errors.IdentifierInvalid`."""
    if identifier.type in _FAMILIES:
        Identifier.parse(identifier.text)


def _check_listed_digits(identifier: Identifier, algorithms: tuple[str, ...]) -> bool:
    """Return whether the check digits were looked at: the number passes when it passes one of the algorithms, so that
    it can only be refused when we know them all.

    Raises `errors.IdentifierInvalid` (reason ``check_digits``).
    """
    family = _FAMILIES.get(identifier.type.partition("-")[0])
    if family is None:
        return False
    kind, parse = family
    try:
        parse(identifier.value)
    except errors.IdentifierInvalid as error:
        if all(_KNOWN_ALGORITHM in name for name in algorithms):
            raise errors.IdentifierInvalid(kind=kind, reason="check_digits") from error
        return False
    return True
