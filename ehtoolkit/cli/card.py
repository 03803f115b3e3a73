"""``ehtoolkit card``: what the card in the reader says."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from ehtoolkit import errors
from ehtoolkit.card.port import Card, CardKey, CardSpec
from ehtoolkit.card.readers import FoundCard
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.finding_lines import print_findings
from ehtoolkit.cli.options import CARD_CHOICE, PLATFORM
from ehtoolkit.cli.terminal import echo
from ehtoolkit.finding import Finding, describe_finding
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Person
from ehtoolkit.toolkit import Toolkit


@command(CARD_CHOICE, PLATFORM)
def show(session: Session) -> None:
    from ehtoolkit.procedures.card_check import check_card

    with closing(session.toolkit.open_card()) as reader:
        findings = tuple(check_card(reader, session.toolkit.context))
        value = _describe_card(reader, findings, session.texts)
    # OpenSC gives no more than what the certificates say.
    session.result(value, f"cli.card.shown{'' if value['card_number'] else '.bare'}", **value)
    if not session.options.as_json:
        for certificate in value["certificates"]:
            echo("  " + session.texts.get("cli.card.certificate", **certificate))
        print_findings(session, findings, indent=0)


@command(CARD_CHOICE, PLATFORM)
def list_cards(session: Session) -> None:
    cards, get = _describe_cards(session.toolkit, session.texts), session.texts.get
    lines = (get("cli.card.unread" if "error" in card else "cli.card.one", **card) for card in cards)
    heading = get("cli.card.listed", count=len(cards))
    session.result_lines({"cards": cards}, (heading, *(f"  {line}" for line in lines)))


def _describe_card(card: Card, findings: Iterable[Finding], texts: Translator) -> dict[str, Any]:
    """Return a card as JSON has it: ``niss`` as 11 bare digits, names, ``certificates``, and ``findings``, among
    others."""
    identity, certificates = card.identity(), []
    for key in CardKey:
        try:
            leaf = card.chain(key)[0]
        except errors.CardCertificateMissing:
            continue
        certificates.append(
            {
                "label": str(key),
                "not_before": leaf.not_valid_before_utc,
                "not_after": leaf.not_valid_after_utc,
                "serial": f"{leaf.serial_number:x}",
            }
        )
    return {
        "reader": card.reader,
        "niss": identity.niss.digits,
        "surname": identity.surname,
        "first_names": identity.first_names,
        "birth_date": identity.birth_date,
        "nationality": identity.nationality,
        "card_number": identity.card_number,
        "valid_from": identity.valid_from,
        "valid_until": identity.valid_until,
        "has_photo": identity.photo is not None,
        "pin_tries_left": card.pin_tries_left(),
        "pin_entry": {str(key): str(card.pin_entry(key)) for key in CardKey},
        "certificates": certificates,
        "findings": [describe_finding(finding, texts) for finding in findings],
    }


def _describe_cards(toolkit: Toolkit, texts: Translator) -> list[dict[str, Any]]:
    """Return an object for each card: ``card``, what to give to ``--card``; its ``reader``; and of its holder ``niss``,
    ``surname`` and ``first_names``. A card that cannot be read has ``error`` and ``message`` instead of a holder. In
    training with its own cards these are the cards of its people, and ``reader`` is null.

    Raises `errors.CardError` when there is none, saying why.
    """
    if not toolkit.uses_readers:
        return [
            {"card": card, "reader": None, **_describe_holder(holder)}
            for card, holder in toolkit.training_cards.items()
        ]
    choice = CardSpec.parse(toolkit.default_card)
    with closing(toolkit.readers()) as lister:
        found = lister.cards()
    return [
        {"card": choice.in_reader(card.reader).text, "reader": card.reader, **_describe_found(card, texts)}
        for card in found
    ]


def _describe_found(found: FoundCard, texts: Translator) -> dict[str, str]:
    if found.holder is not None:
        return _describe_holder(found.holder.person)
    problem = found.problem or errors.CardError()
    return {"error": problem.key, "message": texts.error(problem)}


def _describe_holder(person: Person) -> dict[str, str]:
    return {"niss": person.niss.digits, "surname": person.name, "first_names": person.first_names}
