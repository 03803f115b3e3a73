"""``certificate request`` and ``request-foreigner``: request a certificate, with the card or without one."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit import errors
from ehtoolkit.cli.certificate.output import (
    CONTACT_CHECKS,
    NEW_KEY,
    naming_what_was_prepared,
    needed,
    report_result,
)
from ehtoolkit.cli.certificate.requested_organisation import RequestedOrganisation
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import CARD, NEW_PASSWORD, PASSWORDS, PATH, PLATFORM, TERMS
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.identity import ContactData, Identifier, Niss, Person
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.procedures import request as procedure
from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign, resume_foreign
from ehtoolkit.procedures.request_preconditions import fetch_applicant_info


@command(CARD, TERMS, PASSWORDS, NEW_PASSWORD, PLATFORM)
@click.option("--email")
@click.option("--phone")
@click.option("--organisation", metavar="TYPE=ID")
@click.option("--name")
@click.option("--application-id")
@click.option("--organisation-email")
@click.option("--organisation-phone")
@click.option("--resume", type=PATH)
@click.option("--insist", is_flag=True)
@NEW_KEY
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
    kind: NewKeyKind | None,
    profile: EncryptionProfile | None,
) -> None:
    if organisation is None and resume is None and not (name is None and application_id is None):
        # Without them it would be the certificate of a person, which was not meant.
        raise errors.OptionMissing(option="--organisation", reason="needed")
    secret = "new_password_file" if resume is None else "password_file"
    asked_for = session.unasked("accept_terms", *session.pin_option, secret)
    own_email, own_phone = needed(
        session, {"--email": email, "--phone": phone}, *asked_for, checks=CONTACT_CHECKS
    )
    context = session.toolkit.context.writing(profile)
    contact = ContactData(own_email, own_phone, organisation_email, organisation_phone)
    wanted = None
    if organisation is not None:
        wanted = RequestedOrganisation(Identifier.parse(organisation), name, application_id)
    file = None if resume is None else session.open_keystore(resume)
    if wanted is None and file is not None:
        wanted = RequestedOrganisation.of_record(file, session)
    if wanted is not None:
        wanted = wanted.checked(session)
    session.accept_terms("terms.request")

    with session.open_card() as (card, pin), naming_what_was_prepared(context.keystores):
        person = card.identity().person
        asked = None
        if wanted is not None and wanted.name is None:
            asked = fetch_applicant_info(card, pin, context)
            wanted = wanted.listed(asked.qualities, session.texts.language)
        details = procedure.CertificateRequest(person, person, contact)
        if wanted is not None:
            details = procedure.CertificateRequest(
                person, wanted.organisation, contact, wanted.application_id, wanted.base_services
            )
        if file is not None:
            outcome = procedure.resume(file, details, card, pin, context, show=session.accept_contract)
        else:
            outcome = procedure.request(
                details,
                card,
                pin,
                session.new_password(),
                context,
                show=session.accept_contract,
                insist=insist,
                applicant=asked,
                kind=kind,
            )
    report_result(session, outcome, "request")


@command(TERMS, PASSWORDS, NEW_PASSWORD, PLATFORM)
@click.option("--niss", metavar="BIS")
@click.option("--first-name")
@click.option("--name")
@click.option("--email")
@click.option("--phone")
@click.option("--resume", type=PATH)
@click.option("--insist", is_flag=True)
@NEW_KEY
def request_foreigner(
    session: Session,
    niss: str | None,
    first_name: str | None,
    name: str | None,
    email: str | None,
    phone: str | None,
    resume: Path | None,
    insist: bool,
    kind: NewKeyKind | None,
    profile: EncryptionProfile | None,
) -> None:
    secret = "new_password_file" if resume is None else "password_file"
    given = {"--niss": niss, "--first-name": first_name, "--name": name, "--email": email, "--phone": phone}
    asked_for, checks = session.unasked("accept_terms", secret), {**CONTACT_CHECKS, "--niss": Niss.parse}
    values = needed(session, given, *asked_for, checks=checks)
    person = Person(Niss.parse(values[0]), values[1].strip(), values[2].strip())
    applicant = ForeignerRequest(person, ContactData(*values[3:]))
    context = session.toolkit.context.writing(profile)
    session.accept_terms("terms.request")
    with naming_what_was_prepared(context.keystores):
        if resume is not None:
            outcome = resume_foreign(session.open_keystore(resume), applicant, context)
        else:
            outcome = request_foreign(applicant, session.new_password(), context, insist=insist, kind=kind)
    known = outcome.validation is not None and outcome.validation.url is not None
    report_result(session, outcome, "request_foreigner", variant="waiting" if known else "waiting_mail")
