"""``provider import`` and ``export``: providers and their periods as CSV."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import Any

import click

from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, FILE, FILE_PATH
from ehtoolkit.cli.provider.registry_session import RegistrySession, open_registry_session
from ehtoolkit.cli.terminal import echo, keep_line_ends
from ehtoolkit.providers.exporting import export_file, write_table
from ehtoolkit.providers.importing import ProviderTable, RejectedRow, open_table
from ehtoolkit.providers.merging import MergeResult
from ehtoolkit.providers.provider import Provider
from ehtoolkit.system.files import require_new


@command(ENVIRONMENT)
@click.option("-o", "--output", type=FILE_PATH)
@click.option("--comma", is_flag=True, hidden=True)
def export_providers(session: Session, output: Path | None, comma: bool) -> None:
    separator = "," if comma else ";"
    if output is not None:
        require_new(output)
    with open_registry_session(session) as at:
        if output is not None:
            count = export_file(at.registry.providers(), output, separator=separator)
            value = {"file": str(output), "providers": count}
            session.result(value, "cli.provider.exported", file=output, count=count)
        elif session.options.as_json:
            session.print_json({"providers": [at.describe(record) for record in at.registry.providers()]})
        else:
            keep_line_ends()
            write_table(at.registry.providers(), sys.stdout, separator=separator)


_AT_ONCE = 1000
"""Providers in one transaction: the registry is free for others in between, and the same import can be repeated."""


_SHOWN = 50
"""Wrong rows that are named; of more, their number."""


@command(ENVIRONMENT)
@FILE
@click.option("--dry-run", is_flag=True)
@click.option("--skip-wrong", is_flag=True)
def import_providers(session: Session, file: Path, dry_run: bool, skip_wrong: bool) -> int:
    with open_registry_session(session) as at:
        table = open_table(file, at.types)
        wrong, refused, right = _look(table)
        does = not dry_run and (skip_wrong or not refused)
        merged = _import(at, table) if does else MergeResult()
        registry = at.registry.place.shown
    value: dict[str, Any] = {
        "added": merged.added,
        "changed": merged.changed,
        "unchanged": merged.unchanged,
        "providers": right,
        "refused": refused,
        "imported": does,
        "registry": registry,
        "passed_over": list(table.passed_over),
        "rows": [_describe(session, row) for row in wrong],
    }
    if session.options.as_json:
        session.print_json(value)
    else:
        _tell(session, value, file, dry_run=dry_run)
    return 1 if refused else 0


def _look(table: ProviderTable) -> tuple[list[RejectedRow], int, int]:
    """Return the first wrong rows of ``table``, how many there are, and how many providers are right."""
    wrong: list[RejectedRow] = []
    refused = right = 0
    for row in table:
        if isinstance(row, RejectedRow):
            refused += 1
            if len(wrong) < _SHOWN:
                wrong.append(row)
        else:
            right += 1
    return wrong, refused, right


def _import(at: RegistrySession, table: ProviderTable) -> MergeResult:
    merged = MergeResult()
    records = (row for row in table if isinstance(row, Provider))
    while some := list(islice(records, _AT_ONCE)):
        merged += at.registry.merge(some)
    return merged


def _describe(session: Session, row: RejectedRow) -> dict[str, Any]:
    reason = session.texts.get(f"registry.row.{row.reason}")
    return {"line": row.line, "column": row.column, "reason": row.reason, "message": reason}


def _tell(session: Session, value: dict[str, Any], file: Path, *, dry_run: bool) -> None:
    get = session.texts.get
    for row in value["rows"]:
        column = "" if row["column"] is None else f" ({get('registry.column.' + row['column'])})"
        echo(get("cli.provider.row", line=row["line"], reason=row["message"], column=column), err=True)
    if value["refused"] > len(value["rows"]):
        echo(get("cli.provider.more_rows", count=value["refused"] - len(value["rows"])), err=True)
    if value["passed_over"]:
        columns = ", ".join(value["passed_over"])
        echo(get("cli.provider.passed_over", columns=columns), err=True)
    facts = {**value, "file": file, "environment": session.settings.environment}
    if value["imported"]:
        echo(get("cli.provider.imported", **facts))
        echo(get("cli.provider.registry", **facts))
    elif dry_run or not value["refused"]:
        echo(get("cli.provider.importable", **facts))
    else:
        echo(get("cli.provider.import_refused", **facts))
