"""``training card``: the training cards and their readers."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo, stopping_on_signals
from ehtoolkit.cli.training.card_state import describe_card


@click.command(cls=LocalisedCommand)
@click.option("--plug", metavar="NAME")
@click.option("--reader", type=click.IntRange(1, 2), default=1, show_default=True)
@click.option("--public-certificates", is_flag=True)
@click.option("--unplug", metavar="NAME")
@click.option("--insert", metavar="NAME")
@click.option("--unblock", metavar="NAME")
@shared()
def card(
    session: Session,
    plug: str | None,
    reader: int,
    public_certificates: bool,
    unplug: str | None,
    insert: str | None,
    unblock: str | None,
) -> int:
    training = session.training
    if insert is not None:
        training.card(insert).plug()
    if unblock is not None:
        training.unblock(unblock)
    if unplug is not None:
        training.card(unplug).unplug()
    if plug is not None:
        return _plug(session, plug, reader, private_certificates=not public_certificates)
    found = training.person_states()
    if session.options.as_json:
        session.result({"cards": [describe_card(state) for state in found]}, "cli.training.people")
        return 0
    get = session.texts.get
    for state in found:
        where = get(f"cli.training.card.{'in' if state.plugged else 'out'}")
        tries = get("cli.training.card.tries", tries=state.tries_left)
        echo(f"{f'training:{state.person.name}':<20} {where}; {tries}")
    return 0


def _plug(session: Session, name: str, reader: int, *, private_certificates: bool) -> int:
    """Keep a training card in a virtual reader until Ctrl+C, which also closes the reader: nothing is left behind.
    Returns the exit code."""
    from ehtoolkit.training.virtual_card.plugging import PlugEvent, keep_plugged
    from ehtoolkit.training.virtual_card.vpcd import ports_from

    training_card = session.training.card(name)
    specification, reported = f"training:{training_card.name}", False

    def tell(event: PlugEvent) -> None:
        nonlocal reported
        key, facts = f"cli.training.card.{event}", {"card": specification, "reader": reader}
        if reported:
            session.say(key, **facts)
            return
        session.result({**facts, "plugged": True}, key, **facts)
        sys.stdout.flush()
        reported = True

    training_card.plug()
    with suppress(KeyboardInterrupt), stopping_on_signals():
        keep_plugged(
            training_card,
            reader,
            tell,
            ports=ports_from(session.settings.virtual_reader_port),
            private_certificates=private_certificates,
        )
    return 0
