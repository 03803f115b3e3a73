"""``watch run``: audit as watches are configured, and send their messages."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo, stopping_on_signals
from ehtoolkit.cli.watch.senders import open_runner
from ehtoolkit.cli.watch.stored_watches import complain, watch_store

if TYPE_CHECKING:  # pandas takes its time, which --help does not need
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import RunResult, WatchConfig, WatchStore

_PROCESSES: Final = 2


@click.command(cls=LocalisedCommand)
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--scheduled", is_flag=True)
@shared()
def run(session: Session, names: tuple[str, ...], scheduled: bool) -> int:
    from ehtoolkit import errors
    from ehtoolkit.clock import SystemClock

    store, code, reports = watch_store(session), ExitCode.FINE, []
    for name in names:
        store.load(name)  # an invalid name is wrong usage
    watches = names or store.names()
    with stopping_on_signals():
        for name in watches:
            try:
                watch = store.load(name)
                with open_runner(session, store) as runner:
                    result = runner.run(watch, lambda watch=watch: _audit(session, watch), SystemClock().now)  # type: ignore[misc]
            except errors.Cancelled:
                raise
            except Exception as error:  # noqa: BLE001  # the other watches go on
                complain(session, name, _ours(error))
                code = ExitCode.STORAGE
                continue
            reports.append(_print_run(session, store, watch, result))
            code = max(code, _exit_code(watch, result, scheduled=scheduled))
    if session.options.as_json:
        session.result({"runs": reports}, "watch.none")
    elif not watches:
        echo(session.texts.get("watch.none"))
    return int(code)


def _exit_code(watch: WatchConfig, result: RunResult, *, scheduled: bool) -> ExitCode:
    """Return the exit code of a watch. ``scheduled``: 0 when what is due was sent, now or by an earlier run."""
    if result.report.status == "failed" or result.delivery.failures:
        return ExitCode.STORAGE
    if result.report.status != "due" or (scheduled and watch.targets):
        return ExitCode.FINE
    return ExitCode.NOT_FINE


def _print_run(session: Session, store: WatchStore, watch: WatchConfig, result: RunResult) -> dict[str, Any]:
    """Print what a run found, and return it as JSON has it. With --quiet only what is due or failed is printed."""
    from ehtoolkit.watch.store import REPORT, load_json

    delivery = result.delivery
    if not session.options.as_json and not (session.options.quiet and result.report.status == "fine"):
        echo(result.report.text(session.texts), nl=False)
    for target, error in delivery.failures.items():
        complain(session, f"{watch.name}, {target}", error)
    if delivery.left:
        session.say("watch.waiting", count=delivery.left)
    report = load_json(store.folder_of(watch.name) / REPORT) or {}
    about = {"sent": delivery.sent, "waiting": delivery.left, "dropped": delivery.dropped}
    return {**report, **about, "failures": {name: error.key for name, error in delivery.failures.items()}}


def _ours(error: Exception) -> EhToolkitError:
    from ehtoolkit import errors

    if isinstance(error, errors.EhToolkitError):
        return error
    logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
    return errors.Unexpected(kind=type(error).__name__)


def _audit(session: Session, watch: WatchConfig) -> Audit:
    """Audit as ``ehtoolkit audit`` would with the options of the watch."""
    from ehtoolkit.cli.audits.perform import AuditScope, perform_audit
    from ehtoolkit.watch.thresholds import THRESHOLDS

    options = replace(
        session.options,
        environment=watch.environment,
        lang=watch.language,
        passwords=tuple(map(str, watch.passwords)),
        password_file=watch.password_file,
        quiet=True,
    )
    scope = AuditScope(
        timedelta(days=max(THRESHOLDS)),
        _PROCESSES,
        watch.practice,
        not watch.registry,
        watch.revocation,
        unattended=True,
    )
    with closing(Session(options)) as inner:
        return perform_audit(inner, watch.folders, scope)
