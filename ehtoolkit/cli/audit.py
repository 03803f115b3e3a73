"""``audit``: folders of keystores and the registry of providers, and what is wrong with them."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ehtoolkit import errors
from ehtoolkit.auditing.export.formats import FORMATS, OF_ENDINGS, OF_REPORTS, TABLE, ExportOptions
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.cli.audits.perform import AuditScope, compare_places, perform_audit, require_comparison
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.help.command import command
from ehtoolkit.cli.help.usage import ParsedValue, UsageProblem
from ehtoolkit.cli.options import ENVIRONMENT, PASSWORDS
from ehtoolkit.cli.terminal import display_path, echo, keep_line_ends
from ehtoolkit.clock import DUE_WITHIN
from ehtoolkit.system.files import put_file, require_new
from ehtoolkit.system.text_safety import json_text

if TYPE_CHECKING:  # pandas takes its time
    from ehtoolkit.auditing.audit import Audit

_CRITICAL: Final = timedelta(days=30)
_REPORTS: Final = "reports"
"""In place of a format: all of them."""


def _read_days(typed: str) -> timedelta:
    """Read ``90d``, or 90."""
    match = re.fullmatch(r"(\d{1,5})d?", typed, re.ASCII)
    if match is None:
        raise ValueError(typed)
    return timedelta(days=int(match[1]))


_DAYS: Final = ParsedValue("days", _read_days)


@command(ENVIRONMENT, PASSWORDS)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)))
@click.option("--table", type=click.Choice(TABLES))
@click.option("-o", "--output", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True)
@click.option("--compare", is_flag=True)
@click.option("--per-practice", is_flag=True)
@click.option("--practice-languages", is_flag=True)
@click.option("--author", metavar="NAME")
@click.option("--due-within", type=_DAYS, default=f"{DUE_WITHIN.days}d", metavar="90d")
@click.option("--practice", metavar="NAME")
@click.option("--no-registry", is_flag=True)
@click.option("--revocation", is_flag=True)
@click.option("--nagios", is_flag=True)
@click.option("-w", "--warning", type=_DAYS, metavar="90d")
@click.option("-c", "--critical", type=_DAYS, metavar="30d")
@click.option("--full", is_flag=True)
@click.option("--findings", is_flag=True)
@click.option("--scheduler", metavar="ADDRESS")
@click.option("--processes", type=click.IntRange(1, 64), default=2)
def audit(
    session: Session,
    folders: tuple[Path, ...],
    form: str | None,
    table: str | None,
    output: Path | None,
    force: bool,
    compare: bool,
    per_practice: bool,
    practice_languages: bool,
    author: str | None,
    due_within: timedelta,
    practice: str | None,
    no_registry: bool,
    revocation: bool,
    nagios: bool,
    warning: timedelta | None,
    critical: timedelta | None,
    full: bool,
    findings: bool,
    scheduler: str | None,
    processes: int,
) -> int:
    from ehtoolkit.cli.audits.table import print_audit

    _require_plugin_options(
        nagios=nagios,
        limits=warning is not None or critical is not None,
        others=bool(form or table or output or per_practice or compare or session.options.as_json),
    )
    if per_practice or practice_languages or author is not None:
        _require_reports(
            form,
            output,
            author,
            per_practice=per_practice,
            practice_languages=practice_languages,
            no_registry=no_registry,
        )
        form = form or _REPORTS
    else:
        form = _form(form, output, as_json=session.options.as_json)
    if practice is not None and no_registry:
        raise UsageProblem("practice")
    _require_output(form, table, output, force=force, is_folder=per_practice)
    unattended = nagios or session.options.quiet or FORMATS.get(form, FORMATS[TABLE]).unattended
    scope = AuditScope(due_within, processes, practice, no_registry, revocation, scheduler, unattended)
    if compare:
        return _compare(session, folders, scope, form, output, full=full, force=force)
    if nagios:
        limit = due_within if warning is None else warning
        return _plugin(session, folders, replace(scope, due_within=limit), critical, full=full)
    found = perform_audit(session, folders, scope)
    if per_practice and output is not None:
        options = {"full": full, "own_languages": practice_languages, "replacing": force}
        _save_reports(session, found, output, form, author, **options)
    elif form == TABLE and output is None and not session.options.quiet:
        print_audit(found, session.texts, folders, findings=findings, full=full)
    else:
        pressing = session.options.quiet and output is None
        wanted = ExportOptions(full, table or "merged", pressing=pressing)
        content = FORMATS[form].content(found, session.texts, wanted)
        _put_out(session, content, form, output, force=force)
    return int(found.is_due)


def _require_output(
    form: str, table: str | None, output: Path | None, *, force: bool, is_folder: bool
) -> None:
    """Check, before any work is done, what is to be written. Raises `UsageProblem`, `errors.OptionMissing` for a format
    that a terminal cannot show, and what `require_new` raises. ``is_folder``: ``output`` is one, for reports."""
    if table is not None and form != "csv":
        raise UsageProblem("table", format=form)
    if output is not None and not is_folder:
        require_new(output, replacing=force)
    if output is None and force:
        raise UsageProblem("force")
    if output is None and FORMATS.get(form, FORMATS[TABLE]).binary and sys.stdout.isatty():
        raise errors.OptionMissing(option="--output", reason="terminal")


_NOT_COMPARED: Final = ("table", "per_practice", "author", "practice_languages", "findings", "due_within")
"""Options that do not go with --compare."""


def _compare(
    session: Session,
    places: tuple[Path, ...],
    scope: AuditScope,
    form: str,
    output: Path | None,
    *,
    full: bool,
    force: bool,
) -> int:
    """Compare two folders or audits that were saved, and return the exit code."""
    source, given = click.get_current_context().get_parameter_source, click.core.ParameterSource.COMMANDLINE
    others = [f"--{name.replace('_', '-')}" for name in _NOT_COMPARED if source(name) is given]
    write = require_comparison(places, form, others)
    found = compare_places(session, places, scope)
    content = write(
        found, session.texts, ExportOptions(full, pressing=session.options.quiet and output is None)
    )
    _put_out(session, content, form, output, force=force)
    return int(found.is_due)


def _put_out(session: Session, content: str | bytes, form: str, output: Path | None, *, force: bool) -> None:
    """Print ``content``, or write it into a file, with ``force`` over one that is there."""
    if output is None:
        if form != TABLE:
            keep_line_ends()
        echo(content, nl=False)
        return
    put_file(output, FORMATS[form].encoded(content), replacing=force)
    session.say("cli.audit.written", file=display_path(output))


def _require_plugin_options(*, nagios: bool, limits: bool, others: bool) -> None:
    """Check the options of ``--nagios``. Raises `click.UsageError` for ``limits`` without ``nagios``, and for
    ``others`` beside it."""
    if not nagios and limits:
        raise UsageProblem("nagios_limits")
    if nagios and others:
        raise UsageProblem("nagios_format")


def _form(given: str | None, output: Path | None, *, as_json: bool) -> str:
    """Return the format: the one that is asked for, else that of the file's ending, else ``table``, for people."""
    if as_json and given not in {None, "json"}:
        raise UsageProblem("json", format=given)
    if as_json or given is not None:
        return given or "json"
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    return OF_ENDINGS.get(ending, TABLE)


