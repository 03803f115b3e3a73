"""Commands on an existing keystore: ``certificate complete``, ``renew``, ``activate`` and ``status``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ehtoolkit.cli.certificate.output import KEYSTORE, report_result, report_status
from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import key, profile, shared
from ehtoolkit.cli.session import Session
from ehtoolkit.procedures.result import State

if TYPE_CHECKING:
    from ehtoolkit.ehealth.certificate_info import RegisteredContact
    from ehtoolkit.ehealth.contract import Contract
    from ehtoolkit.identity import ContactData


@click.command(cls=LocalisedCommand, help="Install the certificate and make its encryption token (ETK).")
@KEYSTORE
@shared
def complete(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.complete import complete as procedure
    from ehtoolkit.procedures.result import Stage

    parts = session.toolkit.parts

    def progress(step: Stage) -> None:
        session.say(f"procedure.complete.{step}")

    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    outcome = procedure(file, parts, progress=progress)
    validation = outcome.validation
    variant = "already" if outcome.already and outcome.state is State.COMPLETE else None
    if validation is not None:
        variant = "to_confirm_by_mail" if validation.url is None else "to_confirm"
    return report_result(session, outcome, "complete", variant=variant, more={"already": outcome.already})


# ── certificate renew ────────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Renew a certificate; contact data that are not given stay as the platform has them.",
)
@KEYSTORE
@click.option("--email", help="Your own e-mail address.")
@click.option("--phone", help="Your own telephone number.")
@click.option("--organisation-email", help="The organisation's general e-mail address.")
@click.option("--organisation-phone", help="The organisation's general telephone number.")
@key
@profile
@shared
def renew(
    session: Session,
    keystore: Path,
    email: str | None,
    phone: str | None,
    organisation_email: str | None,
    organisation_phone: str | None,
    kind: str | None,
    profile: str | None,
) -> int:
    """Renew the certificate of ``keystore`` with the card. Without --new-password-file the new file has the password of
    the old one."""
    from ehtoolkit.crypto.keys import NewKeyKind
    from ehtoolkit.ehealth.contract import plain_text
    from ehtoolkit.identity import ContactData
    from ehtoolkit.keystore.codec.writer import EncryptionProfile
    from ehtoolkit.procedures import renew as procedure

    texts = session.texts
    parts = session.toolkit.parts.writing(None if profile is None else EncryptionProfile(profile))
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

    def show(contract: Contract) -> None:
        session.agree(plain_text(contract.text_in(texts.language)), "cli.ask.contract")

    with closing(session.toolkit.open_card()) as card:
        pin = session.pin_prompt(card)
        outcome = procedure.renew(
            *(file, card, pin, password, parts),
            show=show,
            contact=contact,
            kind=wanted,
            present=old_password,
        )
    report_result(session, outcome, "renew", more={"renewed": str(keystore)})
    return 0


# ── certificate activate ─────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="Activate the encryption token (ETK) of a renewed keystore, and prove it with the depot.",
)
@KEYSTORE
@shared
def activate(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.activate import activate as procedure
    from ehtoolkit.procedures.result import Stage

    parts = session.toolkit.parts

    def progress(step: Stage) -> None:
        session.say(f"procedure.activate.{step}")

    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    done = procedure(file, parts, progress=progress)
    more = {"already": done.already, "retired": [str(path) for path in done.retired]}
    code = report_result(
        session, done.outcome, "activate", variant="already" if done.already else None, more=more
    )
    if done.retired:
        session.say("cli.activate.retired", files=", ".join(path.name for path in done.retired))
    return code


# ── certificate status ───────────────────────────────────────────────────────────────────────────────────
@click.command(
    cls=LocalisedCommand,
    help="What the platform and the depot say of a keystore's certificate; no card needed.",
)
@KEYSTORE
@shared
def status(session: Session, keystore: Path) -> int:
    from ehtoolkit.procedures.state.certificate_status import status as procedure

    parts = session.toolkit.parts
    file = session.toolkit.open_keystore(keystore, session.password_of(keystore))
    standing = procedure(file, parts)
    return report_status(session, standing)
