"""Rows of the audit page, one for each keystore or provider.

With its state, its urgency and the words that a search finds it by. Made once, so that a filter only compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ehtoolkit.auditing.audit import Audit
from ehtoolkit.auditing.audit_finding import AuditFinding
from ehtoolkit.forms.finding_urgency import Urgency, urgency_of
from ehtoolkit.forms.html import Severity
from ehtoolkit.identity import PERSON_TYPE, Environment
from ehtoolkit.identity.normalisation import search_key
from ehtoolkit.keystore.state import FileState, State

ROW_STATES: Final[Mapping[str, Severity]] = MappingProxyType(
    {
        FileState.MISSING: "danger",
        FileState.UNREADABLE: "danger",
        State.EXPIRED: "danger",
        Urgency.STOPS: Urgency.STOPS.look,
        FileState.NONE: "warn",
        FileState.ELSEWHERE: "warn",
        FileState.CLOSED: "off",
        State.NO_ETK: "warn",
        State.PREPARED: "info",
        State.RENEWABLE: "warn",
        State.NOT_YET_VALID: "info",
        Urgency.CORRECT: Urgency.CORRECT.look,
        State.COMPLETE: "ok",
        FileState.REPLACED: "off",
    }
)
"""How a row can stand, the most urgent first, and how that looks: the state of its keystore, or the urgency of its
worst finding where that is worse. Nothing is red that still works."""
STATE: Final = pd.CategoricalDtype([str(row_state) for row_state in ROW_STATES], ordered=True)
URGENCY: Final = pd.CategoricalDtype([str(urgency) for urgency in Urgency], ordered=True)
_QUIET: Final = frozenset(
    {
        FileState.CLOSED,
        FileState.REPLACED,
        State.NOT_YET_VALID,
        State.COMPLETE,
    }
)
"""States with which nothing is wrong: a finding that is urgent is worse."""
_SAYS_THE_STATE: Final = frozenset({"closed", "password_wrong"})
"""Findings that say no more than the state does."""
_WORDS: Final = ("title", "niss", "inami", "practice", "holder", "holder_name", "application_id", "file")
"""Columns whose words a search finds a row by."""


@dataclass(frozen=True, slots=True)
class AuditTable:
    """``rows``: the columns of `ehtoolkit.auditing.tables.merged_rows.MergedRow`, and ``title`` (who it is about, never
    empty), ``state`` (category, of `ROW_STATES`), ``urgency`` (category `Urgency`, of the row's worst finding),
    ``finding`` (the place of that finding, missing where there is none) and ``sought`` (folded words); its index is
    that of the merged frame.

    ``findings``: the columns of `ehtoolkit.auditing.tables.merged_rows.FindingRow`, and ``title`` (what it is about),
    ``urgency``, ``state`` and ``sought``; its index is the place of each among the findings, from 0 on."""

    rows: pd.DataFrame
    findings: pd.DataFrame


def board(audit: Audit, wanted: Environment | None = None) -> AuditTable:
    """Return the rows and findings of ``audit`` as the page shows them. ``wanted``: the environment that is worked in;
    None: any."""
    rows = _rows(audit, wanted)
    return AuditTable(rows, _findings(audit, rows))


def _rows(audit: Audit, wanted: Environment | None) -> pd.DataFrame:
    rows = audit.merged.copy()
    people = _people(audit.providers)
    records = rows.to_dict("records")
    urgencies = [urgency_of(audit_finding.finding) for audit_finding in audit.audit_findings]
    places = _places(audit.findings, urgencies)
    first = [_first(record, places, urgencies) for record in records]
    worst = [None if place is None else audit.audit_findings[place] for place in first]
    rows["practice"] = pd.Series([_practice(record, people) for record in records], dtype="str")
    rows["title"] = pd.Series([_title(record, people) for record in records], dtype="str")
    states = [_worse(_state(record, wanted), finding) for record, finding in zip(records, worst, strict=True)]
    rows["state"] = pd.Series(states, dtype=STATE)
    urgent = [str(Urgency.FINE if place is None else urgencies[place]) for place in first]
    rows["urgency"] = pd.Series(urgent, dtype=URGENCY)
    rows["finding"] = pd.Series(first, dtype="Int64")
    rows["sought"] = pd.Series([_sought(words) for words in _texts(rows, _WORDS)], dtype="str")
    return rows


def _findings(audit: Audit, rows: pd.DataFrame) -> pd.DataFrame:
    shown = audit.findings.copy()
    urgencies = [str(urgency_of(audit_finding.finding)) for audit_finding in audit.audit_findings]
    shown["urgency"] = pd.Series(urgencies, dtype=URGENCY, index=shown.index)
    by_file, by_provider = _first_rows(rows, "file"), _first_rows(rows, "provider")
    of = [
        by_provider.get(provider, by_file.get(file))
        for file, provider in zip(shown["file"], shown["provider"], strict=True)
    ]
    titles = rows["title"].tolist()
    others = zip(of, shown["name"], shown["file"], strict=True)
    shown["title"] = pd.Series(
        [
            _known(name) or _known(file) or "" if place is None else titles[place]
            for place, name, file in others
        ],
        dtype="str",
    )
    for name, kind in (("practice", "str"), ("state", STATE)):
        values = rows[name].tolist()
        shown[name] = pd.Series([None if place is None else values[place] for place in of], dtype=kind)
    sought = rows["sought"].tolist()
    own = _texts(shown, ("message", "next", "name", "holder", "file"))
    shown["sought"] = pd.Series(
        [
            " ".join(filter(None, (_sought(words), "" if place is None else sought[place])))
            for words, place in zip(own, of, strict=True)
        ],
        dtype="str",
    )
    return shown


def _people(providers: pd.DataFrame) -> Mapping[str, tuple[str, str | None]]:
    """Return name and practice by NISS, written as a holder: a keystore that is not assigned may belong to a person
    all the same."""
    return {
        f"{PERSON_TYPE}={record['niss']}": (_full_name(record), _known(record["practice"]))
        for record in providers.to_dict("records")
        if _known(record["niss"])
    }


def _places(findings: pd.DataFrame, urgencies: Sequence[Urgency]) -> Mapping[object, int]:
    """Return the place of the most urgent finding of each file and of each provider."""
    found: dict[object, int] = {}
    for place, (file, provider) in enumerate(zip(findings["file"], findings["provider"], strict=True)):
        for mark in filter(None, (_known(file), _known(provider))):
            best = found.get(mark)
            if best is None or _RANKS[urgencies[place]] < _RANKS[urgencies[best]]:
                found[mark] = place
    return found


_RANKS: Final = {urgency: rank for rank, urgency in enumerate(Urgency)}


def _first(row: Mapping[str, Any], places: Mapping[object, int], urgencies: Sequence[Urgency]) -> int | None:
    marks = filter(None, (_known(row["file"]), _known(row["provider"])))
    here = (places[mark] for mark in marks if mark in places)
    return min(here, key=lambda place: (_RANKS[urgencies[place]], place), default=None)


def _worse(state: str, worst: AuditFinding | None) -> str:
    """Return the state, or the urgency of the worst finding where something is wrong beside the state. Of a file that
    was not opened, its record says less than that."""
    if worst is None or state not in _QUIET or worst.finding.key in _SAYS_THE_STATE:
        return state
    urgency = urgency_of(worst.finding)
    worse = (Urgency.STOPS,) if state == FileState.CLOSED else (Urgency.STOPS, Urgency.CORRECT)
    return str(urgency) if urgency in worse else state


def _first_rows(rows: pd.DataFrame, column: str) -> Mapping[object, int]:
    found: dict[object, int] = {}
    for place, value in enumerate(rows[column]):
        if _known(value) is not None:
            found.setdefault(value, place)
    return found


def _practice(row: Mapping[str, Any], people: Mapping[str, tuple[str, str | None]]) -> str | None:
    return _known(row["practice"]) or people.get(row["holder"], ("", None))[1]


def _title(row: Mapping[str, Any], people: Mapping[str, tuple[str, str | None]]) -> str:
    """Return the provider's name, also that of a provider with the holder's number; else the holder's name, else the
    holder's number, else the name of the file."""
    own = _full_name(row) if _known(row["name"]) else ""
    by_number = people.get(row["holder"], ("", None))[0]
    file = _known(row["file"])
    name = PurePath(str(file).replace("\\", "/")).name if file else ""
    return own or by_number or _known(row["holder_name"]) or _known(row["holder"]) or name


def _full_name(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_known(row["first_names"]), _known(row["name"]))))


def _state(row: Mapping[str, Any], wanted: Environment | None) -> str:
    if _known(row["file"]) is None:
        return FileState.NONE
    if row["kind"] == "missing":
        return FileState.MISSING
    if _known(row["replaced_by"]) is not None:
        return FileState.REPLACED
    environment = _known(row["environment"])
    if wanted is not None and environment is not None and environment != str(wanted):
        return FileState.ELSEWHERE
    return str(row["standing"])


def _texts(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[list[str]]:
    for values in zip(*(frame[name] for name in columns), strict=True):
        yield [str(value) for value in values if _known(value) is not None]


def _sought(words: Sequence[str]) -> str:
    return search_key(" ".join(words))


def _known(value: Any) -> Any:
    """Return ``value``; None for what a frame has instead of nothing."""
    return None if pd.isna(value) or value == "" else value
