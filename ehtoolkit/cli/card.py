"""``ehtoolkit card``: what the card in the reader says."""

from __future__ import annotations

from contextlib import closing

from ehtoolkit.cli.findings import print_findings
from ehtoolkit.cli.help.command import command
from ehtoolkit.cli.options import CARD_CHOICE, PLATFORM
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo


@command(CARD_CHOICE, PLATFORM)
def show(session: Session) -> int:
    from ehtoolkit.cli.json_objects import describe_card
    from ehtoolkit.procedures.checks.card_check import check_card

    with closing(session.toolkit.open_card()) as reader:
        findings = tuple(check_card(reader, session.toolkit.context))
        value = describe_card(reader, findings, session.texts)
    if session.options.as_json:
        session.result(value, "cli.card.shown")
        return 0
    # OpenSC gives no more than what the certificates say.
    session.result(value, f"cli.card.shown{'' if value['card_number'] else '.bare'}", **value)
    for certificate in value["certificates"]:
        echo("  " + session.texts.get("cli.card.certificate", **certificate))
    print_findings(session, findings, indent=0)
    return 0


@command(CARD_CHOICE, PLATFORM)
def list_cards(session: Session) -> int:
    from ehtoolkit.cli.json_objects import describe_cards

    cards = describe_cards(session.toolkit, session.texts)
    session.result({"cards": cards}, "cli.card.listed", count=len(cards))
    if not session.options.as_json:
        for described in cards:
            key = "cli.card.unread" if "error" in described else "cli.card.one"
            echo("  " + session.texts.get(key, **described))
    return 0
