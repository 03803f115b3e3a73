"""``certificate renew``: a new keystore for the same holder, signed for with the card."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit.cli.certificate.output import KEY_KIND, KEYSTORE, PROFILE, accept_contract, report_result
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.help.command import command
from ehtoolkit.cli.options import CARD, NEW_PASSWORD, PASSWORDS, PLATFORM, TERMS
from ehtoolkit.identity import ContactData

if TYPE_CHECKING:
    from ehtoolkit.ehealth.certificate_info_xml import RegisteredContact


@command(CARD, TERMS, PASSWORDS, NEW_PASSWORD, PLATFORM)
@KEYSTORE
@click.option("--email")
@click.option("--phone")
@click.option("--organisation-email")
@click.option("--organisation-phone")
@KEY_KIND
@PROFILE
def renew(
    session: Session,
    keystore: Path,
    email: str | None,
    phone: str | None,
    organisation_email: str | None,
    organisation_phone: str | None,
    kind: str | None,
    profile: str | None,
) -> None:
    """Renew the certificate of ``keystore`` with the card. Without --new-password-file the new file has the password of
    the old one."""
    from ehtoolkit.crypto.keys import NewKeyKind
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.procedures import renew as procedure

    texts = session.texts
    context = session.toolkit.context.writing(None if profile is None else EncryptionProfile(profile))
    wanted = None if kind is None else NewKeyKind(kind)
    old_password = session.password_of(keystore)
    password = session.new_password() if session.options.new_password_file is not None else old_password
    file = session.toolkit.open_keystore(keystore, old_password)
    session.agree(texts.get("terms.request"), "cli.ask.terms")

    def contact(known: RegisteredContact) -> ContactData:
        return ContactData(
            email or known.email,
            phone or known.phone,
            organisation_email or known.general_email,
            organisation_phone or known.general_phone,
        )

    with closing(session.toolkit.open_card()) as card:
        pin = session.pin_prompt(card)
        outcome = procedure.renew(
            file,
            card,
            pin,
            password,
            context,
            show=partial(accept_contract, session),
            contact=contact,
            kind=wanted,
            present=old_password,
        )
    report_result(session, outcome, "renew", more={"renewed": str(keystore)})
