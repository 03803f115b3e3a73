"""``certificate request``: request a certificate with the card."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit import errors
from ehtoolkit.cli.certificate.output import contact_checks, needed
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import CARD, NEW_PASSWORD, PASSWORDS, PLATFORM, TERMS
from ehtoolkit.cli.options import key, profile, shared
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from ehtoolkit.ehealth.contract import Contract


@click.command(cls=LocalisedCommand)
@click.option("--email")
@click.option("--phone")
@click.option("--organisation", metavar="TYPE=ID")
@click.option("--name")
@click.option("--application-id")
@click.option("--organisation-email")
@click.option("--organisation-phone")
@click.option("--resume", type=click.Path(path_type=Path))
@click.option("--insist", is_flag=True)
@key
@profile
@shared(CARD, TERMS, PASSWORDS, NEW_PASSWORD, PLATFORM)
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
    kind: str | None,
    profile: str | None,
) -> int:
    from ehtoolkit.card.port import CardKey
    from ehtoolkit.cli.certificate.output import naming_what_was_prepared
    from ehtoolkit.cli.certificate.requested_organisation import RequestedOrganisation
    from ehtoolkit.cli.json_objects import describe_outcome
    from ehtoolkit.crypto.keys import NewKeyKind
    from ehtoolkit.ehealth.contract import plain_text
    from ehtoolkit.identity import ContactData, Identifier
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.procedures import request as procedure
    from ehtoolkit.procedures.preconditions import fetch_applicant_info

    if organisation is None and resume is None and not (name is None and application_id is None):
        # Without them it would be the certificate of a person, which was not meant.
        raise errors.OptionMissing(option="--organisation", reason="needed")
    texts = session.texts
    secret = "new_password_file" if resume is None else "password_file"
    asked_for = session.unasked("accept_terms", *session.pin_option, secret)
    own_email, own_phone = needed(
        session, {"--email": email, "--phone": phone}, *asked_for, checks=contact_checks()
    )
    context = session.toolkit.context.writing(None if profile is None else EncryptionProfile(profile))
    contact = ContactData(own_email, own_phone, organisation_email, organisation_phone)
    wanted = (
        None
        if organisation is None
        else RequestedOrganisation(Identifier.parse(organisation), name, application_id)
    )
    file = None if resume is None else session.toolkit.open_keystore(resume, session.password_of(resume))
    if wanted is None and file is not None:
        wanted = RequestedOrganisation.of_record(file, session)
    if wanted is not None:
        wanted = wanted.checked(session)
    session.agree(texts.get("terms.request"), "cli.ask.terms")

    def show(contract: Contract) -> None:
        html = contract.text_in(texts.language)
        session.agree(plain_text(html), "cli.ask.contract")

    with closing(session.toolkit.open_card()) as card, naming_what_was_prepared(context.keystores):
        person = card.identity().person
        pin = session.pin_prompt(card)
        asked = None
        if wanted is not None and wanted.name is None:
            asked = fetch_applicant_info(card, pin(CardKey.AUTHENTICATION), context)
            wanted = wanted.listed(asked.qualities, texts.language)
        details = procedure.CertificateRequest(person, person, contact)
        if wanted is not None:
            details = procedure.CertificateRequest(
                person, wanted.organisation, contact, wanted.application_id, wanted.base_services
            )
        if file is not None:
            outcome = procedure.resume(file, details, card, pin, context, show=show)
        else:
            outcome = procedure.request(
                details,
                card,
                pin,
                session.new_password(),
                context,
                show=show,
                insist=insist,
                applicant=asked,
                kind=None if kind is None else NewKeyKind(kind),
            )
    session.result(
        describe_outcome(outcome),
        f"cli.request.{outcome.state}",
        keystore=outcome.keystore,
        key_id=outcome.key_id,
    )
    return 0
