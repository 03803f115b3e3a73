"""``message seal``: seal a file for others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.message.shared import (
    AUTHORITY,
    describe_certificate,
    describe_findings,
    print_message_findings,
    trusted_authorities,
)
from ehtoolkit.cli.options import FILE, PASSWORDS, PATH, PLATFORM
from ehtoolkit.keystore.keystore import Keystore
from ehtoolkit.keystore.storage.keystore_file import open_keystore
from ehtoolkit.procedures.messages import (
    MessageRecipient,
    SealedFile,
    own_recipient,
    seal_file,
    token_at_depot,
    token_in_file,
)


@command(PASSWORDS, PLATFORM)
@FILE
@click.option("-o", "--output", type=PATH, required=True)
@click.option("--keystore", type=PATH, required=True)
@click.option("--to", "holders", metavar="TYPE=ID[,APPID]", multiple=True)
@click.option("--etk", "tokens", type=PATH, multiple=True)
@click.option("--to-self", is_flag=True)
@AUTHORITY
def seal(
    session: Session,
    file: Path,
    output: Path,
    keystore: Path,
    holders: tuple[str, ...],
    tokens: tuple[Path, ...],
    to_self: bool,
    authorities: tuple[Path, ...],
) -> None:
    if not (holders or tokens or to_self):
        raise errors.OptionMissing(option="--to")
    depot = session.toolkit.context if holders else None  # confirmed before anything is read
    believed, now = trusted_authorities(session, authorities)
    sender = open_keystore(keystore, session.password_of(keystore))
    believed = believed.adding(sender.chain)
    recipients = [token_in_file(token, believed, now) for token in tokens]
    if depot is not None:
        recipients += [token_at_depot(holder, depot, believed) for holder in holders]
    if to_self:
        recipients.append(own_recipient(sender))
    done = seal_file(file, output, recipients, sender, now)
    session.warn_of_clock()
    if session.options.as_json:
        session.print_json(_describe_sealed(file, done, sender, session))
        return
    session.print_text("cli.message.sealed", file=done.path)
    for recipient in done.recipients:
        holder = recipient.holder
        name = recipient.name if holder is None else f"{holder.name}, {holder.identifier.text}"
        session.print_text("cli.message.recipient", name=name, serial=_serial(recipient))
    print_message_findings(session, done.findings)


def _describe_sealed(file: Path, done: SealedFile, sender: Keystore, session: Session) -> dict[str, Any]:
    made = done.message
    return {
        "file": str(file),
        "sealed": str(done.path),
        "size": made.size,
        "content": {"size": made.content_size, "sha256": made.sha256},
        "signer": describe_certificate(sender.chain[0]),
        "signed_at": made.signed_at,
        "recipients": [
            {
                "serial": _serial(recipient),
                "holder": None if recipient.holder is None else recipient.holder.identifier.text,
                "holder_name": None if recipient.holder is None else recipient.holder.name,
            }
            for recipient in done.recipients
        ],
        "findings": describe_findings(done.findings, session),
    }


def _serial(recipient: MessageRecipient) -> str:
    return str(recipient.certificate.serial_number)
