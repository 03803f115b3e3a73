"""Which types of organisations the platform certifies, and by which rules it takes their numbers.

The platform's own list decides; ours (`ehtoolkit.identity`) stands in where it cannot be had. Only requests that pass
the rules of the list are accepted (schema of CertRA v2), so a wrong number is better refused here. A number is
refused by rules that we can apply, and never because of one that we cannot: that is said instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certra_messages import OrganisationType
from ehtoolkit.ehealth.java_pattern import fits
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import IDENTIFIER_LENGTHS, PERSON_TYPE, Actor, Cbe, Identifier, Nihii
from ehtoolkit.procedures.parts import Parts

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
    """``types``: by their code, some perhaps newer than this program. ``live``: they are the platform's own list;
    False: it could not be had, and these are ours."""

    types: Mapping[str, OrganisationType]
    live: bool

    @classmethod
    def of_list(cls, listed: Iterable[OrganisationType]) -> OrganisationTypes:
        """The platform's list; the type of persons, should it be there, is left out."""
        return cls({one.type: one for one in listed if one.type != PERSON_TYPE}, live=True)

    @classmethod
    def of_ours(cls) -> OrganisationTypes:
        """What we know ourselves: types and lengths, the rules of their families, no names."""
        known = (OrganisationType(kind, {}, None, (), BASE_SERVICES) for kind in IDENTIFIER_LENGTHS)
        return cls({one.type: one for one in known if one.type != PERSON_TYPE}, live=False)

    @property
    def known(self) -> tuple[str, ...]:
        """The types that this program can ask a certificate for."""
        return tuple(kind for kind in self.types if kind in IDENTIFIER_LENGTHS)

    def name(self, kind: str, texts: Translator) -> str:
        """What people call a type, in their language where the platform or we have it, else in one of the
        platform's, else the code itself."""
        names = self.types[kind].names if kind in self.types else {}
        if names.get(texts.language):
            return names[texts.language]
        ours = f"actors.type.{kind}"
        if texts.has(ours):
            return texts.get(ours)
        return next((names[one] for one in ("fr", "nl", *names) if names.get(one)), kind)

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
        """Those of ours that the list allows for a type, in our order; all of them where nobody says."""
        if not self.live or kind not in self.types:
            return BASE_SERVICES
        allowed = {one.casefold() for one in self.types[kind].base_services}
        return tuple(one for one in BASE_SERVICES if one in allowed)


def organisation_types(parts: Parts) -> OrganisationTypes:
    """The platform's list; ours when the platform does not answer, or answers with something else."""
    try:
        return OrganisationTypes.of_list(parts.platform.certra.get_generic_organization_types())
    except errors.PlatformError:
        return OrganisationTypes.of_ours()


def base_services_of(actor: Actor, parts: Parts) -> tuple[str, ...]:
    """The base services that a certificate of ``actor`` may be made known to: all for a person."""
    if actor.identifier.is_person:
        return BASE_SERVICES
    return organisation_types(parts).base_services(actor.identifier.type)


def _check_public_digits(identifier: Identifier) -> None:
    """The rule of CBE, NIHII and NIHII11 numbers holds whatever a list says."""
    if identifier.type in _FAMILIES:
        Identifier.parse(identifier.text)


def _check_listed_digits(identifier: Identifier, algorithms: tuple[str, ...]) -> bool:
    """Whether the check digits were looked at: the number passes when it passes one of the algorithms, so that it
    can only be refused when we know them all.

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
