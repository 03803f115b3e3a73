"""``certificate revoke``: end a certificate, also one whose file or password is lost."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from ehtoolkit.cli.certificate.output import needed
from ehtoolkit.cli.command import UsageProblem, command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import CARD, PASSWORDS, PATH, PLATFORM, TERMS
from ehtoolkit.cli.terminal import command_line
from ehtoolkit.ehealth.certificate_info_xml import CertificateInfo
from ehtoolkit.procedures import revoke as procedure
from ehtoolkit.procedures.state.certificate_list import Pick, by_file, by_key


@command(CARD, TERMS, PASSWORDS, PLATFORM)
@click.argument("keystore", required=False, type=PATH)
@click.option("--key-id", metavar="HEX")
@click.option("--reason", metavar="REASON")
def revoke(session: Session, keystore: Path | None, key_id: str | None, reason: str | None) -> None:
    """Revoke a certificate and its token (ETK), by its keystore or by its key. The password of the keystore is only
    needed where its key does not show without it."""
    if keystore is not None and key_id is not None:
        raise UsageProblem("keystore_or_key")
    lost = {"--key-id": key_id} if keystore is None else {}
    given = needed(
        session,
        {"--reason": reason, **lost},
        *session.unasked("accept_terms", *session.pin_option),
        checks={"--reason": procedure.reason_of, "--key-id": by_key},
    )
    context = session.toolkit.context
    why = procedure.reason_of(given[0])
    pick: Pick
    if keystore is None:
        pick = by_key(given[1])
    else:
        session.require_environment_of(keystore)
    session.accept_terms("terms.revoke")

    with session.open_card() as (card, pin):
        if keystore is not None:
            pick = by_file(
                keystore, partial(session.open_keystore, keystore), card.identity().person, context
            )
        revoked = procedure.revoke(card, pin, pick, why, context, show=session.accept_contract)
    session.warn_of_clock()
    session.result(
        {
            "keystore": revoked.keystore,
            "key_id": revoked.key_id,
            "state": revoked.state,
            "next": revoked.next,
            "reason": revoked.reason,
            "request": {name: value for name, value in _options(revoked.again).items() if value is not None},
        },
        "cli.revoke.revoked" if revoked.keystore is not None else "cli.revoke.revoked_lost",
        key_id=revoked.key_id,
        keystore=revoked.keystore,
        command=_command(revoked.again, session),
    )


def _options(again: CertificateInfo) -> dict[str, str | None]:
    """Return the options of ``certificate request`` for the same holder, by their names; None for one that is left
    out."""
    contact, personal = again.contact, again.holder.is_person
    return {
        "organisation": None if personal else f"{again.holder.type}={again.holder.number}",
        "name": None if personal else again.holder.name,
        "application_id": None if personal else again.holder.application_id,
        "email": contact.email or None,
        "phone": contact.phone or None,
        "organisation_email": contact.general_email,
        "organisation_phone": contact.general_phone,
    }


def _command(again: CertificateInfo, session: Session) -> str:
    """Return the command line that requests a new certificate for the same holder in the same place: without its
    options it would be training."""
    place = {name: getattr(session.options, name) for name in ("environment", "card", "keystore_folder")}
    words = ["ehtoolkit", "certificate", "request"]
    for name, value in (*_options(again).items(), *place.items()):
        if value:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return command_line(words)
