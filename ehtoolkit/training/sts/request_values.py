"""Moments in the messages of sessions: the STS's own reader, apart from the clients'."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from ehtoolkit.ehealth.soap.xml import Element, child_text, incomplete
from ehtoolkit.i18n import BRUSSELS

_MOMENT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,20}))?(?:(Z)|([+-])(\d\d):?(\d\d))?", re.ASCII
)


def child_moment(parent: Element, tag: str) -> datetime:
    """Return the moment in the only child with that name, an xs:dateTime; without a zone it is Brussels time. Raises
    `errors.MessageInvalid` (reason ``incomplete``)."""
    found = _MOMENT.fullmatch(child_text(parent, tag))
    if found is None:
        raise incomplete(tag)
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    fraction, utc, sign, hours, minutes = found.group(7, 8, 9, 10, 11)
    try:
        zone = UTC if utc else BRUSSELS if sign is None else _offset(sign, int(hours), int(minutes))
        microsecond = int((fraction or "0").ljust(6, "0")[:6])  # Java writes nanoseconds now and then
        return datetime(year, month, day, hour, minute, second, microsecond, zone)
    except ValueError as error:
        raise incomplete(tag) from error


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset)


def written(moment: datetime) -> str:
    """Return a moment in UTC with milliseconds, as assertions of the real STS have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
