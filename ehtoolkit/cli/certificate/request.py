"""``certificate request``, with the card, and ``certificate request-foreigner``, without one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit import errors
from ehtoolkit.cli.certificate.output import contact_checks, needed
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import key, profile, shared
from ehtoolkit.cli.session import Session

if TYPE_CHECKING:
    from ehtoolkit.ehealth.contract import Contract


@click.command(
    cls=LocalisedCommand, help="Ask for a certificate with the card: for yourself, or for an organisation."
)
@click.option("--email", help="Your own e-mail address.")
@click.option("--phone", help="Your own telephone number.")
@click.option("--organisation", metavar="TYPE=ID", help="For an organisation instead of yourself.")
@click.option("--name", help="The organisation's name; not needed when the platform lists it for you.")
@click.option("--application-id", help="Tells several certificates of one organisation apart.")
@click.option("--organisation-email", help="The organisation's general e-mail address.")
@click.option("--organisation-phone", help="The organisation's general telephone number.")
@click.option("--resume", type=click.Path(path_type=Path), help="Send what was prepared and never sent.")
@click.option(
    "--insist", is_flag=True, help="Although one waits or is in force, or the application id is in use."
)
@key
@profile
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
    kind: str | None,
    profile: str | None,
) -> int:
    from ehtoolkit.card.port import CardKey
    from ehtoolkit.cli.certificate.organisation import RequestedOrganisation
    from ehtoolkit.cli.certificate.output import naming_what_was_prepared
    from ehtoolkit.cli.describe import describe_outcome
    from ehtoolkit.crypto.keys import NewKeyKind
    from ehtoolkit.ehealth.contract import plain_text
    from ehtoolkit.identity import ContactData, Identifier
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.procedures import request as procedure
    from ehtoolkit.procedures.checks.preconditions import fetch_applicant_info

    if organisation is None and resume is None and not (name is None and application_id is None):
        # Without them it would be the certificate of a person, which was not meant.
        raise errors.OptionMissing(option="--organisation", reason="needed")
    texts = session.texts
    secret = "new_password_file" if resume is None else "password_file"
    asked_for = session.unasked("accept_terms", *session.pin_option, secret)
    own_email, own_phone = needed(
        session, {"--email": email, "--phone": phone}, *asked_for, checks=contact_checks()
    )
    parts = session.toolkit.parts.writing(None if profile is None else EncryptionProfile(profile))
    contact = ContactData(own_email, own_phone, organisation_email, organisation_phone)
    wanted = (
        None
        if organisation is None
        else RequestedOrganisation(Identifier.parse(organisation), name, application_id)
    )
    file = None if resume is None else session.toolkit.open_keystore(resume, session.password_of(resume))
    if wanted is None and file is not None:
        wanted = RequestedOrganisation.noted(file, session)
    if wanted is not None:
        wanted = wanted.checked(session)
    session.agree(texts.get("terms.request"), "cli.ask.terms")

    def show(contract: Contract) -> None:
        html = contract.text_in(texts.language)
        session.agree(plain_text(html), "cli.ask.contract")

    with closing(session.toolkit.open_card()) as card, naming_what_was_prepared(parts.keystores):
        person = card.identity().person
        pin = session.pin_prompt(card)
        asked = None
        if wanted is not None and wanted.name is None:
            asked = fetch_applicant_info(card, pin(CardKey.AUTHENTICATION), parts)
            wanted = wanted.listed(asked.qualities, texts.language)
        wish = procedure.CertificateRequest(person, person, contact)
        if wanted is not None:
            wish = procedure.CertificateRequest(
                person, wanted.organisation, contact, wanted.application_id, wanted.base_services
            )
        if file is not None:
            outcome = procedure.resume(file, wish, card, pin, parts, show=show)
        else:
            outcome = procedure.request(
                wish,
                card,
                pin,
                session.new_password(),
                parts,
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


# ── certificate request-foreigner ────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand, help="Ask for a certificate without card: for somebody abroad who has a BIS number."
)
@click.option("--niss", metavar="BIS", help="The BIS number.")
@click.option("--first-name", help="All first names.")
@click.option("--name", help="The family name.")
@click.option("--email", help="An e-mail address.")
@click.option("--phone", help="A telephone number.")
@click.option("--resume", type=click.Path(path_type=Path), help="Send what was prepared and never sent.")
@click.option("--insist", is_flag=True, help="Although a keystore of the same holder waits.")
@key
@profile
@shared
def request_foreigner(
    session: Session,
    niss: str | None,
    first_name: str | None,
    name: str | None,
    email: str | None,
    phone: str | None,
    resume: Path | None,
    insist: bool,
    kind: str | None,
    profile: str | None,
) -> int:
    from ehtoolkit.cli.certificate.output import naming_what_was_prepared
    from ehtoolkit.cli.describe import describe_outcome
    from ehtoolkit.crypto.keys import NewKeyKind
    from ehtoolkit.identity import ContactData, Niss, Person
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.procedures.foreigner import ForeignerRequest, request_foreign, resume_foreign

    secret = "new_password_file" if resume is None else "password_file"
    values = needed(
        session,
        {
            "--niss": niss,
            "--first-name": first_name,
            "--name": name,
            "--email": email,
            "--phone": phone,
        },
        *session.unasked("accept_terms", secret),
        checks={**contact_checks(), "--niss": Niss.parse},
    )
    person = Person(Niss.parse(values[0]), values[1].strip(), values[2].strip())
    wish = ForeignerRequest(person, ContactData(*values[3:]))
    parts = session.toolkit.parts.writing(None if profile is None else EncryptionProfile(profile))
    wanted = None if kind is None else NewKeyKind(kind)
    session.agree(session.texts.get("terms.request"), "cli.ask.terms")
    with naming_what_was_prepared(parts.keystores):
        if resume is not None:
            outcome = resume_foreign(
                session.toolkit.open_keystore(resume, session.password_of(resume)), wish, parts
            )
        else:
            outcome = request_foreign(wish, session.new_password(), parts, insist=insist, kind=wanted)
    session.warn_of_clock()
    validation = outcome.validation
    known = validation is not None and validation.url is not None
    session.result(
        describe_outcome(outcome),
        "cli.request_foreigner.waiting" if known else "cli.request_foreigner.waiting_mail",
        keystore=outcome.keystore,
        key_id=outcome.key_id,
        url=None if validation is None else validation.url,
        until=None if validation is None else validation.until,
    )
    return 0
