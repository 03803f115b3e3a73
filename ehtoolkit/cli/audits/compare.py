"""``audit --compare``: what changed from one folder, or audit that was saved, to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ehtoolkit.auditing.export.formats import FORMATS, OF_COMPARISONS, ExportOptions
from ehtoolkit.cli.help.command import UsageProblem

if TYPE_CHECKING:  # pandas takes its time
    from ehtoolkit.auditing.comparison import AuditComparison
    from ehtoolkit.auditing.snapshot import AuditState
    from ehtoolkit.cli.audits.perform import AuditScope
    from ehtoolkit.cli.command_session import Session
    from ehtoolkit.i18n import Translator


def require_comparison(
    places: Sequence[Path], form: str, options: Sequence[str]
) -> Callable[[AuditComparison, Translator, ExportOptions], str | bytes]:
    """Check, before any work is done, what is compared and how, and return the function of the format. ``options``:
    those that do not go with --compare.

    Raises `UsageProblem`, and `errors.FolderMissing` for a place that does not exist.
    """
    from ehtoolkit import errors

    if len(places) != 2:
        raise UsageProblem("compare_two", count=len(places))
    if options:
        named = ", ".join(options)
        raise UsageProblem("compare_options", options=named)
    write = FORMATS[form].comparison
    if write is None:
        raise UsageProblem("compare_format", format=form, formats=", ".join(OF_COMPARISONS))
    for place in places:
        if not place.exists():
            raise errors.FolderMissing(folder=str(place))
    return write


def compare_places(session: Session, places: Sequence[Path], scope: AuditScope) -> AuditComparison:
    """Return what changed from the first place to the second. Raises what `perform_audit` and `read_saved_audit`
    raise."""
    from ehtoolkit.auditing.comparison import compare_states

    earlier, later = (_state(session, place, scope) for place in places)
    return compare_states(earlier, later, session.texts)


def _state(session: Session, place: Path, scope: AuditScope) -> AuditState:
    from ehtoolkit.auditing.comparison import ENDINGS, read_saved_audit
    from ehtoolkit.cli.audits.perform import perform_audit

    if place.is_file() and place.suffix.lower() in ENDINGS:
        return read_saved_audit(place)
    return perform_audit(session, [place], scope).state()
