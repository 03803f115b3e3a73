"""``training messages`` and ``mail``: the sealed messages and the e-mails of the training platform."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ehtoolkit import errors
from ehtoolkit.cli.command import command
from ehtoolkit.cli.command_session import Session
from ehtoolkit.cli.options import PATH
from ehtoolkit.system.files import create_file

if TYPE_CHECKING:
    from ehtoolkit.training.service.sealed_letters import SealedLetter


@command()
@click.option("--save", type=int, metavar="NUMBER")
@click.option("-o", "--output", type=PATH)
def messages(session: Session, save: int | None, output: Path | None) -> None:
    found = session.training.messages()
    if save is not None:
        _save(session, found, save, output)
        return
    value = {"messages": [_describe(letter) for letter in found]}
    lines = (
        session.texts.get(
            "cli.training.message",
            number=letter.number,
            sender=letter.sender,
            holder=letter.holder,
            moment=letter.sent,
            key=letter.serial,
        )
        for letter in found
    )
    session.result_lines(value, lines, "cli.training.no_messages")


def _save(session: Session, found: list[SealedLetter], number: int, output: Path | None) -> None:
    if output is None:
        raise errors.OptionMissing(option="--output")
    letter = next((message for message in found if message.number == number), None)
    if letter is None:
        known = ", ".join(str(message.number) for message in reversed(found)) or "–"
        raise errors.TrainingMessageUnknown(number=number, known=known)
    create_file(output, letter.data)
    session.result({**_describe(letter), "file": str(output)}, "cli.training.message_saved", file=output)


def _describe(letter: SealedLetter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "sender": letter.sender,
        "holder": letter.identifier.text,
        "holder_name": letter.holder,
        "application_id": letter.application_id,
        "sent": letter.sent.isoformat(),
        "key": str(letter.serial),
        "size": len(letter.data),
    }


@command()
def mail(session: Session) -> None:
    found = session.training.mails()
    mails = [
        {"to": message.to, "sent": message.sent.isoformat(), "subject": message.subject, "body": message.body}
        for message in found
    ]
    lines = (
        f"{session.texts.moment(message.sent)}  {message.to}\n{message.subject}\n\n{message.body}\n"
        for message in found
    )
    session.result_lines({"mails": mails}, lines, "cli.training.no_mail")
