"""The tables of an audit, as pandas frames.

Days are ``datetime64[s]`` without a zone (the day in Belgium, at midnight), numbers of days ``Int64`` (whole, negative
when past, missing where there is none), words that have an order ordered categories, the most urgent first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from ehtoolkit.audit.audit_finding import AuditFinding
from ehtoolkit.audit.keystores import STATES, AuditedKeystore, calendar
from ehtoolkit.audit.rules import ProviderKeystore
from ehtoolkit.finding import Severity
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Environment
from ehtoolkit.keystore.state import FileState
from ehtoolkit.providers import Conventioned, Provider
from ehtoolkit.system.text_safety import printable

SEVERITY: Final = pd.CategoricalDtype([str(one) for one in Severity], ordered=True)
STANDING: Final = pd.CategoricalDtype([str(one) for one in STATES], ordered=True)
ENVIRONMENT: Final = pd.CategoricalDtype([str(one) for one in Environment], ordered=True)
REVOCATION: Final = pd.CategoricalDtype(
    ["revoked", "unknown", "unasked", "unaskable", "not_checked", "good"], ordered=True
)
CONVENTIONED: Final = pd.CategoricalDtype([str(one) for one in Conventioned], ordered=True)
_DAY: Final = "datetime64[s]"
_TEXT: Final = "str"

KEYSTORES: Final[Mapping[str, Any]] = {
    "file": _TEXT,
    "kind": _TEXT,
    "size": "Int64",
    "holder": _TEXT,
    "holder_name": _TEXT,
    "application_id": _TEXT,
    "environment": ENVIRONMENT,
    "standing": STANDING,
    "not_before": _DAY,
    "not_after": _DAY,
    "renewable_from": _DAY,
    "days_left": "Int64",
    "etks": "Int64",
    "key_id": _TEXT,
    "authentication_key": _TEXT,
    "revocation": REVOCATION,
    "opened": "boolean",
    "by_content": "boolean",
    "replaced_by": _TEXT,
    "practice": _TEXT,
}
PROVIDERS: Final[Mapping[str, Any]] = {
    "provider": "Int64",
    "name": _TEXT,
    "first_names": _TEXT,
    "niss": _TEXT,
    "inami": _TEXT,
    "practice": _TEXT,
    "types": _TEXT,
    "file": _TEXT,
}
PERIODS: Final[Mapping[str, Any]] = {
    "provider": "Int64",
    "name": _TEXT,
    "first_names": _TEXT,
    "practice": _TEXT,
    "number": "Int64",
    "type": _TEXT,
    "start": _DAY,
    "end": _DAY,
    "days_left": "Int64",
    "current": "boolean",
    "inami": _TEXT,
    "conventioned": CONVENTIONED,
}
FINDINGS: Final[Mapping[str, Any]] = {
    "severity": SEVERITY,
    "due": _DAY,
    "days": "Int64",
    "key": _TEXT,
    "provider": "Int64",
    "name": _TEXT,
    "holder": _TEXT,
    "practice": _TEXT,
    "file": _TEXT,
    "message": _TEXT,
    "next": _TEXT,
}


def keystore_frame(seen: Iterable[AuditedKeystore], joined: Iterable[ProviderKeystore] = ()) -> pd.DataFrame:
    """The columns of `KEYSTORES`, the first to end first; those without a certificate last. ``joined``: providers, of
    whose practices their keystores are."""
    practices = practices_of(joined)
    frame = _frame((_keystore(one, practices.get(one.shown)) for one in seen), KEYSTORES)
    return frame.sort_values(["days_left", "standing", "file"], na_position="last", ignore_index=True)


def provider_frame(joined: Iterable[ProviderKeystore]) -> pd.DataFrame:
    """The columns of `PROVIDERS`, in the order of the registry."""
    return _frame(map(_provider, joined), PROVIDERS)


def period_frame(joined: Iterable[ProviderKeystore], today: date) -> pd.DataFrame:
    """The columns of `PERIODS`, in the order of the registry and of each record: ``number`` is that of `provider show`,
    from 1 on. ``end``: missing while the period lasts; its last day counts. ``days_left``: until ``end``. ``current``:
    whether ``today`` (in Belgium) is in it. ``type``: as in the registry."""
    return _frame((row for one in joined for row in _periods(one.record, today)), PERIODS)


def practices_of(joined: Iterable[ProviderKeystore]) -> dict[object, str]:
    """The practice of each provider, by the provider's number, and of each keystore that is assigned to one, by its
    file: of several the one that works with its holder."""
    found: dict[object, str] = {}
    of_others: dict[object, str] = {}
    for one in joined:
        if one.record.practice:
            found[one.record.id] = one.record.practice
            if one.seen is not None:
                is_own = one.seen.holder is not None and one.seen.holder.value == one.record.niss
                (found if is_own else of_others).setdefault(one.seen.shown, one.record.practice)
    return {**of_others, **found}


def finding_frame(
    noted: Sequence[AuditFinding], texts: Translator, joined: Iterable[ProviderKeystore] = ()
) -> pd.DataFrame:
    """The columns of `FINDINGS`, in the order of ``noted``."""
    practices = practices_of(joined)
    return _frame((_finding(one, texts, practices) for one in noted), FINDINGS)


def merged_frame(providers: pd.DataFrame, keystores: pd.DataFrame) -> pd.DataFrame:
    """Provider by keystore: every provider, with or without a keystore, and every keystore, with or without a provider;
    one that two have in common is there twice. The columns of both, ``provider`` first; ``name`` is the provider's,
    ``holder_name`` that of the certificate."""
    assigned = providers[providers["file"].notna()]
    left = providers[providers["file"].isna()]
    joined = assigned.merge(keystores.drop(columns="practice"), on="file", how="outer")
    merged = pd.concat([joined, left.reindex(columns=joined.columns).astype(joined.dtypes.to_dict())])
    return merged.sort_values(["days_left", "name", "file"], na_position="last", ignore_index=True)


def standing_of(row: Mapping[str, Any]) -> str:
    """How the keystore of a row stands, for people; ``row`` has ``standing`` and ``replaced_by``. Nobody renews one
    that was replaced, whatever its end."""
    return str(row["standing"] if row["replaced_by"] is None else FileState.REPLACED)


def states_of(keystores: pd.DataFrame) -> Counter[str]:
    """How many keystores are in each state, by `standing_of`."""
    states = (
        keystores["standing"].astype("str").mask(keystores["replaced_by"].notna(), str(FileState.REPLACED))
    )
    return Counter(states)


def _frame(rows: Iterable[Sequence[Any]], columns: Mapping[str, Any]) -> pd.DataFrame:
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pd.DataFrame(
        {name: _series(values, columns[name]) for name, values in zip(columns, by_column, strict=True)}
    )


def _series(values: Sequence[Any], kind: Any) -> pd.Series:
    if kind is _DAY:
        # Seconds reach to the year 9999, in which certificates without an end end; nanoseconds to 2262.
        return pd.Series(np.array(values, dtype="datetime64[s]"))
    return pd.Series(list(values), dtype=kind)


def _keystore(seen: AuditedKeystore, practice: str | None) -> tuple[Any, ...]:
    holder, environment, owner = seen.holder, seen.environment, seen.diagnosis.owner
    return (
        seen.shown,
        seen.reading.kind,
        seen.reading.size,
        None if holder is None else holder.text,
        None if owner is None else owner.name,
        seen.application_id,
        None if environment is None else str(environment),
        str(seen.state),
        calendar(seen.not_before),
        calendar(seen.not_after),
        calendar(seen.renewable_from),
        seen.days_left,
        len(seen.file.serials) if seen.reading.whole else None,
        seen.reading.key_id,
        seen.reading.authentication_key,
        "not_checked" if seen.revocation is None else seen.revocation.key.removeprefix("revocation_"),
        seen.reading.opened,
        seen.by_content,
        None if seen.replaced_by is None else printable(str(seen.replaced_by)),
        practice,
    )


def _provider(joined: ProviderKeystore) -> tuple[Any, ...]:
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


def _periods(record: Provider, today: date) -> Iterator[tuple[Any, ...]]:
    for number, period in enumerate(record.periods, start=1):
        yield (
            *(record.id, record.name, record.first_names, record.practice or None),
            *(number, period.type, period.start, period.end),
            None if period.end is None else (period.end - today).days,
            period.covers(today),
            period.inami or None,
            None if period.conventioned is None else str(period.conventioned),
        )


def _finding(one: AuditFinding, texts: Translator, practices: Mapping[object, str]) -> tuple[Any, ...]:
    number, name = one.provider or (None, None)
    finding = one.finding
    practice = practices.get(number) or practices.get(one.file)
    return (
        *(str(finding.severity), one.due, one.days, finding.key, number, name),
        *(one.holder, practice, one.file),
        *(finding.message(texts), finding.next_step(texts)),
    )
