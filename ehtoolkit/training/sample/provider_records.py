"""The records of the forty providers, each with what is wrong with it. Dates go by the day on which they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, cast

from ehtoolkit.identity.numbers import check_digits
from ehtoolkit.providers import Assignment, Conventioned, Period, Provider
from ehtoolkit.training.sample.members import Member, RecordFault, inami_number

_CAREER_AT: Final = 23
"""The age at which a person begins to work under their number."""
_ELSEWHERE: Final = 900
"""Added to a place to make another number of the same profession."""


def record_of(member: Member, today: date, keystore: Assignment | None = None) -> Provider:
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
        periods=(_period(member, _begin(member)),),
        keystore=keystore,
    )
    return sound if member.fault is None else _FAULTS[member.fault](sound, member, today)


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


def _period(member: Member, start: date, end: date | None = None, inami: str | None = None) -> Period:
    number = member.inami if inami is None else inami
    return Period(member.kind, start, end, number, Conventioned.YES if member.place % 3 else Conventioned.NO)


def _numbers(**wrong: Callable[[str], str]) -> Callable[[Provider, Member, date], Provider]:
    """Return a function that makes a record with some wrong numbers. ``wrong``: per field, what becomes of its
    number."""

    def make(record: Provider, _: Member, __: date) -> Provider:
        made = {name: change(getattr(record, name)) for name, change in wrong.items()}
        return replace(record, **cast("dict[str, Any]", made))

    return make


def _periods(
    make: Callable[[Member, date], tuple[Period, ...]],
) -> Callable[[Provider, Member, date], Provider]:
    """Return a function that makes a record with the periods that ``make`` returns."""
    return lambda record, member, today: replace(record, periods=make(member, today))


def _next_digit(number: str, place: int) -> str:
    """Return ``number`` with another digit in ``place``: the next one."""
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"


def _in_month_13(niss: str) -> str:
    """Return a NISS of month 13, which belongs to no person, with the check digits that it would have."""
    head = f"{niss[:2]}13{niss[4:9]}"
    return head + check_digits(head)


def _typed_short(record: Provider, _: Member, __: date) -> Provider:
    short = record.inami[:7]
    return replace(
        record, inami=short, periods=tuple(replace(period, inami=short) for period in record.periods)
    )


def _typed_wrong(record: Provider, _: Member, __: date) -> Provider:
    wrong = _next_digit(record.inami, 7)
    return replace(
        record, inami=wrong, periods=tuple(replace(period, inami=wrong) for period in record.periods)
    )


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _begin(member: Member) -> date:
    return date(member.born.year + _CAREER_AT, 10, 1)


_FAULTS: Final[Mapping[RecordFault, Callable[[Provider, Member, date], Provider]]] = MappingProxyType(
    {
        RecordFault.NISS_MISSING: _numbers(niss=lambda _: ""),
        RecordFault.NISS_CHECK_DIGITS: _numbers(niss=lambda niss: _next_digit(niss, 10)),
        RecordFault.NISS_DATE: _numbers(niss=_in_month_13),
        RecordFault.NISS_FORM: _numbers(niss=lambda niss: niss[:-2]),
        RecordFault.BIRTH_DATE: lambda record, member, _: replace(record, birth_date=member.born + _days(1)),
        RecordFault.IN_HASTE: lambda record, _, __: replace(record, inami="", types=(), periods=()),
        RecordFault.INAMI_FORM: _typed_short,
        RecordFault.INAMI_CHECK_DIGITS: _typed_wrong,
        RecordFault.OTHER_PROFESSION: lambda record, member, _: replace(
            record, inami=inami_number("physiotherapist", member.place)
        ),
        RecordFault.ENTERPRISE_FORM: _numbers(enterprise_number=lambda number: number[1:-1]),
        RecordFault.ENTERPRISE_CHECK_DIGITS: _numbers(
            enterprise_number=lambda number: _next_digit(number, 9)
        ),
        RecordFault.NO_PERIOD: _periods(lambda _, __: ()),
        RecordFault.PERIOD_BACKWARDS: _periods(
            lambda member, today: (
                _period(member, today - _days(900), today - _days(1265)),
                _period(member, today - _days(899)),
            )
        ),
        RecordFault.PERIOD_WITHOUT_NUMBER: _periods(
            lambda member, _: (_period(member, _begin(member), inami=""),)
        ),
        RecordFault.PERIOD_OF_OTHER_PROFESSION: _periods(
            lambda member, today: (
                _period(member, _begin(member), today - _days(366), inami_number("podiatrist", member.place)),
                _period(member, today - _days(365)),
            )
        ),
        RecordFault.WITHOUT_COMPETENCE: _periods(
            lambda member, _: (_period(member, _begin(member), inami=member.inami[:8]),)
        ),
        RecordFault.OTHER_COMPETENCE: _periods(
            lambda member, _: (_period(member, _begin(member), inami=f"{member.inami[:8]}003"),)
        ),
        RecordFault.OVERLAP: _periods(
            lambda member, today: (
                _period(member, _begin(member), today - _days(200)),
                _period(member, today - _days(230)),
            )
        ),
        RecordFault.OVERLAP_OPEN: _periods(
            lambda member, today: (
                _period(member, _begin(member)),
                _period(member, today - _days(400)),
            )
        ),
        RecordFault.GAP: _periods(
            lambda member, today: (
                _period(member, _begin(member), today - _days(500)),
                _period(member, today - _days(410)),
            )
        ),
        RecordFault.NEW_NUMBER: _periods(
            lambda member, today: (
                _period(member, _begin(member), today - _days(121)),
                _period(
                    member,
                    today - _days(120),
                    inami=inami_number(member.kind, member.place + _ELSEWHERE),
                ),
            )
        ),
        RecordFault.TO_COME: _periods(lambda member, today: (_period(member, today + _days(30)),)),
        RecordFault.OVER: _periods(
            lambda member, today: (_period(member, _begin(member), today - _days(45)),)
        ),
    }
)
