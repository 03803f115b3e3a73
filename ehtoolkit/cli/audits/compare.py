"""``audit --compare``: what changed from one folder, or audit that was saved, to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ehtoolkit.cli.help.usage import UsageProblem

if TYPE_CHECKING:  # pandas takes its time
    from ehtoolkit.auditing.comparison import AuditComparison, AuditState
    from ehtoolkit.cli.audits.perform import AuditScope
    from ehtoolkit.cli.session import Session

FORMATS: Final = ("table", "csv", "json")
"""The formats of `ehtoolkit.auditing.export.formats.FORMATS` that a comparison has."""


def require_comparison(places: Sequence[Path], form: str, options: Sequence[str]) -> None:
    """Check, before any work is done, what is compared and how. ``options``: those that do not go with --compare.

    Raises `UsageProblem`, and `errors.FolderMissing` for a place that does not exist.
    """
    from ehtoolkit import errors

    if len(places) != 2:
        raise UsageProblem("compare_two", count=len(places))
    if options:
        named = ", ".join(options)
        raise UsageProblem("compare_options", options=named)
    if form not in FORMATS:
        formats = ", ".join(FORMATS)
        raise UsageProblem("compare_format", format=form, formats=formats)
    for place in places:
        if not place.exists():
            raise errors.FolderMissing(folder=str(place))


def compare_places(session: Session, places: Sequence[Path], scope: AuditScope) -> AuditComparison:
    """Return what changed from the first place to the second. Raises what `perform_audit` and `read_saved_audit`
    raise."""
    from ehtoolkit.auditing.comparison import compare_states

    earlier, later = (_state(session, place, scope) for place in places)
    return compare_states(earlier, later, session.texts)


def _state(session: Session, place: Path, scope: AuditScope) -> AuditState:
    from ehtoolkit.auditing.comparison import AuditState, read_saved_audit
    from ehtoolkit.auditing.comparison.saved_audit import ENDINGS
    from ehtoolkit.cli.audits.perform import perform_audit

    if place.is_file() and place.suffix.lower() in ENDINGS:
        return read_saved_audit(place)
    return AuditState.of(perform_audit(session, [place], scope))


def comparison_text(found: AuditComparison, form: str, *, full: bool, quiet: bool) -> str:
    """Return a comparison in one of `FORMATS`; as text with ``quiet`` only what somebody has to look at."""
    if form == "csv":
        return str(found.to_csv(full=full))
    if form == "json":
        return str(found.to_json(full=full))
    return str(found.to_text(full=full, pressing=quiet))
