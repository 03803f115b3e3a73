"""``certificate request``: ask for a certificate with the card."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from ehtoolkit.cli.certificate.ending import needed
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.ehealth.contract import Contract


@click.command(help="Ask for a certificate with the card: for yourself, or for an organisation.")
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
        needed(email, "--email"), needed(phone, "--phone"), organisation_email, organisation_phone
    )
    actor = None
    if organisation is not None:
        actor = Organisation(Identifier.parse(organisation), needed(name, "--name"))
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
