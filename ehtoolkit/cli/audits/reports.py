"""Reports of an audit for each practice, as ``audit --per-practice`` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.auditing.export.formats import OF_REPORTS
from ehtoolkit.cli.help.command import UsageProblem
from ehtoolkit.cli.terminal import display_path, echo
from ehtoolkit.system.text_safety import json_text

if TYPE_CHECKING:  # pandas takes its time
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.cli.command_session import Session

REPORTS: Final = "reports"
"""In place of a format: all of them."""


def require_reports(
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
        formats = ", ".join(OF_REPORTS)
        raise UsageProblem("report_format", format=form, formats=formats)
    if no_registry:
        raise UsageProblem("report_registry")
    if output is None:
        raise UsageProblem("report_output")


def save_reports(
    session: Session, audit: Audit, folder: Path, form: str, author: str | None, **options: bool
) -> None:
    """Write the reports, in ``form`` or as all of `REPORTS`, and say which they are. ``options``: those of
    `write_reports`."""
    from ehtoolkit.auditing.export.practice_reports import write_reports

    formats = OF_REPORTS if form == REPORTS else (form,)
    paths = write_reports(audit, folder, session.texts, formats=formats, author=author, **options)
    files = [display_path(path) for path in paths]
    for file in files:
        session.say("cli.audit.written", file=file)
    if session.options.as_json:
        echo(json_text({"due": audit.is_due, "reports": files}))
