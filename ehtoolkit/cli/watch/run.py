"""``watch run`` and ``test``: audit as watches are configured, and send their messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.exit_codes import ExitCode
from ehtoolkit.cli.terminal import StopSignals, echo, stopping_on_signals
from ehtoolkit.cli.watch.stored_watches import complain, session_of, shown_targets, watch_store
from ehtoolkit.clock import SystemClock

if TYPE_CHECKING:
    from ehtoolkit.auditing.audit import Audit
    from ehtoolkit.settings import Settings
    from ehtoolkit.watch.configuration import WatchConfig
    from ehtoolkit.watch.outbox import Fates, Sender, WatchMessage
    from ehtoolkit.watch.runner import RunResult, WatchRunner
    from ehtoolkit.watch.store import WatchStore


@command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--scheduled", is_flag=True)
def run(session: Session, names: tuple[str, ...], scheduled: bool) -> int:
    from ehtoolkit.watch.missed import noting_missed

    store, code, reports = watch_store(session), ExitCode.FINE, []
    for name in names:
        with noting_missed(store.folder_of(name), SystemClock().now):
            store.load(name)  # an invalid name is wrong usage
    watches = names or store.names()
    with stopping_on_signals() as signals:
        for name in watches:
            try:
                about, ended = _run_watch(session, store, name, signals, scheduled=scheduled)
                reports.append(about)
                code = max(code, ended)
            except errors.Cancelled:
                raise
            except KeyboardInterrupt:
                if not signals.is_first_term:
                    raise
                complain(session, name, errors.WatchStopped(name=name))
                code = ExitCode.STORAGE
            except Exception as error:  # noqa: BLE001  # the other watches go on
                complain(session, name, errors.Unexpected.unless_known(error))
                code = ExitCode.STORAGE
    if session.options.as_json:
        session.print_json({"runs": reports})
    elif not watches:
        session.print_text("watch.none")
    return int(code)


def _run_watch(
    session: Session, store: WatchStore, name: str, signals: StopSignals, *, scheduled: bool
) -> tuple[dict[str, Any], ExitCode]:
    """Run one watch, and return its report as JSON has it, and its exit code."""
    from ehtoolkit.watch.missed import noting_missed

    now = SystemClock().now
    with ExitStack() as opened:
        with noting_missed(store.folder_of(name), now):
            watch = store.load(name)
            runner = opened.enter_context(open_runner(session, store))
        result = runner.run(watch, lambda: _audit(session, watch, signals), now)
    about = _print_run(session, watch, result)
    about["heartbeat"] = _beat(session, watch, result)
    return about, _exit_code(watch, result, scheduled=scheduled)


def _exit_code(watch: WatchConfig, result: RunResult, *, scheduled: bool) -> ExitCode:
    """Return the exit code of a watch. ``scheduled``: 0 when what is due was sent, now or by an earlier run."""
    if result.report.status == "failed" or result.delivery.failures:
        return ExitCode.STORAGE
    if result.report.status != "due" or (scheduled and watch.targets):
        return ExitCode.FINE
    return ExitCode.NOT_FINE


def _print_run(session: Session, watch: WatchConfig, result: RunResult) -> dict[str, Any]:
    """Print what a run found, and return it as JSON has it. With --quiet only what is due or failed is printed."""
    delivery = result.delivery
    if not session.options.as_json and not (session.options.quiet and result.report.status == "fine"):
        echo(result.report.text(session.texts), nl=False)
    for target, error in delivery.failures.items():
        complain(session, f"{watch.name}, {target}", error)
    if delivery.left:
        session.say("watch.waiting", count=delivery.left)
    if result.report.reason is not None and not result.remembered:
        echo(f"{watch.name}: {session.texts.get('watch.repeats')}", err=True)
    about = {"sent": delivery.sent, "waiting": delivery.left, "dropped": delivery.dropped}
    return {
        **result.payload,
        **about,
        "failures": {name: error.key for name, error in delivery.failures.items()},
    }


def _beat(session: Session, watch: WatchConfig, result: RunResult) -> bool | None:
    """Send the heartbeat after a good run, and return whether it arrived; None where none was to be sent. One that does
    not arrive is reported, and changes no exit code: the service that waits for it notices."""
    from ehtoolkit.ehealth.wire.http import HttpTransport
    from ehtoolkit.watch.sending import send_heartbeat

    if watch.heartbeat is None or not result.is_good:
        return None
    try:
        with HttpTransport(_without_token(session)) as transport:
            send_heartbeat(watch.heartbeat, transport)
    except errors.EhToolkitError as error:
        get = session.texts.get
        echo(
            f"{watch.name}, heartbeat: {session.texts.error(error)}\n{get('watch.heartbeat_failed')}",
            err=True,
        )
        return False
    return True


def _without_token(session: Session) -> Settings:
    """Return the settings without the token of a training server, which is for that one alone."""
    return session.settings.model_copy(update={"platform_token": None})


def _audit(session: Session, watch: WatchConfig, signals: StopSignals) -> Audit:
    """Audit as ``ehtoolkit audit`` would with the options of the watch. Raises `errors.WatchStopped`, a failure that is
    reported, where a service manager has it end: one that takes for ever, perhaps. The other watches go on."""
    from ehtoolkit.cli.audits.perform import RunOptions, perform_audit

    try:
        with session_of(session, watch) as inner:
            return perform_audit(inner, watch.request, RunOptions(unattended=True))
    except KeyboardInterrupt:
        if signals.is_first_term:
            raise errors.WatchStopped(name=watch.name) from None
        raise


@command()
@click.argument("name")
def test(session: Session, name: str) -> int:
    store = watch_store(session)
    watch = store.load(name)
    if not watch.targets:
        raise UsageProblem("watch_target", name=name)
    with open_runner(session, store) as runner:
        result = runner.test(watch, SystemClock().now())
    failures = result.delivery.failures
    for target, error in failures.items():
        complain(session, target, error)
    answer = {
        "sent": result.delivery.sent,
        "failures": {target: error.key for target, error in failures.items()},
    }
    if session.options.as_json or result.delivery.sent:
        targets = shown_targets(session, watch, without=failures)
        session.result(answer, "watch.tested", count=result.delivery.sent, targets=targets)
    return int(ExitCode.STORAGE if failures else ExitCode.FINE)


@contextmanager
def open_runner(session: Session, store: WatchStore) -> Iterator[WatchRunner]:
    from ehtoolkit.auditing.keyed_names import Pseudonyms
    from ehtoolkit.ehealth.wire.failures import trusting_context
    from ehtoolkit.ehealth.wire.http import HttpTransport
    from ehtoolkit.watch.runner import WatchRunner
    from ehtoolkit.watch.sending import compose, post_webhook, send_mail

    settings = session.settings
    with ExitStack() as opened:

        def senders(watch: WatchConfig) -> Mapping[str, Sender]:
            found: dict[str, Sender] = {}
            mail, webhook = watch.mail, watch.webhook
            if mail is not None:
                context = trusting_context(settings.ca_file)

                def send(message: WatchMessage) -> Fates:
                    to = message.addresses_of(mail.to)
                    if not to:  # who was to get it still is no recipient any more
                        return {}
                    made = compose(mail, message.subject, message.text, message.id, message.at)
                    return send_mail(mail, made, context, settings.platform_timeout, to=to)

                found["mail"] = send
            if webhook is not None:
                transport = opened.enter_context(closing(HttpTransport(_without_token(session))))
                found["webhook"] = lambda message: post_webhook(webhook, message.payload, transport)
            return found

        yield WatchRunner(store, Pseudonyms.in_folder(settings.home / "audit"), senders)
