"""``ehtoolkit watch run`` and ``test``: audits as watches ask for them, and the messages that follow."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.usage import UsageProblem
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.output import echo, stopping_on_signals
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.watch.configuration import complain, shown_targets, watch_store

if TYPE_CHECKING:  # pandas takes its time, which --help does not need
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.errors import EhToolkitError
    from ehtoolkit.watch import RunResult, WatchConfig, WatchRunner, WatchStore
    from ehtoolkit.watch.outbox import Sender

_PROCESSES: Final = 2


@click.command(
    cls=LocalisedCommand,
    help="Run the watches now, without NAME all: what changed, what is due; messages are sent. Exit code 1 when "
    "something is due, 6 when an audit failed, a watch runs already, or a message could not be sent.",
)
@click.argument("names", nargs=-1, metavar="[NAME...]")
@shared
def run(session: Session, names: tuple[str, ...]) -> int:
    from ehtoolkit import errors
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.clock import SystemClock

    store, code, reports = watch_store(session), ExitCode.FINE, []
    for name in names:
        store.load(name)  # a name that is none is wrong usage
    watches = names or store.names()
    with stopping_on_signals():
        for name in watches:
            try:
                one = store.load(name)
                with _runner(session, store) as runner:
                    result = runner.run(one, lambda one=one: _audit(session, one), SystemClock().now)  # type: ignore[misc]
            except errors.Cancelled:
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is: the others go on
                complain(session, name, _ours(error))
                code = ExitCode.STORAGE
                continue
            reports.append(_told(session, store, one, result))
            failed = result.report.status == "failed" or result.delivery.failures
            due = ExitCode.NOT_FINE if result.report.status == "due" else ExitCode.FINE
            code = max(code, ExitCode.STORAGE if failed else due)
    if session.options.as_json:
        session.result({"runs": reports}, "watch.none")
    elif not watches:
        echo(session.texts.get("watch.none"))
    return int(code)


def _told(session: Session, store: WatchStore, one: WatchConfig, result: RunResult) -> dict[str, Any]:
    """Print what a run found, and return it as JSON has it. With --quiet only what is due or failed is printed."""
    from ehtoolkit.watch.store import REPORT, load_json

    delivery = result.delivery
    if not session.options.as_json and not (session.options.quiet and result.report.status == "fine"):
        echo(result.report.text(session.texts), nl=False)
    for target, error in delivery.failures.items():
        complain(session, f"{one.name}, {target}", error)
    if delivery.left:
        session.say("watch.waiting", count=delivery.left)
    report = load_json(store.folder_of(one.name) / REPORT) or {}
    about = {"sent": delivery.sent, "waiting": delivery.left, "dropped": delivery.dropped}
    return {**report, **about, "failures": {name: error.key for name, error in delivery.failures.items()}}


def _ours(error: Exception) -> EhToolkitError:
    from ehtoolkit import errors

    if isinstance(error, errors.EhToolkitError):
        return error
    logging.getLogger("ehtoolkit").debug("unexpected", exc_info=error)
    return errors.Unexpected(kind=type(error).__name__)


@click.command(cls=LocalisedCommand, help="Send a test message to where the messages of a watch go.")
@click.argument("name")
@shared
def test(session: Session, name: str) -> int:
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.clock import SystemClock

    store = watch_store(session)
    one = store.load(name)
    if not one.targets:
        message = f"{name} sends no message: it has neither --mail nor --webhook."
        raise UsageProblem("watch_target", message, name=name)
    with _runner(session, store) as runner:
        result = runner.test(one, SystemClock().now())
    failures = result.delivery.failures
    for target, error in failures.items():
        complain(session, target, error)
    answer = {"sent": result.delivery.sent, "failures": {one: error.key for one, error in failures.items()}}
    if session.options.as_json or result.delivery.sent:
        reached = one.model_copy(update=dict.fromkeys(failures))
        targets = shown_targets(session, reached)
        session.result(answer, "watch.tested", count=result.delivery.sent, targets=targets)
    return int(ExitCode.STORAGE if failures else ExitCode.FINE)


@contextmanager
def _runner(session: Session, store: WatchStore) -> Iterator[WatchRunner]:
    from ehtoolkit.auditing.export.pseudonyms import Pseudonyms
    from ehtoolkit.ehealth.wire.http import HttpTransport
    from ehtoolkit.ehealth.wire.tls import trusting_context
    from ehtoolkit.watch import WatchRunner
    from ehtoolkit.watch.mail import compose, send_mail
    from ehtoolkit.watch.webhook import post_webhook

    settings = session.settings
    with ExitStack() as opened:

        def senders(one: WatchConfig) -> Mapping[str, Sender]:
            found: dict[str, Sender] = {}
            mail, webhook = one.mail, one.webhook
            if mail is not None:
                context = trusting_context(settings.ca_file)

                def send(message: Mapping[str, Any]) -> EhToolkitError | None:
                    at = datetime.fromisoformat(message["at"])
                    made = compose(mail, message["subject"], message["text"], message["id"], at)
                    return send_mail(mail, made, context, settings.platform_timeout)

                found["mail"] = send
            if webhook is not None:
                # Without the token of a training server, which is for that one alone.
                plain = settings.model_copy(update={"platform_token": None})
                transport = opened.enter_context(closing(HttpTransport(plain)))
                found["webhook"] = lambda message: post_webhook(webhook, message["payload"], transport)
            return found

        yield WatchRunner(store, Pseudonyms.open(settings.home / "audit"), senders)


def _audit(session: Session, one: WatchConfig) -> Audit:
    """Audit as ``ehtoolkit audit`` would with the options of the watch."""
    from ehtoolkit.cli.audit_run import AuditScope, perform_audit
    from ehtoolkit.watch.thresholds import THRESHOLDS

    options = replace(
        session.options,
        environment=one.environment,
        lang=one.language,
        passwords=tuple(map(str, one.passwords)),
        password_file=one.password_file,
        quiet=True,
    )
    scope = AuditScope(
        timedelta(days=max(THRESHOLDS)),
        _PROCESSES,
        one.practice,
        not one.registry,
        one.revocation,
        unattended=True,
    )
    with closing(Session(options)) as inner:
        return perform_audit(inner, one.folders, scope)
