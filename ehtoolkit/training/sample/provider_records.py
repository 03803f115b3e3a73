"""The records of the forty providers, each with what is wrong with it. Dates go by the day on which they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Final

from ehtoolkit.identity.numbers import check_digits
from ehtoolkit.providers import Assignment, Conventioned, Period, Provider
from ehtoolkit.training.sample.practices import Member, inami_number

_CAREER_AT: Final = 23
"""The age at which a person begins to work under their number."""
_ELSEWHERE: Final = 900
"""Added to a place to make another number of the same profession."""


RecordFault = Callable[[Provider, Member, date], Provider]
"""Makes something wrong in the record of a provider, by the day on which it is made."""


def record_of(
    member: Member, fault: RecordFault | None, today: date, keystore: Assignment | None = None
) -> Provider:
    """Return the record of ``member``, with what is wrong with it. ``today``: in Belgium, by the training clock."""
    sound = Provider(
        name=member.name,
        first_names=member.first_names,
        birth_date=member.born,
        language=member.practice.language,
        niss=member.niss.digits,
        inami=member.inami,
        enterprise_number=member.practice.enterprise_number,
        practice=member.practice.name,
        types=(member.kind,),
        periods=(_Span().period_of(member, today),),
        keystore=keystore,
    )
    return sound if fault is None else fault(sound, member, today)


def is_of(record: Provider, member: Member) -> bool:
    """Return whether a record of the registry is this one's, also after it was corrected: his names are still his, and
    his NISS, his INAMI number or his practice. Someone else may have the same names."""
    if (record.name, record.first_names) != (member.name, member.first_names):
        return False
    same = (
        record.niss == member.niss.digits,
        record.inami == member.inami,
        record.practice == member.practice.name,
    )
    return any(same)


@dataclass(frozen=True, slots=True)
class _Span:
    """A period of a record.

    Attributes:
        begin, end: in days before the record is made. Without ``begin``, the period begins with the career; without
            ``end``, it is open.
        inami: the number in it, if it is not the provider's.
    """

    begin: int | None = None
    end: int | None = None
    inami: Callable[[Member], str] = attrgetter("inami")

    def period_of(self, member: Member, today: date) -> Period:
        career = date(member.born.year + _CAREER_AT, 10, 1)
        start = career if self.begin is None else today - timedelta(days=self.begin)
        end = None if self.end is None else today - timedelta(days=self.end)
        conventioned = Conventioned.YES if member.place % 3 else Conventioned.NO
        return Period(member.kind, start, end, self.inami(member), conventioned)


def _changed(make: Callable[[Provider, Member, date], dict[str, Any]]) -> RecordFault:
    """Return a function that makes a record with the fields that ``make`` returns."""
    return lambda record, member, today: replace(record, **make(record, member, today))


def _periods(*spans: _Span) -> RecordFault:
    """Return a function that makes a record with these periods."""

    def make(record: Provider, member: Member, today: date) -> Provider:
        return replace(record, periods=tuple(span.period_of(member, today) for span in spans))

    return make


def _next_digit(number: str, place: int) -> str:
    """Return ``number`` with another digit in ``place``: the next one."""
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"


def _in_month_13(niss: str) -> str:
    """Return a NISS of month 13, which belongs to no person, with the check digits that it would have."""
    head = f"{niss[:2]}13{niss[4:9]}"
    return head + check_digits(head)


def _typed(change: Callable[[str], str]) -> RecordFault:
    """Return a function that makes a record with a wrong INAMI number, in its periods too."""

    def make(record: Provider, _: Member, __: date) -> Provider:
        wrong = change(record.inami)
        periods = tuple(replace(period, inami=wrong) for period in record.periods)
        return replace(record, inami=wrong, periods=periods)

    return make


# ── What is wrong with a record ──────────────────────────────────────────────────────────────────────────
NISS_MISSING: Final = _changed(lambda *_: {"niss": ""})
NISS_CHECK_DIGITS: Final = _changed(lambda record, *_: {"niss": _next_digit(record.niss, 10)})
NISS_DATE: Final = _changed(lambda record, *_: {"niss": _in_month_13(record.niss)})
NISS_FORM: Final = _changed(lambda record, *_: {"niss": record.niss[:-2]})
BIRTH_DATE: Final = _changed(lambda _, member, __: {"birth_date": member.born + timedelta(days=1)})
IN_HASTE: Final = _changed(lambda *_: {"inami": "", "types": (), "periods": ()})
INAMI_FORM: Final = _typed(lambda number: number[:7])
INAMI_CHECK_DIGITS: Final = _typed(lambda number: _next_digit(number, 7))
OTHER_PROFESSION: Final = _changed(
    lambda _, member, __: {"inami": inami_number("physiotherapist", member.place)}
)
ENTERPRISE_FORM: Final = _changed(lambda record, *_: {"enterprise_number": record.enterprise_number[1:-1]})
ENTERPRISE_CHECK_DIGITS: Final = _changed(
    lambda record, *_: {"enterprise_number": _next_digit(record.enterprise_number, 9)}
)
NO_PERIOD: Final = _periods()
PERIOD_BACKWARDS: Final = _periods(_Span(begin=900, end=1265), _Span(begin=899))
PERIOD_WITHOUT_NUMBER: Final = _periods(_Span(inami=lambda _: ""))
PERIOD_OF_OTHER_PROFESSION: Final = _periods(
    _Span(end=366, inami=lambda member: inami_number("podiatrist", member.place)), _Span(begin=365)
)
WITHOUT_COMPETENCE: Final = _periods(_Span(inami=lambda member: member.inami[:8]))
OTHER_COMPETENCE: Final = _periods(_Span(inami=lambda member: f"{member.inami[:8]}003"))
OVERLAP: Final = _periods(_Span(end=200), _Span(begin=230, end=-40))
"""The second one ends soon."""
OVERLAP_OPEN: Final = _periods(_Span(), _Span(begin=400))
GAP: Final = _periods(_Span(end=500), _Span(begin=410))
NEW_NUMBER: Final = _periods(
    _Span(end=121),
    _Span(begin=120, inami=lambda member: inami_number(member.kind, member.place + _ELSEWHERE)),
)
TO_COME: Final = _periods(_Span(begin=-30))
OVER: Final = _periods(_Span(end=45))
