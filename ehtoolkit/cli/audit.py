"""``audit``: folders of keystores and the registry of providers, and what is wrong with them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit import errors
from ehtoolkit.auditing.export.formats import FORMATS, OF_ENDINGS, OF_REPORTS, TABLE, ExportOptions
from ehtoolkit.auditing.tables import TABLES
from ehtoolkit.cli.audits.perform import RunOptions, compare_places, perform_audit, require_comparison
from ehtoolkit.cli.audits.request_options import DAYS, request_options, take_request
from ehtoolkit.cli.command import UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import ENVIRONMENT, PASSWORDS, PATH
from ehtoolkit.cli.terminal import display_path, echo, keep_line_ends
from ehtoolkit.system.files import put_file, require_new

if TYPE_CHECKING:  # pandas takes its time
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.request import AuditRequest

_CRITICAL: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AuditArguments(RunOptions):
    """What was typed: the request, and the options that only ``audit`` has."""

    request: AuditRequest
    form: str | None
    table: str | None
    output: Path | None
    force: bool
    compare: bool
    per_practice: bool
    practice_languages: bool
    author: str | None
    nagios: bool
    warning: timedelta | None
    critical: timedelta | None
    full: bool
    findings: bool


@command(ENVIRONMENT, PASSWORDS)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=PATH)
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)))
@click.option("--table", type=click.Choice(TABLES))
@click.option("-o", "--output", type=PATH)
@click.option("--force", is_flag=True)
@click.option("--compare", is_flag=True)
@click.option("--per-practice", is_flag=True)
@click.option("--practice-languages", is_flag=True)
@click.option("--author", metavar="NAME")
@request_options()
@click.option("--nagios", is_flag=True)
@click.option("-w", "--warning", type=DAYS, metavar="90d")
@click.option("-c", "--critical", type=DAYS, metavar="30d")
@click.option("--full", is_flag=True)
@click.option("--findings", is_flag=True)
@click.option("--executor", metavar="ADDRESS")
@click.option("--processes", type=click.IntRange(1, 64), default=2)
def audit(session: Session, /, **arguments: Any) -> int:
    from ehtoolkit.cli.audits.table import print_audit

    request = take_request(arguments, folders=arguments.pop("folders"))
    given = _AuditArguments(request=request, **arguments)
    as_json, quiet = session.options.as_json, session.options.quiet
    form = _form(given, as_json=as_json)
    _check_options(given, form, as_json=as_json)
    _require_output(given, form)
    given = replace(given, unattended=given.nagios or quiet or FORMATS[form].unattended)
    options = ExportOptions(given.full, given.table or "merged", pressing=quiet and given.output is None)
    if given.compare:
        return _compare(session, given, form, options)
    if given.nagios:
        return _plugin(session, given)
    found = perform_audit(session, request, given)
    if given.per_practice and given.output is not None:
        _save_reports(session, found, given, given.output)
    elif form == TABLE and given.output is None and not quiet:
        print_audit(found, session.texts, request.folders, options, findings=given.findings)
    else:
        _put_out(session, FORMATS[form].content(found, session.texts, options), given, form)
    return int(found.is_due)


# ── Options that go together ─────────────────────────────────────────────────────────────────────────────
def _form(given: _AuditArguments, *, as_json: bool) -> str:
    """Return the format: the one that is asked for, else that of the file's ending, else ``table``, for people."""
    if given.form is not None or as_json:
        return given.form or "json"
    ending = "" if given.output is None or given.per_practice else given.output.suffix
    return OF_ENDINGS.get(ending.lower().removeprefix("."), TABLE)


def _check_options(given: _AuditArguments, form: str, *, as_json: bool) -> None:
    """Raise `UsageProblem` for options that do not go together."""
    limits = given.warning is not None or given.critical is not None
    not_of_plugin = (given.form, given.table, given.output, given.per_practice, given.compare, as_json)
    problems = {
        "nagios_limits": limits and not given.nagios,
        "nagios_format": given.nagios and any(not_of_plugin),
        "author": given.author is not None and not given.per_practice,
        "practice_languages": given.practice_languages and not given.per_practice,
        "report_format": given.per_practice and given.form not in (None, *OF_REPORTS),
        "report_registry": given.per_practice and not given.request.registry,
        "report_output": given.per_practice and given.output is None,
        "json": as_json and given.form not in (None, "json") and not given.per_practice,
        "practice": given.request.practice is not None and not given.request.registry,
        "table": given.table is not None and form != "csv",
        "force": given.force and given.output is None,
    }
    for key, is_wrong in problems.items():
        if is_wrong:
            raise UsageProblem(key, format=form, formats=", ".join(OF_REPORTS))


def _require_output(given: _AuditArguments, form: str) -> None:
    """Check, before any work is done, where it is written. Raises `errors.OptionMissing` for a format that a terminal
    cannot show, and what `require_new` raises."""
    if given.output is None:
        if FORMATS[form].binary and sys.stdout.isatty():
            raise errors.OptionMissing(option="--output", reason="terminal")
    elif not given.per_practice:  # else it is a folder
        require_new(given.output, replacing=given.force)


# ── Kinds of output ──────────────────────────────────────────────────────────────────────────────────────
_NOT_COMPARED: Final = ("table", "per_practice", "author", "practice_languages", "findings", "due_within")
"""Options that do not go with --compare."""


def _compare(session: Session, given: _AuditArguments, form: str, options: ExportOptions) -> int:
    """Compare two folders or audits that were saved, and return the exit code."""
    source, typed = click.get_current_context().get_parameter_source, click.core.ParameterSource.COMMANDLINE
    others = [f"--{name.replace('_', '-')}" for name in _NOT_COMPARED if source(name) is typed]
    write = require_comparison(given.request.folders, form, others)
    found = compare_places(session, given.request, given)
    _put_out(session, write(found, session.texts, options), given, form)
    return int(found.is_due)


def _plugin(session: Session, given: _AuditArguments) -> int:
    """Audit, print one line for a monitoring system, and return its exit code. `ehtoolkit.cli.run` reports what goes
    wrong, as UNKNOWN."""
    from ehtoolkit.auditing.export.nagios_plugin import plugin_result

    warning = given.request.due_within if given.warning is None else given.warning
    critical = _CRITICAL if given.critical is None else given.critical
    if critical > warning:
        raise UsageProblem("nagios_order")
    found = perform_audit(session, given.request.model_copy(update={"due_within": warning}), given)
    result = plugin_result(found, session.texts, warning, critical, full=given.full)
    echo(result.line)
    return int(result.status)


def _put_out(session: Session, content: str | bytes, given: _AuditArguments, form: str) -> None:
    """Print ``content``, or write it into a file, with --force over one that is there."""
    if given.output is None:
        if form != TABLE:
            keep_line_ends()
        echo(content, nl=False)
        return
    put_file(given.output, FORMATS[form].encoded(content), replacing=given.force)
    session.say("cli.audit.written", file=display_path(given.output))


def _save_reports(session: Session, audit: Audit, given: _AuditArguments, folder: Path) -> None:
    """Write the reports, in the format that is asked for or in all of `OF_REPORTS`, and say which they are."""
    from ehtoolkit.auditing.export.practice_reports import write_reports

    paths = write_reports(
        audit,
        folder,
        session.texts,
        formats=OF_REPORTS if given.form is None else (given.form,),
        author=given.author,
        full=given.full,
        own_languages=given.practice_languages,
        replacing=given.force,
    )
    files = [display_path(path) for path in paths]
    for file in files:
        session.say("cli.audit.written", file=file)
    if session.options.as_json:
        session.print_json({"due": audit.is_due, "reports": files})
