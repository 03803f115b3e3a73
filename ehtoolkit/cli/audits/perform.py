"""Run an audit, or compare two, with the passwords, the registry and the settings of a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ehtoolkit import errors
from ehtoolkit.auditing.export.formats import FORMATS, OF_COMPARISONS, ExportOptions
from ehtoolkit.cli.command import UsageProblem
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.terminal import progress_bar, stopping_on_signals

if TYPE_CHECKING:  # --help does not need them, and they take their time
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.auditing.comparison import AuditComparison
    from ehtoolkit.auditing.options import AuditOptions
    from ehtoolkit.auditing.request import AuditRequest
    from ehtoolkit.auditing.snapshot import AuditState
    from ehtoolkit.i18n import Translator
    from ehtoolkit.secret import Secret


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How this computer runs an audit, and whether no person reads all of the result; see
    `ehtoolkit.auditing.options.AuditOptions`. ``executor``: the address of a cluster."""

    processes: int = 2
    executor: str | None = None
    unattended: bool = False


def perform_audit(session: Session, request: AuditRequest, run: RunOptions) -> Audit:
    """Audit with the passwords, the registry and the settings of ``session``; SIGTERM stops it as Ctrl+C does. Raises
    what those raise."""
    from ehtoolkit.auditing.audit import run_audit
    from ehtoolkit.auditing.scan.dask_cluster import open_cluster
    from ehtoolkit.cli.keystore.inspected_files import known_passwords, say_idle
    from ehtoolkit.keystore.passwords import Guesses
    from ehtoolkit.providers import open_registry
    from ehtoolkit.toolkit import revocation_asker

    # After the imports: lxml loses a KeyboardInterrupt that is raised while it is imported.
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals())
        options = _options(session, request, run)
        passwords = known_passwords(session)
        asked_for: list[Path] = []

        def passwords_of(file: Path) -> Sequence[Secret]:
            asked_for.append(file)
            try:
                found = passwords(file)
            except errors.KeystoreNotIssued:
                return ()  # as on the audit's page: only what needs no password
            return found if session.passwords.names(file) else Guesses(found)

        settings = session.settings
        ask = stack.enter_context(revocation_asker(settings, anew=False)) if request.revocation else None
        label = session.texts.get("cli.audit.progress")
        bar = stack.enter_context(progress_bar(label, quiet=session.options.quiet))
        executor = stack.enter_context(open_cluster(run.executor)) if run.executor else None
        options = replace(options, executor=executor, progress=bar, ask_revocation=ask)
        found = run_audit(passwords_of, options, lambda: open_registry(settings, session.clock))
    say_idle(session, asked_for)
    return found


def _options(session: Session, request: AuditRequest, run: RunOptions) -> AuditOptions:
    from ehtoolkit.auditing.options import AuditOptions

    return AuditOptions.of(
        session.settings,
        request,
        training_now=lambda: session.training.clock.now(),
        processes=run.processes,
        language=session.texts.language,
        unattended=run.unattended,
    )


def check_practice(session: Session, request: AuditRequest, name: str) -> None:
    """Check that the audit of ``request`` reads a registry with the practice ``name``. Raises
    `errors.PracticeUnknown`."""
    from ehtoolkit.providers import open_registry
    from ehtoolkit.providers.audit_registry import require_practice

    _options(session, request, RunOptions())
    with open_registry(session.settings, session.clock) as registry:
        require_practice(name, tuple(registry.providers()))


# ── Compare two ──────────────────────────────────────────────────────────────────────────────────────────
def require_comparison(
    places: Sequence[Path], form: str, options: Sequence[str]
) -> Callable[[AuditComparison, Translator, ExportOptions], str | bytes]:
    """Check, before any work is done, what is compared and how, and return the function of the format. ``options``:
    those that do not go with --compare.

    Raises `UsageProblem`, and `errors.FolderMissing` for a place that does not exist.
    """
    if len(places) != 2:
        raise UsageProblem("compare_two", count=len(places))
    if options:
        raise UsageProblem("compare_options", options=", ".join(options))
    write = FORMATS[form].comparison
    if write is None:
        raise UsageProblem("compare_format", format=form, formats=", ".join(OF_COMPARISONS))
    for place in places:
        if not place.exists():
            raise errors.FolderMissing(folder=str(place))
    return write


def compare_places(session: Session, request: AuditRequest, run: RunOptions) -> AuditComparison:
    """Return what changed from the first folder of ``request`` to the second; each may be a saved audit. Raises what
    `perform_audit` and `read_saved_audit` raise."""
    from ehtoolkit.auditing.comparison import compare_states

    earlier, later = (_state(session, place, request, run) for place in request.folders)
    return compare_states(earlier, later, session.texts)


def _state(session: Session, place: Path, request: AuditRequest, run: RunOptions) -> AuditState:
    from ehtoolkit.auditing.comparison import ENDINGS, read_saved_audit

    if place.is_file() and place.suffix.lower() in ENDINGS:
        return read_saved_audit(place)
    return perform_audit(session, request.model_copy(update={"folders": (place,)}), run).state()