def _plugin(
    session: Session, folders: tuple[Path, ...], scope: AuditScope, critical: timedelta | None, *, full: bool
) -> int:
    """Audit, print one line for a monitoring system, and return its exit code. `ehtoolkit.cli.run` reports what goes
    wrong, as UNKNOWN."""
    from ehtoolkit.auditing.export.nagios_plugin import plugin_result

    critical = _CRITICAL if critical is None else critical
    if critical > scope.due_within:
        raise UsageProblem("nagios_order")
    found = perform_audit(session, folders, scope)
    result = plugin_result(found, session.texts, scope.due_within, critical, full=full)
    echo(result.line)
    return int(result.status)


def _require_reports(
    form: str | None,
    output: Path | None,
    author: str | None,
    *,
    per_practice: bool,
    practice_languages: bool,
    no_registry: bool,
) -> None:
    """Check, before any work is done, that the options of reports go together. Raises `UsageProblem` when they do
    not."""
    if author is not None and not per_practice:
        raise UsageProblem("author")
    if practice_languages and not per_practice:
        raise UsageProblem("practice_languages")
    if form is not None and form not in OF_REPORTS:
        raise UsageProblem("report_format", format=form, formats=", ".join(OF_REPORTS))
    if no_registry:
        raise UsageProblem("report_registry")
    if output is None:
        raise UsageProblem("report_output")


def _save_reports(
    session: Session, audit: Audit, folder: Path, form: str, author: str | None, **options: bool
) -> None:
    """Write the reports, in ``form`` or as all of `_REPORTS`, and say which they are. ``options``: those of
    `write_reports`."""
    from ehtoolkit.auditing.export.practice_reports import write_reports

    formats = OF_REPORTS if form == _REPORTS else (form,)
    paths = write_reports(audit, folder, session.texts, formats=formats, author=author, **options)
    files = [display_path(path) for path in paths]
    for file in files:
        session.say("cli.audit.written", file=file)
    if session.options.as_json:
        echo(json_text({"due": audit.is_due, "reports": files}))
