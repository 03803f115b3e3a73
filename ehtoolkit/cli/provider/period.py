"""``provider period``: the INAMI periods of a record, by their numbers as ``provider show`` has them."""

from __future__ import annotations

from dataclasses import replace

import click

from ehtoolkit import errors
from ehtoolkit.cli.help.command import LocalisedGroup
from ehtoolkit.cli.help.shared_options import ENVIRONMENT
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.provider.fields import WHO, changed_period, period_options
from ehtoolkit.cli.provider.registry_session import open_registry_session
from ehtoolkit.cli.session import Session
from ehtoolkit.providers import Period, Provider

_NUMBER = click.argument("number", type=int)


@click.group(cls=LocalisedGroup)
def period() -> None:
    """Group the commands that add, change and remove INAMI periods."""


@period.command()
@WHO
@period_options
@shared(ENVIRONMENT)
def add(session: Session, /, who: str, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        new = changed_period(None, record, given, at.types)
        saved = at.registry.save(replace(record, periods=(*record.periods, new)))
        return at.tell(saved, "cli.provider.changed")


@period.command()
@WHO
@_NUMBER
@period_options
@shared(ENVIRONMENT)
def change(session: Session, /, who: str, number: int, **given: object) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        new = changed_period(_of_number(record, number), record, given, at.types)
        periods = (*record.periods[: number - 1], new, *record.periods[number:])
        return at.tell(at.registry.save(replace(record, periods=periods)), "cli.provider.changed")


@period.command()
@WHO
@_NUMBER
@shared(ENVIRONMENT)
def remove(session: Session, who: str, number: int) -> int:
    with open_registry_session(session) as at:
        record = at.registry.find(who)
        _of_number(record, number)
        periods = (*record.periods[: number - 1], *record.periods[number:])
        return at.tell(at.registry.save(replace(record, periods=periods)), "cli.provider.changed")


def _of_number(record: Provider, number: int) -> Period:
    """Return the period with this number, counted from 1. Raises `errors.PeriodUnknown` when the record has no such
    period."""
    if not 1 <= number <= len(record.periods):
        raise errors.PeriodUnknown(number=number, count=len(record.periods))
    return record.periods[number - 1]
