"""A record while it is typed: every field as text, what of it cannot be used, and what the rules say of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, TypeVar, cast

from ehtoolkit import errors
from ehtoolkit.clock import format_day
from ehtoolkit.finding import Finding
from ehtoolkit.identity.numbers import bare, format_number
from ehtoolkit.providers import Period, Provider, examine_provider
from ehtoolkit.providers.provider import PLAIN_FIELDS, TEXT_FIELDS, TypeTable
from ehtoolkit.providers.table_file import read_conventioned, read_date
from ehtoolkit.settings import LanguageName

FIELDS: Final = tuple(name for name in PLAIN_FIELDS if name != "language")
"""Those that are typed."""
COLUMNS: Final = ("type", "start", "end", "inami", "conventioned")

_KINDS: Final = {"niss": "niss", "inami": "nihii", "enterprise_number": "cbe"}
"""The fields that are numbers with check digits."""
_AHEAD: Final = 20
"""How many years from now a year of two digits may mean, for the end of a period."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FieldError:
    """Something typed that cannot be kept.

    Attributes:
        reason: the key of its sentence below ``registry.row``.
        row: of the periods, from 1, None for a field of the record.
    """

    field: str
    reason: str
    row: int | None = None


@dataclass
class ProviderForm:
    """A record while it is edited.

    Attributes:
        record: as it is in the registry, or a new one.
        year: in which it is typed, for years of two digits.
        rows: the periods, in the order in which they are shown.
    """

    record: Provider
    year: int
    texts: dict[str, str] = field(default_factory=dict)
    language: str = ""
    types: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, record: Provider, year: int) -> ProviderForm:
        texts = {name: getattr(record, name) for name in TEXT_FIELDS}
        texts |= {name: format_number(kind, texts[name]) for name, kind in _KINDS.items()}
        return cls(
            record,
            year,
            {**texts, "birth_date": format_day(record.birth_date)},
            record.language or "",
            record.types,
            [_row(period) for period in record.periods],
        )

    @property
    def changed(self) -> bool:
        """Whether anything is typed that the registry does not have."""
        return self != ProviderForm.of(self.record, self.year)

    def written(self, name: str, text: str) -> str:
        """Return what was typed into the field ``name`` as it is shown as soon as one leaves it: a number in its
        groups, a day with the whole year; what cannot be read stays as it is."""
        try:
            if name in ("start", "end"):
                return format_day(self._period_day(text))
            if name == "birth_date":
                return format_day(self._birth_date(text))
        except errors.RecordInvalid:
            return text
        return format_number(_KINDS[name], text) if name in _KINDS else text

    def _birth_date(self, text: str) -> date | None:
        return read_date(text, self.year)

    def _period_day(self, text: str) -> date | None:
        return read_date(text, self.year + _AHEAD)

    def add_row(self) -> None:
        """Add an empty period after the others, of the record's first type where it has one."""
        self.rows.append({**dict.fromkeys(COLUMNS, ""), "type": self.types[0] if self.types else ""})

    def wrong(self) -> list[FieldError]:
        """Return what keeps the draft from being kept."""
        return self._parsed()[2]

    def filled(self) -> Provider:
        """Return the record that the draft makes; rows that are wrong are left out, so `wrong` comes first."""
        return self._parsed()[0]

    def findings(self, now: datetime, types: TypeTable) -> tuple[Finding, ...]:
        """Return what the rules say of what can be used, with the numbers of the rows as they are shown."""
        record, places, _ = self._parsed()
        return tuple(_moved(finding, places) for finding in examine_provider(record, now, types))

    def _parsed(self) -> tuple[Provider, list[int], list[FieldError]]:
        """Return the record that the draft makes, the numbers of the rows that are its periods, and what is wrong."""
        wrong = [] if self.texts["name"].strip() else [FieldError("name", "name")]
        born = _read(self.texts["birth_date"], self._birth_date, FieldError("birth_date", "date"), wrong)
        rows = [(number, self._period(number, row, wrong)) for number, row in enumerate(self.rows, start=1)]
        texts = {name: self.texts[name].strip() for name in TEXT_FIELDS}
        texts |= {name: bare(texts[name]).upper() for name in _KINDS}
        record = replace(
            self.record,
            birth_date=born,
            language=cast("LanguageName | None", self.language or None),
            types=self.types,
            periods=tuple(period for _, period in rows if period is not None),
            **cast("dict[str, Any]", texts),
        )
        return record, [number for number, period in rows if period is not None], wrong

    def _period(self, number: int, row: Mapping[str, str], found: list[FieldError]) -> Period | None:
        """Return the period of a row; None, and why in ``found``, for one that cannot be kept."""
        before = len(found)
        start = _read(row["start"], self._period_day, FieldError("start", "date", number), found)
        end = _read(row["end"], self._period_day, FieldError("end", "date", number), found)
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
    """Return ``finding`` with the places of periods among all rows, in place of those among the good ones."""
    facts = dict(finding.facts)
    for name in ("period", "first", "second"):
        place = facts.get(name)
        if isinstance(place, int):
            facts[name] = places[place - 1]
    return replace(finding, facts=facts)


def _row(period: Period) -> dict[str, str]:
    return {
        "type": period.type,
        "start": format_day(period.start),
        "end": format_day(period.end),
        "inami": format_number("nihii", period.inami),
        "conventioned": "" if period.conventioned is None else str(period.conventioned),
    }
