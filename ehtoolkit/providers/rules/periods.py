"""The INAMI periods of a record: each by itself, neighbours, and whether one covers today.

Services refuse a provider whose register has no number for today (symptoms of trainees whose new number is not there
yet), so what matters most is today; overlaps and gaps are old sins that come back with old attestations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from ehtoolkit.finding import Finding, Topic
from ehtoolkit.providers.provider import Period, Provider, TypeTable
from ehtoolkit.providers.rules.numbers import HEAD, RECORDS, expected, fits, type_word, what_is_wrong

_DAY: Final = timedelta(days=1)
_PERIODS: Final = RECORDS.about(Topic.PERIOD)
error, warning, due, info, ok = (
    _PERIODS.error,
    _PERIODS.warning,
    _PERIODS.due,
    _PERIODS.info,
    _PERIODS.ok,
)

Numbered = tuple[int, Period]
"""A period with its place in the record, from 1."""


def periods(record: Provider, today: date, types: TypeTable, due_within: timedelta) -> Iterator[Finding]:
    by_type: dict[str, list[Numbered]] = defaultdict(list)
    for numbered in enumerate(record.periods, start=1):
        yield from _findings_of_type(numbered, types)
        by_type[numbered[1].type].append(numbered)
    for kind in dict.fromkeys((*record.types, *by_type)):
        straight = sorted(
            ((place, period) for place, period in by_type.get(kind, ()) if not _backwards(period)),
            key=lambda numbered: (numbered[1].start, numbered[1].end or date.max),
        )
        yield from _consecutive(straight)
        yield from _today(kind, straight, today)
        yield from _ends(kind, straight, today, due_within)
    yield from _against_main(record, today)


def _backwards(period: Period) -> bool:
    return period.end is not None and period.end < period.start


def _holds(period: Period) -> bool:
    """Return whether its number is one: what follows from a wrong number is said of the number itself."""
    return bool(period.inami) and what_is_wrong(period.inami) is None


def _findings_of_type(numbered: Numbered, types: TypeTable) -> Iterator[Finding]:
    place, period = numbered
    if period.end is not None and period.end < period.start:
        yield error("period_backwards", period=place, start=period.start, end=period.end)
    if not period.inami:
        yield error("period_number_missing", period=place)
        return
    match what_is_wrong(period.inami):
        case "form":
            yield error("period_form", period=place, number=period.inami)
            return
        case "check_digits":
            given, right = period.inami[6:HEAD], expected(period.inami)
            yield error(
                "period_check_digits", period=place, head=period.inami[:6], given=given, expected=right
            )
    if not fits(period.inami, period.type, types):
        yield warning("period_other_type", period=place, number=period.inami, type=type_word(period.type))
    if len(period.inami) == HEAD:
        yield warning("competence_missing", period=place)


def _consecutive(ordered: Sequence[Numbered]) -> Iterator[Finding]:
    """Yield findings about overlaps of a period with the one before that lasts longest, gaps, and numbers that
    change."""
    if not ordered:
        return
    longest = ordered[0]
    for (_, before), current in pairwise(ordered):
        place, period = current
        reach = longest[1].end
        if reach is None or period.start <= reach:
            last = min(day for day in (reach, period.end, date.max) if day is not None)
            if last == date.max:
                yield warning("periods_overlap_open", first=longest[0], second=place, start=period.start)
            else:
                yield warning("periods_overlap", first=longest[0], second=place, start=period.start, end=last)
        elif reach + _DAY < period.start:
            yield info(
                "periods_gap", first=longest[0], second=place, start=reach + _DAY, end=period.start - _DAY
            )
        if _holds(before) and _holds(period) and before.inami[:HEAD] != period.inami[:HEAD]:
            yield warning(
                "number_changes", period=place, before=before.inami[:HEAD], after=period.inami[:HEAD]
            )
        if (period.end or date.max) >= (reach or date.max):
            longest = current


def _today(kind: str, ordered: Sequence[Numbered], today: date) -> Iterator[Finding]:
    covering = [numbered_period for numbered_period in ordered if numbered_period[1].covers(today)]
    if covering:
        place, period = covering[-1]
        yield ok("period_today", period=place, start=period.start)
        return
    to_come = [period.start for _, period in ordered if period.start > today]
    over = [period.end for _, period in ordered if period.end is not None and period.end < today]
    if not ordered:
        yield warning("period_none", type=type_word(kind))
    elif to_come:
        yield error("period_to_come", type=type_word(kind), start=min(to_come))
    else:
        yield error("period_over", type=type_word(kind), end=max(over))


def _ends(kind: str, ordered: Sequence[Numbered], today: date, due_within: timedelta) -> Iterator[Finding]:
    """Yield that the period of today ends soon, when none follows without a gap. One that follows counts in its place:
    what ends is the last of them."""
    last: Numbered | None = None
    for place, period in ordered:
        if last is None:
            last = (place, period) if period.covers(today) else None
        elif last[1].end is not None and period.start - last[1].end <= _DAY:
            last = max(last, (place, period), key=lambda numbered: numbered[1].end or date.max)
    if last is None or last[1].end is None:
        return
    place, end = last[0], last[1].end
    days = (end - today).days
    if days <= due_within // _DAY:
        yield due("period_ends", type=type_word(kind), period=place, end=end, days=days).about(until=end)


def _against_main(record: Provider, today: date) -> Iterator[Finding]:
    """Yield a finding where the record's main number differs from the numbers of today: one of them should be it."""
    now = [period.inami for period in record.periods if _holds(period) and period.covers(today)]
    if not record.inami or not now or record.inami in now:
        return
    alike = [number for number in now if number[:HEAD] == record.inami[:HEAD]]
    if not alike:
        yield warning("inami_not_of_today", number=record.inami, other=now[0])
    elif len(record.inami) > HEAD and len(alike[0]) > HEAD:
        yield warning("competence_differs", code=record.inami[HEAD:], other=alike[0][HEAD:])
