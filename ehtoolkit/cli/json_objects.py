"""Objects as the JSON of the command line's contract; dates become ISO text when they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from ehtoolkit import errors
from ehtoolkit.bootstrap import Toolkit
from ehtoolkit.card.modules import CardSpec
from ehtoolkit.card.port import Card, CardKey
from ehtoolkit.card.readers import FoundCard
from ehtoolkit.cli.terminal import plain_facts
from ehtoolkit.finding import Finding, describe_finding
from ehtoolkit.i18n import Translator
from ehtoolkit.identity import Person
from ehtoolkit.procedures.result import ProcedureResult
from ehtoolkit.procedures.state.standing import Standing


def describe_card(card: Card, findings: Iterable[Finding], texts: Translator) -> dict[str, Any]:
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


def describe_cards(toolkit: Toolkit, texts: Translator) -> list[dict[str, Any]]:
    """Return an object for each card: ``card``, what to give to ``--card``; its ``reader``; and of its holder ``niss``,
    ``surname`` and ``first_names``. A card that cannot be read has ``error`` and ``message`` instead of a holder. In
    training with its own cards these are the cards of its people, and ``reader`` is null.

    Raises `errors.CardError` when there is none, saying why.
    """
    if not toolkit.uses_readers:
        people = [] if toolkit.training is None else toolkit.training.people()
        return [
            {"card": f"training:{person.name}", "reader": None, **_holder(person.person)} for person in people
        ]
    choice = CardSpec.parse(toolkit.default_card)
    with closing(toolkit.readers()) as lister:
        found = lister.cards()
    return [
        {"card": choice.in_reader(card.reader).text, "reader": card.reader, **_read(card, texts)}
        for card in found
    ]


def _read(found: FoundCard, texts: Translator) -> dict[str, str]:
    if found.holder is not None:
        return _holder(found.holder.person)
    problem = found.problem or errors.CardError()
    return {"error": problem.key, "message": texts.error(problem)}


def _holder(person: Person) -> dict[str, str]:
    return {"niss": person.niss.digits, "surname": person.name, "first_names": person.first_names}


def describe_outcome(outcome: ProcedureResult) -> dict[str, Any]:
    """Return the result of a procedure as JSON has it: ``keystore`` (path), ``key_id``, ``state``, ``next``, and the
    dates that are known; of a request without card that waits also ``validation_url`` and ``validate_by``."""
    validation = outcome.validation
    confirmed_at = (
        {} if validation is None else {"validation_url": validation.url, "validate_by": validation.until}
    )
    return {
        "keystore": str(outcome.keystore),
        "key_id": outcome.key_id,
        "state": str(outcome.state),
        "next": None if outcome.next is None else str(outcome.next),
        "not_before": outcome.not_before,
        "not_after": outcome.not_after,
        **confirmed_at,
    }


def describe_standing(standing: Standing, texts: Translator) -> dict[str, Any]:
    """Return a standing as JSON has it. ``checked``: whether the platform was asked and answered; ``replaceable_from``:
    from when it says that the certificate can be renewed; ``findings`` with ``key``, ``severity``, ``message``,
    ``next``. A standing that was not checked also has ``error``, ``message`` and ``facts``, as an error has them."""
    error = standing.unchecked
    failed: dict[str, Any] = {}
    if error is not None:
        failed = {"error": error.key, "message": texts.error(error), "facts": plain_facts(error.facts)}
    return {
        "checked": standing.checked,
        "replaceable_from": None if standing.info is None else standing.info.replaceable_from,
        "findings": [describe_finding(finding, texts) for finding in standing.findings],
        **failed,
    }
