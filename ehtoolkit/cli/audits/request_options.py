"""The options by which ``audit`` and watches ask for an audit, declared once for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import click

from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.cli.command import ParsedValue
from ehtoolkit.cli.options import C, several


def _read_days(typed: str) -> timedelta:
    """Read ``90d``, or 90."""
    match = re.fullmatch(r"(\d{1,5})d?", typed, re.ASCII)
    if match is None:
        raise ValueError(typed)
    return timedelta(days=int(match[1]))


DAYS: Final = ParsedValue("days", _read_days)
_ELSEWHERE: Final = frozenset({"folders", "environment"})
"""What each command takes in a way of its own."""
_WITH_VALUE: Final[dict[str, dict[str, Any]]] = {
    "due_within": {"type": DAYS, "metavar": "90d"},
    "practice": {"metavar": "NAME"},
}
"""The options that take a value; all others are switched on or off."""
REQUEST_OPTIONS: Final = tuple(name for name in AuditRequest.model_fields if name not in _ELSEWHERE)
"""Their names, as `AuditRequest` has them."""


def request_options(*, changes: bool = False) -> Callable[[C], C]:
    """Return a decorator that gives a command the options of a request. ``changes``: what is not typed is None, and
    stays as it is."""
    return several(*(_option(name, changes=changes) for name in REQUEST_OPTIONS))


def _option(name: str, *, changes: bool) -> Callable[[Any], Any]:
    default = None if changes else AuditRequest.model_fields[name].default
    if isinstance(default, timedelta):
        default = f"{default.days}d"
    typed = name.replace("_", "-")
    if name in _WITH_VALUE:
        return click.option(f"--{typed}", name, default=default, **_WITH_VALUE[name])
    return click.option(f"--{typed}/--no-{typed}", name, default=default)


def take_request(options: dict[str, Any], **others: Any) -> AuditRequest:
    """Remove the options of a request from ``options``, and return it. ``others``: its other fields."""
    return AuditRequest(**{name: options.pop(name) for name in REQUEST_OPTIONS}, **others)
