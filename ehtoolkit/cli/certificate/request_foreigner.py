"""``certificate request-foreigner``: request a certificate without a card, with a BIS number."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import contact_checks, needed
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.help.shared_options import NEW_PASSWORD, PASSWORDS, PLATFORM, TERMS
from ehtoolkit.cli.options import key, profile, shared
from ehtoolkit.cli.session import Session


@click.command(cls=LocalisedCommand)
@click.option("--niss", metavar="BIS")
@click.option("--first-name")
@click.option("--name")
@click.option("--email")
@click.option("--phone")
@click.option("--resume", type=click.Path(path_type=Path))
@click.option("--insist", is_flag=True)
@key
@profile
@shared(TERMS, PASSWORDS, NEW_PASSWORD, PLATFORM)
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
    from ehtoolkit.cli.json_objects import describe_outcome
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
    applicant = ForeignerRequest(person, ContactData(*values[3:]))
    context = session.toolkit.context.writing(None if profile is None else EncryptionProfile(profile))
    wanted = None if kind is None else NewKeyKind(kind)
    session.agree(session.texts.get("terms.request"), "cli.ask.terms")
    with naming_what_was_prepared(context.keystores):
        if resume is not None:
            outcome = resume_foreign(
                session.toolkit.open_keystore(resume, session.password_of(resume)), applicant, context
            )
        else:
            outcome = request_foreign(applicant, session.new_password(), context, insist=insist, kind=wanted)
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
