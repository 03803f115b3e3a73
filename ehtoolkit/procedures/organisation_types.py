"""The types of organisations: the platform's list, or ours, and its rules for numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ehtoolkit import errors
from ehtoolkit.ehealth.certra import OrganisationType
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import PERSON_TYPE, Identifier
from ehtoolkit.identity.actor import IDENTIFIER_LENGTHS, NUMBER_KINDS
from ehtoolkit.identity.numbers import parse_number
from ehtoolkit.procedures.context import Context

BASE_SERVICES: Final = ("tsa", "consultrn", "codage", "other")
"""The base services of eHealth that a new certificate can be made known to."""

_KNOWN_ALGORITHM: Final = "97"
"""In the name of every algorithm that is the one of `NUMBER_KINDS`. The names themselves are not public."""


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
    def of_list(cls, listed: Iterable[OrganisationType], *, live: bool = True) -> OrganisationTypes:
        """Return the types of a list; that of persons, should it be there, is left out."""
        return cls({each.type: each for each in listed if each.type != PERSON_TYPE}, live)

    @classmethod
    def of_ours(cls) -> OrganisationTypes:
        """Return what we know ourselves: types and lengths, the rules of their families, no names."""
        known = (OrganisationType(kind, {}, None, (), BASE_SERVICES) for kind in IDENTIFIER_LENGTHS)
        return cls.of_list(known, live=False)

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
        if identifier.type in NUMBER_KINDS:  # the rule of its check digits holds whatever the list says
            Identifier.parse(identifier.text)
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


def _check_listed_digits(identifier: Identifier, algorithms: tuple[str, ...]) -> bool:
    """Return whether the check digits were looked at: the number passes when it passes one of the algorithms, so that
    it can only be refused when we know them all.

    Raises `errors.IdentifierInvalid` (reason ``check_digits``).
    """
    kind = NUMBER_KINDS.get(identifier.type.partition("-")[0])  # of NIHII-PHARMACY as of NIHII
    if kind is None:
        return False
    try:
        parse_number(kind, identifier.value)
    except errors.IdentifierInvalid as error:
        if all(_KNOWN_ALGORITHM in name for name in algorithms):
            raise errors.IdentifierInvalid(kind=kind, reason="check_digits") from error
        return False
    return True


# ── Patterns for numbers, in Java's syntax ───────────────────────────────────────────────────────────────
LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 16
"""Characters of a text that is judged: numbers have eleven digits at most."""

_ATOM: Final = r"(?:\\d|[0-9A-Za-z]|\[(?:\\d|[0-9A-Za-z](?:-[0-9A-Za-z])?)+\])"
_APPLIED: Final = re.compile(rf"\^?(?:{_ATOM}(?:\{{[0-9]{{1,4}}(?:,[0-9]{{0,4}})?\}}|[?*+])?(?![?*+{{]))*\$?")
"""Letters, digits and classes of them, each with a count: ``[0-9]{8}``. Java and Python read these the same."""
_OPEN_COUNT: Final = re.compile(r",[0-9]*\}|[?*+]")
_OPEN_COUNTS: Final = 5
"""Open counts in a pattern that is applied: Python tries every way to divide a text among them."""


def fits(pattern: str, text: str) -> bool | None:
    """Return whether the whole ``text`` fits, as Java's `String.matches` decides.

    None if that is not known: the pattern is of another kind or too long, or the text is not printable ASCII or is
    longer than `LONGEST_TEXT`.
    """
    if len(pattern) > LONGEST_PATTERN or len(text) > LONGEST_TEXT:
        return None
    if not (_APPLIED.fullmatch(pattern) and text.isascii() and text.isprintable()):
        return None
    if len(_OPEN_COUNT.findall(pattern)) > _OPEN_COUNTS:
        return None
    try:
        return re.fullmatch(pattern, text, re.ASCII) is not None
    except re.error:  # a range or a count that ends before it begins
        return None
