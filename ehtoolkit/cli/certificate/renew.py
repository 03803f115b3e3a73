"""``certificate renew``: a new keystore for the same holder, signed for with the card."""

from __future__ import annotations

from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, NEW_KEY, report_result
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import CARD, NEW_PASSWORD, PASSWORDS, PLATFORM, TERMS
from ehtoolkit.crypto.keys import NewKeyKind
from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact
from ehtoolkit.identity import ContactData
from ehtoolkit.keystore.codec.writer import EncryptionProfile
from ehtoolkit.keystore.guessable_passwords import guess_of
from ehtoolkit.keystore.passwords import names_in
from ehtoolkit.procedures import renew as procedure


@command(CARD, TERMS, PASSWORDS, NEW_PASSWORD, PLATFORM)
@KEYSTORE
@click.option("--email")
@click.option("--phone")
@click.option("--organisation-email")
@click.option("--organisation-phone")
@click.option("--insist", is_flag=True)
@NEW_KEY
def renew(
    session: Session,
    keystore: Path,
    email: str | None,
    phone: str | None,
    organisation_email: str | None,
    organisation_phone: str | None,
    insist: bool,
    kind: NewKeyKind | None,
    profile: EncryptionProfile | None,
) -> None:
    """Renew the certificate of ``keystore`` with the card. Without --new-password-file the new file has the password of
    the old one."""
    context = session.toolkit.context.writing(profile)
    old_password = session.password_of(keystore)
    password = session.given_new_password() or old_password
    file = session.open_keystore_with(keystore, old_password)
    if password == old_password:
        guess = guess_of(password, names_in(file.keystore.holder, keystore))
        if guess is not None:
            session.say("cli.password_kept", reason=session.texts.get(f"error.password_unfit.{guess}"))
    # Before the conditions are shown.
    procedure.renewable(file, context, password=password, kind=kind, even_unclear=True)
    session.accept_terms("terms.request")

    def contact(known: RegisteredContact) -> ContactData:
        return ContactData(
            email or known.email,
            phone or known.phone,
            organisation_email or known.general_email,
            organisation_phone or known.general_phone,
        )

    with session.open_card() as (card, pin):
        outcome = procedure.renew(
            file,
            card,
            pin,
            password,
            context,
            show=session.accept_contract,
            contact=contact,
            kind=kind,
            present=old_password,
            insist=insist,
        )
    report_result(session, outcome, "renew", more={"renewed": str(keystore)})
