"""A provider's record: person, types, INAMI periods, assigned keystore; and its JSON.

A record keeps what was typed, wrong numbers too, and `ehtoolkit.providers.rules` says what is wrong with it: half a
record that is kept can be corrected, one that was refused is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, cast

from ehtoolkit import errors
from ehtoolkit.finding import Finding, describe_finding
from ehtoolkit.i18n import Translator
from ehtoolkit.identity.numbers import bare, with_lost_zero
from ehtoolkit.result_display import Displayed
from ehtoolkit.settings import LanguageName

TEXT_LIMIT: Final = 200
"""Characters that a text of a record may have."""
NUMBERS: Final = ("niss", "inami", "recognition_number", "enterprise_number")
TEXT_FIELDS: Final = ("name", "first_names", *NUMBERS, "practice")
PLAIN_FIELDS: Final = ("name", "first_names", "birth_date", "language", *NUMBERS, "practice")
"""Fields of a record with one value each."""


class Conventioned(StrEnum):
    """Whether the provider keeps to the agreed fees."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both included, the provider of this type works under this INAMI number.

    Attributes:
        end: None while it lasts.
        inami: bare digits, or whatever was typed.
        conventioned: None where it is not known.

    >>> from datetime import date
    >>> from ehtoolkit import Period
    >>> Period("physiotherapist", date(2015, 9, 1), None, "53886171521").end is None
    True
    """

    type: str
    start: date
    end: date | None = None
    inami: str = ""
    conventioned: Conventioned | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True, repr=False)
class Assignment(Displayed):
    """The keystore of a provider, as it was when it was assigned.

    Attributes:
        key_id: hexadecimal.
        holder: ``TYPE=NUMBER`` of the certificate. Both, and ``not_after``, are None where the file did not tell.
        ended_at: when it was replaced or removed; None for the one that counts.
    """

    path: str
    key_id: str | None = None
    holder: str | None = None
    not_after: datetime | None = None
    assigned_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Provider(Displayed):
    """A record.

    Attributes:
        types: the first is the default one.
        id: None until it is in the registry.
        version: counts its changes, so that two people do not overwrite each other's.
        unreadable: fields whose value in the registry cannot be read; they are empty here, and once the record is
            saved.

    >>> from ehtoolkit import Provider
    >>> Provider("Vandamme", "Élise", niss="79031421872", types=("physiotherapist",))
    Provider(name='Vandamme', first_names='Élise', niss='790314*****', types=('physiotherapist',), version=0)
    """

    name: str
    first_names: str = ""
    birth_date: date | None = None
    language: LanguageName | None = None
    niss: str = ""
    inami: str = ""
    recognition_number: str = ""
    enterprise_number: str = ""
    practice: str = ""
    types: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    keystore: Assignment | None = None
    id: int | None = None
    version: int = 0
    unreadable: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}".strip()

    def tidy(self) -> Provider:
        """Return the same record with blanks and the separators of numbers taken off, a 0 in front that a spreadsheet
        has taken put back, the types of its periods among its own, and the periods in order.

        Raises `errors.RecordInvalid` for a record without a name, a text that is too long, or one with characters
        that no name has.
        """
        texts = {name: " ".join(getattr(self, name).split()) for name in TEXT_FIELDS}
        texts |= {name: _plain_number(texts[name]) for name in NUMBERS}
        texts["niss"] = with_lost_zero("niss", texts["niss"])
        texts["enterprise_number"] = with_lost_zero("cbe", texts["enterprise_number"])
        bare_periods = (replace(period, inami=_plain_number(period.inami)) for period in self.periods)
        periods = tuple(sorted(bare_periods, key=_order))
        if not texts["name"]:
            raise errors.RecordInvalid(reason="name")
        for text in (*texts.values(), *(period.inami for period in periods)):
            require_storable(text)
        types = tuple(dict.fromkeys((*self.types, *(period.type for period in periods))))
        return replace(self, types=types, periods=periods, unreadable=(), **cast("dict[str, Any]", texts))


def _order(period: Period) -> tuple[object, ...]:
    return period.type, period.start, period.end or date.max, period.inami, period.conventioned or ""


def require_storable(text: str) -> str:
    """Check that ``text`` is not too long and has no character that a database may refuse or a terminal would obey, and
    return it.

    Raises `errors.RecordInvalid` (reason ``long``, ``characters``).
    """
    if len(text) > TEXT_LIMIT:
        raise errors.RecordInvalid(reason="long")
    if any(not (character.isprintable() or character == " ") for character in text):
        raise errors.RecordInvalid(reason="characters")
    return text


def _plain_number(text: str) -> str:
    return bare(text).upper()


# ── Types of providers ───────────────────────────────────────────────────────────────────────────────────
TypeTable = Mapping[str, tuple[str, ...]]
"""A type's key, and the beginnings that its INAMI numbers may have; empty where nothing public tells."""

