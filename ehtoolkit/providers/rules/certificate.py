"""The keystore of a record, by what was seen when it was assigned: whose it is, and until when.

A number in the software that is unlike the one in the certificate makes services refuse with errors that name neither
(``INCORRECT_INSS_…_SAML``, ``CROSSCHECK_ISSUER``). What the file itself says today belongs to the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ehtoolkit import errors
from ehtoolkit.clock import days_until
from ehtoolkit.finding import Finding, Topic, Urgency
from ehtoolkit.identity import Identifier
from ehtoolkit.identity.numbers import differing_digits
from ehtoolkit.providers.provider import Provider
from ehtoolkit.providers.rules.numbers import HEAD, RECORDS

_ASSIGNED: Final = RECORDS.about(Topic.CERTIFICATE)
error, warning, due, info, ok = (
    _ASSIGNED.error,
    _ASSIGNED.warning,
    _ASSIGNED.due,
    _ASSIGNED.info,
    _ASSIGNED.ok,
)


def certificate(record: Provider, now: datetime, due_within: timedelta) -> Iterator[Finding]:
    keystore = record.keystore
    if keystore is None:
        yield warning("certificate_none")
        return
    if keystore.holder is not None:
        yield from _holder(record, keystore.holder)
    end = keystore.not_after
    if end is None:
        yield info("certificate_unread", file=keystore.path)
    elif end < now:
        yield error("certificate_over", date=end).about(Topic.END, end, Urgency.STOPS)
    elif (days := days_until(end, now)) <= due_within // timedelta(days=1):
        yield due("certificate_ends", date=end, days=days).about(Topic.END, end)
    else:
        yield ok("certificate_valid", date=end)


def _holder(record: Provider, text: str) -> Iterator[Finding]:
    """Yield a finding where the holder of the certificate is not that of the record, or cannot be read. An
    organisation's certificate is of its INAMI or enterprise number; other types tell nothing of a provider."""
    kind, _, number = text.partition("=")
    try:
        holder = Identifier(kind, number)
    except errors.IdentifierInvalid:
        yield warning("certificate_unknown_holder", holder=text)
        return
    if holder.is_person:
        if record.niss and number != record.niss:
            digits = differing_digits(record.niss, number)
            found = error("certificate_other_niss", number=record.niss, other=number, digits=digits)
            yield found.about(Topic.HOLDER)
    elif kind.startswith("NIHII"):
        known = {
            inami[:HEAD] for inami in (record.inami, *(period.inami for period in record.periods)) if inami
        }
        if known and number[:HEAD] not in known:
            yield error("certificate_other_inami", other=number)
    elif kind == "CBE":
        mine = record.enterprise_number.removeprefix("BE")
        if mine and number != mine:
            yield error("certificate_other_enterprise", number=mine, other=number)
