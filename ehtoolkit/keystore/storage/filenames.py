"""Names of keystore files, made and read as the official program does.

``SSIN=79031421872 20261124-152300.p12``, and for an organisation with an application id
``NIHII-PHARMACY=12345678,APPID 20261124-152300.p12``; ``.acc-p12`` in acceptance. Other programs read these
names: the last part must be the time, and a file is an eHealth keystore when its name ends in ``p12``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Final

from ehtoolkit import errors
from ehtoolkit.i18n import in_brussels
from ehtoolkit.identity import PERSON_TYPE, Environment, Identifier

ENDINGS: Final = (".acc-p12", ".int-p12", ".p12")
"""What the names of keystores end in, in any case: acceptance, integration, and the rest."""

_INTEGRATION: Final = ".int-p12"
_YEARS: Final = range(1990, 2200)
"""Times outside are no times of keystores."""
_TIME: Final = "%Y%m%d-%H%M%S"
_HOLDER: Final = re.compile(
    r"(?P<type>[A-Z][A-Z0-9_-]*)=(?P<number>\d+)"
    r"(?:,(?P<application>[0-9A-Z_-]+?))?(?=[ _]\d{8}-\d{6}|[ .(]|$)",
    re.ASCII,
)
_ANY_TIME: Final = re.compile(r"(?<!\d)(\d{8}-\d{6})(?!\d)", re.ASCII)
_BARE_NUMBER: Final = re.compile(r"(?<!\d)\d{11}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeystoreName:
    """What a file name tells: a hint, never the truth.

    Attributes:
        moment: Belgian time without a zone.
        ending: one of `ENDINGS`, or empty.
        regular: it is as the official program makes it (with a blank or ``_``); other programs stumble over others.
    """

    identifier: Identifier | None
    application_id: str | None
    moment: datetime | None
    ending: str
    regular: bool

    @property
    def environment(self) -> Environment | None:
        """Acceptance when the ending says so; ``.p12`` is production's and also training's."""
        return Environment.ACCEPTANCE if self.ending == ".acc-p12" else None


def keystore_name(
    identifier: Identifier, application_id: str | None, moment: datetime, environment: Environment
) -> str:
    """Return the name of a new keystore.

    ``moment`` (aware, or as `belgian_time` has it) is written in Belgian time: that of the pages and receipts that
    speak of the file, and of the computers on which the official program runs, so that the files of both sort by age.
    """
    holder = identifier.text if application_id is None else f"{identifier.text},{application_id}"
    ending = ".acc-p12" if environment is Environment.ACCEPTANCE else ".p12"
    return f"{holder} {belgian_time(moment):{_TIME}}{ending}"


def belgian_time(moment: datetime) -> datetime:
    """Return ``moment`` on a clock in Belgium, without a zone; a naive one is that already."""
    return moment if moment.tzinfo is None else in_brussels(moment).replace(tzinfo=None)


def time_of_change(status: os.stat_result) -> datetime | None:
    """Return when a file was last written, in Belgian time, as names are; None for a time that is none."""
    try:
        return belgian_time(datetime.fromtimestamp(status.st_mtime, UTC))
    except (OverflowError, OSError, ValueError):
        return None


def proper_name(
    present: str,
    holder: tuple[Identifier, str | None],
    environment: Environment | None,
    moments: Iterable[datetime | None],
    taken: Collection[str],
    searched: MutableMapping[str, datetime] | None = None,
) -> str | None:
    """Return what the official program would call a file: its present name, when that is right; None where no time is
    known.

    The time is that of the present name, else the first of ``moments`` (aware, or local) that can be one. Where a file
    beside it has that name, an earlier second: programs take the last file, and this is more likely a copy of that one
    than its successor.

    Args:
        present: the file's name.
        holder: whose it is, and the application id.
        environment: by its issuer; None while that is not known: then the present name tells.
        moments: when it may have been made, the likeliest first.
        taken: the names beside it, in lower case; its own does not count.
        searched: remembers where the search for a free second ended, for the next copies beside it.
    """
    named = parse_name(present)
    if is_right(named, holder, environment):
        return present
    known = (named.moment, *moments)
    moment = next((each for each in known if each is not None and each.year in _YEARS), None)
    if moment is None:
        return None
    where = environment or named.environment or Environment.PRODUCTION
    integration = named.ending == _INTEGRATION and environment is None

    def name_at(moment: datetime) -> str:
        name = keystore_name(*holder, moment, where)
        return name.removesuffix(".p12") + _INTEGRATION if integration else name

    first = name_at(moment)
    if first.lower() == present.lower():
        return first
    searched = {} if searched is None else searched
    moment = searched.get(first, moment)
    while (name := name_at(moment)).lower() in taken:
        moment -= timedelta(seconds=1)
    searched[first] = moment
    return name


def is_right(
    named: KeystoreName, holder: tuple[Identifier, str | None], environment: Environment | None
) -> bool:
    """Return whether ``named`` is the name that the official program would give, all that is known considered."""
    is_test = environment is Environment.ACCEPTANCE
    return (
        named.regular
        and (named.identifier, named.application_id) == holder
        and (environment is None or is_test is (named.environment is Environment.ACCEPTANCE))
    )


def parse_name(name: str) -> KeystoreName:
    """Return what can be read from a file name, whatever else is in it; never raises."""
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    stem = name[: len(name) - len(ending)]
    identifier, application_id = _holder(stem)
    times = _ANY_TIME.findall(stem)
    moment = _moment(times[-1]) if times else None
    regular = False
    if ending and identifier is not None and moment is not None:
        holder = identifier.text if application_id is None else f"{identifier.text},{application_id}"
        regular = stem in (f"{holder} {times[-1]}", f"{holder}_{times[-1]}")
    return KeystoreName(identifier, application_id, moment, ending, regular)


def _holder(stem: str) -> tuple[Identifier | None, str | None]:
    match = _HOLDER.search(stem)
    try:
        if match is not None:
            return Identifier(intern(match["type"]), match["number"]), match["application"]
        numbers = _BARE_NUMBER.findall(stem)  # integrators rename files to the bare number of a person
        return (Identifier.parse(f"{PERSON_TYPE}={numbers[0]}") if len(numbers) == 1 else None), None
    except errors.IdentifierInvalid:
        return None, None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)  # names hold Belgian time, without a zone
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None