# The first digit tells the profession: 1 doctor, 2 pharmacist (6 as well), 3 dentist, 4 nurse or midwife, 5 the
# physiotherapist and most of the paramedical professions, of which 6 has some.
KNOWN: Final[TypeTable] = MappingProxyType(
    {
        "physiotherapist": ("5",),
        "doctor": ("1",),
        "dentist": ("3",),
        "pharmacist": ("2", "6"),
        "nurse": ("4",),
        "midwife": ("4",),
        "podiatrist": ("5", "6"),
        "speech_therapist": ("5", "6"),
        "dietitian": ("5", "6"),
        "occupational_therapist": ("5", "6"),
        "psychologist": (),
        "orthoptist": (),
        "audiologist": (),
        "optician": (),
        "care_assistant": ("8", "9"),
    }
)
"""The types that have a name in all four languages. Others may be stored all the same: they are not checked."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def type_table(own: Mapping[str, tuple[str, ...]]) -> TypeTable:
    """Return `KNOWN` with the types of a setting over it.

    Raises `errors.SettingInvalid` for an invalid key (small letters, digits, underscores) or a beginning that is
    not digits.
    """
    for key, beginnings in own.items():
        if not _KEY.fullmatch(key) or not all(re.fullmatch("[0-9]{1,8}", begin) for begin in beginnings):
            raise errors.SettingInvalid(setting="provider_types")
    return MappingProxyType({**KNOWN, **own})


def require_type(key: str, table: TypeTable) -> str:
    """Check that ``table`` has ``key``, and return it in small letters and with underscores. Raises
    `errors.ProviderTypeUnknown`."""
    plain = key.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in table:
        raise errors.ProviderTypeUnknown(name=key, known=", ".join(table))
    return plain


# ── Records as JSON ──────────────────────────────────────────────────────────────────────────────────────
def describe_provider(record: Provider, findings: Iterable[Finding], texts: Translator) -> dict[str, Any]:
    """Return a record and its findings as an object of JSON: numbers as bare digits, ``periods`` with their ``number``
    from 1, ``keystore`` null where there is none, ``findings`` with ``key``, ``severity``, ``message``, ``next`` and
    ``periods``: the numbers of those concerned."""
    return {
        "id": record.id,
        **{name: getattr(record, name) for name in PLAIN_FIELDS},
        "types": list(record.types),
        "periods": [
            {"number": number, **asdict(period)} for number, period in enumerate(record.periods, start=1)
        ],
        "keystore": None if record.keystore is None else describe_assignment(record.keystore),
        "findings": [
            {**describe_finding(finding, texts), "periods": periods_of(finding)} for finding in findings
        ],
    }


def describe_assignment(assignment: Assignment) -> dict[str, Any]:
    values = asdict(assignment)
    return {"file": values.pop("path"), **values}


def periods_of(finding: Finding) -> list[int]:
    """Return the numbers of the periods that a finding is about."""
    facts = (finding.facts.get(name) for name in ("period", "first", "second"))
    return [fact for fact in facts if isinstance(fact, int)]
