"""A record while it is typed: every field as text, what of it cannot be used, and what the rules say of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar, cast

from ehtoolkit import errors
from ehtoolkit.finding import Finding
from ehtoolkit.identity.numbers import bare
from ehtoolkit.providers import Period, Provider, examine_provider
from ehtoolkit.providers.provider import TypeTable
from ehtoolkit.providers.table_file import read_conventioned, read_date
from ehtoolkit.settings import LanguageName

FIELDS: Final = (
    *("name", "first_names", "birth_date", "niss", "inami"),
    *("recognition_number", "enterprise_number", "practice"),
)
COLUMNS: Final = ("type", "start", "end", "inami", "conventioned")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FieldError:
    """Something typed that cannot be kept. ``reason``: the key of its sentence below ``registry.row``; ``row``: of the
    periods, from 1, None for a field of the record."""

    field: str
    reason: str
    row: int | None = None


@dataclass
class ProviderForm:
    """``record``: as it is in the registry, or a new one. ``rows``: the periods, in the order in which they are
    shown."""

    record: Provider
    texts: dict[str, str] = field(default_factory=dict)
    language: str = ""
    types: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, record: Provider) -> ProviderForm:
        texts = {name: getattr(record, name) for name in FIELDS if name != "birth_date"}
        return cls(
            record,
            {**texts, "birth_date": _day(record.birth_date)},
            record.language or "",
            record.types,
            [_row(one) for one in record.periods],
        )

    @property
    def changed(self) -> bool:
        """Whether anything is typed that the registry does not have."""
        before = ProviderForm.of(self.record)
        return (self.texts, self.language, self.types, self.rows) != (
            before.texts,
            before.language,
            before.types,
            before.rows,
        )

    def add_row(self) -> None:
        """An empty period, of the default type, after the others."""
        self.rows.append({**dict.fromkeys(COLUMNS, ""), "type": self.types[0] if self.types else ""})

    def wrong(self) -> list[FieldError]:
        """What keeps the draft from being kept."""
        found: list[FieldError] = []
        if not self.texts["name"].strip():
            found.append(FieldError("name", "name"))
        _read(self.texts["birth_date"], read_date, FieldError("birth_date", "date"), found)
        for number, row in enumerate(self.rows, start=1):
            self._period(number, row, found)
        return found

    def filled(self) -> Provider:
        """The record that the draft makes; rows that are wrong are left out, so `wrong` comes first."""
        texts = {name: text.strip() for name, text in self.texts.items() if name != "birth_date"}
        texts |= {name: bare(texts[name]).upper() for name in ("niss", "inami", "enterprise_number")}
        return replace(
            self.record,
            birth_date=_read(self.texts["birth_date"], read_date, FieldError("birth_date", "date"), []),
            language=cast("LanguageName | None", self.language or None),
            types=self.types,
            periods=tuple(period for _, period in self._good_rows()),
            **cast("dict[str, Any]", texts),
        )

    def findings(self, now: datetime, types: TypeTable) -> tuple[Finding, ...]:
        """What the rules say of what can be used, with the numbers of the rows as they are shown."""
        places = [number for number, _ in self._good_rows()]
        return tuple(_moved(one, places) for one in examine_provider(self.filled(), now, types))

    def _good_rows(self) -> list[tuple[int, Period]]:
        rows = [(number, self._period(number, row, [])) for number, row in enumerate(self.rows, start=1)]
        return [(number, period) for number, period in rows if period is not None]

    def _period(self, number: int, row: Mapping[str, str], found: list[FieldError]) -> Period | None:
        """The period of a row; None, and why in ``found``, for one that cannot be kept."""
        before = len(found)
        start = _read(row["start"], read_date, FieldError("start", "date", number), found)
        end = _read(row["end"], read_date, FieldError("end", "date", number), found)
        conventioned = _read(
            row["conventioned"], read_conventioned, FieldError("conventioned", "conventioned", number), found
        )
        if not row["type"]:
            found.append(FieldError("type", "period_type", number))
        if start is None and not row["start"].strip():
            found.append(FieldError("start", "start", number))
        if start is None or len(found) > before:
            return None
        return Period(row["type"], start, end, bare(row["inami"]).upper(), conventioned)


def _read(text: str, read: Callable[[str], T], wrong: FieldError, found: list[FieldError]) -> T | None:
    try:
        return read(text)
    except (errors.InputInvalid, ValueError):
        found.append(wrong)
        return None


def _moved(finding: Finding, places: list[int]) -> Finding:
    """With the places of periods among all rows, in place of those among the good ones."""
    facts = dict(finding.facts)
    for name in ("period", "first", "second"):
        place = facts.get(name)
        if isinstance(place, int):
            facts[name] = places[place - 1]
    return replace(finding, facts=facts)


def _row(period: Period) -> dict[str, str]:
    return {
        "type": period.type,
        "start": _day(period.start),
        "end": _day(period.end),
        "inami": period.inami,
        "conventioned": "" if period.conventioned is None else str(period.conventioned),
    }


def _day(day: date | None) -> str:
    return "" if day is None else f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
