"""``training mail``: the e-mails that the training platform wrote."""

from __future__ import annotations

import click

from ehtoolkit.cli.help.command import LocalisedCommand
from ehtoolkit.cli.options import shared
from ehtoolkit.cli.session import Session
from ehtoolkit.cli.terminal import echo


@click.command(cls=LocalisedCommand)
@shared()
def mail(session: Session) -> int:
    mails = [
        {"to": message.to, "sent": message.sent.isoformat(), "subject": message.subject, "body": message.body}
        for message in session.training.mails()
    ]
    if session.options.as_json:
        session.result({"mails": mails}, "cli.training.no_mail")
        return 0
    for mail in mails:
        echo("{sent}  {to}\n{subject}\n\n{body}\n".format(**mail))
    if not mails:
        session.result({}, "cli.training.no_mail")
    return 0
