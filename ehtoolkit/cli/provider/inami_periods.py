"""``provider period``: the INAMI periods of a record, by their numbers as ``provider show`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, several
from ehtoolkit.cli.provider.records import WHO
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.providers.provider import Period, Provider, TypeTable
from ehtoolkit.providers.table_file import read_conventioned, read_date, read_type

_period_options = several(
    click.option("--type", "kind", metavar="TYPE"),
    click.option("--start", metavar="DATE"),
    click.option("--end", metavar="DATE"),
    click.option("--inami"),
    click.option("--conventioned", metavar="yes|no|partly"),
)


_NUMBER = click.argument("number", type=int)


@command(ENVIRONMENT)
@WHO
@_period_options
def add(session: Session, /, who: str, **given: object) -> None:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        at.save(replace(record, periods=(*record.periods, _changed(None, record, given, at.types))))


@command(ENVIRONMENT)
@WHO
@_NUMBER
@_period_options
def change(session: Session, /, who: str, number: int, **given: object) -> None:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        new = _changed(_of_number(record, number), record, given, at.types)
        at.save(_with_periods(record, number, new))


@command(ENVIRONMENT)
@WHO
@_NUMBER
def remove(session: Session, who: str, number: int) -> None:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        _of_number(record, number)
        at.save(_with_periods(record, number))


def _with_periods(record: Provider, number: int, *new: Period) -> Provider:
    """Return the record with ``new`` in place of its period ``number``."""
    return replace(record, periods=(*record.periods[: number - 1], *new, *record.periods[number:]))


def _of_number(record: Provider, number: int) -> Period:
    """Return the period with this number, counted from 1. Raises `errors.PeriodUnknown` when the record has no such
    period."""
    if not 1 <= number <= len(record.periods):
        raise errors.PeriodUnknown(number=number, count=len(record.periods))
    return record.periods[number - 1]


def _changed(period: Period | None, record: Provider, given: Mapping[str, Any], table: TypeTable) -> Period:
    """Return ``period``, or a new one where it is None, with the values that were given. None stands for an option that
    was not given; an empty end removes the end.

    Raises `errors.RecordInvalid`, `errors.ProviderTypeUnknown`, `click.UsageError`.
    """
    known: dict[str, Any] = {}
    if given["kind"] is not None:
        known["type"] = read_type(given["kind"], table)
    elif period is None:
        if len(record.types) != 1:
            raise errors.RecordInvalid(reason="period_type")
        known["type"] = record.types[0]
    for name in ("start", "end"):
        if given[name] is not None:
            known[name] = read_date(given[name])
    if given["inami"] is not None:
        known["inami"] = given["inami"]
    if given["conventioned"] is not None:
        try:
            known["conventioned"] = read_conventioned(given["conventioned"])
        except ValueError as error:
            facts = {"name": "--conventioned", "value": given["conventioned"], "choices": "yes, no, partly"}
            raise UsageProblem("choice", **facts) from error
    if known.get("start", period and period.start) is None:
        raise errors.RecordInvalid(reason="start")
    return Period(**known) if period is None else replace(period, **known)
