"""``certificate request-foreigner``: ask for a certificate without an identity card, with a BIS number."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import needed
from ehtoolkit.cli.options import key, profile, shared
from ehtoolkit.cli.session import Session


@click.command(help="Ask for a certificate without card: for somebody abroad who has a BIS number.")
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
    from ehtoolkit.cli.certificate.interrupted import naming_what_was_prepared
    from ehtoolkit.cli.describe import describe_outcome
    from ehtoolkit.crypto.key_generation import NewKeyKind
    from ehtoolkit.identity import ContactData, Niss, Person
    from ehtoolkit.keystore import EncryptionProfile
    from ehtoolkit.procedures.foreign import ForeignWish, request_foreign, resume_foreign

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
    )
    person = Person(Niss.parse(values[0]), values[1].strip(), values[2].strip())
    wish = ForeignWish(person, ContactData(*values[3:]))
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
