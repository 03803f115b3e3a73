"""The options that fill a record, and a period, and what they make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.usage import ParameterProblem
from ehtoolkit.providers.provider import Period, Provider, TypeTable
from ehtoolkit.providers.table_file import read_conventioned, read_date, read_type

C = TypeVar("C", bound=Callable[..., Any])

WHO: Final = click.argument("who", metavar="WHO")

_RECORD: Final = [
    click.option("--name"),
    click.option("--first-names"),
    click.option("--niss"),
    click.option("--inami"),
    click.option("--recognition-number"),
    click.option("--enterprise-number"),
    click.option("--practice"),
    click.option("--birth-date", "birth_date", metavar="DATE"),
    click.option("--language", type=click.Choice(["fr", "nl", "de", "en"])),
    click.option("--type", "types", multiple=True, metavar="TYPE"),
]
_PERIOD: Final = [
    click.option("--type", "kind", metavar="TYPE"),
    click.option("--start", metavar="DATE"),
    click.option("--end", metavar="DATE"),
    click.option("--inami"),
    click.option("--conventioned", metavar="yes|no|partly"),
]


def record_options(command: C) -> C:
    for option in reversed(_RECORD):
        command = option(command)
    return command


def period_options(command: C) -> C:
    for option in reversed(_PERIOD):
        command = option(command)
    return command


def apply_options(record: Provider, given: Mapping[str, Any], table: TypeTable) -> Provider:
    """Return ``record`` with the values that were given; None stands for an option that was not given.

    Raises `errors.RecordInvalid`, `errors.ProviderTypeUnknown`.
    """
    known = {name: value for name, value in given.items() if value is not None and name != "types"}
    if "birth_date" in known:
        known["birth_date"] = read_date(known["birth_date"])
    if given["types"]:
        known["types"] = tuple(read_type(kind, table) for kind in given["types"])
    return replace(record, **known)


def changed_period(
    period: Period | None, record: Provider, given: Mapping[str, Any], table: TypeTable
) -> Period:
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
            raise ParameterProblem("choice", "yes, no, partly", None, None, **facts) from error
    if known.get("start", period and period.start) is None:
        raise errors.RecordInvalid(reason="start")
    return Period(**known) if period is None else replace(period, **known)
