"""Rules on providers' records: findings, each with its sentences in four languages."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain

from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.finding import Finding, sort_by_severity
from ehtoolkit.i18n import BRUSSELS
from ehtoolkit.providers.provider import KNOWN, Provider, TypeTable
from ehtoolkit.providers.rules.certificate import certificate
from ehtoolkit.providers.rules.numbers import error, numbers
from ehtoolkit.providers.rules.periods import periods
from ehtoolkit.type_errors import instance_of


def examine_provider(
    record: Provider, now: datetime, types: TypeTable = KNOWN, due_within: timedelta = DUE_WITHIN
) -> tuple[Finding, ...]:
    """Return all findings about ``record``, the worst first. Nothing but the record is looked at: no file, no database.
    ``due_within``: when the end of its certificate, or of an INAMI period, is near.

    The fact ``period`` (``first`` and ``second`` of two) is the place of a period in ``record.periods``, from 1.

    >>> from datetime import UTC, date, datetime
    >>> from ehtoolkit import Period, Provider, examine_provider
    >>> periods = (Period("physiotherapist", date(2003, 9, 1), date(2020, 12, 31), "53886171521"),)
    >>> record = Provider("Vandamme", "Élise", niss="79031421872", inami="53886171521", periods=periods)
    >>> [finding.key for finding in examine_provider(record, datetime(2026, 11, 27, tzinfo=UTC))]
    ['period_over', 'type_missing', 'certificate_none']
    """
    instance_of("record", record, Provider)
    today = instance_of("now", now, datetime).astimezone(BRUSSELS).date()
    unread = (error("record_unreadable", fields=record.unreadable),) if record.unreadable else ()
    instance_of("due_within", due_within, timedelta)
    return sort_by_severity(
        chain(
            unread,
            numbers(record, types),
            periods(record, today, types, due_within),
            certificate(record, now, due_within),
        )
    )
