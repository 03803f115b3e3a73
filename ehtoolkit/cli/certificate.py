"""``ehtoolkit certificate``: request, complete, status."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.ehealth.contract import Contract
from ehtoolkit.procedures.outcome import Outcome

_KEYSTORE = click.argument("keystore", type=click.Path(path_type=Path))
WAITING_STATES = frozenset({"waiting", "validating"})
SOUND_STATES = frozenset({"complete", "active", "to_activate", "renewable", "no_etk"})


@click.group(help="Ask for, complete and follow a certificate.")
def certificate() -> None:
    """The group; its commands do the work."""


@certificate.command(help="Ask for a certificate with the card: for yourself, or for an organisation.")
@click.option("--email", help="Your own e-mail address.")
@click.option("--phone", help="Your own telephone number.")
@click.option("--organisation", metavar="TYPE=ID", help="For an organisation instead of yourself.")
@click.option("--name", help="The organisation's name.")
@click.option("--application-id", help="Tells several certificates of one organisation apart.")
@click.option("--organisation-email", help="The organisation's general e-mail address.")
@click.option("--organisation-phone", help="The organisation's general telephone number.")
@click.option("--resume", type=click.Path(path_type=Path), help="Send what was prepared and never sent.")
@click.option("--insist", is_flag=True, help="Although a keystore of the same holder waits.")
@shared
def request(
    session: Session,
    email: str | None,
    phone: str | None,
    organisation: str | None,
    name: str | None,
    application_id: str | None,
    organisation_email: str | None,
    organisation_phone: str | None,
    resume: Path | None,
    insist: bool,
) -> int:
    from ehtoolkit.cli.describe import describe_outcome
    from ehtoolkit.cli.plain_text import plain_text
    from ehtoolkit.identity import ContactData, Identifier, Organisation
    from ehtoolkit.keystore import KeystoreFile
    from ehtoolkit.procedures import request as procedure

    texts = session.texts
    contact = ContactData(
        _needed(email, "--email"), _needed(phone, "--phone"), organisation_email, organisation_phone
    )
    actor = None
    if organisation is not None:
        actor = Organisation(Identifier.parse(organisation), _needed(name, "--name"))
    session.agree(texts.get("terms.request"), "cli.ask.terms")
    with closing(session.toolkit.open_card()) as card:
        person = card.identity().person
        wish = procedure.Wish(person, actor or person, contact, application_id)
        pin = session.pin_prompt(card)

        def show(contract: Contract) -> None:
            html = procedure.contract_text(contract, texts.language)
            session.agree(plain_text(html), "cli.ask.contract")

        if resume is not None:
            file = KeystoreFile.open(resume, session.password())
            outcome = procedure.resume(file, wish, card, pin, session.toolkit.parts, show=show)
        else:
            outcome = procedure.request(
                wish, card, pin, session.new_password(), session.toolkit.parts, show=show, insist=insist
            )
    session.result(
        describe_outcome(outcome),
        f"cli.request.{outcome.state}",
        keystore=outcome.keystore,
        key_id=outcome.key_id,
    )
    return 0


@certificate.command(help="Install the certificate and make its encryption token (ETK).")
@_KEYSTORE
@shared
def complete(session: Session, keystore: Path) -> int:
    from ehtoolkit.keystore import KeystoreFile
    from ehtoolkit.procedures.complete import Step
    from ehtoolkit.procedures.complete import complete as procedure

    parts = session.toolkit.parts

    def progress(step: Step) -> None:
        session.say(f"procedure.complete.{step}")

    outcome = procedure(KeystoreFile.open(keystore, session.password()), parts, progress=progress)
    return _finish(session, outcome, "complete")


@certificate.command(help="What the platform says of a keystore's certificate; no card needed.")
@_KEYSTORE
@shared
def status(session: Session, keystore: Path) -> int:
    from ehtoolkit.keystore import KeystoreFile
    from ehtoolkit.procedures.status import status as procedure

    outcome = procedure(KeystoreFile.open(keystore, session.password()), session.toolkit.parts)
    return _finish(session, outcome, "status")


def _finish(session: Session, outcome: Outcome, verb: str) -> int:
    from ehtoolkit.cli.describe import describe_outcome

    session.result(
        describe_outcome(outcome),
        f"cli.{verb}.{outcome.state}",
        keystore=outcome.keystore,
        key_id=outcome.key_id,
        not_before=outcome.not_before,
        not_after=outcome.not_after,
    )
    if outcome.state in WAITING_STATES:
        return 3
    return 0 if outcome.state in SOUND_STATES else 1


def _needed(value: str | None, option: str) -> str:
    if value is None:
        raise errors.OptionMissing(option=option)
    return value
