"""``watch test``: send a test message."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.usage import UsageProblem
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.watch.senders import open_runner
from ehtoolkit.cli.watch.stored_watches import complain, shown_targets, watch_store


@click.command(cls=LocalisedCommand)
@click.argument("name")
@shared()
def test(session: Session, name: str) -> int:
    from ehtoolkit.cli.exit_codes import ExitCode
    from ehtoolkit.clock import SystemClock

    store = watch_store(session)
    watch = store.load(name)
    if not watch.targets:
        message = f"{name} does not send messages: it has neither --mail nor --webhook."
        raise UsageProblem("watch_target", message, name=name)
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
        reached = watch.model_copy(update=dict.fromkeys(failures))
        targets = shown_targets(session, reached)
        session.result(answer, "watch.tested", count=result.delivery.sent, targets=targets)
    return int(ExitCode.STORAGE if failures else ExitCode.FINE)
