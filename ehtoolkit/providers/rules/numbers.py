"""The numbers of a record: their form, their check digits, and what they tell of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from ehtoolkit import errors
from ehtoolkit.finding import Finding, FindingFactory, MessageKey, Urgency
from ehtoolkit.identity import Cbe, Nihii, Niss
from ehtoolkit.identity.numbers import check_digits_of
from ehtoolkit.providers.provider import Provider, TypeTable

HEAD: Final = 8
"""Digits of an INAMI number that stay for a whole career; the competence code follows."""


def numbers(record: Provider, types: TypeTable) -> Iterator[Finding]:
    yield from _niss(record)
    if record.inami:
        yield from _main_number(record, types)
    else:
        yield warning("inami_missing")
    yield from _enterprise(record)
    if not record.types:
        yield warning("type_missing")


def fits(number: str, kind: str, types: TypeTable) -> bool:
    """Return whether a provider of this type may have a number that begins so; of a type without a rule, any."""
    beginnings = types.get(kind, ())
    return not beginnings or number.startswith(tuple(beginnings))


def what_is_wrong(number: str, parse: Callable[[str], object] = Nihii.parse) -> str | None:
    """Return what is wrong with an INAMI number, or one of ``parse``, ``form`` or ``check_digits``; None for one that
    holds."""
    try:
        parse(number)
    except errors.IdentifierInvalid as refused:
        return "check_digits" if refused.reason == "check_digits" else "form"
    return None


def expected(number: str) -> str:
    """Return the check digits that the first six digits of an INAMI number ask for, in words: ``53`` or ``53 / 45``."""
    return " / ".join(check_digits_of(number[:6]))


def _niss(record: Provider) -> Iterator[Finding]:
    if not record.niss:
        yield error("niss_missing")
        return
    try:
        born = Niss.parse(record.niss).birth_date
    except errors.IdentifierInvalid as refused:
        match refused.reason:
            case "check_digits":
                yield error("niss_check_digits", number=record.niss)
            case "date":
                yield error("niss_date", number=record.niss)
            case _:
                yield error("niss_form", number=record.niss, length=len(record.niss))
        return
    if born is not None and record.birth_date not in (None, born):
        yield warning("birth_date_differs", date=record.birth_date or born, other=born)


def _main_number(record: Provider, types: TypeTable) -> Iterator[Finding]:
    match what_is_wrong(record.inami):
        case "form":
            yield error("inami_form", number=record.inami)
            return
        case "check_digits":
            given, right = record.inami[6:HEAD], expected(record.inami)
            yield error("inami_check_digits", number=record.inami, given=given, expected=right)
    if record.types and not any(fits(record.inami, kind, types) for kind in record.types):
        yield warning("inami_other_type", number=record.inami)


def _enterprise(record: Provider) -> Iterator[Finding]:
    number = record.enterprise_number
    wrong = what_is_wrong(number, Cbe.parse) if number else None
    if wrong == "check_digits":
        yield warning("enterprise_check_digits", number=number)
    elif wrong is not None:
        yield warning("enterprise_form", number=number)


# ── Findings about a record ──────────────────────────────────────────────────────────────────────────────
CATALOGUE: Final = "registry"


RECORDS: Final = FindingFactory(CATALOGUE, errors=Urgency.SOON)
"""Of records: an error in one is to be corrected, and stops no work."""
error, warning = RECORDS.error, RECORDS.warning


def type_word(kind: str) -> MessageKey:
    return MessageKey(f"{CATALOGUE}.type.{kind}")
