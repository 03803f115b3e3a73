"""The name of the file: other programs read it, and crash on one that was renamed or copied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ehtoolkit.finding import Finding, info, warning
from ehtoolkit.identity import Environment, Identifier
from ehtoolkit.keystore.diagnosis.case import Case
from ehtoolkit.keystore.names import KeystoreName, keystore_name
from ehtoolkit.text_safety import printable

_BACKUP: Final = ".bak"
_INTEGRATION: Final = ".int-p12"
_YEARS: Final = range(1990, 2200)
"""Times outside are no times of keystores."""


def naming(case: Case) -> Iterator[Finding]:
    name, named = case.file.name, case.file.named
    if name is None or named is None or named.regular:
        return
    if name.lower().endswith(_BACKUP):
        yield info("name_backup", name=printable(name))
        return
    proper = proper_name(case)
    if proper is None:
        yield warning("name_odd", name=printable(name))
    else:
        yield warning("name_renamed", name=printable(name), proper=proper)


def proper_name(case: Case) -> str | None:
    """What the official program would call the file: its own name, when that is right; None when nobody knows
    whose it is. The time is that of the present name, else when the file was last written.

    In a folder that has such a file, an earlier time: programs take the last one, and this is more likely a
    copy of it than its successor.
    """
    if case.identifier is None:
        return None
    if case.file.named is not None and _is_right(case, case.file.named):
        return case.file.name
    moment = _moment(case)
    taken: frozenset[str] = frozenset() if case.neighbours is None else case.neighbours.names
    others = taken - {(case.file.name or "").lower()}
    while (proper := _name(case, case.identifier, moment)).lower() in others:
        moment -= timedelta(seconds=1)
    return proper


def _is_right(case: Case, named: KeystoreName) -> bool:
    is_test = case.environment is Environment.ACCEPTANCE
    return (
        named.regular
        and (named.identifier, named.application_id) == (case.identifier, case.application_id)
        and (case.environment is None or is_test is (named.environment is Environment.ACCEPTANCE))
    )


def _name(case: Case, identifier: Identifier, moment: datetime) -> str:
    named = case.file.named
    environment = case.environment or (named and named.environment) or Environment.PRODUCTION
    name = keystore_name(identifier, case.application_id, moment, environment)
    if named is not None and named.ending == _INTEGRATION and case.environment is None:
        return name.removesuffix(".p12") + _INTEGRATION
    return name


def _moment(case: Case) -> datetime:
    """Aware or local: both become the local time of the name."""
    leaf = case.content.leaf
    known = (
        None if case.file.named is None else case.file.named.moment,
        case.outline.last_written,
        case.file.changed,
        None if leaf is None else leaf.not_valid_before_utc,
    )
    return next((moment for moment in known if moment is not None and moment.year in _YEARS), case.now)
