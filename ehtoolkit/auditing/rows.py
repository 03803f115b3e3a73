"""Rows of the tables of an audit, of which frames, JSON and what a terminal shows are made.

Nothing here needs pandas, which takes half of the memory of a command that only prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.auditing.keystores import STATES, AuditedKeystore, calendar
from ehtoolkit.auditing.rules import ProviderKeystore
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers import Conventioned, Provider
from ehtoolkit.system.text_safety import printable

DAY: Final = "datetime64[s]"
"""The kind of a column of days, as pandas calls it; in a row they are ``date``."""
_TEXT: Final = "str"
_WHOLE: Final = "Int64"
_YES_NO: Final = "boolean"
Kind = str | tuple[str, ...]
"""Of a column: what pandas calls it, or the words that it may have, the most urgent first."""

SEVERITIES: Final = tuple(map(str, Severity))
STANDINGS: Final = tuple(map(str, STATES))
ENVIRONMENTS: Final = tuple(map(str, Environment))
REVOCATIONS: Final = ("revoked", "unknown", "unasked", "unaskable", "not_checked", "good")
CONVENTIONS: Final = tuple(map(str, Conventioned))

Row = tuple[Any, ...]
COLUMNS: Final[Mapping[str, Mapping[str, Kind]]] = {
    "keystores": {
        "file": _TEXT,
        "kind": _TEXT,
        "size": _WHOLE,
        "holder": _TEXT,
        "holder_name": _TEXT,
        "application_id": _TEXT,
        "environment": ENVIRONMENTS,
        "standing": STANDINGS,
        "not_before": DAY,
        "not_after": DAY,
        "renewable_from": DAY,
        "days_left": _WHOLE,
        "etks": _WHOLE,
        "key_id": _TEXT,
        "authentication_key": _TEXT,
        "revocation": REVOCATIONS,
        "opened": _YES_NO,
        "by_content": _YES_NO,
        "replaced_by": _TEXT,
        "practice": _TEXT,
    },
    "providers": {
        "provider": _WHOLE,
        "name": _TEXT,
        "first_names": _TEXT,
        "niss": _TEXT,
        "inami": _TEXT,
        "practice": _TEXT,
        "types": _TEXT,
        "file": _TEXT,
    },
    "periods": {
        "provider": _WHOLE,
        "name": _TEXT,
        "first_names": _TEXT,
        "practice": _TEXT,
        "number": _WHOLE,
        "type": _TEXT,
        "start": DAY,
        "end": DAY,
        "days_left": _WHOLE,
        "current": _YES_NO,
        "inami": _TEXT,
        "conventioned": CONVENTIONS,
    },
    "findings": {
        "severity": SEVERITIES,
        "due": DAY,
        "days": _WHOLE,
        "key": _TEXT,
        "provider": _WHOLE,
        "name": _TEXT,
        "holder": _TEXT,
        "practice": _TEXT,
        "file": _TEXT,
        "message": _TEXT,
        "next": _TEXT,
    },
}
"""The columns of each table and their kinds."""


def keystore_order(seen: Mapping[str, AuditedKeystore]) -> list[str]:
    """Return the files in the order of their table: the first to end first; those without a certificate last."""
    ranks = {state: place for place, state in enumerate(STATES)}

    def order(file: str) -> tuple[Any, ...]:
        one = seen[file]
        return (one.days_left is None, one.days_left or 0, ranks[one.state], one.shown)

    return sorted(seen, key=order)


def keystore_row(seen: AuditedKeystore, practices: Mapping[object, str]) -> Row:
    """Return the row of a file. ``practices``: see `practices_of`."""
    holder, environment = seen.holder, seen.environment
    return (
        seen.shown,
        seen.reading.kind,
        seen.reading.size,
        None if holder is None else holder.text,
        seen.holder_name,
        seen.application_id,
        None if environment is None else str(environment),
        str(seen.state),
        calendar(seen.not_before),
        calendar(seen.not_after),
        calendar(seen.renewable_from),
        seen.days_left,
        seen.etks,
        seen.reading.key_id,
        seen.reading.authentication_key,
        "not_checked" if seen.revocation is None else seen.revocation.key.removeprefix("revocation_"),
        seen.reading.opened,
        seen.by_content,
        None if seen.replaced_by is None else printable(seen.replaced_by),
        practices.get(seen.shown),
    )


def provider_rows(joined: Iterable[ProviderKeystore]) -> Iterator[Row]:
    """Return a row for each record, in the order of the registry."""
    return map(_provider, joined)


def period_rows(joined: Iterable[ProviderKeystore], today: date) -> Iterator[Row]:
    """Return a row for each INAMI period, in the order of the registry and of each record: ``number`` is that of
    `provider show`, from 1 on. ``end``: missing while the period lasts; its last day counts. ``days_left``: until
    ``end``. ``current``: whether ``today`` (in Belgium) is in it. ``type``: as in the registry."""
    return (row for one in joined for row in _periods(one.record, today))


def finding_rows(
    noted: Sequence[AuditFinding], texts: Translator, joined: Iterable[ProviderKeystore] = ()
) -> Iterator[Row]:
    """Return a row for each finding, in the order of ``noted``."""
    practices = practices_of(joined)
    return (_finding(one, texts, practices) for one in noted)


def practices_of(joined: Iterable[ProviderKeystore]) -> dict[object, str]:
    """Return the practice of each provider, by the provider's number, and of each keystore that is assigned to one, by
    its file: of several providers that of the one who is its holder, else of the first."""
    found: dict[object, str] = {}
    of_others: dict[object, str] = {}
    for one in joined:
        if one.record.practice:
            found[one.record.id] = one.record.practice
            if one.seen is not None:
                (found if one.is_of_holder else of_others).setdefault(one.seen.shown, one.record.practice)
    return {**of_others, **found}


def standing_of(row: Mapping[str, Any]) -> str:
    """Return how the keystore of a row stands, for people; ``row`` has ``standing`` and ``replaced_by``. Nobody renews
    one that was replaced, whatever its end."""
    return str(row["standing"] if row["replaced_by"] is None else FileState.REPLACED)


STANDING_SEVERITIES: Final[Mapping[str, Severity]] = {
    "unreadable": Severity.ERROR,
    "expired": Severity.ERROR,
    "closed": Severity.INFO,
    "no_etk": Severity.WARNING,
    "prepared": Severity.WARNING,
    "renewable": Severity.WARNING,
    "not_yet_valid": Severity.INFO,
    "complete": Severity.OK,
    "replaced": Severity.INFO,
}
"""How bad each state of `standing_of` is, the most urgent state first: for the terminal, Excel and HTML."""


def states_of(keystores: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return how many keystores are in each state, by `standing_of`."""
    return Counter(map(standing_of, keystores))


def _provider(joined: ProviderKeystore) -> Row:
    record = joined.record
    return (
        record.id,
        record.name,
        record.first_names,
        record.niss or None,
        record.inami or None,
        record.practice or None,
        "/".join(record.types) or None,
        None if joined.seen is None else joined.seen.shown,
    )


def _periods(record: Provider, today: date) -> Iterator[Row]:
    for number, period in enumerate(record.periods, start=1):
        yield (
            *(record.id, record.name, record.first_names, record.practice or None),
            *(number, period.type, period.start, period.end),
            None if period.end is None else (period.end - today).days,
            period.covers(today),
            period.inami or None,
            None if period.conventioned is None else str(period.conventioned),
        )


def _finding(one: AuditFinding, texts: Translator, practices: Mapping[object, str]) -> Row:
    number, name = one.provider or (None, None)
    finding = one.finding
    practice = practices.get(number) or practices.get(one.file)
    return (
        *(str(finding.severity), one.due, one.days, finding.key, number, name),
        *(one.holder, practice, one.file),
        *(finding.message(texts), finding.next_step(texts)),
    )
