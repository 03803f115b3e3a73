"""A provider's record: who it is, what he is, his INAMI periods, and which keystore is his.

A record keeps what was typed, wrong numbers too, and `ehtoolkit.providers.rules` says what is wrong with it: half a
record that is kept can be corrected, one that was refused is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, cast

from ehtoolkit import errors
from ehtoolkit.identity.digits import bare
from ehtoolkit.settings import LanguageName

TEXT_LIMIT: Final = 200
"""Characters that a text of a record may have."""
NUMBERS: Final = ("niss", "inami", "recognition_number", "enterprise_number")


class Conventioned(StrEnum):
    """Whether the provider keeps to the agreed fees."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both included, the provider of this type works under this INAMI number.

    ``end``: None while it lasts. ``inami``: bare digits, or whatever was typed. ``conventioned``: None where it is not
    known.
    """

    type: str
    start: date
    end: date | None = None
    inami: str = ""
    conventioned: Conventioned | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Assignment:
    """The keystore of a provider, as it was when it was assigned.

    ``key_id``: hexadecimal. ``holder``: ``TYPE=NUMBER`` of the certificate. Both, and ``not_after``, are None where
    the file did not tell. ``ended_at``: when it was replaced or removed; None for the one that counts.
    """

    path: str
    key_id: str | None = None
    holder: str | None = None
    not_after: datetime | None = None
    assigned_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A record. ``types``: the first is the default one. ``id``: None until it is in the registry. ``version``: counts
    its changes, so that two people do not overwrite each other's."""

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

    @property
    def full_name(self) -> str:
        return f"{self.first_names} {self.name}".strip()

    def tidy(self) -> Provider:
        """The same with blanks and the separators of numbers taken off, the types of its periods among its own, and
        the periods in order.

        Raises `errors.RecordInvalid` for a record without a name, a text that is too long, or one with characters
        that no name has.
        """
        texts = {
            one.name: " ".join(getattr(self, one.name).split()) for one in fields(self) if one.type == "str"
        }
        texts |= {name: _plain_number(texts[name]) for name in NUMBERS}
        periods = tuple(
            sorted(
                (replace(one, inami=_plain_number(one.inami)) for one in self.periods),
                key=lambda one: (one.type, one.start, one.end or date.max, one.inami, one.conventioned or ""),
            )
        )
        if not texts["name"]:
            raise errors.RecordInvalid(reason="name")
        for text in (*texts.values(), *(one.inami for one in periods)):
            require_storable(text)
        types = tuple(dict.fromkeys((*self.types, *(one.type for one in periods))))
        return replace(self, types=types, periods=periods, **cast("dict[str, Any]", texts))


def require_storable(text: str) -> str:
    """``text`` when it is not too long and has no character that a database may refuse or a terminal would obey.

    Raises `errors.RecordInvalid` (reason ``long``, ``characters``).
    """
    if len(text) > TEXT_LIMIT:
        raise errors.RecordInvalid(reason="long")
    if any(not (one.isprintable() or one == " ") for one in text):
        raise errors.RecordInvalid(reason="characters")
    return text


def _plain_number(text: str) -> str:
    return bare(text).upper()
