"""An audit as a calendar (RFC 5545): from when a certificate can be replaced, when it ends, when an INAMI period ends.

An event keeps its UID in later exports, so that a calendar that imports a later export changes its entries and
does not double them; SEQUENCE grows with time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import icalendar

from ehtoolkit.auditing.audit_result import AuditResult
from ehtoolkit.auditing.export.formats import PLAIN, ExportOptions
from ehtoolkit.auditing.export.plain_text import word
from ehtoolkit.clock import brussels_day
from ehtoolkit.i18n import Translator
from ehtoolkit.keystore.state import State, renewable_from
from ehtoolkit.keystore.storage.records import CachedState
from ehtoolkit.result_display import masked

PRODUCT: Final = "-//ehtoolkit//audit//EN"
_NAMESPACE: Final = uuid.UUID("6f1f7c3e-4f0b-5d43-9a3c-3c1d5e0c7a52")
_MORNING: Final = timedelta(hours=9)
"""Of an entry of a whole day: when its reminder comes."""
_BEFORE: Final = tuple(_MORNING - timedelta(days=days) for days in (30, 7))
"""Reminders of an end."""
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
_ENDLESS: Final = 9999
"""The year in which ends what has none."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a calendar.

    Attributes:
        mark: what the UID is made of; without a number of a person.
        last: the day after which it is over, and told no more.
        key: of its sentences; ``facts`` fill these in.
        reminders: from the beginning of the day.
    """

    mark: str
    day: date
    last: date
    key: str
    facts: Mapping[str, Any]
    reminders: tuple[timedelta, ...]


def calendar(audit: AuditResult, texts: Translator, options: ExportOptions = PLAIN) -> bytes:
    """Return the content of an ``.ics`` file: when certificates can be replaced and when they end, and when INAMI
    periods end. Nothing is in it of certificates whose end does not matter, since they are replaced or revoked, or
    that are acknowledged, and nothing that is over."""
    entries = (*_certificates(audit, options), *_periods(audit, texts, options))
    return _made(entries, audit.now, texts, options)


def certificate_calendar(seen: CachedState, file: str, texts: Translator, now: datetime) -> bytes:
    """Return the content of an ``.ics`` file of one certificate that was just seen, in the file ``file``: when it can
    be replaced, and when it ends. Its entries have the UIDs that an audit has for them, so that a calendar that takes
    both has each once. NISS masked. Raises ``ValueError`` for a certificate that is not there yet."""
    if seen.not_after is None:
        raise ValueError("a certificate that is not there yet has no end")
    window = seen.renewable_from or renewable_from(seen.not_after)
    holder_name = "" if seen.name is None else seen.name.name
    days = (brussels_day(window), brussels_day(seen.not_after))
    return _made(_certificate(seen.key_id, holder_name, file, days), now, texts, PLAIN)


def _made(entries: Iterable[_Entry], now: datetime, texts: Translator, options: ExportOptions) -> bytes:
    moment, today = now.astimezone(UTC).replace(microsecond=0), brussels_day(now)
    made = icalendar.Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", texts.get("export.calendar.name"))
    marks: set[str] = set()
    for event in entries:
        if event.last >= today and event.day.year < _ENDLESS and event.mark not in marks:
            marks.add(event.mark)
            made.add_component(_event(event, moment, texts, options))
    return bytes(made.to_ical())


def _event(values: _Entry, moment: datetime, texts: Translator, options: ExportOptions) -> icalendar.Event:
    summary = options.hide(texts.get(f"export.calendar.{values.key}", **values.facts))
    event = icalendar.Event()
    event.add("uid", f"{uuid.uuid5(_NAMESPACE, values.mark)}@ehtoolkit")
    event.add("dtstamp", moment)
    event.add("last-modified", moment)
    event.add("sequence", int((moment - _EPOCH) // timedelta(minutes=1)))
    event.add("dtstart", values.day)
    event.add("dtend", values.day + timedelta(days=1))
    event.add("summary", summary)
    event.add("description", options.hide(texts.get(f"export.calendar.{values.key}.more", **values.facts)))
    event.add("transp", "TRANSPARENT")  # it does not make the user busy
    for trigger in values.reminders:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", trigger)
        alarm.add("description", summary)
        event.add_component(alarm)
    return event


def _certificates(audit: AuditResult, options: ExportOptions) -> Iterator[_Entry]:
    names, hide = _names(audit), options.hide
    for row in audit.rows.keystores:
        if row.acknowledged or not row.end_matters or row.state == State.EXPIRED or row.not_after is None:
            continue
        holder_name = names.get(row.file) or hide(row.holder_name or row.holder or "")
        key = row.key_id or masked(row.file)
        yield from _certificate(key, holder_name, hide(row.file), (row.renewable_from, row.not_after))


def _certificate(
    key: str, holder_name: str, file: str, days: tuple[date | None, date | None]
) -> Iterator[_Entry]:
    """Yield an entry for the day from which a certificate can be replaced, when that is before its last, and one for
    its last day. ``days``: these two; None where one is not known."""
    (window, end), mark = days, f"certificate {key}"
    facts: dict[str, Any] = {"name": holder_name, "file": file, "date": end}
    if window is not None and end is not None and window < end:
        yield _Entry(f"{mark} renewable", window, end, "renewable", facts, (_MORNING,))
    if end is not None:
        yield _Entry(f"{mark} end", end, end, "end", facts, _BEFORE)


def _periods(audit: AuditResult, texts: Translator, options: ExportOptions) -> Iterator[_Entry]:
    hide = options.hide
    for row in audit.rows.periods:
        if row.end is None:
            continue
        mark = f"period {row.provider} {row.type} {row.inami} {row.start}"
        kind = word("type", row.type, texts)
        facts = {"name": hide(row.full_name), "type": kind, "inami": row.inami or "–", "date": row.end}
        yield _Entry(mark, row.end, row.end, "period", facts, _BEFORE)


def _names(audit: AuditResult) -> dict[str, str]:
    """Return whose a file is, by the registry: of several providers the holder, else the first."""
    holders, providers = {row.file: row.holder for row in audit.rows.keystores}, audit.rows.providers
    own = [row for row in providers if row.holder is not None and holders.get(row.file or "") == row.holder]
    return {row.file: row.full_name for row in (*reversed(providers), *own) if row.file is not None}
