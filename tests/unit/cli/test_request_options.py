"""An audit is asked for in one way: the command, watches, Python and the model have the same names."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import Any

import click
import pytest

import ehtoolkit
from ehtoolkit.auditing.request import AuditRequest
from ehtoolkit.cli.audit import audit
from ehtoolkit.cli.audits.request_options import REQUEST_OPTIONS
from ehtoolkit.cli.watch.edit import add, edit
from ehtoolkit.watch.configuration import WatchConfig


def declared(command: click.Command) -> dict[str, tuple[Any, ...]]:
    return {
        str(option.name): (option.opts, option.secondary_opts, option.type.name, option.metavar)
        for option in command.params
        if option.name in REQUEST_OPTIONS and isinstance(option, click.Option)
    }


def test_the_command_and_watches_have_the_same_options() -> None:
    assert set(declared(audit)) == set(AuditRequest.model_fields) - {"folders", "environment"}
    assert declared(audit) == declared(add) == declared(edit)


def test_python_has_the_names_of_the_request() -> None:
    assert set(REQUEST_OPTIONS) <= set(inspect.signature(ehtoolkit.audit).parameters)


def test_the_defaults_are_those_of_the_request() -> None:
    plain = AuditRequest()
    for command in (audit, add):
        options = {option.name: option for option in command.params}
        with click.Context(command, obj=None) as context:
            found = {
                name: options[name].type_cast_value(context, options[name].get_default(context))
                for name in REQUEST_OPTIONS
            }
        assert found == {name: getattr(plain, name) for name in REQUEST_OPTIONS}
    assert {option.default for option in edit.params if option.name in REQUEST_OPTIONS} == {None}


@pytest.mark.parametrize("days", [0, 45, 365])
def test_days_are_whole_numbers_in_a_file(days: int) -> None:
    request = AuditRequest(due_within=timedelta(days=days))
    assert request.model_dump(mode="json")["due_within"] == days
    assert AuditRequest.model_validate_json(request.model_dump_json()) == request


def test_a_watch_asks_without_its_recipients() -> None:
    watch = WatchConfig.model_validate({"name": "w", "folders": ["/ks"], "practice": "A", "revocation": True})
    assert watch.request == AuditRequest(folders=watch.folders, practice="A", revocation=True)
    assert type(watch.request) is AuditRequest
